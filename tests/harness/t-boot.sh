# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2016
# boot with a machine made of shell: what becomes of verdicts, results and consoles. Sourced by run.

toy=$tmp/boot
mkdir -p "$toy"/{scripts,scenarios,tests,bin,build/arch/x86/boot}
cp -rs "$scripts"/. "$toy/scripts"
rm "$toy/scripts/kernel/kbuild" "$toy/scripts/machine/guest-image"
ln -s "$here"/../splat.{deny,allow} "$toy/tests/"
touch "$toy/build/arch/x86/boot/bzImage"
echo CONFIG_TOY=y | tee "$toy/build/.config" >"$toy/.config"
echo tree toy | tee "$toy/build/.tree" >"$toy/.tree"
printf '#!/bin/sh\necho %s\n' "$toy/build/arch/x86/boot/bzImage" >"$toy/scripts/kernel/kbuild"
printf '#!/bin/sh\ncp "$3" "$1"\n' >"$toy/scripts/machine/guest-image"
# the machine: the scenario script is what it does, with ports and console as the guest has them
cat >"$toy/bin/qemu-system-x86_64" <<'QEMU'
#!/bin/bash
echo "args: $*"
for word; do
	case $word in
	file,id=results,path=*) results=${word##*=} ;;
	file,id=verdict,path=*) verdict=${word##*=} ;;
	*/initramfs) script=$word ;;
	esac
done
. "$script" > "$results"
QEMU
chmod +x "$toy/scripts/kernel/kbuild" "$toy/scripts/machine/guest-image" \
	"$toy/bin/qemu-system-x86_64"

# machine SCENARIO LINE...: boots a scenario of these lines
machine() {
	echo 'arch x86_64' >"$toy/scenarios/$1"
	printf '%s\n' "${@:2}" >"$toy/scenarios/$1.boot"
	echo "$1 - 2 0" >"$toy/tests/results"
	PATH=$toy/bin:$PATH BASE=toy ACCEL=${ACCEL-tcg} VCP_TOP=$toy VCP_CACHE=$toy/cache \
		"$toy/scripts/machine/boot" "$1"
}

# shellcheck disable=SC2317 # called by expect
# counted: boots a scenario that has no line in tests/results
counted() {
	printf 'kernel A\n%s\n' "$two" "$pass" >"$toy/scenarios/OTHER.boot"
	PATH=$toy/bin:$PATH BASE=toy ACCEL=tcg VCP_TOP=$toy VCP_CACHE=$toy/cache \
		"$toy/scripts/machine/boot" OTHER
}

two='run printf "KTAP version 1\n1..2\nok 1 a\nok 2 b\n"'
pass='run echo pass > "$verdict"'
expect 'boot: passes' 0 '^2 passed, 0 failed, 0 skipped$' machine A "$two" "$pass"
expect 'boot: configuration is kept' 0 '' cmp "$toy/build/.config" "$toy/out/A/config"
expect 'boot: what it was built from is kept' 0 '' cmp "$toy/build/.tree" "$toy/out/A/tree"
# counts the calls of kbuild over two boots, with something changed in between
builds() {
	rm -rf "$toy/calls" "$toy/built" && mkdir "$toy/built"
	BUILT=$toy/built machine A "$two" "$pass" && eval "$1" &&
		BUILT=$toy/built machine A "$two" "$pass" || return
	echo "built $(wc -l <"$toy/calls") times"
}
printf '#!/bin/sh\necho >> %s\necho %s\n' "$toy/calls" "$toy/build/arch/x86/boot/bzImage" \
	>"$toy/scripts/kernel/kbuild"
expect 'boot: a row of runs builds once' 0 'built 1 times' builds :
expect \
	'boot: but for a kernel that has changed' 0 'built 2 times' builds \
	'echo >> "$toy/build/arch/x86/boot/bzImage"'
expect 'boot: or its tree' 0 'built 2 times' builds 'echo >> "$toy/build/.tree"'
expect 'boot: a result too few' 1 'suite -: 1 results, tests/results has 2' machine A \
	'run printf "KTAP version 1\n1..1\nok 1 a\n"' "$pass"
expect 'boot: no result at all' 1 'no results' machine A "$pass"
expect 'boot: A5: a scenario that nobody has counted' 1 'tests/results does not have OTHER' counted
expect 'boot: a failed test' 1 'not ok: c' machine A \
	'run printf "KTAP version 1\n1..1\nnot ok 1 c\n"' "$pass"
expect 'boot: all passed and then the guest says fail' 1 'verdict: fail: kmemleak' \
	machine A "$two" 'run echo "fail: kmemleak: memory leaked" > "$verdict"'
# int3 TIMES: a machine that QEMU loses so often, and that passes then
int3()
{
	echo "$1" > "$toy/times"
	printf 'n=$(cat %s)\necho $((n - 1)) > %s\n[ $n -le 0 ] || { echo "%s" >&2; exit; }\n' \
		"$toy/times" "$toy/times" 'Oops: int3: 0000 [#1] SMP' > "$toy/loses"
	machine A "run . $toy/loses" "$two" "$pass"
}
expect 'boot: lost to patched code in QEMU, and started again' 0 '^2 passed, 0 failed' int3 2
expect 'boot: which it says' 0 'A, run 2: lost to .* patched code \(Oops: int3\)' int3 2
expect 'boot: and a third time' 2 'lost: the machine went away' int3 3
expect 'boot: all passed and then no verdict' 2 'lost: the machine went away' machine A "$two"
expect 'boot: and the last that it said' 2 "exit code 0; the last of its console: so far" \
	machine A "$two" 'run echo so far >&2'
expect 'boot: no verdict in time' 2 'lost: no verdict within 1 s' machine A "$two" \
	'run exec sleep 10' 'timeout 1'
expect 'boot: a splat' 1 'console: .*WARNING: mm' machine A "$two" "$pass" \
	'run echo "WARNING: mm/x.c:1" >&2'
expect 'boot: an expected failure' 0 '^1 passed, 0 failed' machine A \
	'run printf "KTAP version 1\n1..1\nnot ok 1 c\n"' "$pass" 'expect not ok: c'
expect 'boot: an expected failure that did not come' 1 'should have failed' machine A "$two" \
	"$pass" 'expect not ok: c'
expect 'boot: one of two expected failures did not come' 1 "should have failed with 'lost'" \
	machine A 'run printf "KTAP version 1\n1..1\nnot ok 1 c\n"' "$pass" 'expect not ok: c' \
	'expect lost'
expect 'boot: a keyword that nobody reads' 3 "no keyword 'konwn' here; there are: .* known " \
	machine A "$two" 'konwn 3'
# cards LINE: how the machine of such a scenario is started
cards() { machine A "$two" "$pass" "$1" >/dev/null && grep '^args: ' "$toy/out/A/console.log"; }
expect 'boot: two cards of each driver' 0 \
	'id=b0,hubid=0 -device e1000,netdev=a0,.*netdev=b1,mac=52:54:00:00:01:02 ' \
	cards 'nics e1000 e1000e'
# counted ACCEL LINE: how the machine of such a scenario keeps time
counted() {
	ACCEL=$1 machine A "$2" || true
	grep -oE -e '-icount|-accel (kvm|tcg)' "$toy/out/A/console.log" | sort | tr '\n' ' '
}
expect 'boot: instructions are counted wherever it runs' 0 '^-accel tcg -icount' counted '' \
	'icount yes'
expect 'boot: but where time is requested' 0 '^-accel kvm $' counted kvm 'icount yes'
expect 'boot: and always where time says nothing' 0 '^-accel tcg -icount' counted kvm \
	'icount always'
expect 'boot: no such scenario' 3 'no scenario NONE; there are: A ' env BASE=toy VCP_TOP="$toy" \
	"$toy/scripts/machine/boot" NONE

# kunit: the kernel is a program; it must halt, and with status 0
printf '#!/bin/bash\necho %s\n' "$toy/linux" >"$toy/scripts/kernel/kbuild"
# kernel LINE...: runs a scenario whose kernel is these lines
kernel() {
	printf '%s\n' '#!/bin/bash' "$@" >"$toy/linux"
	chmod +x "$toy/linux"
	printf 'arch um\n' >"$toy/scenarios/U"
	printf 'timeout 1\n' >"$toy/scenarios/U.boot"
	echo 'U - 2 0' >"$toy/tests/results"
	BASE=toy VCP_TOP=$toy "$toy/scripts/machine/boot" U
}
report='printf "KTAP version 1\n1..2\nok 1 a\nok 2 b\n"'
halt='echo "reboot: System halted"'
expect 'kunit: passes' 0 '^2 passed' kernel "$report" "$halt"
expect 'kunit: configuration and tree are kept' 0 '' cmp "$toy/.tree" "$toy/out/U/tree"
expect 'kunit: a folder of its own' 0 'tree toy' env VCP_OUT="$toy/elsewhere" BASE=toy \
	VCP_TOP="$toy" \
	bash -c '"$0/machine/boot" U >/dev/null && cat "$1/tree"' "$toy/scripts" "$toy/elsewhere"
expect 'kunit: KUnit is asked to run' 0 '^2 passed' kernel \
	'[[ " $* " = *" kunit.enable=1 kunit.autorun=1 "* ]] || exit 1' "$report" "$halt"
expect 'kunit: died after its tests' 2 'did not come to its end' kernel "$report" 'exit 1'
expect 'kunit: hangs' 2 'did not come to its end' kernel "$report" 'exec sleep 10'
expect 'kunit: a splat' 1 'the kernel complained' kernel "$report" 'echo "WARNING: x"' "$halt"
expect 'kunit: halted and ran nothing' 1 'no results' kernel 'echo "kunit: disabled"' "$halt"
