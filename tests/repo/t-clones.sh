# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2153,SC2154,SC1091
# One cache, several clones and commands: each builds and tests its own series.

# build_ten CLONE: edits its series, builds, looks at what was built; ten times
build_ten() {
	local i image
	export VCP_TOP=$PWD/$1/top
	for i in {1..10}; do
		printf '#define %s_%d\n' "$1" "$i" >>"$VCP_TOP/src/mm/vcompound.c"
		image=$("$S/kernel/kbuild" UM 2>"$1.err" | tail -n 1) || { cat "$1.err"; return 1; }
		# it may be built again by now, but then by a process that waited for this one
		. "$S/lib.sh"
		hold_build UM 2>"$1.err" || { cat "$1.err"; return 1; }
		diff "$IMAGE" <(sort -u "$VCP_TOP/src/mm/vcompound.c") ||
			{ echo "$1, build $i of $image: not its own series"; return 1; }
		grep -qx "commit $("$S/series/series-import")" "${IMAGE%/*}/.tree" ||
			{ echo "$1, build $i: .tree is wrong"; return 1; }
		exec {BUILD_FD}>&-
	done
}
t_clones_A3_build_from_their_own() {
	local first
	for c in one two; do
		mkdir $c && cp -a "$VCP_TOP" $c/top && mkdir $c/top/{scenarios,configs}
		echo 'arch um' >$c/top/scenarios/UM
	done
	(build_ten one) >one.log 2>&1 & first=$!
	(build_ten two) >two.log 2>&1 || fails "$(cat two.log)"
	wait $first || fails "$(cat one.log)"
}
t_clones_A3_a_tree_that_is_edited_by_hand() { # is mended, not built
	local image
	mkdir "$VCP_TOP"/{scenarios,configs} && echo 'arch um' >"$VCP_TOP/scenarios/UM"
	"$S/series/build-tree" >/dev/null 2>&1
	echo mine >>"$VCP_CACHE/tree-7.3/mm/vcompound.c"
	echo mine >"$VCP_CACHE/tree-7.3/mm/mine.c"
	image=$("$S/kernel/kbuild" UM 2>/dev/null | tail -n 1)
	same "$(cat "$image")" 'int vcompound;'
	[ ! -e "$VCP_CACHE/tree-7.3/mm/mine.c" ] || fails 'a file is left there'
}
t_clones_A3_clean_waits_for_nobody() { # and takes nothing away from a build
	local pid
	mkdir "$VCP_TOP"/{scenarios,configs} && echo 'arch um' >"$VCP_TOP/scenarios/UM"
	"$S/kernel/kbuild" UM >/dev/null 2>&1
	mkfifo go begun
	(. "$S/lib.sh"; hold_build UM; echo >begun; read -r _ <go
	[ -s "$IMAGE" ]) >/dev/null 2>&1 & pid=$!
	read -r _ <begun
	refused 'another run holds .*build-7.3-UM/.lock: stop it first' "$S/clean"
	echo >go
	wait $pid || fails 'the image is gone'
	"$S/clean"
	[ ! -e "$VCP_CACHE/build-7.3-UM" ] || fails 'not removed'
}
t_clones_A3_a_lock_that_clean_removed() { # is none: a process that waited takes the new one
	local pid inode file=$VCP_CACHE/tree-7.3.lock
	"$S/series/build-tree" >/dev/null 2>&1
	mkfifo go held
	exec 9>"$file" && flock 9
	inode=$(stat -L -c %i /proc/self/fd/9)
	(exec 9>&-; . "$S/lib.sh"; hold_tree tree-7.3; echo >held
	read -r _ <go) >/dev/null 2>&1 & pid=$!
	until grep -q -- "-> FLOCK .*:$inode " /proc/locks; do kill -0 $pid ||
		fails 'it does not wait'; done
	rm "$file"
	exec 9>&-
	read -r _ <held
	! flock -n "$file" true || fails 'nobody holds the tree'
	echo >go
	wait $pid
}
t_clones_A3_the_series_of_a_run() { # is named, and a change of it is a failure
	local id said
	mkdir -p "$VCP_TOP"/{tests,scenarios}
	printf '1  SAME  true\n' >"$VCP_TOP/tests/stages"
	printf 'SAME * 1 0\nEDIT * 1 0\nTREE * 1 0\n' >"$VCP_TOP/tests/results"
	printf '1  EDIT  ./edit\n1  TREE  %s/series/build-tree\n' "$S" >>"$VCP_TOP/tests/stages"
	printf '#!/bin/sh\necho "int more;" >>src/mm/vcompound.c\n' >"$VCP_TOP/edit" &&
		chmod +x "$VCP_TOP/edit"
	id=$("$S/series/series-import")
	said=$("$REPO/tests/run" SAME 2>&1) || fails "$said"
	grep -q "^tested: series $id on base 7.3" <<<"$said" || fails "$said"
	said=$("$REPO/tests/run" SAME EDIT 2>&1) && fails "passed: $said"
	grep -q "^failed: the series changed during the run: the results are of $id" <<<"$said" \
		|| fails "$said"
	said=$("$REPO/tests/run" EDIT TREE 2>&1) && fails "passed: $said"
	grep -q 'tree: the series changed during the run: it was ' <<<"$said" || fails "$said"
}
t_clones_A3_the_series_of_the_bench() { # two runs are compared if they are of one series
	mkdir -p "$VCP_TOP/out/bench"
	echo '{}' >"$VCP_TOP/out/bench/7.3.jsonl"
	refused 'the figures are of series unknown, another one: make bench first' \
		"$S/machine/bench" \
		--repeat
	echo 0123 >"$VCP_TOP/out/bench/7.3.jsonl.series"
	refused 'the figures are of series 0123, another one: make bench first' "$S/machine/bench" \
		--repeat
}
