# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Reads patches/ as text. Sourced by lib.sh.

# series_names FILE BASE: the names that apply to that base, in order.
series_names() {
	awk -v base="$2" '/^[ \t]*(#|$)/ { next } NF == 1 || $2 == "[" base "]" { print $1 }' "$1"
}

# The new files of patches, which they name below ---, and the files that they change.
patch_adds() { sed -sn '1,/^---$/d; /^diff --git/,$d; s/^Adds: //p' "$@"; }
patch_paths() { sed -n 's|^diff --git a/\(.*\) b/\1$|\1|p' "$@"; }
# The files that they make, delete or rename.
patch_whole() {
	sed -n '/^diff --git/h; /^\(new file mode\|deleted file mode\|rename from\) /{
		x; s|^diff --git a/\(.*\) b/.*|\1|p; }' "$@"
}
# patch_hunks LIST FILE [not]: the part of a patch that changes files of LIST, or all other files.
patch_hunks() {
	awk -v other="${3-}" '
		FILENAME == ARGV[1] { listed[$0]; next }
		/^diff --git / {
			sub(/^diff --git a\//, "", $0)
			show = (substr($0, 1, (length($0) - 3) / 2) in listed) == (other == "")
			$0 = "diff --git a/" $0
		}
		show' "$1" "$2"
}

# take_off FILE ADDS: reverts, in the index, a patch's hunks of the new files listed in ADDS. The
# versions after the patch become those before it.
take_off() {
	local path name=${1#"$PATCHES"/}
	patch_hunks "$2" "$1" >"$TMP/hunks"
	[ -s "$TMP/hunks" ] || return 0
	path=$(patch_whole "$TMP/hunks" | head -n 1)
	[ -z "$path" ] ||
		die "$name makes, deletes or renames src/$path: a patch may only change it"
	path=$(patch_paths "$TMP/hunks" | sort -u | comm -23 - <(git ls-files | sort) | head -n 1)
	[ -z "$path" ] || die "$name changes src/$path, which no patch before it adds"
	git apply --cached -R "$TMP/hunks" 2>"$TMP/err" ||
		die "$name cannot be reverted from src/" \
			"($(sed -n '/^error: /{ s///p; q; }' "$TMP/err")): correct it, or src/"
}

# final_versions: the new files on the input as src/ has them, in the form of `git ls-files -s`
final_versions() {
	local path mode blob
	while read -r path; do
		if [ -L "$SRC/$path" ]; then
			mode=120000 blob=$(readlink -n "$SRC/$path" |
				git hash-object -w --no-filters --stdin)
		else
			[ -f "$SRC/$path" ] || die "'Adds: $path', but there is no src/$path"
			mode=100644 blob=$(git hash-object -w --no-filters "$SRC/$path")
			[ ! -x "$SRC/$path" ] || mode=100755
		fi
		printf '%s %s 0\t%s\n' $mode "$blob" "$path"
	done
}
