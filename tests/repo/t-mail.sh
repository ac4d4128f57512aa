# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The series as mail, and the series in somebody's own tree.

t_mbox_round_trip() {
	local out said
	said=$(V=3 "$S/mbox" --verify 2>&1)
	out=$VCP_TOP/out/7.3
	grep -q 'gives the tree of the import' <<<"$said" || fails "$said"
	same "$(find "$out" -name 'v3-000[0-4]-*.patch' | wc -l)" 5 "mails"
	grep -qx 'Subject: \[PATCH v3 0/4\] toy: a series' "$out"/v3-0000-* || fails "$(head -5 "$out"/v3-0000-*)"
	grep -qx 'It is a toy.' "$out"/v3-0000-* || fails "no text in the cover letter"
	! grep -q '\*\*\*' "$out"/v3-0000-* || fails "a place in the cover letter was not filled"
	grep -qx "base-commit: $(git --git-dir="$VCP_CACHE/bases.git" rev-parse refs/vcp/base/7.3)" "$out"/v3-* || fails "no base commit"
	! grep -rqE '^(Signed-off-by|To):|MINE|^-- $' "$out" || fails "the user's configuration shows"
	(cd "$out" && sha256sum -- *) >before
	"$S/mbox" 2>/dev/null; V=3 "$S/mbox" 2>/dev/null
	(cd "$out" && sha256sum -c --quiet ../../../before) || fails "not the same mails twice"
}
t_mbox_on_a_full_clone() { # as a reader would, with a configuration of his own
	local id
	"$S/mbox" >/dev/null 2>said && id=$("$S/series-import")
	dev clone -q --bare "$VCP_CACHE/bases.git" clone.git
	dev -C clone.git fetch -q "$VCP_CACHE/bases.git" refs/vcp/base/7.3:refs/heads/base
	dev clone -q -b base clone.git reader
	# D24: the command that it prints
	grep -q 'without the cover letter: git am ' said || fails "$(cat said)"
	dev -C reader config user.name 'Toy Developer' && dev -C reader config user.email toy@example.org
	(cd reader && GIT_CONFIG_GLOBAL=/dev/null eval "$(sed -n 's/.*cover letter: //p' ../said)" >/dev/null)
	same "$(dev -C reader rev-parse 'HEAD^{tree}')" "$(git --git-dir="$VCP_CACHE/bases.git" rev-parse "$id^{tree}")"
}
t_git_am_takes_a_patch_file() {
	dev -C "$W" checkout -q --detach refs/vcp/base
	dev -C "$W" am -q "$VCP_TOP/patches/mm-vmalloc-hook.patch"
	same "$(dev -C "$W" log -1 --format=%s)" 'mm: vmalloc: hook'
}

A=$REPO/apply
all() { (cd "$1" && find . -path ./.git -prune -o ! -type d -printf '%m %p ' -exec sha256sum {} \; | sort); }
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
	grep -q converted "$1/drivers/e1000.c" && [ -x "$1/scripts/check.sh" ] || fails "not applied"
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
	same "$(dev -C tree -c core.attributesFile=/dev/null status --porcelain -uno)" "" "git sees a difference"
}
t_apply_gives_the_tree_of_the_import() {
	local t
	toy_kernel plain 3; sed -i '3,$d' plain/.gitignore; sed -i '$d' plain/.gitignore; printf '*.o\n' >plain/.gitignore
	"$A" plain 2>/dev/null
	t=$("$S/tree" 2>/dev/null)
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
	sed -i 's/a line 1[0-9];/else;/' old/mm/vmalloc.c; sed -i 's/driver line 1[0-9]/else/' old/drivers/e1000.c
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
	t=$("$S/tree" 2>/dev/null)
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
