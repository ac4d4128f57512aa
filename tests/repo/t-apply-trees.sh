# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# ./apply: git and plain trees, trees with changes, untested versions.

A=$REPO/apply
all() { (cd "$1" && find . -path ./.git -prune -o ! -type d -printf '%m %p ' -exec sha256sum {} \
	\; | sort); }
code() { # STATUS|REGEX COMMAND...
	local rc=0
	said=$("${@:2}" 2>&1) || rc=$?
	grep -qx -- "$1" <<<"$rc" || fails "exit code $rc of ${*:2}, not $1 ($said)"
}

applies_and_reverts() { # TREE [OPTION...]
	local before
	before=$(all "$1")
	code 3 "$A" --revert "$1"
	code 0 "$A" --check "${@:2}" "$1"
	same "$(all "$1")" "$before" "--check changed something"
	code 0 "$A" "${@:2}" "$1"
	grep -q converted "$1/drivers/e1000.c" && [ -x "$1/scripts/check.sh" ] ||
		fails "not applied"
	local patched
	patched=$(all "$1")
	code 3 "$A" --check "$1"; code 3 "$A" "$1"
	grep -q 'already applied' <<<"$said" || fails "$said"
	same "$(all "$1")" "$patched" "a second run changed something"
	code 0 "$A" --revert "$1"
	same "$(all "$1")" "$before" "--revert is not exact"
	[ ! -e "$1/Documentation" ] || fails "a folder is left over"
}
t_apply_plain_folder() { toy_kernel plain 3; applies_and_reverts plain; }
t_apply_git_tree() {
	toy_kernel tree 3
	dev init -q tree; dev -C tree add -A -f; dev -C tree commit -q -m base
	applies_and_reverts tree
	same "$(dev -C tree -c core.attributesFile=/dev/null status --porcelain -uno)" "" \
		"git sees a difference"
}
t_apply_gives_the_tree_of_the_import() {
	local t
	toy_kernel plain 3; sed -i '3,$d' plain/.gitignore; sed -i '$d' plain/.gitignore
	printf '*.o\n' >plain/.gitignore
	"$A" plain 2>/dev/null
	t=$("$S/series/build-tree" 2>/dev/null)
	diff -r --no-dereference -x .git -x .gitignore "$t" plain || fails "not what import makes"
}
t_apply_dirty() {
	local before
	toy_kernel tree 3
	dev init -q tree; dev -C tree add -A -f; dev -C tree commit -q -m base
	sed -i 's/a line 2;/mine;/' tree/mm/vmalloc.c
	before=$(all tree)
	code 4 "$A" tree
	grep -q 'uncommitted changes.*mm/vmalloc.c' <<<"$said" || fails "$said"
	dev -C tree checkout -q mm/vmalloc.c
	echo 'mine' >>tree/mm/Kconfig # the series does not touch it
	code 0 "$A" tree
	sed -i 's/seventeen/mine/' tree/mm/vmalloc.c
	before=$(all tree)
	code 1 "$A" --revert tree
	same "$(all tree)" "$before" "a refused --revert changed something"
	grep -q 'mm/vmalloc.c:18' <<<"$said" || fails "$said"
}
t_apply_foreign() {
	local before
	toy_kernel old 1
	sed -i 's/a line 1[0-9];/else;/' old/mm/vmalloc.c
	sed -i 's/driver line 1[0-9]/else/' old/drivers/e1000.c
	mkdir -p old/Documentation/mm; echo other >old/Documentation/mm/vcompound.rst
	before=$(all old)
	code 1 "$A" old
	grep -q '^does not fit: mm/vmalloc.c:18 (mm-vmalloc-hook.patch)' <<<"$said" || fails "$said"
	grep -q '^does not fit: drivers/e1000.c:8 (e1000-use-it.patch)' <<<"$said" || fails "$said"
	grep -q '^in the way: Documentation/mm/vcompound.rst' <<<"$said" || fails "$said"
	same "$(all old)" "$before" "something was changed"
	rm old/mm/vmalloc.c
	code 1 "$A" --check old
	grep -q 'mm/vmalloc.c is missing' <<<"$said" || fails "$said"
	mkdir none; code 2 "$A" none
	grep -q "none is not a kernel tree" <<<"$said" || fails "nothing said: $said"
	code 2 "$A" nowhere
	grep -q "no such folder: nowhere" <<<"$said" || fails "$said"
	code 2 "$A"
}
t_apply_merges_3way() { # the tree is another version, the cache knows the blobs
	toy_kernel old 1
	sed -i 's/slub.o/slab.o/' old/mm/Makefile
	applies_and_reverts old --untested
}
t_apply_half_written() { # a tree that cannot be written stays as it was
	local before
	toy_kernel plain 3
	before=$(all plain)
	mkdir -p plain/scripts/check.sh.vcp-new # in the way of the last file
	code 1 "$A" plain
	grep -q 'nothing was changed' <<<"$said" || fails "$said"
	rmdir plain/scripts/check.sh.vcp-new
	same "$(all plain)" "$before"
}
t_later_patch_applied() { # ./apply copies src/, and leaves the hunks for it out
	local before t said
	later
	toy_kernel tree 3
	dev init -q tree; dev -C tree add -A -f; dev -C tree commit -q -m base
	applies_and_reverts tree
	toy_kernel plain 3
	before=$(all plain)
	code 0 "$A" plain
	t=$("$S/series/build-tree" 2>/dev/null)
	diff -r --no-dereference -x .git -x .gitignore "$t" plain || fails "not what import makes"
	same "$(stat -c %a plain/mm/more.c)" 755
	sed -i 's/^flag;/mine;/' plain/mm/more.c
	code 1 "$A" --revert plain
	grep -q '^differs from src/: mm/more.c' <<<"$said" || fails "$said"
	sed -i 's/^mine;/flag;/' plain/mm/more.c
	code 0 "$A" --revert plain
	same "$(all plain)" "$before" "--revert is not exact"
	echo mine >plain/mm/more.c
	code 1 "$A" --check plain
	same "$(grep -c . <<<"$said") $(grep -c '^in the way: mm/more.c' <<<"$said")" '3 1' "$said"
}
t_apply_untested_version() { # every hunk fits there, which shows nothing
	local before
	toy_kernel old 1
	before=$(all old)
	for option in --check ''; do
		code 5 "$A" ${option:+"$option"} old
		grep -qx \
			'warning: linux 7.1.4 is not tested (tested: 7.2.4 7.3.4): a hunk that fits .*' <<<"$said" ||
			fails "$option: $said"
		! grep -qE '^(fits|applied)' <<<"$said" || fails "$option: $said"
	done
	same "$(all old)" "$before" "something was changed"
	code 0 "$A" --untested old
	grep -q '^applied: ' <<<"$said" &&
		grep -q '^warning: linux 7.1.4 is not tested' <<<"$said" || fails "$said"
	code 0 "$A" --revert old # the patches are reverted without a word about versions
	! grep -q 'not tested' <<<"$said" || fails "$said"
	same "$(all old)" "$before" "--revert is not exact"
	sed -i \
		's/^SUBLEVEL.*/SUBLEVEL = 0\nEXTRAVERSION = -rc5/; s/^PATCHLEVEL.*/PATCHLEVEL = 3/' old/Makefile
	code 5 "$A" --check old
	grep -q '^warning: linux 7.3.0-rc5 is not tested' <<<"$said" || fails "$said"
}
