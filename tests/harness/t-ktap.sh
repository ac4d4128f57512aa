# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2016
# The verdicts of ktap on recorded output. Sourced by run.

log() { printf '%s\n' "$here/logs/$1.log"; }

expect 'ktap: a run that passed' 0 '^29 passed, 0 failed, 2 skipped$' \
	"$scripts/machine/ktap" "$(log uml-pass)"
# results LINE...: the report of a passing run against these lines of tests/results
results() {
	mkdir -p "$tmp/ktap/tests" "$tmp/ktap/bases"
	printf '%s\n' "$@" >"$tmp/ktap/tests/results"
	BASE=toy VCP_TOP=$tmp/ktap "$scripts/machine/ktap" --results A "$(log uml-pass)"
}
exact=('A iov_iter 17 0' 'A slub_test 10 2' 'A usercopy 4 0')
expect 'ktap: the results that there should be' 0 '^29 passed, 0 failed, 2 skipped$' results \
	"${exact[@]}"
expect 'ktap: A6: a suite that is not there' 1 'suite other: 0 results, tests/results has 3' \
	results "${exact[@]}" 'A other 3 0'
expect 'ktap: A6: a test that is not there' 1 'suite iov_iter: 17 results, tests/results has 18' \
	results 'A iov_iter 18 0' "${exact[@]:1}"
expect 'ktap: A6: a test too many' 1 'suite iov_iter: 17 results, tests/results has 16' results \
	'A iov_iter 16 0' "${exact[@]:1}"
expect 'ktap: A6: a suite too many' 1 \
	'suite iov_iter: 17 results, tests/results does not have it' results "${exact[@]:1}"
expect 'ktap: A6: a skip too many' 1 'suite slub_test: 2 skipped, tests/results has 1' results \
	'A slub_test 10 1' "${exact[@]::1}" "${exact[2]}"
expect 'ktap: A6: a scenario that nobody has counted' 1 \
	'tests/results does not have A: tests/count A writes' results 'B iov_iter 17 0'
expect 'ktap: counts, as a file' 0 '^slub_test 10 2$' "$scripts/machine/ktap" --counts /dev/stdout \
	"$(log uml-pass)"
expect 'ktap: time stamps and carriage returns' 0 '^29 passed, 0 failed, 2 skipped$' \
	"$scripts/machine/ktap" "$(log stamped)"
expect 'ktap: one failed, counted once' 1 '^28 passed, 1 failed, 2 skipped$' \
	"$scripts/machine/ktap" "$(log one-failed)"
expect 'ktap: the failed one is named' 1 'usercopy/usercopy_test_check_nonzero_user$' \
	"$scripts/machine/ktap" "$(log one-failed)"
expect 'ktap: a suite that stopped half way' 1 'slub_test/ ended after 4 of 10' \
	"$scripts/machine/ktap" \
	"$(log crashed)"
expect 'ktap: a report that stopped half way' 1 'the report ended after 1 of 3' \
	"$scripts/machine/ktap" \
	"$(log crashed)"
expect 'ktap: a lost line' 1 'result 4 where 3 was due' "$scripts/machine/ktap" "$(log lost-line)"
expect 'ktap: no plan' 1 'without a plan' "$scripts/machine/ktap" "$(log no-plan)"
expect 'ktap: an empty plan' 1 'no results' "$scripts/machine/ktap" "$(log none-ran)"
expect 'ktap: KUnit disabled' 1 'no results' "$scripts/machine/ktap" "$(log disabled)"
expect 'ktap: a block that failed before its first test' 1 'outer/ ended after 0 of 1' \
	"$scripts/machine/ktap" "$(log fell-over)"
expect 'ktap: cases within a test, two reports' 1 '^4 passed, 1 failed, 0 skipped$' \
	"$scripts/machine/ktap" "$(log nested)"
expect 'ktap: a failure that the base has' 0 '^28 passed, 0 failed, 3 skipped$' \
	"$scripts/machine/ktap" --known '^usercopy/usercopy_test_check_nonzero_user$' \
	"$(log one-failed)"
expect 'ktap: another failure is not excused' 1 '^28 passed, 1 failed, 2 skipped$' \
	"$scripts/machine/ktap" --known '^usercopy/other$' "$(log one-failed)"
expect 'ktap: no file' 3 'cannot read' "$scripts/machine/ktap" "$tmp/none"
