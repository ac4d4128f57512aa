# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2153,SC2154
# The sources with all mutants, and the kernels built from them. Sourced by run.

# sources: prepares them, prints the path of their tree and its commit
sources()
{
	local id base commit tree
	if [ "${TREE:-}" ]; then
		GIT_DIR=$(git -C "$TREE" rev-parse --path-format=absolute --git-common-dir)
		id=$(git -C "$TREE" rev-parse HEAD)
		base=$(git -C "$TREE" rev-parse refs/vcp/base)
	else
		id=$(series_id)
		base=$("$SCRIPTS/series/base-import" | tail -n 1)
		GIT_DIR=$BASES
	fi
	export GIT_DIR
	commit=$("$own/instrument" "$GIT_DIR" "$id" "$here" "$log/index")
	git diff -U0 --no-color --no-renames --diff-filter=M "$base" "$id" -- '*.c' '*.h' \
		':!tools' |
		awk -F '\t' -v list="$here/uncovered" -f "$own/hunks.awk" "$log/index" \
			"$here/uncovered" - > "$log/uncovered"
	if [ "${TREE:-}" ]; then
		tree=$CACHE/tree-$BASE-mutants.$(printf %s "$TREE" | cksum | cut -d' ' -f1)
		[ -d "$tree" ] || git worktree add -q --detach "$tree" "$commit"
		unset GIT_DIR
		git -C "$tree" checkout -q -f --detach "$commit"
	else
		unset GIT_DIR
		tree=$("$SCRIPTS/series/build-tree" --name mutants "$commit" | tail -n 1)
	fi
	printf '%s %s\n' "$tree" "$commit"
}

declare -A images appends
# kernel NAME: builds it from those sources; no other run rebuilds it before this run ends
kernel()
{
	scenario "$1" run append cpus memory timeout
	appends[$1]=$(say append '')
	hold_build "$1"
	images[$1]=$IMAGE
}
