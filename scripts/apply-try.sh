# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034
# How ./apply tries patches on its copies of the files of a tree. Sourced by it, never run.

r() { git -C "$TMP/r" "$@"; } # the copies

# get_patches: all_files are the patches, adds the new files, touch those that are changed
get_patches() {
	local name f i
	[ -r "$TOP/patches/series" ] || die "no patches/series here"
	mapfile -t names < <(series_names "$TOP/patches/series" "$BASE")
	all_files=()
	for name in "${names[@]}"; do
		f=$TOP/patches/$BASE/$name.patch
		[ -r "$f" ] || f=$TOP/patches/$name.patch
		[ -r "$f" ] || die "patches/series names $name, but there is no such patch"
		all_files+=("$f")
	done
	[ ${#all_files[@]} -gt 0 ] || die "the series is empty"
	mapfile -t adds < <(patch_adds "${all_files[@]}" | sort | tee "$TMP/adds")
	# src/ has the new files as the last patch leaves them: hunks for them are left out
	for i in "${!all_files[@]}"; do
		patch_hunks "$TMP/adds" "${all_files[i]}" not >"$TMP/${all_files[i]##*/}"
		all_files[i]=$TMP/${all_files[i]##*/}
	done
	mapfile -t touch < <(patch_paths "${all_files[@]}" | sort -u)
}

# choose all|users: the patches to try, without those of the chapter users
choose() {
	local name
	files=("${all_files[@]}")
	[ "$1" = users ] || return 0
	sed '/^# chapter: *users/,$d' "$TOP/patches/series" >"$TMP/series"
	files=()
	while read -r name; do files+=("$TMP/$name.patch"); done < <(series_names "$TMP/series" "$BASE")
}

# get_copies: of the files that the series touches, in a store that knows the objects of the tree
# and of the cache: a 3-way merge needs the blobs that the hunks name.
get_copies() {
	local f
	git init -q --template= "$TMP/r"
	{ if [ -e "$tree/.git" ]; then git -C "$tree" rev-parse --path-format=absolute --git-path objects 2>/dev/null || true; fi
	  [ ! -d "$BASES/objects" ] || echo "$BASES/objects"; } >"$TMP/r/.git/objects/info/alternates"
	for f in "${touch[@]}"; do
		[ -f "$tree/$f" ] || continue
		mkdir -p "$TMP/r/$(dirname "$f")"
		cp --preserve=mode "$tree/$f" "$TMP/r/$f"
		chmod u+rw "$TMP/r/$f"
	done
	r add -f -A
	before=$(r write-tree)
}

backwards() { # all hunks come off again
	local i
	for ((i = ${#files[@]} - 1; i >= 0; i--)); do
		! grep -q '^diff --git' "${files[i]}" || r apply --index -R "${files[i]}" 2>>"$TMP/err" ||
			r apply --index --3way -R "${files[i]}" >>"$TMP/err" 2>&1 ||
			{ sed -n "s|^error: patch failed: \(.*\)|does not come off: \1 ($(basename "${files[i]}"))|p" "$TMP/err" | sort -u >"$TMP/why"; return 1; }
	done
}

# find_applied: none, all or core (without users) of the series is there, and the copies have it taken
# off; or other, another version; or changed, the series and changes to it.
find_applied() {
	local f same=0 there=0 users
	for f in "${adds[@]}"; do
		[ ! -f "$tree/$f" ] || there=$((there + 1))
		! cmp -s "$TOP/src/$f" "$tree/$f" || same=$((same + 1))
	done
	if [ $same = ${#adds[@]} ]; then
		choose users
		users=("${all_files[@]:${#files[@]}}")
		applied=core
		# a merge takes off what is not there, too
		if [ ${#users[@]} = 0 ] || ! r apply --check --cached "${users[@]}" 2>/dev/null; then
			choose all
			applied=all
		fi
		! backwards || return 0
		r read-tree --reset -u "$before"
	fi
	applied=none
	[ $same = 0 ] || applied=changed
	if [ $there -gt 0 ] && [ $same -lt ${#adds[@]} ] && find_other; then applied=other; fi
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
