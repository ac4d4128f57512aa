# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2153,SC2154,SC2034
# The parts of ./apply: the patches are tried on copies of the files of a tree; the tree gets the
# result; messages say what to do next. Sourced by it, never run.

r() { git -C "$TMP/r" "$@"; } # the copies

# get_patches: sets all_files (patches), adds (new files) and touch (changed files)
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
	# src/ has the final new files: hunks for them are left out
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
	while read -r name; do
		files+=("$TMP/$name.patch")
	done < <(series_names "$TMP/series" "$BASE")
}

# get_copies: copies the files that the series touches to a store with access to the objects of the
# tree and of the cache: a 3-way merge needs the blobs that the hunks name.
get_copies() {
	local f
	git init -q --template= "$TMP/r"
	{
		[ ! -e "$tree/.git" ] ||
			git -C "$tree" rev-parse --path-format=absolute --git-path objects \
				2>/dev/null || true
		[ ! -d "$BASES/objects" ] || echo "$BASES/objects"
	} >"$TMP/r/.git/objects/info/alternates"
	for f in "${touch[@]}"; do
		[ -f "$tree/$f" ] || continue
		mkdir -p "$TMP/r/$(dirname "$f")"
		cp --preserve=mode "$tree/$f" "$TMP/r/$f"
		chmod u+rw "$TMP/r/$f"
	done
	r add -f -A
	before=$(r write-tree)
}

backwards() { # reverts all hunks
	local i name
	for ((i = ${#files[@]} - 1; i >= 0; i--)); do
		! grep -q '^diff --git' "${files[i]}" ||
			r apply --index -R "${files[i]}" 2>>"$TMP/err" ||
			r apply --index --3way -R "${files[i]}" >>"$TMP/err" 2>&1 || {
			name=$(basename "${files[i]}")
			sed -n "s|^error: patch failed: \(.*\)|cannot be reverted: \1 ($name)|p" \
				"$TMP/err" | sort -u >"$TMP/why"
			return 1
		}
	done
}

# find_applied: none, all or core (without users) of the series is applied, and reverted in the
# copies; or other, another version; or changed, the series with changes.
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
		# a merge would also revert a patch that is not applied
		if [ ${#users[@]} = 0 ] ||
			! r apply --check --cached "${users[@]}" 2>/dev/null; then
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

# one patch: as it is, else 3-way, else a line for every hunk that does not fit
forwards() {
	local was name
	grep -q '^diff --git' "$1" || return 0
	was=$(r write-tree)
	! r apply --index "$1" 2>/dev/null || return 0
	if r apply --index --3way "$1" >/dev/null 2>&1; then
		note "merged 3-way: $(basename "$1")"; return 0
	fi
	r read-tree --reset -u "$was"
	r apply --reject "$1" 2>"$TMP/err" || true
	name=$(basename "$1")
	sed -n "s|^error: patch failed: \(.*\)|does not fit: \1 ($name)|p
		s|^error: \(.*\): No such file.*|does not fit: \1 is missing ($name)|p" \
		"$TMP/err" >&2
	find "$TMP/r" -name '*.rej' -delete
	r add -f -A
	return 1
}

# find_version: release and base of the tree, and how far it is from the tested versions
number() { sed -n "s/^$1 = *\([0-9]\{1,\}\)$/\1/p" "$tree/Makefile" | head -n 1; }
find_version() {
	version=$(number VERSION) level=$(number PATCHLEVEL)
	release=$version.$level.$(number SUBLEVEL)
	release+=$(sed -n 's/^EXTRAVERSION = *//p' "$tree/Makefile" | head -n 1)
	[ -n "$version" ] && [ -n "$level" ] && [ -d "$tree/mm" ] ||
		die "$tree is not a kernel tree"
	[ -z "$WANT_BASE" ] && BASE=$(bases | awk -F . -v v="$version" -v l="$level" '
		{ d = ($1 - v) * 1000 + $2 - l; if (d < 0) d = -d }
		best == "" || d < min { best = $0; min = d }
		END { print best }')
	base_conf
	note "linux $version.$level in $tree; patches of base $BASE"
	# The versions of all bases, and how far the tree is from that of its patches.
	tested=$(cd "$TOP/bases" && sed -n 's/^KVER=//p' -- *.conf | sort -V | paste -sd ' ')
	case $release in
	"$KVER") distance=none ;;
	*-rc*) distance=version ;;
	"${KVER%.*}".*) distance=release ;;
	*) distance=version ;;
	esac
}

# How a tree is changed: new files are written beside the old ones, and a journal lists the renames
# and removals, which are then done. Without a journal nothing has been changed; with one, the next
# run finishes it.
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
	note "to remove it: git -C $(printf %q "$TOP") worktree add" \
		"/tmp/vcompound-$(git -C "$TOP" rev-parse --short "$other") $other," \
		"then ./apply --revert there"
}

# options FILE...: NAME and prompt of each Kconfig entry that has one
options() { awk '$1 ~ /^(menu)?config$/ { n = $2 } $1 ~ /^(bool|tristate)$/ &&
	split($0, t, "\"") > 1 { printf "  CONFIG_%-22s %s\n", n, t[2] }'; }

# say_next: how to configure, test and commit
say_next() {
	local f there
	printf -v there %q "$tree"
	note "Options that are new (make menuconfig):"
	for f in "${touch[@]}"; do
		case $f in *Kconfig*) comm -13 <(r show "$before:$f" | options |
			sort) <(options <"$tree/$f" | sort) ;; esac
	done
	note "To test the tree, here: TREE=$there make kunit, TREE=$there make boot"
	[ -e "$tree/.git" ] || return 0
	note "To commit it, as new files are not tracked yet:"
	note "  git -C $there add ${adds[*]}"
	note "  git -C $there commit -a"
}
