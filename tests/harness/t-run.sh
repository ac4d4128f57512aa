# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2016
# tests/run with stages made of shell. Sourced by run.

toy=$tmp/run
mkdir -p "$toy"/{bases,tests,scenarios}
printf '%s\n' 'GOOD * 1 0' 'COUNTS * 9 2' 'KTAP * 2 0' 'OTHER * 1 0' >"$toy/tests/results"
cat >"$toy/tests/stages" <<'STAGES'
# a comment
1  GOOD    true
1  COUNTS  printf 7\x20passed,\x200\x20failed,\x202\x20skipped\n
2  KTAP    printf ok\x201\x20one\nok\x202\x20two\n1..2\n
2  OTHER   true
STAGES
printf '#!/bin/sh\necho 3 passed, 0 failed, 0 skipped\nexit 1\n' >"$toy/lies"
printf '#!/bin/sh\nkill -9 $PPID\n' >"$toy/ends"
chmod +x "$toy/lies" "$toy/ends"
run=(env BASE=toy VCP_TOP="$toy" VCP_CACHE="$toy/cache" "$here/../run")

expect 'run: all of both lanes' 0 '^11 passed, 0 failed, 2 skipped$' "${run[@]}"
expect 'run: one lane after the other' 0 '^11 passed, 0 failed, 2 skipped$' env JOBS=1 "${run[@]}"
expect 'run: the same as data' 0 '^true$' jq -e 'length == 4 and all(.[]; .ok) and
	any(.[]; .stage == "COUNTS" and .passed == 7 and .skipped == 2)' "$toy/out/test.json"
expect 'run: some stages' 0 '^3 passed, 0 failed, 0 skipped$' "${run[@]}" KTAP OTHER
expect 'run: no such stage' 1 'no such stage: NONE' "${run[@]}" GOOD NONE
cat >>"$toy/tests/stages" <<'STAGES'
1  BAD     false
2  NOT     printf ok\x201\x20one\nnot\x20ok\x202\x20two\n1..2\n
2  LIES    ./lies
2  LAST    true
STAGES
printf '%s\n' 'BAD * 1 0' 'NOT * 2 0' 'LIES * 3 0' 'LAST * 1 0' >>"$toy/tests/results"
expect 'run: goes on after failures' 1 '^LAST .* 1 passed .* ok$' "${run[@]}"
expect 'run: counts them' 1 '^[0-9]* passed, 3 failed, 2 skipped$' "${run[@]}"
expect 'run: names them' 1 '^failed: NOT, exit 0: not ok 2 two; see out/test/NOT.log$' "${run[@]}"
# a stage that boots keeps its reasons
printf '%s\n' '#!/bin/sh' 'mkdir -p out/BOOTS' \
	'printf "  console: 7:WARNING\nlost: away\n" >out/BOOTS/reasons' 'exit 2' >"$toy/boots"
chmod +x "$toy/boots"
# stages LINE...: more of them, each of which has one result
stages() {
	printf '%s\n' "$@" >>"$toy/tests/stages"
	printf '%s\n' "$@" | awk 'NF > 2 { print $2, "* 1 0" }' | sort -u >>"$toy/tests/results"
}
stages '2  BOOTS   ./boots'
expect 'run: every reason of a machine' 1 '^failed: BOOTS, exit 2: console: 7:WARNING$' \
	"${run[@]}" BOOTS
expect 'run: and where they stand' 1 '^failed: BOOTS, exit 2: lost: away; see out/BOOTS/reasons$' \
	"${run[@]}" BOOTS
expect 'run: an exit code is believed, not a count' 1 '^LIES .* 1 failed .* FAILED$' "${run[@]}" \
	LIES
# with LINE...: a run of W, with these stages
with() {
	local status=0
	cp "$toy"/tests/{stages,results} "$toy"
	stages "$@"
	"${run[@]}" W || status=$?
	mv "$toy"/{stages,results} "$toy/tests"
	return $status
}
expect 'run: A5: a stage without a lane' 1 "not 'LANE NAME COMMAND...': W true" with 'W true'
expect 'run: A5: a stage without a command' 1 "not 'LANE NAME COMMAND...': 1 W" with '1 W'
expect 'run: A5: a command that is not there' 1 'W: no command ./none' with '1 W ./none'
expect 'run: A5: a stage that is there twice' 1 'W is there twice' with '1 W true' '2 W true'
# uncounted LINE: a stage without a line in tests/results
uncounted() {
	local status=0
	cp "$toy"/tests/stages "$toy"
	echo "$1" >>"$toy/tests/stages"
	"${run[@]}" GOOD || status=$?
	mv "$toy/stages" "$toy/tests"
	return $status
}
expect 'run: A5: a stage that nobody has counted' 1 \
	'tests/results: no line for W: run it, then tests/count W' uncounted '1 W true'
expect 'run: A5: nothing passed' 1 '^W .* 1 failed .* FAILED$' with \
	'1 W echo 0 passed, 0 failed, 0 skipped'
expect 'run: A5: results that did not come' 1 '^failed: W: 1 of 5 results came$' with \
	'1 W printf ok\x201\n1..5\n'
expect 'run: A6: a result too few' 1 \
	'^failed: W: 0 results, 0 of them skipped; tests/results has 1 and 0$' \
	with '1 W echo 0 passed, 0 failed, 0 skipped'
expect 'run: A6: a skip too many' 1 \
	'^failed: W: 1 results, 1 of them skipped; tests/results has 1 and 0$' \
	with '1 W echo 0 passed, 0 failed, 1 skipped'
printf '%s\n' '#!/bin/sh' \
	'test -z "$TREE$PARTIAL$CONFIGS$TARGETS$SCN$VCP_OUT$VCP_SRC$VCP_PATCHES$VCP_SERIES"' \
	>"$toy/bare"
chmod +x "$toy/bare"
stages '1  BARE    ./bare'
expect 'run: A4: variables that bend what is tested' 0 '^BARE .* ok$' env TREE=work PARTIAL=1 \
	CONFIGS=x TARGETS=y SCN=OFF BUILT=z \
	VCP_OUT=o VCP_SRC=s VCP_PATCHES=p VCP_SERIES=1 "${run[@]}" BARE
expect 'run: A4: settings stand in the verdict' 0 \
	'^tested: series none on base toy(, QEMU [0-9.]+)?, ACCEL=tcg, VCP_TOP=' env ACCEL=tcg \
	"${run[@]}" GOOD
# the stage kills the shell that runs its lane
stages '2  ENDS    ./ends' '2  AFTER   true'
expect 'run: a lane that is lost' 1 '^failed: AFTER did not come to its end$' "${run[@]}"
# the stage writes its process id when it runs, and would run for long
printf '#!/bin/sh\necho $$ > slow.pid\nexec sleep 600\n' >"$toy/slow"
chmod +x "$toy/slow"
mkfifo "$toy/slow.pid"
stages '1  SLOW    ./slow'
# stopped STAGE: its process ends when the run is stopped
stopped() {
	local started pid status=0
	"${run[@]}" "$1" &
	started=$!
	read -r pid <"$toy/slow.pid"
	kill "$started"
	wait "$started" || status=$?
	timeout 60 tail --pid="$pid" -f /dev/null && echo "ended by $status"
}
expect 'run: what it started ends with it' 0 'ended by 143' stopped SLOW
