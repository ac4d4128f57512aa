# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2153
# The cache: its mark, its locks, the kernel trees in it. Sourced by lib.sh, never run.

# The cache has a mark, so that nothing is put into or removed from a folder of somebody else.
# One that is older than the mark has a git store with a setting of the scripts.
is_cache() { grep -qs '^# cache of vcompound' "$CACHE/CACHEDIR.TAG" || grep -qs '^\[vcp-' "$CACHE/bases.git/config"; }
make_cache() {
	local why
	! is_cache || return 0
	why=$(mkdir -p -- "$CACHE" 2>&1) || die "cannot make the cache: ${why#mkdir: }; VCP_CACHE= names another folder"
	# the mark comes first: another run that makes the cache as well has it by the time of the second look
	[ -z "$(find "$CACHE" -mindepth 1 -maxdepth 1 ! -name 'CACHEDIR.TAG*' -print -quit)" ] || is_cache ||
		die "$CACHE holds files of others: VCP_CACHE= names a folder that is empty, or not there yet"
	why=$({ printf '%s\n' 'Signature: 8a477f597d28d172789f06886806bc55' \
		'# cache of vcompound: what its scripts make, and make clean removes' >"$CACHE/CACHEDIR.TAG.$$" &&
		mv -f "$CACHE/CACHEDIR.TAG.$$" "$CACHE/CACHEDIR.TAG"; } 2>&1) || die "cannot write to the cache: ${why##*: line *: }"
}

# A folder that goes away with the script, on the file system of the cache.
tmp_dir() {
	lock use shared # clean looks for it
	TMP=$(mktemp -d "$CACHE/tmp.XXXXXX") || die "cannot write to $CACHE: is the disk full?"
	trap 'rm -rf "$TMP"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
}

# lock NAME|FILE [shared]: one at a time, or many that only read; the lock goes with the process.
lock() {
	local fd file=$CACHE/$1.lock flags=(${2:+-s})
	[[ $1 != /* ]] || file=$1
	make_cache
	while :; do
		exec {fd}>>"$file" || die "cannot write $file: is the disk full?"
		flock -n "${flags[@]}" "$fd" || { note "waiting for another run that holds $1"; flock "${flags[@]}" "$fd"; }
		[ ! "/proc/self/fd/$fd" -ef "$file" ] || break # clean may have removed it in between
		exec {fd}>&-
	done
	# shellcheck disable=SC2034 # the caller's
	LOCK_FD=$fd
}

# make_checkout DIR TEXT: a clone that borrows the objects of the git store, with
# the base checked out; made aside and renamed, so half a tree is never a tree.
make_checkout() {
	if [ -d "$1" ]; then return 0; fi
	local base new=$1.tmp
	base=$(git --git-dir="$BASES" rev-parse "refs/vcp/base/$BASE")
	rm -rf "$new"
	mkdir -p "$new" && git init -q --template= "$new" 2>/dev/null || die "cannot write to $CACHE: disk full? free some space or set VCP_CACHE"
	# by a relative name: the cache may move
	echo ../../../bases.git/objects >"$new/.git/objects/info/alternates"
	git -C "$new" update-ref refs/vcp/base "$base"
	step "$2" "$CACHE/log/checkout-$BASE" git -C "$new" checkout -q --detach "$base" ||
		die "cannot check out base $BASE into $CACHE: disk full?"
	mv "$new" "$1"
}

# hold_tree NAME [COMMIT]: the checkout NAME of the cache at that commit (the series), in TREE_DIR.
# It stays there until the script and all that it started have ended: others wait that want another.
hold_tree() {
	local want=${2:-} commit file=$CACHE/$1.lock fd
	# what the script starts would wait for the script itself, if the series were another one by then
	[ -n "$want" ] || { want=$(series_id) || exit; export VCP_SERIES=$want; }
	TREE_DIR=$CACHE/$1
	commit=$(git --git-dir="$BASES" rev-parse -q --verify "$want^{commit}" 2>/dev/null) ||
		commit=$(git -C "$TREE_DIR" rev-parse -q --verify "$want^{commit}" 2>/dev/null) || die "no commit $want in $BASES"
	make_cache
	exec {fd}>"$file" || die "cannot write $file: is the disk full?"
	while :; do
		flock -s "$fd"
		[ "$(tree_at)" != "$commit" ] || return 0
		flock -u "$fd"
		flock -n "$fd" || { note "waiting for a build of another series in $1"; flock "$fd"; }
		move_tree "$1" "$commit" # as the only one; then look again, with others
		[ "$(tree_at)" = "$commit" ] || die "$TREE_DIR does not become $commit: remove it"
		flock -u "$fd"
	done
}

# tree_at: the commit of $TREE_DIR, if all its files are as that has them. Ignored files do not count:
# checkpatch leaves one, and make itself refuses a tree that has been built in.
tree_at() {
	local g=(git --no-optional-locks -C "$TREE_DIR")
	[ -d "$TREE_DIR" ] && [ -z "$("${g[@]}" status --porcelain 2>&1 | head -n 1)" ] || return 0
	"${g[@]}" rev-parse -q --verify HEAD
}

# move_tree NAME COMMIT: only files that differ are touched, so builds stay incremental. The tree is
# the scripts' own: changes made in it by hand are undone.
move_tree() {
	local g=(git -C "$TREE_DIR")
	make_checkout "$TREE_DIR" "checking out $1"
	rm -f "$TREE_DIR/.git/index.lock" # of a run that was killed; the lock is ours
	"${g[@]}" update-index -q --refresh >/dev/null || true # same content, other date: not a difference
	"${g[@]}" checkout -q -f --detach "$2" || die "cannot check out $2 in $TREE_DIR: disk full?"
	"${g[@]}" clean -q -ffdx || die "cannot clean $TREE_DIR"
}

# series_id: of the series as it is now; it must be that of the run that this is a part of.
series_id() {
	local id
	id=$("$SCRIPTS/series-import" | tail -n 1) || exit
	[ "$id" = "${VCP_SERIES:-$id}" ] || die "the series changed during the run: it was ${VCP_SERIES::12}, now it is ${id::12}"
	printf '%s\n' "$id"
}

# identity TREE: commit and tree of the sources; a tree without git is told by its path alone
identity()
{
	local g=(git --no-optional-locks -C "$1") ids
	if [ ! -e "$1/.git" ] || ! ids=$("${g[@]}" rev-parse HEAD 'HEAD^{tree}' 2> /dev/null); then
		echo "path $1"
		return 0
	fi
	printf 'commit %s\ntree %s\n' "${ids%%$'\n'*}" "${ids##*$'\n'}"
	"${g[@]}" diff --quiet HEAD -- || printf 'changes %s\n' "$("${g[@]}" diff HEAD -- | cksum | cut -d' ' -f1)"
}

# build_folder NAME: where TREE and BASE have the kernel of that scenario built
build_folder() {
	local out=$CACHE/build-$BASE-$1
	case ${TREE:-} in
	'') ;;
	work) out+=.work ;;
	*) out+=.$(cd "$TREE" && pwd | tr -d '\n' | cksum | cut -d' ' -f1) || die "no tree at TREE=$TREE" ;;
	esac
	printf '%s\n' "$out"
}

# hold_build NAME: builds the kernel of a scenario. IMAGE is its path, BUILD_FD the lock: until that
# is closed, or the script has ended, nobody builds there again.
hold_build() {
	local folder was
	built_there() { stat -c '%i %Y %s' "$IMAGE" && cat "$folder"/.{config,tree}; }
	folder=$(build_folder "$1")
	make_cache
	mkdir -p "$folder" && exec {BUILD_FD}>"$folder/.lock" || die "cannot write to $folder: is the disk full?"
	while :; do
		IMAGE=$(VCP_BUILD_FD=$BUILD_FD "$SCRIPTS/kbuild" "$1" | tail -n 1) || return
		folder=${IMAGE%/arch/x86/boot/bzImage}
		[ "$folder" != "$IMAGE" ] || folder=${IMAGE%/*}
		was=$(built_there)
		# from the only one to one of many: somebody who waited may come in between
		flock -s "$BUILD_FD"
		[ "$(built_there)" != "$was" ] || return 0
	done
}
