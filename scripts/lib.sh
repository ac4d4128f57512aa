# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Shared by every script: settings, messages, progress, the base file. Sourced, never run.
set -euo pipefail
umask 022

note() { printf '%s\n' "$*" >&2; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit "${DIE_CODE:-1}"; }

SCRIPTS=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
. "$SCRIPTS/env.sh"
. "$SCRIPTS/series/git-pins.sh"
. "$SCRIPTS/series/patches.sh"
. "$SCRIPTS/cache.sh"
. "$SCRIPTS/kernel/trees.sh"
TOP=${VCP_TOP:-$(cd "$SCRIPTS/.." && pwd)}

CACHE=${VCP_CACHE:-}
if [ -z "$CACHE" ]; then
	CACHE=${XDG_CACHE_HOME:-}
	[[ $CACHE = /* ]] || CACHE=${HOME:-}/.cache
	[ "$CACHE" != /.cache ] || die "HOME is not set: set it, or VCP_CACHE"
	CACHE=$CACHE/vcompound
fi
# make splits paths at blanks and colons; a relative path depends on the current folder
[[ $CACHE = /* ]] || die "VCP_CACHE=$CACHE: an absolute path, please"
[[ $CACHE != *[[:space:]:\"\'\`\$\#%\\,\*\?\[\;\&\|\<\>\(\)]* ]] ||
	die "the cache cannot be '$CACHE': make and QEMU break at such characters, set VCP_CACHE"
# the real path: builds record their paths, which a link to the cache must not change
CACHE=$(realpath -m -- "$CACHE")
# shellcheck disable=SC2034
BASES=$CACHE/bases.git

# Prints the head comment of the running script as help; with a status, for a wrong call.
usage() {
	[ "${1:-0}" = 0 ] || exec >&2
	awk 'NR < 3 { next } !/^#/ { exit } { sub(/^# ?/, ""); print }' "$0"
	exit "${1:-0}"
}

# no_arguments "$@": for a script without any; need "$@": for an option with a value.
no_arguments() {
	case ${1-} in -h | --help) usage ;; esac
	[ $# = 0 ] || usage 1
}
need() { [ $# -ge 2 ] || die "$1 needs a value; see --help"; }

bases() { find "$TOP/bases" -name '*.conf' -printf '%f\n' | sed 's/\.conf$//' | sort; }

# The base that the patches of the series are written for.
primary_base() {
	local f
	f=$(grep -l '^PRIMARY=yes' "$TOP"/bases/*.conf | head -n 1) || true
	[ -n "$f" ] || die "no bases/*.conf says PRIMARY=yes"
	basename "$f" .conf
}
BASE=${BASE:-$(primary_base)}

# shellcheck disable=SC2034	# the caller's
base_conf() {
	[ -r "$TOP/bases/$BASE.conf" ] ||
		die "no base '$BASE': BASE= is one of: $(bases | tr '\n' ' ')"
	PACKAGE='' SUITE='' VERSION='' KVER='' SHA256='' TREE='' BASE_COMMIT='' PRIMARY='' \
		SNAPSHOT=''
	# shellcheck disable=SC1090
	. "$TOP/bases/$BASE.conf"
}

# step TEXT LOG CMD...: runs a long command with its output in LOG; prints the time and the progress
# (compared with the lines of the last successful run, or STEP_GOAL).
step() {
	local text=$1 log=$2 fd pid rc='' part got goal n=0 far='' t0=$SECONDS said=0 stop='' traps
	shift 2
	traps=$(trap -p INT TERM HUP)
	mkdir -p "$(dirname "$log")"
	goal=$(cat "$log.lines" 2>/dev/null) || goal=${STEP_GOAL:-0}
	# command and script end together, whichever of the two gets the signal
	exec {fd}< <(set +e; trap 'kill $!' INT TERM; "$@" >"$log" 2>&1 </dev/null & wait \
		$!; echo $?)
	pid=$!
	trap 'stop=130; kill $pid 2>/dev/null || true' INT
	trap 'stop=143; kill $pid 2>/dev/null || true' TERM HUP
	while :; do
		# the timeout may hit in the middle of the number
		got=0 && read -r -t 1 -u "$fd" part || got=$?
		rc+=$part
		if [ $got -le 128 ]; then break; fi
		n=$(wc -l <"$log")
		far="$n lines"
		if [ "$goal" -gt 0 ]; then far="$((n < goal ? n * 100 / goal : 99))%"; fi
		if [ -t 2 ]; then
			printf '\r  %s: %s, %ds\033[K' "$text" "$far" $((SECONDS - t0)) >&2
		elif [ $((SECONDS - t0 - said)) -ge 30 ]; then
			said=$((SECONDS - t0))
			note "  $text: $far, ${said}s"
		fi
	done
	exec {fd}<&-
	wait "$pid" 2>/dev/null || true
	trap - INT TERM HUP
	eval "$traps"
	if [ -t 2 ]; then printf '\r\033[K' >&2; fi
	[ -z "$stop" ] || { note "  $text: stopped after $((SECONDS - t0))s"; exit "$stop"; }
	if [ "${rc:-1}" -eq 0 ]; then
		wc -l <"$log" >"$log.lines"
		note "  $text: done, $((SECONDS - t0))s"
		return 0
	fi
	note "  $text: FAILED after $((SECONDS - t0))s; the end of $log:"
	tail -n "${STEP_TAIL:-15}" "$log" | sed 's/^/    /' >&2
	return "${rc:-1}"
}
