# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# guest/run-cost on invented counts: a path that grew is named. Sourced by run.

cost=$tmp/cost
mkdir -p "$cost/bin"
cp "$here"/../../guest/{ktap.sh,run-cost} "$cost/"
cat >"$cost/limits" <<-'E'
	# a word
	pair vcompound fresh 4 1000 contiguous
	liveset vcompound order0 64 40000 mapped, large
E
printf '#!/bin/sh\nexec cat %s/log\n' "$cost" >"$cost/bin/dmesg"
printf '#!/bin/sh\n' | tee "$cost/bin/modprobe" >"$cost/bin/rmmod"
chmod +x "$cost"/bin/*

# fact TIME CASE STATE PAGES COUNT: what the module prints
fact() {
	printf '[%s] test_vcompound: perf {"case":"%s","method":"vcompound",' "$1" "$2"
	printf '"state":"%s","pages":%s,"value":%s,"unit":"instructions"}\n' "${@:3}"
}

# counted FRESH [ORDER0]: run-cost where the module has counted these
counted() {
	{
		fact 1.0 pair fresh 4 "$1"
		fact 1.1 pair order0 64 39000.000000
		[ $# = 1 ] || fact 1.2 liveset order0 64 "$2"
	} >"$cost/log"
	TMPDIR=$cost PATH=$cost/bin:$PATH "$cost/run-cost"
}

expect 'cost: counts at their limits pass' 0 '    ok 3 mapped, large: ' counted 1000.000000 \
	40000.000000
path='mapped, large: liveset, vcompound, 64 pages, order0'
expect 'cost: a path that grew fails, with its name, count and limit' 1 \
	"not ok 3 $path: 40000.125000 instructions, at the most 40000\$" counted 1000 40000.125000
expect 'cost: the others are not blamed for it' 1 '    ok 2 contiguous: ' counted 1000 40001
expect 'cost: a case that was not measured fails' 1 'not ok 3 mapped, large: .*: no instructions' \
	counted 1000
