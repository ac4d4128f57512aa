# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# How ./apply tries hunks on its copies of a tree: $files are the patches, r() is git in the folder of
# the copies, $TMP/r. Sourced by it, never run.

backwards() { # all hunks come off again
	local i
	for ((i = ${#files[@]} - 1; i >= 0; i--)); do
		! grep -q '^diff --git' "${files[i]}" || r apply --index -R "${files[i]}" 2>>"$TMP/err" ||
			r apply --index --3way -R "${files[i]}" >>"$TMP/err" 2>&1 ||
			{ sed -n "s|^error: patch failed: \(.*\)|does not come off: \1 ($(basename "${files[i]}"))|p" "$TMP/err" | sort -u >"$TMP/why"; return 1; }
	done
}
# one patch: as it is, else 3-way, else every hunk that does not fit gets its line
forwards() {
	local was
	grep -q '^diff --git' "$1" || return 0
	was=$(r write-tree)
	! r apply --index "$1" 2>/dev/null || return 0
	if r apply --index --3way "$1" >/dev/null 2>&1; then note "merged 3-way: $(basename "$1")"; return 0; fi
	r read-tree --reset -u "$was"
	r apply --reject "$1" 2>"$TMP/err" || true
	sed -n "s|^error: patch failed: \(.*\)|does not fit: \1 ($(basename "$1"))|p
		s|^error: \(.*\): No such file.*|does not fit: \1 is missing ($(basename "$1"))|p" "$TMP/err" >&2
	find "$TMP/r" -name '*.rej' -delete
	r add -f -A
	return 1
}
