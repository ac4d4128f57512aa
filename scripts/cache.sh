# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2153
# The cache: its mark, locks and temporary folders. Sourced by lib.sh, never run.

# A file marks the cache, so that the scripts never write to or clean any other folder. A cache
# without the mark is recognized by a setting in its git store.
is_cache() { grep -qs '^# cache of vcompound' "$CACHE/CACHEDIR.TAG" ||
	grep -qs '^\[vcp-' "$CACHE/bases.git/config"; }
make_cache() {
	local why
	! is_cache || return 0
	why=$(mkdir -p -- "$CACHE" 2>&1) ||
		die "cannot make the cache: ${why#mkdir: }; VCP_CACHE= names another folder"
	# the mark is the first file: a concurrent run that also makes the cache has it by the
	# second look
	[ -z "$(find "$CACHE" -mindepth 1 -maxdepth 1 ! -name 'CACHEDIR.TAG*' -print -quit)" ] ||
		is_cache ||
		die "$CACHE holds files of others: VCP_CACHE= names a folder that is empty, or" \
			"not there yet"
	why=$({ printf '%s\n' 'Signature: 8a477f597d28d172789f06886806bc55' \
		'# cache of vcompound: what its scripts make, and make clean removes' \
		>"$CACHE/CACHEDIR.TAG.$$" &&
		mv -f "$CACHE/CACHEDIR.TAG.$$" "$CACHE/CACHEDIR.TAG"; } 2>&1) ||
		die "cannot write to the cache: ${why##*: line *: }"
}

# A folder on the file system of the cache that is removed when the script ends.
tmp_dir() {
	lock use shared # clean looks for it
	TMP=$(mktemp -d "$CACHE/tmp.XXXXXX") || die "cannot write to $CACHE: is the disk full?"
	trap 'rm -rf "$TMP"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
}

# lock NAME|FILE [shared]: exclusive, or shared by readers; released when the process ends.
lock() {
	local fd file=$CACHE/$1.lock flags=(${2:+-s})
	[[ $1 != /* ]] || file=$1
	make_cache
	while :; do
		exec {fd}>>"$file" || die "cannot write $file: is the disk full?"
		flock -n "${flags[@]}" "$fd" ||
			{ note "waiting for another run that holds $1"; flock "${flags[@]}" "$fd"; }
		[ ! "/proc/self/fd/$fd" -ef "$file" ] || break # clean may have removed it
		exec {fd}>&-
	done
	# shellcheck disable=SC2034 # the caller's
	LOCK_FD=$fd
}
