# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2153
# The kernel trees of the cache and what is built from them, and who holds them. Sourced by lib.sh, never run.

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
		if [ ! "/proc/self/fd/$fd" -ef "$file" ]; then # clean removed it in between
			exec {fd}>&-
			exec {fd}>"$file" || die "cannot write $file: is the disk full?"
			continue
		fi
		[ "$(tree_at)" != "$commit" ] || return 0
		flock -u "$fd"
		flock -n "$fd" || { note "waiting for a build of another series in $1"; flock "$fd"; }
		# as the only one; then look again, with others
		[ ! "/proc/self/fd/$fd" -ef "$file" ] || move_tree "$1" "$commit"
		[ "$(tree_at)" = "$commit" ] || [ ! "/proc/self/fd/$fd" -ef "$file" ] ||
			die "$TREE_DIR does not become $commit: remove it"
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
