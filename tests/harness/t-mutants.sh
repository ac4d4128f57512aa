# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2016,SC2120
# tests/mutants/run on a toy kernel of two functions, a program that prints KTAP. Sourced by run.

toy=$tmp/mutants tree=$tmp/mutants/tree
mkdir -p "$toy"/{bases,scenarios,configs,tests,mutants/kernel} "$tree"/{mm,include/linux}
echo 'Kernel panic' >"$toy/tests/splat.deny"
echo '* never noise # the toy' >"$toy/tests/splat.allow"
echo 'MUTANTS vtoy 2 0' >"$toy/tests/results"
echo 'arch um' >"$toy/scenarios/MUTANTS"
printf 'append toy=1\ntimeout 2\n' >"$toy/scenarios/MUTANTS.boot"
cat >"$toy/mutants/kernel/vcp_mutant.h" <<'HEADER'
extern unsigned int vcp_mutant_number;
extern unsigned char vcp_mutant_reached[9];
#define vcp_mutant(n) (vcp_mutant_reached[n] = 1, vcp_mutant_number == (n))
HEADER
echo 'unsigned int vcp_mutant_number; unsigned char vcp_mutant_reached[9];' \
	>"$toy/mutants/kernel/vcp_mutant.c"
touch "$tree"/{Kbuild,Kconfig,mm/Makefile}
cat >"$tree/Makefile" <<'MAKEFILE'
allnoconfig:
	touch $(KCONFIG_CONFIG)
linux:
	cc -w -I$(CURDIR)/include -o $(O)/linux $(CURDIR)/mm/*.c
MAKEFILE
echo 'int largest(int a, int b) { return a; }' >"$tree/mm/toy.c"
cat >"$tree/mm/main.c" <<'MAIN'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
extern unsigned int vcp_mutant_number;
extern unsigned char vcp_mutant_reached[9];
int largest(int a, int b);
int twice(int a);
static const char *glob = "v*";
static int number, bad, all;
static void test(const char *name, int ok)
{
	if (!all && strcmp(glob + strlen("vtoy."), name))
		return;
	printf("    %sok %d %s\n", ok ? "" : "not ", ++number, name);
	bad |= !ok;
}
int main(int argc, char **argv)
{
	int i, record = 0;

	setbuf(stdout, NULL);
	for (; argc > 1; argc--) {
		if (!strncmp(argv[argc - 1], "vcp_mutant=", 11))
			vcp_mutant_number = atoi(argv[argc - 1] + 11);
		if (!strncmp(argv[argc - 1], "kunit.filter_glob=", 18))
			glob = argv[argc - 1] + 18;
		record |= !strcmp(argv[argc - 1], "vcp_mutant_record");
	}
	puts("KTAP version 1\n1..1\n    KTAP version 1\n    # Subtest: vtoy");
	all = !strcmp(glob, "v*") || !strcmp(glob, "vtoy.*");
	printf("    1..%d\n", all ? 2 : 1);
	test("largest", largest(1, 2) == 2 && largest(2, 1) == 2);
	test("twice", twice(0) == 0 && twice(2) == 4);
	printf("%sok 1 vtoy\n", bad ? "not " : "");
	for (i = 0; record && i < 9; i++)
		if (vcp_mutant_reached[i])
			printf("vcp_mutant: reached %d\n", i);
	puts("reboot: System halted");
	return 0;
}
MAIN
g=(git -C "$tree" -c user.name=toy -c user.email=toy@example.org -c commit.gpgSign=false)
"${g[@]}" init -q && "${g[@]}" add . && "${g[@]}" commit -q -m base && "${g[@]}" update-ref \
	refs/vcp/base HEAD
cat >"$tree/mm/toy.c" <<'TOY'
/* two functions */
int largest(int a, int b)
{
	if (a > b)
		return a;
	return b;
}

int twice(int a)
{
	int sum = 0;

	if (a > 0)
		sum = a + a;
	return sum;
}
TOY
"${g[@]}" commit -q -a -m series
sum='Mutant: wrong-sum count
In: twice
- a + a
+ a
Caught-by: vtoy.twice'
other='Mutant: wrong-way condition
In: largest
- a > b
+ a < b
Caught-by: vtoy.largest'

# mutants TEXT...: the entries of the one file; then the runner
mutants() {
	{ printf 'File: mm/toy.c\n'; printf '\n%s\n' "$@"; } >"$toy/mutants/toy.mutants"
	run_mutants
}
run_mutants() { env BASE=toy VCP_TOP="$toy" VCP_CACHE="$toy/cache" VCP_MUTANTS="$toy/mutants" \
	TREE="$tree" "$here/../mutants/run" "$@"; }

: >"$toy/mutants/uncovered"
expect 'mutants: caught' 0 '^3 passed, 0 failed, 0 skipped$' mutants "$sum" "$other"
expect 'mutants: the table' 0 '^mm/toy.c +2 +2 +0 +0$' run_mutants
expect 'mutants: one by its name' 0 '^1 passed, 0 failed, 0 skipped$' run_mutants wrong-way
expect 'mutants: no such name' 1 'no mutant none' run_mutants none
expect 'mutants: which test notices' 0 '^wrong-way: vtoy.largest$' run_mutants --find
verdicts() { mutants "${sum/vtoy.twice/vtoy.largest}" \
	"${other/Caught-by: vtoy.largest/Survives: unknown}" >/dev/null 2>&1 || true
	run_mutants --find | BASE=toy VCP_TOP="$toy" VCP_CACHE="$toy/cache" \
		"$here/../mutants/verdicts" "$toy/mutants" && run_mutants; }
expect 'mutants: verdicts from what was found' 0 '^3 passed, 0 failed, 0 skipped$' verdicts
expect 'mutants: a statement that is dropped, inside another mutant' 0 '^4 passed, 0 failed' \
	mutants "$sum" "$other" \
	$'Mutant: no-sum store\n- if (a > 0) sum = a + a;\nCaught-by: vtoy.twice'
expect 'mutants: not caught' 1 '^not ok 2 wrong-way: not as it says: vtoy.twice passes$' mutants \
	"$sum" "${other/vtoy.largest/vtoy.twice}"
expect 'mutants: a text that is not there' 1 'wrong-sum: its text is not in twice' mutants \
	"${sum/a + a/a * 2}"
expect 'mutants: a text that is there twice' 1 'wrong-sum: its text is more than once in twice' \
	mutants "${sum/a + a/sum}"
expect 'mutants: a function that is not there' 1 'wrong-sum: its text is not in thrice' mutants \
	"${sum/twice/thrice}"
expect 'mutants: half of another' 1 'overlaps' mutants "$sum" \
	$'Mutant: half store\n- sum = a + a; return sum;\nCaught-by: vtoy.twice' \
	$'Mutant: other-half store\n- if (a > 0) sum = a + a;\nCaught-by: vtoy.twice'
expect 'mutants: a name twice' 1 'wrong-sum is there twice' mutants "$sum" "$sum"
expect 'mutants: no verdict' 1 'no verdict' mutants "${sum%$'\n'*}"
expect 'mutants: a test that is not there' 1 'no such test: vtoy.none' mutants "$sum" \
	"${other/vtoy.largest/vtoy.none}"
expect 'mutants: A7: a suite that is misspelt' 1 'no such test: vtyo.largest' mutants "$sum" \
	"${other/vtoy.largest/vtyo.largest}"
died='Mutant: dies store
In: twice
- sum = a + a;
+ __builtin_trap();'
expect 'mutants: a kernel that dies is not a test that fails' 1 \
	'dies: not as it says: vtoy.twice lost|dies: not as it says: vtoy.twice dies' \
	mutants "$other" "$died"$'\nCaught-by: vtoy.twice'
expect 'mutants: unless the entry says so' 0 '^3 passed, 0 failed' mutants "$other" \
	"$died"$'\nWay: dies\nCaught-by: vtoy.twice'
expect 'mutants: where it died' 0 '^dies: dies:vtoy.twice$' run_mutants --find dies
expect 'mutants: a kernel that hangs' 0 '^3 passed, 0 failed' mutants "$other" \
	"${died/__builtin_trap();/for (;;);}"$'\nWay: hangs\nCaught-by: vtoy.twice'
expect 'mutants: an equivalent one is not run' 0 '^3 passed, 0 failed' mutants "$sum" "$other" \
	$'Mutant: same boundary\nIn: twice\n- a > 0\n+ a >= 0\nEquivalent: twice nothing is nothing'
expect 'mutants: a score below 90 %' 1 '^score: 66.7 %$' mutants "$sum" "$other" \
	$'Mutant: same boundary\nIn: twice\n- a > 0\n+ a > 1\nSurvives: no caller passes 1'
expect 'mutants: a sample has no score' 0 '^2 passed, 0 failed, 0 skipped$' run_mutants --sample
"${g[@]}" mv mm/main.c mm/main2.c
sed -i 's/number, bad, all/bad, number, all/' "$tree/mm/main2.c"
"${g[@]}" mv mm/main2.c mm/main.c
"${g[@]}" commit -q -a -m more
expect 'mutants: a hunk without a mutant' 1 'no mutant: mm/main.c:9: static int bad, number, all;' \
	mutants "$sum" "$other"
printf 'mm/main.c\tbad, number, all\tthe toy\n' >"$toy/mutants/uncovered"
expect 'mutants: a hunk that is listed' 0 '^3 passed, 0 failed' run_mutants
printf 'mm/none.c\t*\tthe toy\n' >>"$toy/mutants/uncovered"
expect 'mutants: a list for nothing' 1 'for nothing in uncovered: mm/none.c' run_mutants
