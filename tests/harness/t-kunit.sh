# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2016
# kunit on a "kernel" that prints what a scenario says, for stress tests that are built in. Sourced
# by run.

toy=$tmp/kunit
mkdir -p "$toy"/{bases,scenarios,tests,tree,scripts}
cp -rs "$scripts"/. "$toy/scripts"
rm "$toy/scripts/kernel/kbuild"
ln -s "$here"/../splat.{deny,allow} "$toy/tests/"
printf '#!/bin/sh\ncat "${0%%/*}/says"\necho "reboot: System halted"\n' >"$toy/tree/linux"
printf '#!/bin/sh\necho "${0%%/*}/../../tree/linux"\n' >"$toy/scripts/kernel/kbuild"
chmod +x "$toy/tree/linux" "$toy/scripts/kernel/kbuild"
touch "$toy/tree/.config" "$toy/tree/.tree"

# kunit RESULTS LINE...: what the kernel prints
kunit() {
	: >"$toy/scenarios/UM.boot"
	echo 'arch um' >"$toy/scenarios/UM"
	echo "UM - $1 0" >"$toy/tests/results"
	printf '%s\n' "${@:2}" >"$toy/tree/says"
	BASE=toy VCP_TOP=$toy VCP_CACHE=$toy/cache "$toy/scripts/kernel/kunit" UM
}

ktap=('KTAP version 1' '1..1' 'ok 1 one')
expect 'kunit: a report' 0 '^1 passed, 0 failed, 0 skipped$' kunit 1 "${ktap[@]}"
expect 'kunit: stress tests that are built in' 0 '^2 passed, 0 failed, 0 skipped$' kunit 2 \
	'[    1.000000] test_vcompound: Summary: threads passed: 4 failed: 0' \
	'test_vcompound: Summary: leak passed: 1 failed: 0'
expect 'kunit: both' 0 '^2 passed, 0 failed, 0 skipped$' kunit 2 \
	'x: Summary: leak passed: 1 failed: 0' "${ktap[@]}"
expect 'kunit: a stress test that failed' 1 'threads' kunit 1 \
	'x: Summary: threads passed: 3 failed: 1'
expect 'kunit: one that nobody ran' 1 'threads' kunit 1 'x: Summary: threads passed: 0 failed: 0'
expect 'kunit: nothing at all' 1 . kunit 1 'nothing'
expect \
	'kunit: A8: a scenario for a virtual machine' 3 \
	'SMP is not for User-mode Linux: make boot SCN=SMP' \
	bash -c \
	'echo "use none" >"$1/scenarios/SMP"
	: >"$1/scenarios/SMP.boot"
	BASE=toy VCP_TOP=$1 VCP_CACHE=$1/cache "$1/scripts/kernel/kunit" SMP' - "$toy"
