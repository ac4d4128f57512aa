# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# How ./apply changes a tree: it writes new files beside the old ones and a journal of the renames
# and removals, then does these. Without a journal nothing has been changed; with one, the next run
# finishes it. Sourced by ./apply, never run.

JOURNAL=.vcp-journal # the kernel's .gitignore has such names

# finish_journal: finishes or cleans up after an earlier run that was killed
finish_journal() {
	local f left=()
	if [ -e "$tree/$JOURNAL" ]; then
		[ "$MODE" != check ] ||
			DIE_CODE=1 die "an earlier run was killed half-way in $tree: ./apply and" \
				"./apply --revert finish it first"
		: >"$TMP/begun"
		rm -f "$tree/$JOURNAL.new"
		run_journal
		note "finished what an earlier run had begun"
	fi
	for f in "${touch[@]}" "${adds[@]}"; do
		[ ! -f "$tree/$f.vcp-new" ] || left+=("$tree/$f.vcp-new")
	done
	if [ ${#left[@]} = 0 ] || [ "$MODE" = check ]; then return 0; fi
	rm -f "${left[@]}" "$tree/$JOURNAL.new"
	note "removed ${#left[@]} files *.vcp-new of an earlier run that was killed"
}

# run_journal: each line, again if necessary
run_journal() {
	local what f
	while read -r what f; do
		if [ "$what" = rename ]; then
			[ ! -e "$tree/$f.vcp-new" ] || mv -fT "$tree/$f.vcp-new" "$tree/$f" ||
				DIE_CODE=1 die "cannot rename $tree/$f.vcp-new: once it can be," \
					"run ./apply again, which finishes this"
		else
			rm -f "$tree/$f" || DIE_CODE=1 die "cannot remove $tree/$f: once it can" \
				"be, run ./apply again, which finishes this"
			(cd "$tree" &&
				rmdir -p --ignore-fail-on-non-empty "$(dirname "$f")") \
				2>/dev/null || true
		fi
	done <"$tree/$JOURNAL"
	rm -f "$tree/$JOURNAL"
}

# undo: removes what put has written and not yet renamed
undo() {
	[ -s "$TMP/new" ] || return 0
	while read -r f; do
		rm -f "$tree/$f.vcp-new" 2>/dev/null || true
		(cd "$tree" &&
			rmdir -p --ignore-fail-on-non-empty "$(dirname "$f")") 2>/dev/null || true
	done <"$TMP/new"
	rm -f "$tree/$JOURNAL.new"
}

# put: replaces the files of the tree with the copies, and adds or removes the new files
put() {
	local f
	cannot() { undo; DIE_CODE=1 die "cannot write $tree/$1: nothing was changed"; }
	: >"$TMP/new" && : >"$TMP/gone"
	for f in $(r diff-index --cached --name-only "$before"); do
		if [ ! -e "$TMP/r/$f" ]; then echo "$f" >>"$TMP/gone"; continue; fi
		echo "$f" >>"$TMP/new"
		cat "$TMP/r/$f" >"$tree/$f.vcp-new" &&
			chmod --reference="$tree/$f" "$tree/$f.vcp-new" || cannot "$f"
	done
	for f in "${adds[@]}"; do
		if [ "$MODE" = revert ]; then echo "$f" >>"$TMP/gone"; continue; fi
		echo "$f" >>"$TMP/new"
		mkdir -p "$tree/$(dirname "$f")" &&
			cp -PT --preserve=mode "$TOP/src/$f" "$tree/$f.vcp-new" || cannot "$f"
	done
	sed 's/^/rename /' "$TMP/new" >"$tree/$JOURNAL.new" &&
		sed 's/^/remove /' "$TMP/gone" >>"$tree/$JOURNAL.new" ||
		cannot $JOURNAL
	: >"$TMP/begun"
	# from here on this run or the next one finishes it
	mv -fT "$tree/$JOURNAL.new" "$tree/$JOURNAL" || cannot $JOURNAL
	run_journal
}
