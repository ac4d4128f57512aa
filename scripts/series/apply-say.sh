# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# Messages of ./apply about another version of the series in a tree, and about the next steps.
# Sourced by it, never run.

# find_other: the commit of this repository whose src/ has the new files of the tree
find_other() {
	local f id
	git -C "$TOP" rev-parse -q --verify HEAD >/dev/null 2>&1 || return 1
	git -C "$TOP" log --format='' --name-only --diff-filter=A -- src | sed -n 's|^src/||p' |
		sort -u |
		while read -r f; do
			[ ! -f "$tree/$f" ] ||
				printf '%s src/%s\n' \
					"$(git hash-object --no-filters "$tree/$f")" "$f"
		done | sort -u >"$TMP/there"
	while read -r id; do
		# all the files of that commit, and no others
		git -C "$TOP" ls-tree -r "$id" src/ | awk '{ print $3, $4 }' | sort -u >"$TMP/then"
		if [ -s "$TMP/then" ] && cmp -s "$TMP/then" "$TMP/there"; then
			other=$id
			return 0
		fi
	done < <(git -C "$TOP" rev-list HEAD -- src)
	return 1
}

say_other() {
	note "$tree has another version of the series, that of commit" \
		"$(git -C "$TOP" log -1 --format='%h of %cs' "$other") here"
	note "to remove it: git -C $TOP worktree add" \
		"/tmp/vcompound-$(git -C "$TOP" rev-parse --short "$other") $other," \
		"then ./apply --revert there"
}

# options FILE...: NAME and prompt of each Kconfig entry that has one
options() { awk '$1 ~ /^(menu)?config$/ { n = $2 } $1 ~ /^(bool|tristate)$/ &&
	split($0, t, "\"") > 1 { printf "  CONFIG_%-22s %s\n", n, t[2] }'; }

# say_next: how to configure, test and commit
say_next() {
	local f
	note "Options that are new (make menuconfig):"
	for f in "${touch[@]}"; do
		case $f in *Kconfig*) comm -13 <(r show "$before:$f" | options |
			sort) <(options <"$tree/$f" | sort) ;; esac
	done
	note "To test the tree, here: TREE=$tree make kunit, TREE=$tree make boot"
	[ -e "$tree/.git" ] || return 0
	note "To commit it, as new files are not tracked yet:"
	note "  git -C $tree add ${adds[*]}"
	note "  git -C $tree commit -a"
}
