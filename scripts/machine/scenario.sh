# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A scenario's .boot file, for the scripts that run one. Sourced after lib.sh, never run.

# scenario NAME KEYWORD...: sets $scenario and $file; refuses any other keyword
scenario() {
	local bad
	# shellcheck disable=SC2034 # the caller's
	scenario=$1 file=$TOP/scenarios/$1.boot
	shift
	[ -f "$file" ] || die "no scenario $scenario; there are:" \
		"$(find "$TOP/scenarios" -name '*.boot' -printf '%f\n' | sed 's/\.boot$//' |
		sort | tr '\n' ' ')"
	bad=$(awk -v known=" $* " '!/^(#|[ \t]*$)/ && !index(known, " " $1 " ") { print $1
		exit }' "$file")
	[ -z "$bad" ] || die "$file: no keyword '$bad' here; there are: $*"
}

# say KEYWORD DEFAULT: the scenario's values of it, on one line
say() {
	local value
	value=$(sed -n "s/^$1[[:space:]]\{1,\}//p" "$file" | tr '\n' ' ')
	printf '%s\n' "${value:-$2}"
}
