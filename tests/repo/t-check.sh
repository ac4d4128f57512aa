# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The invariants: each violation is found, and a clean series has none.

finds() { # PATTERN...: exactly these findings, one each
	local said p
	said=$("$S/series/series-check" 2>/dev/null) && fails "nothing was found"
	for p; do grep -qE -- "$p" <<<"$said" || fails "no finding like '$p' in: $said"; done
	same "$(wc -l <<<"$said")" $# "findings: $said"
}
hooks() { printf '# files that the series hooks into\nmm/Makefile\t# builds it\nmm/vmalloc.c\n' \
	>"$VCP_TOP/patches/hooks"; }

t_check_clean_series() {
	finds 'I8 no patches/hooks'
	hooks
	sed -i 's/^e1000-use-it$//; s/^# chapter: users$/&\ne1000-use-it/; /^$/d' \
		"$VCP_TOP/patches/series"
	"$S/series/series-check" || fails "a clean series has findings"
}
t_check_src() {
	hooks; printf 'drivers/e1000.c\n' >>"$VCP_TOP/patches/hooks"
	cp "$VCP_TOP/src/mm/vcompound.c" "$VCP_TOP/src/mm/stray.c"
	finds 'I3 src/mm/stray.c is added by no patch' 'I4 .*stray.c'
	mv "$VCP_TOP/src/mm/stray.c" "$VCP_TOP/src/mm/Kconfig"
	finds 'I1 src/mm/Kconfig is a file of base 7.2' 'I1 src/mm/Kconfig is a file of base 7.3' \
		'I3 src/mm/Kconfig' 'I4 .*Kconfig'
}
t_check_patches() {
	hooks; printf 'drivers/e1000.c\ninclude/linux/gfp.h\n' >>"$VCP_TOP/patches/hooks"
	local p=$VCP_TOP/patches
	finds 'I8 include/linux/gfp.h is in patches/hooks, but no patch'
	sed -i '$d' "$p/hooks"
	cp "$p/mm-vmalloc-hook.patch" "$p/stray.patch"
	mkdir "$p/7.2"; cp "$p/mm-vmalloc-hook.patch" "$p/7.2/"
	cp "$p/stray.patch" "$p/7.2/alone.patch"
	finds 'stray.patch is not in patches/series' \
		'I5 patches/7.2/mm-vmalloc-hook.patch does not differ' \
		'alone.patch is not in' 'I5 patches/7.2/alone.patch has no main'
	rm -r "$p/7.2" "$p/stray.patch"
	sed -i 's/^@@ -18,7 +18,7 @@/@@ -17,7 +17,7 @@/' "$p/mm-vmalloc-hook.patch" # drift
	finds 'I4 .*mm-vmalloc-hook.patch'
	sed -i 's/^mm-vmalloc-hook$/& 7.3/' "$p/series"
	finds 'patches/series: neither a name .*: mm-vmalloc-hook 7.3'
	sed -i 's/^mm-vmalloc-hook 7.3$/mm-vmalloc-hook/' "$p/series"
	sed -i 's/^-\ta line 17;/-\ta line 71;/' "$p/mm-vmalloc-hook.patch"
	finds 'I6 base 7.3: .*mm-vmalloc-hook.patch does not fit'
}
t_later_patch_checked() {
	local p=$VCP_TOP/patches
	hooks; printf 'drivers/e1000.c\nmm/Kconfig\n' >>"$p/hooks"
	later
	"$S/series/work-tree" >/dev/null; "$S/series/series-export"
	"$S/series/series-check" || fails "a clean series has findings"
	mkdir "$p/7.1"; { sed '/^diff/,$d' "$p/mm-more-a-user.patch"
		printf 'diff --git a/mm/more.c b/mm/more.c\ndeleted file mode 100755\n'; } \
		>"$p/7.1/mm-more-a-user.patch" # of a base that is not here
	finds 'I2 patches/7.1/mm-more-a-user.patch makes, deletes or renames src/mm/more.c'
	rm -r "$p/7.1"
	sed -i '/^mm-more-add-it/d; s/^# chapter: after/&\nmm-more-add-it/' "$p/series"
	finds 'I2 patches/mm-more-a-flag.patch changes src/mm/more.c before it is added' \
		'I6 base 7.3: .*which no patch before it adds'
}
t_check_packaged() {
	hooks; printf 'drivers/e1000.c\n' >>"$VCP_TOP/patches/hooks"
	git --git-dir="$VCP_CACHE/bases.git" update-ref refs/vcp/packaged/7.3 \
		"$(printf 'mm/list_lru.c\nmm/vmalloc.c\n' |
		git --git-dir="$VCP_CACHE/bases.git" hash-object -w --stdin)"
	finds 'I8 mm/vmalloc.c was changed by the packagers'
	sed -i 's/^mm.vmalloc.c$/& # packaged: a line far away/' "$VCP_TOP/patches/hooks"
	"$S/series/series-check" || fails "what hooks explains is a finding"
}
t_check_text() {
	local said sign='Signed-off''-by' home='/ho''me'
	cd "$VCP_TOP" || exit
	sed -i "1a # SPDX-License-Identifier: GPL-2.0" src/scripts/check.sh
	"$S/check/check-text" || fails "findings in a clean repository"
	# shellcheck disable=SC2016
	printf '%s\n' '# Top words' '[a](COPYING) [b](#top-words) [c](none.md) `[d](code)`' '' \
		'```' '[e](nor-this)' '```' >README.md
	printf '%s: me\n' "$sign" >>patches/e1000-use-it.patch
	printf '%s/me/linux\n' "$home" >notes
	mkdir scripts; { echo '#!/bin/bash'; seq -f ': %g' 299; printf ': %099d\n' 300; } >scripts/long
	printf '\t%0*d\n' 96 0 97 0 | tee src/wide.awk >scripts/wide.awk
	said=$("$S/check/check-text" || true)
	same "$(cut -d: -f1 <<<"$said" | sort)" "$(printf '%s\n' README.md README.md \
		'a path of one machine' 'a sign-off line' scripts/long \
		'scripts/long has 301 lines' 'scripts/long has no SPDX line at its head' \
		scripts/wide.awk)" "$said"
	grep -qx 'scripts/wide.awk:2: 101 columns: 100 at most' <<<"$said" || fails "$said"
}
t_step_and_lock() {
	cat >try <<-SH
	. $S/lib.sh
	case \$1 in
	good) step "a step" $PWD/log bash -c 'echo one; echo two' ;;
	bad) step "a step" $PWD/log bash -c 'echo reason; exit 7' ;;
	first) lock x; echo >held; read -r _ <waits; echo first >>order ;;
	second) lock x; echo second >>order ;;
	long) step "a step" $PWD/log bash -c 'echo \$\$ >who; exec sleep 600' ;;
	esac
	SH
	bash try good 2>said; grep -q 'a step: done' said || fails "$(cat said)"
	same "$(cat log)" $'one\ntwo'
	! bash try bad 2>said || fails "not failed"
	grep -q 'reason' said && grep -q "$PWD/log" said || fails "$(cat said)"
	# the first holds the lock until the second says that it waits
	mkfifo held waits
	bash try first & read -r _ <held
	bash try second 2>waits & wait
	same "$(cat order)" $'first\nsecond'
	# the processes of a step end with the script
	mkfifo who
	bash try long 2>said & long=$!
	read -r pid <./who
	kill $long
	timeout 60 tail --pid="$pid" -f /dev/null || fails "$pid goes on"
	! wait $long || fails "not stopped"
	grep -q 'a step: stopped' said || fails "$(cat said)"
}
t_help_everywhere() {
	local f said
	local all=("$S"/* "$S"/*/* "$REPO/apply" "$REPO"/bench/{compare,report,plot}
		"$REPO"/tests/{run,count,{repo,harness,mutants}/run,mutants/{instrument,verdicts}})
	for f in "${all[@]}"; do
		[[ $f != *.sh ]] && [ -f "$f" ] && [ -x "$f" ] || continue
		said=$("$f" --help 2>&1) || fails "$f --help"
		grep -q usage: <<<"$said" || fails "$f --help"
		! said=$("$f" --nonesuch 2>&1) || fails "$f takes --nonesuch"
	done
	said=$(make -C "$REPO" -s help)
	grep -q 'make demo' <<<"$said" || fails "make help"
}
# figures_of: each number once, without the commas between groups of three digits
figures_of() {
	sed -E ':a; s/([0-9]),([0-9]{3})([^0-9]|$)/\1\2\3/; ta' "$@" |
		grep -oE '[0-9]+(\.[0-9]+)?' | LC_ALL=C sort -u
}
t_text_D25_figures() { # each figure of the cost in README stands in docs/cost.md or its tables
	local n
	same "$(printf '1,436 and 12,345,678 of 1.04, 4,5; 1436\n' | figures_of | tr '\n' ' ')" \
		'1.04 12345678 1436 4 5 '
	# a heading, or a paragraph that begins in bold, with the word; up to the next one
	awk '/^(\*\*|#+ )/ { on = tolower($0) ~ /^(\*\*|#+ )[^*]*cost/ } on' "$REPO/README.md" |
		sed -E 's/\]\([^)]*\)/]/g' | figures_of >figures
	[ "$(wc -l <figures)" -gt 5 ] || fails "no figures in README.md"
	figures_of "$REPO"/docs/cost.md "$REPO"/docs/cost-tables.md >there
	while read -r n; do
		grep -qxF -- "$n" there ||
			fails "README.md has $n, docs/cost.md and docs/cost-tables.md do not"
	done <figures
}
