# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# ./apply: git and plain trees, trees with changes, other versions, wrong calls, messages.

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
			'warning: linux 7.1.4 is not tested (tested: 7.2.4 7.3.4): a hunk that fits .*' \
			<<<"$said" || fails "$option: $said"
		! grep -qE '^(fits|applied)' <<<"$said" || fails "$option: $said"
	done
	same "$(all old)" "$before" "something was changed"
	code 0 "$A" --untested old
	grep -q '^applied: ' <<<"$said" &&
		grep -q '^warning: linux 7.1.4 is not tested' <<<"$said" || fails "$said"
	code 0 "$A" --revert old # the patches are reverted without a word about versions
	! grep -q 'not tested' <<<"$said" || fails "$said"
	same "$(all old)" "$before" "--revert is not exact"
	sed -i 's/^SUBLEVEL.*/SUBLEVEL = 0\nEXTRAVERSION = -rc5/; s/^PATCHLEVEL.*/PATCHLEVEL = 3/' \
		old/Makefile
	code 5 "$A" --check old
	grep -q '^warning: linux 7.3.0-rc5 is not tested' <<<"$said" || fails "$said"
}
t_apply_another_stable_release() { # likely right, and said all the same
	toy_kernel later 3
	sed -i 's/^SUBLEVEL.*/SUBLEVEL = 9/' later/Makefile
	code 0 "$A" --check later
	grep -qx 'warning: linux 7.3.9 is not tested (tested: 7.2.4 7.3.4)' <<<"$said" ||
		fails "$said"
	grep -q '^fits: ' <<<"$said" || fails "$said"
	toy_kernel plain 3
	code 0 "$A" --check plain
	! grep -q 'not tested' <<<"$said" || fails "$said"
	# patches of another base than the tree's version
	BASE=7.2 code 5 "$A" --check plain
}

users_chapter() { # the last patch of the toy series is one of the users
	sed -i '/^# chapter: users/d; s/^e1000-use-it$/# chapter: users\n&/' \
		"$VCP_TOP/patches/series"
}
t_apply_without_users() {
	local before
	users_chapter
	toy_kernel tree 3
	before=$(all tree)
	code 0 "$A" --without users --check tree
	code 0 "$A" --without users tree
	grep -q '^applied: 3 patches, 3 new files, without users$' <<<"$said" || fails "$said"
	! grep -q converted tree/drivers/e1000.c || fails 'the driver was converted'
	for o in --check '' '--without users'; do
		# shellcheck disable=SC2086 # words
		code 3 "$A" $o tree
		grep -q 'already applied to .*, without users' <<<"$said" || fails "$said"
	done
	code 0 "$A" --revert tree
	same "$(all tree)" "$before" '--revert is not exact'
	code 0 "$A" tree
	code 3 "$A" --check tree
	! grep -q 'without users' <<<"$said" || fails "$said"
}
t_apply_B10_B11_wrong_calls() {
	local before
	toy_kernel tree 3; toy_kernel other 3
	before=$(all tree; all other)
	code 2 "$A" --check --revert tree
	code 2 "$A" --revert --check tree
	code 2 "$A" --check --check tree
	code 2 "$A" tree other
	grep -q 'not both tree and other' <<<"$said" || fails "$said"
	code 2 "$A" --without
	code 2 "$A" --without core tree
	code 2 "$A" --revert --untested tree
	code 2 "$A" --revert --without users tree
	code 2 "$A" --chekc tree
	code 2 env BASE=none "$A" tree
	same "$(all tree; all other)" "$before" 'something was changed'
}
t_apply_B12_through_a_link() {
	toy_kernel tree 3
	mkdir bin && ln -s "$A" bin/apply-vcompound
	ln -s bin/apply-vcompound second
	code 0 ./second --check tree
	code 0 ./second tree
	grep -q converted tree/drivers/e1000.c || fails 'it did nothing'
	code 3 ./second tree
}
t_apply_B13_another_version() { # the commit is named, and takes it off
	local before old
	dev -C "$VCP_TOP" init -q && dev -C "$VCP_TOP" add -A &&
		dev -C "$VCP_TOP" commit -q -m 'the first version'
	old=$(dev -C "$VCP_TOP" rev-parse --short=12 HEAD)
	toy_kernel tree 3
	before=$(all tree)
	code 0 "$A" tree
	echo 'int second;' >>"$W/mm/vcompound.c" &&
		commit '2030-02-01 10:00:00 +0000' 'mm: vcompound: more'
	"$S/series/series-export" 2>/dev/null
	dev -C "$VCP_TOP" add -A && dev -C "$VCP_TOP" commit -q -m 'the second version'
	for o in --check '' --revert; do
		code 6 "$A" ${o:+"$o"} tree
		grep -q "has another version of the series, that of commit $old of " <<<"$said" \
			|| fails "$said"
		grep -q 'worktree add .* then ./apply --revert there' <<<"$said" || fails "$said"
		same "$(wc -l <<<"$said")" 3 "lines: $said"
	done
	dev -C "$VCP_TOP" worktree add -q old "$old"
	VCP_TOP=$PWD/top/old code 0 "$A" --revert tree
	same "$(all tree)" "$before" '--revert of that version is not exact'
	code 0 "$A" --check tree
}
t_apply_B15_two_at_once() {
	local before
	toy_kernel tree 3
	before=$(all tree)
	exec 5<tree
	flock 5
	code 1 "$A" tree
	grep -q 'another ./apply works on ' <<<"$said" || fails "$said"
	exec 5<&-
	same "$(all tree)" "$before" 'something was changed'
}
t_apply_B15_read_only_files() { # as a user, not as root
	local as=()
	toy_kernel tree 3
	chmod 0444 tree/mm/* tree/drivers/*
	if [ "$(id -u)" = 0 ]; then
		chown -R 65534:65534 tree && chmod a+rx "$ROOT" . &&
			as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	fi
	code 0 "${as[@]}" env "VCP_TOP=$VCP_TOP" HOME=/nonexistent "$A" tree
	same "$(stat -c %a tree/mm/vmalloc.c) $(grep -c seventeen tree/mm/vmalloc.c)" '444 1'
	code 0 "${as[@]}" env "VCP_TOP=$VCP_TOP" HOME=/nonexistent "$A" --revert tree
	chmod a-w tree
	code 2 "${as[@]}" env "VCP_TOP=$VCP_TOP" HOME=/nonexistent "$A" tree
	chmod u+w tree
}
t_apply_B15_the_next_steps() { # the printed commands work
	local c
	printf 'config OTHER\n\tbool "Other"\n' >>"$W/mm/Kconfig"
	commit '2030-02-01 10:00:00 +0000' 'mm: an option'
	"$S/series/series-export" 2>/dev/null
	toy_kernel tree 3
	dev init -q tree; dev -C tree add -A -f; dev -C tree commit -q -m base
	code 0 "$A" tree
	grep -qE '^  CONFIG_OTHER +Other$' <<<"$said" || fails "$said"
	grep -q "TREE=$PWD/tree make kunit" <<<"$said" || fails "$said"
	c=$(sed -n 's/^  git -C \([^ ]*\) add /\1 /p' <<<"$said")
	# shellcheck disable=SC2086 # words
	set -- $c
	dev -C "$1" -c core.excludesFile=/dev/null add -f "${@:2}"
	dev -C tree commit -q -a -m 'the series'
	same "$(dev -C tree status --porcelain)" '' 'not all of it was committed'
	same "$(dev -C tree rev-parse 'HEAD:mm')" \
		"$(git --git-dir="$VCP_CACHE/bases.git" rev-parse \
		"$("$S/series/series-import"):mm")"
}
