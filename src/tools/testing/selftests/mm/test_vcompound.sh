#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Load the module test_vcompound, which tests virtual compound pages while it is
# being loaded, and check the summary lines that it prints. See
# Documentation/mm/vcompound.rst.

DRIVER="test_vcompound"

# By this exit status the framework knows that a test was skipped.
ksft_skip=4

usage()
{
	echo "Usage: $0 [ smoke | stress | PARAMETER=VALUE... ]"
	echo
	echo "smoke, the default: the parameters that the module has by default"
	echo "stress: a thread on each CPU, and ten times as many allocations"
	echo "PARAMETER=VALUE: nr_threads, test_loop_count or run_test_mask"
}

skip()
{
	echo "$0: $1"
	exit $ksft_skip
}

check_test_requirements()
{
	[ "$(id -u)" -eq 0 ] || skip "only root can load modules"
	command -v modprobe > /dev/null || skip "modprobe is not installed"
	[ ! -d "/sys/module/$DRIVER" ] || skip "$DRIVER is loaded already, or built in"
	modinfo "$DRIVER" > /dev/null 2>&1 || skip "no module, CONFIG_TEST_VCOMPOUND=m is needed"
}

# The lines that the driver has printed since the line with the mark.
lines_since()
{
	dmesg | awk -v mark="$1" -v driver="$DRIVER: " '
		index($0, mark) { n = 0; seen = 1; next }
		seen && index($0, driver) { line[++n] = $0 }
		END { for (i = 1; i <= n; i++) print line[i] }'
}

run_test()
{
	local mark="$0: begin $$" status=0 lines passed failed

	echo "$mark" > /dev/kmsg
	# The exit status of the tests is that of loading the module.
	modprobe "$DRIVER" "$@" || status=$?
	lines=$(lines_since "$mark")
	echo "$lines"
	if [ -d "/sys/module/$DRIVER" ] && ! modprobe -r "$DRIVER"; then
		echo "$0: $DRIVER cannot be unloaded"
		status=1
	fi

	passed=$(grep -c 'Summary: .* failed: 0$' <<< "$lines")
	failed=$(grep -c 'Summary: .* failed: [1-9]' <<< "$lines")
	echo "$0: $passed tests passed, $failed failed"
	[ "$status" -eq 0 ] && [ "$passed" -gt 0 ] && [ "$failed" -eq 0 ] || exit 1
	! grep -q ' contiguous, 0 mapped$' <<< "$lines" ||
		skip "the fallback was not tested, CONFIG_VFALLBACK_ALWAYS=y is needed"
}

case ${1:-smoke} in
smoke) params=() ;;
stress) params=("nr_threads=$(nproc)" test_loop_count=20000) ;;
*=*) params=("$@") ;;
-h | --help) usage; exit 0 ;;
*) usage; exit 1 ;;
esac

check_test_requirements
run_test "${params[@]}"
