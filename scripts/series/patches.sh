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
