# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Shared by the scripts of the virtual machine: results in KTAP on standard output, and what the
# kernel counts. Sourced.

number=0 failures=0

# plan NAME COUNT: called first, so that a script that dies is seen to have ended early
plan() {
	echo 'KTAP version 1'
	echo "1..1"
	echo '    KTAP version 1'
	echo "    # Subtest: $1"
	echo "    1..$2"
	subject=$1
}

say() { echo "    # $*"; }

# result STATUS NAME
result() {
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "    ok $number $2"
	else
		failures=$((failures + 1))
		echo "    not ok $number $2"
	fi
}

# check NAME COMMAND...: passes if the command does; its output goes to the console
check() {
	check_name=$1
	shift
	check_status=0
	"$@" >&2 || check_status=$?
	result $check_status "$check_name"
	return $check_status
}

# finish: prints the line that closes the block; returns the exit status
finish() {
	if [ $failures = 0 ]; then
		echo "ok 1 $subject"
		exit 0
	fi
	echo "not ok 1 $subject"
	exit 1
}

# areas: how many allocations are mapped
areas() { grep -c vcompound /proc/vmallocinfo; }

# counter contig|fallback|fail: of /proc/vmstat
counter() { awk -v name="vcompound_$1" '$1 == name { print $2 }' /proc/vmstat; }
