# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2153
# The kernel trees of the cache, the builds from them, and their locks. Sourced by lib.sh, never
# run.

# make_checkout DIR TEXT: a clone that uses the objects of the git store, with the base checked
# out. It is made under another name and renamed, so a partial tree is never used.
make_checkout() {
	if [ -d "$1" ]; then return 0; fi
	local base new=$1.tmp
	base=$(git --git-dir="$BASES" rev-parse "refs/vcp/base/$BASE")
	rm -rf "$new"
	mkdir -p "$new" && git init -q --template= "$new" 2>/dev/null ||
		die "cannot write to $CACHE: disk full? free some space or set VCP_CACHE"
	# a relative path: the cache may move
	echo ../../../bases.git/objects >"$new/.git/objects/info/alternates"
	git -C "$new" update-ref refs/vcp/base "$base"
	step "$2" "$CACHE/log/checkout-$BASE" git -C "$new" checkout -q --detach "$base" ||
		die "cannot check out base $BASE into $CACHE: disk full?"
	mv "$new" "$1"
}

# hold_tree NAME [COMMIT]: the checkout NAME of the cache at that commit (the series), in TREE_DIR.
# It stays there until the script and its children have ended: runs that need another commit wait.
hold_tree() {
	local want=${2:-} commit file=$CACHE/$1.lock fd
	# children would wait for the script itself, if the series changed in between
	[ -n "$want" ] || { want=$(series_id) || exit; export VCP_SERIES=$want; }
	TREE_DIR=$CACHE/$1
	commit=$(git --git-dir="$BASES" rev-parse -q --verify "$want^{commit}" 2>/dev/null) ||
		commit=$(git -C "$TREE_DIR" rev-parse -q --verify "$want^{commit}" \
		2>/dev/null) || die "no commit $want in $BASES"
	make_cache
	exec {fd}>"$file" || die "cannot write $file: is the disk full?"
	while :; do
		flock -s "$fd"
		if [ ! "/proc/self/fd/$fd" -ef "$file" ]; then # clean removed it
			exec {fd}>&-
			exec {fd}>"$file" || die "cannot write $file: is the disk full?"
			continue
		fi
		[ "$(tree_at)" != "$commit" ] || return 0
		flock -u "$fd"
		flock -n "$fd" ||
			{ note "waiting for a build of another series in $1"; flock "$fd"; }
		# exclusively; then check again, shared
		[ ! "/proc/self/fd/$fd" -ef "$file" ] || move_tree "$1" "$commit"
		[ "$(tree_at)" = "$commit" ] || [ ! "/proc/self/fd/$fd" -ef "$file" ] ||
			die "$TREE_DIR does not become $commit: remove it"
		flock -u "$fd"
	done
}

# tree_at: the commit of $TREE_DIR, if its files are unchanged. Ignored files do not count:
# checkpatch leaves one, and make itself refuses a tree that has been built in.
tree_at() {
	local g=(git --no-optional-locks -C "$TREE_DIR")
	[ -d "$TREE_DIR" ] && [ -z "$("${g[@]}" status --porcelain 2>&1 | head -n 1)" ] || return 0
	"${g[@]}" rev-parse -q --verify HEAD
}

# move_tree NAME COMMIT: touches only files that differ, so builds stay incremental. The tree
# belongs to the scripts: manual changes in it are undone.
move_tree() {
	local g=(git -C "$TREE_DIR")
	make_checkout "$TREE_DIR" "checking out $1"
	rm -f "$TREE_DIR/.git/index.lock" # of a killed run; this script holds the lock
	# ignore dates if the content is equal
	"${g[@]}" update-index -q --refresh >/dev/null || true
	"${g[@]}" checkout -q -f --detach "$2" || die "cannot check out $2 in $TREE_DIR: disk full?"
	"${g[@]}" clean -q -ffdx || die "cannot clean $TREE_DIR"
}

# series_id: the id of the series now; within a larger run it must be the id of that run.
series_id() {
	local id
	id=$("$SCRIPTS/series/series-import" | tail -n 1) || exit
	[ "$id" = "${VCP_SERIES:-$id}" ] ||
		die "the series changed during the run: it was ${VCP_SERIES::12}, now it is" \
			"${id::12}"
	printf '%s\n' "$id"
}

# identity TREE: commit and tree of the sources; for a tree without git, its path
identity() {
	local g=(git --no-optional-locks -C "$1") ids
	if [ ! -e "$1/.git" ] || ! ids=$("${g[@]}" rev-parse HEAD 'HEAD^{tree}' 2>/dev/null); then
		echo "path $1"
		return 0
	fi
	printf 'commit %s\ntree %s\n' "${ids%%$'\n'*}" "${ids##*$'\n'}"
	"${g[@]}" diff --quiet HEAD -- ||
		printf 'changes %s\n' "$("${g[@]}" diff HEAD -- | cksum | cut -d' ' -f1)"
}

# build_folder NAME: where the kernel of that scenario is built, for TREE and BASE
build_folder() {
	local out=$CACHE/build-$BASE-$1
	case ${TREE:-} in
	'') ;;
	work) out+=.work ;;
	*) out+=.$(cd "$TREE" && pwd | tr -d '\n' | cksum | cut -d' ' -f1) ||
		die "no tree at TREE=$TREE" ;;
	esac
	printf '%s\n' "$out"
}

# hold_build NAME: builds the kernel of a scenario. IMAGE is its path, BUILD_FD the lock: no other
# run builds there until it is closed or the script has ended.
hold_build() {
	local folder was
	built_there() { stat -c '%i %Y %s' "$IMAGE" && cat "$folder"/.{config,tree}; }
	folder=$(build_folder "$1")
	make_cache
	mkdir -p "$folder" && exec {BUILD_FD}>"$folder/.lock" ||
		die "cannot write to $folder: is the disk full?"
	while :; do
		IMAGE=$(VCP_BUILD_FD=$BUILD_FD "$SCRIPTS/kernel/kbuild" "$1" | tail -n 1) || return
		folder=${IMAGE%/arch/x86/boot/bzImage}
		[ "$folder" != "$IMAGE" ] || folder=${IMAGE%/*}
		was=$(built_there)
		# from exclusive to shared: a waiting run may get the lock in between
		flock -s "$BUILD_FD"
		[ "$(built_there)" != "$was" ] || return 0
	done
}
