# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The kernel's checkers, replaced by small scripts: their findings, and that a checker which crashes
# or misses a known fault is reported.

judges() { # scripts with a tree that has such judges, and a kernel that needs no building
	mkdir judges stubs bin build
	cp -rs "$S"/. judges
	rm judges/kernel/{trees.sh,kbuild}
	cat >stubs/checkpatch.pl <<-'SH'
	exit 255 if $ENV{DIES} eq 'checkpatch';
	open F, $ARGV[-1];
	while (<F>) {
		next if !/fault/ || $ENV{BLIND} eq 'checkpatch';
		print "$ARGV[-1]:$.: ERROR:TRAILING_WHITESPACE: x\n";
		$rc = 1;
	}
	exit $rc;
	SH
	cat >stubs/kernel-doc <<-'SH'
	#!/bin/sh
	[ "$DIES" != kernel-doc ] || { echo Traceback; exit 1; }
	shift 2 # options
	[ "$BLIND" = kernel-doc ] ||
		awk "/fault/ { print FILENAME \":\" FNR \": warning: 'a' not described\"; bad = 1 }
			END { exit bad }" "$@"
	SH
	cat >bin/sparse <<-'SH'
	#!/bin/sh
	[ "$DIES" != sparse ] || exit 139
	for f; do :; done
	[ "$BLIND" = sparse ] || grep -n fault /dev/null "$f" |
		sed 's/\(:[0-9]*\):.*/\1:1: warning: Using plain integer as NULL pointer/'
	SH
	# shellcheck disable=SC2016 # make's
	printf '%%.o:\n\t@echo "  CHECK   $*.c"; $(CHECK) $*.c\n' >stubs/Makefile
	cat >judges/kernel/trees.sh <<-SH
	. "$S/kernel/trees.sh"
	eval "\$(declare -f hold_tree | sed '1s/.*/held_tree ()/')"
	hold_tree() {
		held_tree "\$@" && cp "$PWD/stubs/"[ck]* "\$TREE_DIR/scripts/" &&
			cp "$PWD/stubs/Makefile" "\$TREE_DIR/"
	}
	SH
	printf '#!/bin/sh\nmkdir -p %s/mm && touch %s/mm/vcompound.o && echo %s/.config\n' \
		"$PWD/build" "$PWD/build" "$PWD/build" >judges/kernel/kbuild
	chmod +x judges/kernel/kbuild stubs/kernel-doc bin/sparse
}
judge() { # ASSIGNMENT...
	env DIES='' BLIND='' "PATH=$PWD/bin:$PATH" "$@" "$PWD/judges/check/check-code" 2>judge.err
}

t_judges_find() {
	judges
	judge || fails "a clean series has findings: $(judge; cat judge.err)"
	printf 'int fault;\n' >>"$VCP_TOP/src/mm/vcompound.c"
	local said
	said=$(judge) && fails "nothing was found"
	for p in 'checkpatch: src/mm/vcompound.c:2: ERROR:TRAILING_WHITESPACE: x' \
		'kernel-doc: mm/vcompound.c:2: warning' \
		'sparse: mm/vcompound.c:2:1: warning'; do
		grep -qF "$p" <<<"$said" || fails "no finding like '$p' in: $said"
	done
}
t_judges_fall_over() {
	judges
	local said j
	for j in checkpatch kernel-doc sparse; do
		said=$(judge "DIES=$j") && fails "$j fell over, and nothing was found"
		grep -qE "^$j: .*(exit code|make failed)" <<<"$said" ||
			fails "not that $j fell over: $said"
		said=$(judge "BLIND=$j") && fails "$j is blind, and nothing was found"
		same "$said" "$j: does not see a known fault: "
	done
}
t_judges_A4_nothing_to_look_at() { # a scenario that compiles nothing of the series
	judges
	sed -i 's/ && touch [^ ]* / /' judges/kernel/kbuild
	local said
	said=$(judge) && fails 'nothing was looked at, and nothing was found'
	grep -qx 'sparse: scenario SMP2 compiles nothing of the series' <<<"$said" || fails "$said"
}
