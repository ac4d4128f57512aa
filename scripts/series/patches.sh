# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Reads patches/ as text. Sourced by lib.sh.

# A line of patches/series: a name, and in brackets the bases that it is for unless it is for all.
# for_base(BASE) in awk: the current line is for BASE.
# shellcheck disable=SC2034,SC2016
FOR_BASE='function for_base(base,  tag) {
	tag = $0
	return NF == 1 || (gsub(/^[^[]*\[|\][^]]*$/, "", tag) == 2 && index(" " tag " ", " " base " "))
}'

# series_names FILE BASE: the names that are for that base, in order.
series_names() {
	awk -v base="$2" "$FOR_BASE"' /^[ \t]*(#|$)/ { next } for_base(base) { print $1 }' "$1"
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
