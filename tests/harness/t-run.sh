# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2016
# tests/run with stages made of shell. Sourced by run.

toy=$tmp/run
mkdir -p "$toy"/{bases,tests}
cat > "$toy/tests/stages" << 'STAGES'
# a comment
1  GOOD    true
1  COUNTS  printf 7\x20passed,\x200\x20failed,\x202\x20skipped\n
2  KTAP    printf ok\x201\x20one\nok\x202\x20two\n
2  OTHER   true
STAGES
printf '#!/bin/sh\necho 3 passed, 0 failed, 0 skipped\nexit 1\n' > "$toy/lies"
printf '#!/bin/sh\nkill -9 $PPID\n' > "$toy/ends"
chmod +x "$toy/lies" "$toy/ends"
run=(env BASE=toy VCP_TOP="$toy" VCP_CACHE="$toy/cache" "$here/../run")

expect 'run: all of both lanes' 0 '^11 passed, 0 failed, 2 skipped$' "${run[@]}"
expect 'run: one lane after the other' 0 '^11 passed, 0 failed, 2 skipped$' env JOBS=1 "${run[@]}"
expect 'run: the same as data' 0 '^true$' jq -e 'length == 4 and all(.[]; .ok) and
	any(.[]; .stage == "COUNTS" and .passed == 7 and .skipped == 2)' "$toy/out/test.json"
expect 'run: some stages' 0 '^3 passed, 0 failed, 0 skipped$' "${run[@]}" KTAP OTHER
expect 'run: no such stage' 1 'no such stage: NONE' "${run[@]}" GOOD NONE
cat >> "$toy/tests/stages" << 'STAGES'
1  BAD     false
2  NOT     printf ok\x201\x20one\nnot\x20ok\x202\x20two\n
2  LIES    ./lies
2  LAST    true
STAGES
expect 'run: goes on after failures' 1 '^LAST .* 1 passed .* ok$' "${run[@]}"
expect 'run: counts them' 1 '^[0-9]* passed, 3 failed, 2 skipped$' "${run[@]}"
expect 'run: names them' 1 '^failed: NOT, exit 0: not ok 2 two; see out/test/NOT.log$' "${run[@]}"
# a stage that boots keeps its reasons
printf '#!/bin/sh\nmkdir -p out/BOOTS\nprintf "  console: 7:WARNING\nlost: away\n" > out/BOOTS/reasons\nexit 2\n' > "$toy/boots"
chmod +x "$toy/boots"
printf '2  BOOTS   ./boots\n' >> "$toy/tests/stages"
expect 'run: every reason of a machine' 1 '^failed: BOOTS, exit 2: console: 7:WARNING$' "${run[@]}" BOOTS
expect 'run: and where they stand' 1 '^failed: BOOTS, exit 2: lost: away; see out/BOOTS/reasons$' "${run[@]}" BOOTS
expect 'run: an exit code is believed, not a count' 1 '^LIES .* 1 failed .* FAILED$' "${run[@]}" LIES
# the stage kills the shell that runs its lane
printf '2  ENDS    ./ends\n2  AFTER   true\n' >> "$toy/tests/stages"
expect 'run: a lane that is lost' 1 '^failed: AFTER did not come to its end$' "${run[@]}"
# the stage says who it is when it runs, and would run for long
printf '#!/bin/sh\necho $$ > slow.pid\nexec sleep 600\n' > "$toy/slow"
chmod +x "$toy/slow"
mkfifo "$toy/slow.pid"
printf '1  SLOW    ./slow\n' >> "$toy/tests/stages"
# stopped STAGE: its process ends when the run is told to
stopped()
{
	local started pid status=0
	"${run[@]}" "$1" &
	started=$!
	read -r pid < "$toy/slow.pid"
	kill "$started"
	wait "$started" || status=$?
	timeout 60 tail --pid="$pid" -f /dev/null && echo "ended by $status"
}
expect 'run: what it started ends with it' 0 'ended by 143' stopped SLOW
