# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2016
# cross on a toy tree of three architectures, with a kbuild that prints its request. Sourced
# by run.

toy=$tmp/cross tree=$tmp/cross/tree
mkdir -p "$toy"/{scripts,scenarios,tests,build/include/config} \
	"$tree"/{mm,arch/{arm64,powerpc,s390,vax}/mm,drivers/s390/block}
cp -rs "$scripts"/. "$toy/scripts"
rm "$toy/scripts/kernel/kbuild"
cat >"$toy/scripts/kernel/kbuild" <<'SH'
#!/bin/sh
echo "$1: $TARGETS" >> "${0%/*}/../../asked"
[ "$1" != "$BREAKS" ] || [ "$TARGETS" = prepare ] || exit 3
echo "${0%/*}/../../build/"
SH
chmod +x "$toy/scripts/kernel/kbuild"
for name in ARM64:arm64 ARM64-STOCK:arm64 POWERPC:powerpc POWERPC32:powerpc S390:s390 \
	X86-DRIVERS:x86_64; do
	echo "arch ${name#*:}" >"$toy/scenarios/${name%:*}"
done
echo CONFIG_DASD=y >"$toy/build/include/config/auto.conf"
echo 'obj-y := vmalloc.o page_alloc.o vcompound.o tests/one.o' >"$tree/mm/Makefile"
for name in arm64 powerpc s390 vax; do
	echo 'obj-y := pageattr.o' >"$tree/arch/$name/mm/Makefile"
done
printf 'dasd_mod-objs := dasd.o\nobj-$(CONFIG_DASD) += dasd_mod.o\nobj-$(CONFIG_SCM) += scm.o\n' \
	>"$tree/drivers/s390/block/Makefile"
touch "$tree"/mm/{vmalloc,page_alloc}.c "$tree"/arch/{arm64,s390,vax}/mm/pageattr.c \
	"$tree"/drivers/s390/block/{dasd,scm}.c
(
	cd "$tree" || exit
	git init -q . && git add -A
	git -c user.name=x -c user.email=x@example.org commit -q -m base
	git update-ref refs/vcp/base HEAD
	mkdir mm/tests
	tee mm/vcompound.c mm/tests/one.c </dev/null
	for f in mm/vmalloc.c arch/s390/mm/pageattr.c drivers/s390/block/dasd.c; do
		echo changed >>"$f"; done
	git add -A
)
: >"$toy/tests/cross.skip"
cross=(env BASE=toy VCP_TOP="$toy" VCP_CACHE="$toy/cache" TREE="$tree" "$toy/scripts/kernel/cross")

expect \
	'cross: what is changed and three more, for each' 0 '^21 passed, 0 failed, 0 skipped$' \
	"${cross[@]}"
expect 'cross: all that no architecture owns goes to one' 0 \
	'^ARM64: mm/page_alloc.o mm/tests/one.o mm/vcompound.o mm/vmalloc.o$' cat "$toy/asked"
common='mm/page_alloc.o mm/vcompound.o mm/vmalloc.o'
expect 'cross: what an architecture owns, below drivers too' 0 \
	"^S390: arch/s390/mm/pageattr.o drivers/s390/block/dasd.o $common\$" cat "$toy/asked"
expect 'cross: an architecture that does not compile' 1 '^not ok POWERPC does not compile$' env \
	BREAKS=POWERPC "${cross[@]}"
echo changed >>"$tree/drivers/s390/block/scm.c"
echo changed >>"$tree/arch/vax/mm/pageattr.c"
expect 'cross: an option that no configuration has' 1 \
	'^not ok drivers/s390/block/scm.c is compiled by none' "${cross[@]}"
expect 'cross: an architecture that nobody compiles' 1 \
	'^not ok arch/vax/mm/pageattr.c is compiled by none' "${cross[@]}"
printf 'arch/vax/mm/pageattr.c no compiler\ndrivers/s390/block/scm.c no card\n' \
	>"$toy/tests/cross.skip"
expect 'cross: with a reason they are left out' 0 '^21 passed, 0 failed' "${cross[@]}"
echo 'mm/vmalloc.c none' >>"$toy/tests/cross.skip"
expect 'cross: a reason for what is compiled' 1 'has mm/vmalloc.c, which is compiled' "${cross[@]}"
echo 'mm/gone.c none' >"$toy/tests/cross.skip"
expect \
	'cross: a reason for what is not changed' 1 \
	'has mm/gone.c, which the series does not change' "${cross[@]}"
git -C "$tree" checkout -q HEAD -- . && git -C "$tree" rm -q -f mm/vcompound.c mm/tests/one.c
expect 'cross: a series that changes nothing' 1 'changes no .c file' "${cross[@]}"
