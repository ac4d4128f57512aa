# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2016
# The lines that splat lets pass. Sourced by run.

toy=$tmp/splat
mkdir -p "$toy/tests"

# splat SCENARIO LINE...: with the toy's deny and allow files
splat() {
	local who=$1
	shift
	printf '%s\n' "$@" >"$tmp/console"
	BASE=toy VCP_TOP=$toy "$scripts/machine/splat" "$who" "$tmp/console"
}

printf '# deny\nWARNING:\nBUG[: ]\n' >"$toy/tests/splat.deny"
printf '%s\n' '# allow' 'A never WARNING: known # a reason' '* 2000-01-01 BUG: old # gone by now' \
	'* never BUG: harmless # everywhere' >"$toy/tests/splat.allow"
expect 'splat: a healthy console' 0 '' splat A 'Linux version' 'all good'
expect 'splat: a warning, with its line' 1 '^2:WARNING: at' splat A 'all good' 'WARNING: at mm/x.c'
expect 'splat: an entry of the scenario' 0 '' splat A 'WARNING: known at mm/x.c'
expect 'splat: an entry of another scenario' 1 'WARNING: known' splat B 'WARNING: known at mm/x.c'
expect 'splat: an entry for all' 0 '' splat B 'BUG: harmless'
expect 'splat: an entry past its day' 1 'BUG: old' splat A 'BUG: old'
printf 'A never WARNING: known\n' >"$toy/tests/splat.allow"
expect 'splat: an entry without a reason' 3 'no reason' splat A 'all good'
printf 'A soon WARNING: known # a reason\n' >"$toy/tests/splat.allow"
expect 'splat: an entry without an end' 3 'until when' splat A 'all good'
: >"$toy/tests/splat.allow"
expect 'splat: an empty allow file' 3 'must be there and not be empty' splat A 'all good'
printf '# allow\n' >"$toy/tests/splat.allow"
printf '# deny\n' >"$toy/tests/splat.deny"
expect 'splat: a deny file without a pattern' 3 'has no pattern' splat A 'all good'
rm "$toy/tests/splat.deny"
expect 'splat: no deny file' 3 'must be there' splat A 'all good'
printf 'a(\n' >"$toy/tests/splat.deny"
expect 'splat: a broken regex' 3 'refuses' splat A 'all good'

# the real lists: every line of a sick console is caught, a healthy one is left alone
expect 'splat: the real lists, a passed run' 0 '' \
	env BASE=toy "$scripts/machine/splat" SMP2 "$here/logs/uml-pass.log"
while read -r line; do
	printf '%s\n' "$line" >"$tmp/console"
	expect "splat: the real lists: ${line:0:40}" 1 . env BASE=toy "$scripts/machine/splat" \
		SMP2 "$tmp/console"
done <"$here/logs/splats.txt"
