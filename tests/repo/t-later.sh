# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Patches that change a file which an earlier patch of the series adds.

store() { git --git-dir="$VCP_CACHE/bases.git" "$@"; }
more() { # COMMIT: the new file, with dots for lines that nobody changed
	store show "$1:mm/more.c" | sed 's/^more line .*/./' | tr -d '\n'
}
later_commits() { # a new file, and two patches that change it; the first has other parts too
	lines 1 30 more >"$W/mm/more.c"
	commit '2030-03-01 10:00:00 +0000' 'mm: more: add it'
	sed -i 's/^more line 5;/flag;/' "$W/mm/more.c"
	echo flag >"$W/mm/flag.c"; echo flag >>"$W/mm/Kconfig"
	commit '2030-03-02 10:00:00 +0000' 'mm: more: a flag'
	sed -i 's/^more line 8;/user;/' "$W/mm/more.c"; echo end >>"$W/mm/more.c"
	chmod +x "$W/mm/more.c"
	commit '2030-03-03 10:00:00 +0000' 'mm: more: a user'
}
later() {
	later_commits
	"$S/series/series-export" 2>/dev/null
	sed -i 's/^mm-more-a-flag$/# chapter: flag\n&\n# chapter: after/' "$VCP_TOP/patches/series"
}
FIRST='..............................' FLAG='....flag;.........................'
USER='....flag;..user;......................end' NO_FLAG='.......user;......................end'

t_later_patches_round_trip() {
	local id before p=$VCP_TOP/patches
	later
	same "$(tail -n 1 "$VCP_TOP/src/mm/more.c")" end "src/ has not the final version"
	[ -x "$VCP_TOP/src/mm/more.c" ] || fails "src/ has not the final mode"
	same "$(grep -l '^Adds: mm/more.c' "$p"/*.patch)" "$p/mm-more-add-it.patch"
	same "$(grep -c '^diff' "$p/mm-more-add-it.patch" ||
		true)" 0 "hunks of the file that it adds"
	same "$(grep -E '^(Adds:|[+]{3}) ' "$p/mm-more-a-flag.patch" | tr '\n' ' ')" \
		'Adds: mm/flag.c +++ b/mm/Kconfig +++ b/mm/more.c '
	id=$("$S/series/series-import")
	same "$id" "$(git -C "$W" rev-parse vcompound)" \
		"import gives another id than the exported branch"
	same "$(more "$id") $(more "$id~1") $(more "$id~2")" "$USER $FLAG $FIRST"
	same "$(store ls-tree "$id~1" mm/more.c | cut -c1-6) $(store ls-tree "$id" mm/more.c |
		cut -c1-6)" '100644 100755'
	same "$("$S/series/series-import" --upto mm-more-a-flag)" "$(store rev-parse "$id~1")"
	before=$(snapshot)
	dev -C "$W" rebase -q --no-ff --force-rebase refs/vcp/base
	"$S/series/series-export"
	same "$(snapshot)" "$before" "a second export differs"
	"$S/series/mbox" --verify >/dev/null || fails "not as mail"
	rm -rf "$VCP_CACHE/bases.git"
	same "$("$S/series/series-import")" "$id" "another id in a fresh cache"
}
t_later_patch_of_an_empty_file() {
	: >"$W/mm/empty.c"; commit '2030-03-01 10:00:00 +0000' 'mm: empty: add it'
	echo full >"$W/mm/empty.c"; commit '2030-03-02 10:00:00 +0000' 'mm: empty: fill it'
	: >"$W/mm/empty.c"; commit '2030-03-03 10:00:00 +0000' 'mm: empty: empty it'
	printf 'no newline' >"$W/mm/empty.c"
	commit '2030-03-04 10:00:00 +0000' 'mm: empty: fill it again'
	"$S/series/series-export"
	same "$("$S/series/series-import")" "$(git -C "$W" rev-parse vcompound)"
	same "$(cat "$VCP_TOP/src/mm/empty.c")" 'no newline'
}
t_later_chapter_left_out() {
	local id
	later
	sed '/^# chapter: flag/,/^# chapter: after/d' "$VCP_TOP/patches/series" >without
	id=$("$S/series/series-import" --series without)
	same "$(more "$id") $(more "$id~1")" "$NO_FLAG $FIRST"
	same "$(store rev-parse "$id~1")" "$(store rev-parse "$("$S/series/series-import")~2")" \
		"what is before it is not the same"
	! store cat-file -e "$id:mm/flag.c" 2>/dev/null ||
		fails "the new file of the chapter is there"
	! store show "$id:mm/Kconfig" | grep flag || fails "the hunks of base files are there"
	! grep -vx 'mm-more-add-it' without >other
	refused 'mm-more-a-user.patch does not fit base 7.3 \(mm/more.c: does not exist' \
		"$S/series/series-import" --series other
	echo none >>without
	refused "no patch 'none' in the series" "$S/series/series-import" --series without
	refused 'cannot read none' "$S/series/series-import" --series none
	# a later patch that changes a line of the chapter does not fit without it
	sed -i 's/^flag;/flag of a user;/' "$W/mm/more.c"
	commit '2030-03-04 10:00:00 +0000' 'mm: more: a line twice'
	"$S/series/series-export"
	sed '/^mm-more-a-flag/d' "$VCP_TOP/patches/series" >without
	refused 'mm-more-a-line-twice.patch does not fit base 7.3 \(patch failed: mm/more.c:2\)' \
		"$S/series/series-import" --series without
}
t_later_hunk_that_does_not_come_off() {
	local before id p=$VCP_TOP/patches f=$VCP_TOP/src/mm/more.c
	later
	id=$("$S/series/series-import")
	sed -i 's/^more line 6;/edited;/' "$f"
	before=$(snapshot)
	for c in series-import work-tree build-tree; do
		refused \
			'mm-more-a-user.patch cannot be reverted from src/ \(patch failed: mm/more.c:5\)' \
			"$S/series/$c"
	done
	refused "changed since 'make work'" "$S/series/series-export"
	same "$(git -C "$W" rev-parse HEAD) $(snapshot)" "$id $before" "something was written"
	same "$(store for-each-ref refs/vcp/import)" '' "a ref is left over"
	sed -i 's/^edited;/more line 6;/; s/^more line 20;/edited;/' "$f"
	"$S/series/work-tree" >/dev/null
	same "$(git -C "$W" show HEAD~2:mm/more.c | grep -c edited)" 1 "an edit beside the hunks"
	"$S/series/series-export"
	sed -i '/^mm-more-add-it/d; s/^# chapter: after/&\nmm-more-add-it/' "$p/series"
	refused 'mm-more-a-flag.patch changes src/mm/more.c, which no patch before it adds' \
		"$S/series/series-import"
}
t_later_hunk_that_goes_elsewhere() { # every line is the same: only the numbers tell where
	local f=$VCP_TOP/src/mm/same.c
	printf 'same\n%.0s' {1..40} >"$W/mm/same.c"
	commit '2030-03-01 10:00:00 +0000' 'mm: same: add it'
	sed -i '20i inserted' "$W/mm/same.c"
	commit '2030-03-02 10:00:00 +0000' 'mm: same: insert a line'
	"$S/series/series-export"
	sed -i '1d' "$f"
	refused 'hunks of src/mm/same.c are applied at other lines than they are reverted from' \
		"$S/series/series-import"
}
t_later_patch_of_the_whole_file() { # deleted, renamed, of another type: by a commit, or by a patch
	local before p=$VCP_TOP/patches/mm-more-a-user.patch
	later
	before=$(snapshot)
	dev -C "$W" rm -q mm/more.c; commit '2030-03-04 10:00:00 +0000' 'mm: more: begone'
	refused "begone' deletes, renames or retypes mm/more.c" "$S/series/series-export"
	dev -C "$W" reset -q --hard HEAD~1
	dev -C "$W" mv mm/more.c mm/less.c; commit '2030-03-04 10:00:00 +0000' 'mm: more: less'
	refused "less' deletes, renames or retypes mm/more.c" "$S/series/series-export"
	dev -C "$W" reset -q --hard HEAD~1
	ln -sf vmalloc.c "$W/mm/more.c"; commit '2030-03-04 10:00:00 +0000' 'mm: more: a link'
	refused "a link' deletes, renames or retypes mm/more.c" "$S/series/series-export"
	same "$(snapshot)" "$before" "a refused export wrote something"
	sed '/^diff/,$d' "$p" >mail
	for c in 'deleted file mode 100644' 'new file mode 100644' \
		$'rename from mm/more.c\nrename to mm/more.c'; do
		{ cat mail; printf 'diff --git a/mm/more.c b/mm/more.c\n%s\n' "$c"; } >"$p"
		refused 'mm-more-a-user.patch makes, deletes or renames src/mm/more.c' \
			"$S/series/series-import"
	done
}
