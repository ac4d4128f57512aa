# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2016
# make clean and make distclean remove what the scripts made, and nothing else.

full_cache() { # builds, trees and a package, as runs leave them
	mkdir -p "$VCP_CACHE"/build-7.3-UM/mm "$VCP_CACHE"/log "$VCP_TOP"/out
	echo object >"$VCP_CACHE/build-7.3-UM/mm/vcompound.o"
	"$S/series/build-tree" >/dev/null 2>&1
}
files_of() { (cd "$1" && find . -type f ! -path '*/.git/*' -exec cksum {} + | sort -k 3); }

t_clean_A1_folder_of_others() { # a folder that other people's files are in
	local before
	mkdir -p others/{build-myproject,tree-notes,work-7.3,log,debs,tmp.abc}
	echo mine | tee others/{build-myproject,tree-notes,log,debs,tmp.abc}/mine >others/my.lock
	before=$(files_of others)
	for c in '' --all; do
		refused 'others was not made by these scripts .*: nothing is removed' env \
			"VCP_CACHE=$PWD/others" "$S/clean" ${c:+"$c"}
	done
	refused 'others holds files of others: VCP_CACHE= names' env "VCP_CACHE=$PWD/others" \
		LINUX_TARBALL='' "$S/series/base-import"
	refused 'others holds files of others' env "VCP_CACHE=$PWD/others" "$S/series/build-tree"
	same "$(files_of others)" "$before" 'something was changed'
	[ ! -e others/bases.git ] || fails 'something was made there'
}
t_clean_A1_files_of_others_in_the_cache() {
	full_cache
	mkdir -p "$VCP_CACHE"/{build-myproject,tree-notes,work-mine}
	echo mine |
		tee "$VCP_CACHE"/{build-myproject,tree-notes,work-mine}/mine >"$VCP_CACHE/my.lock"
	"$S/clean"
	[ ! -e "$VCP_CACHE/build-7.3-UM" ] && [ ! -e "$VCP_TOP/out" ] ||
		fails 'what was built stays'
	[ -d "$VCP_CACHE/tree-7.3" ] || fails 'clean removed a tree'
	dev -C "$VCP_CACHE/work-7.3" checkout -q --detach refs/vcp/base &&
		dev -C "$VCP_CACHE/work-7.3" branch -qD vcompound
	rm -r "$VCP_CACHE/work-mine"
	"$S/clean" --all 2>said
	grep -q "stays: it holds .*, which no script here made" said || fails "$(cat said)"
	same "$(cd "$VCP_CACHE" && find . -type f | sort | tr '\n' ' ')" \
		'./CACHEDIR.TAG ./build-myproject/mine ./my.lock ./tree-notes/mine '
}
t_clean_all_removes_the_cache() {
	full_cache
	"$S/clean" --all
	[ ! -e "$VCP_CACHE" ] || fails "left: $(find "$VCP_CACHE" | head -n 3)"
	"$S/clean"
	"$S/clean" --all
}
# kept REGEX: clean --all refuses, and nothing changes
kept() {
	local before
	before=$(files_of "$VCP_CACHE")
	refused "work-7.3 holds work that was not exported \\($1" "$S/clean" --all
	same "$(files_of "$VCP_CACHE")" "$before" 'something was removed'
}
t_clean_A2_git_that_fails() {
	truncate -s 20 "$W/.git/index"
	echo change >>"$W/mm/vcompound.c"
	kept 'git fails there'
	rm "$W/.git/HEAD"
	kept 'git fails there'
}
t_clean_A2_ignored_files() {
	echo mine >"$W/mine.o" # of .gitignore
	git -C "$W" check-ignore -q mine.o || fails 'not ignored'
	kept '!! mine.o'
}
t_clean_A2_commits_that_only_a_tag_holds() {
	local id
	echo change >>"$W/mm/vcompound.c" &&
		commit '2030-02-01 10:00:00 +0000' 'mm: vcompound: change'
	id=$(git -C "$W" rev-parse HEAD)
	git -C "$W" tag mine && dev -C "$W" reset -q --hard HEAD~1
	kept "$id"
	git -C "$W" tag -d mine >/dev/null && git -C "$W" update-ref refs/elsewhere/mine "$id"
	kept "$id"
	git -C "$W" update-ref -d refs/elsewhere/mine
	dev -C "$W" worktree add -q --detach "$PWD/second"
	kept 'other work trees belong to it'
	dev -C "$W" worktree remove "$PWD/second"
	"$S/clean" --all
}
t_clean_A3_while_others_build() {
	local before
	full_cache
	before=$(files_of "$VCP_CACHE")
	for lock in "$VCP_CACHE/build-7.3-UM/.lock" "$VCP_CACHE/tree-7.3.lock"; do
		for c in '' --all; do
			refused "another run holds .*${lock##*/}: stop it first" flock -s "$lock" \
				"$S/clean" ${c:+"$c"}
		done
	done
	same "$(grep -v '\.lock$' <<<"$before")" "$(files_of "$VCP_CACHE" | grep -v '\.lock$')" \
		'something was removed'
}
t_clean_C20_killed_half_way() { # the store goes before its refs: no later run finds half of it
	"$S/series/series-import" >id
	full_cache
	mkdir bin
	printf '%s\n' '#!/bin/sh' 'case "$*" in *tmp.gone*) kill -9 $PPID; exit 1 ;; esac' \
		'exec /bin/rm "$@"' >bin/rm
	chmod +x bin/rm
	(PATH=$PWD/bin:$PATH "$S/clean" --all) 2>/dev/null && fails 'it was not killed'
	[ ! -e "$VCP_CACHE/bases.git" ] || fails 'the store is there'
	[ -n "$(find "$VCP_CACHE" -name 'tmp.gone*')" ] || fails 'nothing was under way'
	toy_debs_again
	same "$("$S/series/series-import" 2>/dev/null)" "$(cat id)"
	"$S/clean" --all
	[ ! -e "$VCP_CACHE" ] || fails 'something is left'
}
toy_debs_again() { cp -r "$ROOT/master/cache/debs" "$VCP_CACHE/"; }
t_clean_keeps_work() {
	printf 'x\n' >>"$W/mm/Kconfig"
	refused 'holds work that was not exported' "$S/clean" --all
	[ -d "$VCP_CACHE/bases.git" ] || fails "removed"
	dev -C "$W" checkout -q mm/Kconfig
	printf 'x\n' >"$W/mm/new.c"
	refused 'holds work that was not exported' "$S/clean" --all
	dev -C "$W" stash -q -u
	refused 'holds work that was not exported' "$S/clean" --all
	dev -C "$W" stash drop -q
	dev -C "$W" checkout -q -b aside
	dev -C "$W" commit -q --allow-empty -m aside
	dev -C "$W" checkout -q vcompound
	refused 'holds work that was not exported' "$S/clean" --all
	dev -C "$W" branch -q -D aside
	"$S/clean" --all
	[ ! -e "$VCP_CACHE" ] || fails "left: $(ls "$VCP_CACHE")"
}
