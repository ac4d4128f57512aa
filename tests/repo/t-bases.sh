# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# One series on two bases, and the imports of bases themselves.

t_two_bases_3way_and_variant() {
	refused 'e1000-use-it.patch does not fit base 7.2.*patches/7.2/e1000-use-it.patch' env \
		BASE=7.2 "$S/series/series-import"
	mkdir "$VCP_TOP/patches/7.2"
	sed 's/^-driver line 11/-old driver 11/; s/^ driver line \(9\|1[0-4]\);/ old driver \1;/' \
		"$VCP_TOP/patches/e1000-use-it.patch" >"$VCP_TOP/patches/7.2/e1000-use-it.patch"
	local id before
	id=$(BASE=7.2 "$S/series/series-import")
	same "$(git --git-dir="$VCP_CACHE/bases.git" show "$id:mm/Makefile" | tr '\n' ' ')" \
		"obj-y := vmalloc.o $(printf 'obj-y += %s.o ' slab util gup vcompound last)"
	git --git-dir="$VCP_CACHE/bases.git" show "$id:drivers/e1000.c" |
		grep -qx 'converted;' || fails "the variant is not used"
	# round trip on the other base: src/ and the main patches stay as they are
	W=$(BASE=7.2 "$S/series/work-tree")
	before=$(snapshot)
	BASE=7.2 "$S/series/series-export"
	same "$(snapshot)" "$before" "export from the other base changed something"
	dev -C "$W" rebase -q --no-ff --force-rebase refs/vcp/base
	BASE=7.2 "$S/series/series-export"
	same "$(snapshot)" "$before" "export after a rebase changed something"
	# a hook that changes there becomes a variant there
	printf 'extra\n' >>"$W/include/linux/gfp.h"
	dev -C "$W" add -A; dev -C "$W" commit -q --amend --no-edit
	sed -i 's/vcompound/compound/' "$W/mm/vcompound.c"
	dev -C "$W" commit -qa --fixup=HEAD~3
	GIT_SEQUENCE_EDITOR=true dev -C "$W" rebase -q -i --autosquash refs/vcp/base
	BASE=7.2 "$S/series/series-export"
	same "$(cat "$VCP_TOP/src/mm/vcompound.c")" 'int compound;' "a change of a new file"
	grep -q '^+extra' "$VCP_TOP/patches/7.2/e1000-use-it.patch" || fails "no variant"
	same "$(snapshot | grep ' patches/[^/]*$')" "$(grep ' patches/[^/]*$' <<<"$before")" \
		"a main patch changed"
	"$S/series/series-import" >/dev/null
}
t_base_only_patch() {
	mkdir "$VCP_TOP/patches/7.2"
	mv "$VCP_TOP/patches/e1000-use-it.patch" "$VCP_TOP/patches/7.2/"
	sed -i 's/^e1000-use-it/& [7.2]/' "$VCP_TOP/patches/series"
	same "$("$S/series/series-import" --list | wc -l)" 3
	refused 'does not fit base 7.2' env BASE=7.2 "$S/series/series-import"
	"$S/series/work-tree" >/dev/null
	"$S/series/series-export"
	grep -q '^e1000-use-it \[7.2\]$' "$VCP_TOP/patches/series" &&
		[ -e "$VCP_TOP/patches/7.2/e1000-use-it.patch" ] || fails lost
	"$S/series/series-import" --upto mm-vmalloc-hook >/dev/null
	refused 'no patch' "$S/series/series-import" --upto e1000-use-it
}
t_patch_for_some_bases() { # a tag may name several; export keeps it
	sed -i 's/^e1000-use-it/& [7.1 7.3]/; s/^mm-vmalloc-hook/& [7.3 7.2]/' \
		"$VCP_TOP/patches/series"
	same "$("$S/series/series-import" --list | wc -l)" 4
	same "$(BASE=7.2 "$S/series/series-import" --list | wc -l)" 3 "7.2 has no e1000"
	BASE=7.2 "$S/series/series-import" --upto mm-vmalloc-hook >/dev/null
	BASE=7.2 refused 'no patch' "$S/series/series-import" --upto e1000-use-it
	cp "$VCP_TOP/patches/series" before
	"$S/series/work-tree" >/dev/null
	"$S/series/series-export"
	same "$(cat "$VCP_TOP/patches/series")" "$(cat before)"
}
t_import_refusals() {
	local p=$VCP_TOP/patches
	sed 's/^Adds: .*/Adds: mm\/vcompound.c/' "$p/Documentation-only-a-new-file.patch" >x
	cp x "$p/Documentation-only-a-new-file.patch"
	refused "in two 'Adds:'" "$S/series/series-import"
	sed -i 's/^Adds: .*/Adds: mm\/Kconfig/' "$p/Documentation-only-a-new-file.patch"
	refused 'src/mm/Kconfig is a file of base 7.3 already' "$S/series/series-import"
	sed -i 's/^Adds: .*/Adds: mm\/none.c/' "$p/Documentation-only-a-new-file.patch"
	refused 'no src/mm/none.c' "$S/series/series-import"
	sed -i '/^Adds: /d; /^Date: /d' "$p/Documentation-only-a-new-file.patch"
	refused 'lacks From, Date or Subject' "$S/series/series-import"
	rm "$p/Documentation-only-a-new-file.patch"
	refused 'no patches/Documentation' "$S/series/series-import"
	refused "no base 'nine'" env BASE=nine "$S/series/series-import"
}
t_killed_import_goes_on() {
	rm -rf "$VCP_CACHE/bases.git" "$VCP_CACHE/tree-7.3"
	# leftovers of a kill: half an unpacked tree, half a store, half a checkout
	mkdir -p "$VCP_CACHE/unpack-7.3/tree/junk" "$VCP_CACHE/bases.git.tmp/objects" \
		"$VCP_CACHE/tree-7.3.tmp/.git"
	echo junk >"$VCP_CACHE/unpack-7.3/tree/junk/file"
	"$S/series/build-tree"
	[ ! -e "$VCP_CACHE/tree-7.3/junk" ] && [ ! -e "$VCP_CACHE/unpack-7.3" ] ||
		fails "half a tree was used"
	touch "$VCP_CACHE/tree-7.3/.git/index.lock"
	"$S/series/build-tree" refs/vcp/base
}
t_wrong_tree_is_refused() {
	rm -rf "$VCP_CACHE/bases.git"
	sed -i 's/^TREE=./TREE=0/' "$VCP_TOP/bases/7.3.conf"
	refused 'bases/7.3.conf says 0' "$S/series/base-import"
	! git --git-dir="$VCP_CACHE/bases.git" rev-parse -q --verify refs/vcp/base/7.3 ||
		fails "taken all the same"
}
t_tarball() { # the tar in the package, without its checksum: the tree tells
	rm -rf "$VCP_CACHE"
	refused 'no such file' env LINUX_TARBALL=none.tar.xz "$S/series/base-import"
	toy_kernel linux-source-7.3 3
	tar -cJf ok.tar.xz linux-source-7.3
	same "$(LINUX_TARBALL=ok.tar.xz "$S/series/base-import")" \
		"$(. "$VCP_TOP/bases/7.3.conf"; echo "$BASE_COMMIT")"
	rm -rf "$VCP_CACHE"
	echo changed >>linux-source-7.3/mm/Kconfig
	tar -cJf bad.tar.xz linux-source-7.3
	refused 'another version, or damaged' env LINUX_TARBALL=bad.tar.xz "$S/series/base-import"
	head -c 300 ok.tar.xz >half.tar.xz
	refused 'unpacking failed on .*half.tar.xz' env LINUX_TARBALL=half.tar.xz \
		"$S/series/base-import"
	LINUX_TARBALL=ok.tar.xz "$S/series/base-import"
}
t_later_patch_on_another_base() {
	local before id p=$VCP_TOP/patches
	dev -C "$W" reset -q --hard HEAD~1 # that one does not fit the other base
	later
	id=$("$S/series/series-import")
	W=$(BASE=7.2 "$S/series/work-tree")
	same "$(git -C "$W" show HEAD~2:mm/more.c | grep -c '^more')" 30 "the version that is added"
	before=$(snapshot)
	BASE=7.2 "$S/series/series-export"
	same "$(snapshot)" "$before" "export from the other base changed something"
	# a hunk of a base file: a variant, with the same hunk of the new file
	sed -i 's/flag/other flag/' "$W/mm/Kconfig"
	dev -C "$W" commit -qa --fixup=':/a flag'
	GIT_SEQUENCE_EDITOR=true dev -C "$W" rebase -q -i --autosquash refs/vcp/base
	BASE=7.2 "$S/series/series-export"
	same "$(snapshot | grep -v patches/7.2/)" "$before" "more than a variant was written"
	same "$(cd "$p" && find 7.2 -type f)" 7.2/mm-more-a-flag.patch
	same "$(grep -A 99 '^--- a/mm/more.c' "$p/7.2/mm-more-a-flag.patch")" \
		"$(grep -A 99 '^--- a/mm/more.c' "$p/mm-more-a-flag.patch")"
	same "$("$S/series/series-import")" "$id" "the primary base has another series"
	# the new file becomes the same on all bases
	before=$(snapshot)
	sed -i 's/^flag/other flag/' "$W/mm/more.c"
	dev -C "$W" commit -qa -m 'mm: more: other'
	refused \
		'base 7.3 would not import any more .*mm-more-a-user.patch cannot be reverted from src/' \
		env BASE=7.2 "$S/series/series-export"
	same "$(snapshot)" "$before" "a refused export wrote something"
}
t_fit() { # how the hunks fit another kernel
	toy_kernel tree 3
	sums() { "$S/series/fit" tree "$@" | sed '1d; s/  */ /g' | tr '\n' ';'; }
	same "$(sums)" '7.3: 4 patches, 4 without fuzz or failure 3 0 0 0;'
	sed -i '1i /* one line more */' tree/mm/vmalloc.c
	sed -i 's/slub.o/slab.o/' tree/mm/Makefile
	rm tree/drivers/e1000.c
	same "$(sums | cut -d' ' -f2- | sed 's/;[^ ]* /;/g')" \
		'0 0 1 0;0 1 0 0;0 0 0 1;4 patches, 2 without fuzz or failure 0 1 1 1;'
	same "$(sums mm-vmalloc-hook)" \
		'mm-vmalloc-hook 0 1 0 0;7.3: 1 patches, 1 without fuzz or failure 0 1 0 0;'
	refused 'no kernel sources' "$S/series/fit" tree/include
	refused "no patch 'nonesuch' in the series for base 7.3" "$S/series/fit" tree nonesuch
}
