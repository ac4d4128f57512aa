# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Import and export: each the exact inverse of the other.

snapshot() { (cd "$VCP_TOP" &&
	find src patches ! -type d -printf '%m %p ' -exec sha256sum {} \;) | sort; }
tree_of() { git --git-dir="$VCP_CACHE/bases.git" rev-parse "$1^{tree}"; }

t_export_import_identity() {
	local before id
	before=$(snapshot)
	id=$("$S/series/series-import")
	same "$id" "$(git -C "$W" rev-parse vcompound)" \
		"import gives another id than the exported branch"
	dev -C "$W" rebase -q --no-ff --force-rebase refs/vcp/base # other committers, other ids
	[ "$id" != "$(git -C "$W" rev-parse vcompound)" ] || fails "the rebase changed nothing"
	"$S/series/series-export"
	same "$(snapshot)" "$before" "a second export differs"
	same "$(git -C "$W" rev-parse vcompound)" "$id" \
		"export does not give the canonical ids back"
	same "$(git -C "$W" status --porcelain)" "" "the work tree is dirty after export"
}
t_same_ids_in_a_fresh_cache() {
	local id
	id=$("$S/series/series-import")
	rm -rf "$VCP_CACHE/bases.git"
	same "$("$S/series/series-import")" "$id"
}
t_new_files_survive() { # the package's .gitignore hides them, and so does the user's
	same "$(cd "$VCP_TOP/src" && find . -type f -perm -100 | sort)" ./scripts/check.sh \
		"executables"
	same "$(cd "$VCP_TOP/src" && find . -type f | sort | tr '\n' ' ')" \
		"./Documentation/mm/vcompound.rst ./mm/vcompound.c ./scripts/check.sh "
	local id
	id=$("$S/series/series-import")
	same "$(git --git-dir="$VCP_CACHE/bases.git" ls-tree "$id" scripts/check.sh | cut -c1-6)" \
		100755
	same "$(git --git-dir="$VCP_CACHE/bases.git" ls-tree "$id" link.c | cut -c1-6)" 120000
}
t_patch_files_are_pinned() {
	local p=$VCP_TOP/patches/mm-vmalloc-hook.patch
	grep -qx 'diff --git a/mm/vmalloc.c b/mm/vmalloc.c' "$p" || fails "prefixes"
	grep -qxE 'index [0-9a-f]{12}\.\.[0-9a-f]{12} 100644' "$p" || fails "index line"
	grep -qx '@@ -18,7 +18,7 @@ void vfree(void)' "$p" || fails "hunk heading or context"
	! grep -rq 'Signed-off-by' "$VCP_TOP/patches" || fails "signed off"
	grep -qx 'Adds: mm/vcompound.c' "$VCP_TOP"/patches/mm-vcompound-*.patch || fails "Adds"
	for p in "$VCP_TOP"/patches/*.patch; do
		p=${p##*/}; [ ${#p} -le 66 ] || fails "$p is longer than 60"
	done
}
t_series_keeps_chapters() {
	sed -i 's/^Documentation-only/# chapter: words\n&/; s/^e1000/# chapter: drivers\n&/' \
		"$VCP_TOP/patches/series"
	sed -i '/^# chapter: words/i only-on-the-other [7.2]' "$VCP_TOP/patches/series"
	"$S/series/work-tree" >/dev/null
	printf 'more\n' >>"$W/mm/Kconfig"
	commit '2030-02-01 10:00:00 +0000' 'mm: Kconfig: an option'
	"$S/series/series-export"
	same "$(sed -n '/words/,$p' "$VCP_TOP/patches/series" | tr '\n' ';')" \
		"$(printf '%s;' '# chapter: words' Documentation-only-a-new-file \
		'# chapter: drivers' e1000-use-it mm-Kconfig-an-option '' '# chapter: users')"
	grep -qx 'only-on-the-other \[7.2\]' "$VCP_TOP/patches/series" ||
		fails "the other base's line is lost"
}
t_notes_survive() {
	sed -i 's/^---$/---\nUpstream: not posted\n\nv2: better/' \
		"$VCP_TOP/patches/mm-vmalloc-hook.patch"
	"$S/series/work-tree" >/dev/null
	dev -C "$W" rebase -q --no-ff --force-rebase refs/vcp/base
	sed -i 's/b line 3;/b line three;/' "$W/mm/vmalloc.c"
	dev -C "$W" commit -qa --fixup=":/hook"
	refused 'not folded' "$S/series/series-export"
	GIT_SEQUENCE_EDITOR=true dev -C "$W" rebase -q -i --autosquash refs/vcp/base
	"$S/series/series-export"
	same "$(sed -n '/^---$/,/^ mm/p' "$VCP_TOP/patches/mm-vmalloc-hook.patch" | tr '\n' ';')" \
		'---;Upstream: not posted;;v2: better;; mm/vmalloc.c | 4 ++--;'
}
t_removed_patch_goes() {
	dev -C "$W" reset -q --hard HEAD~2
	"$S/series/series-export"
	[ ! -e "$VCP_TOP/patches/e1000-use-it.patch" ] || fails "the patch file is still there"
	[ ! -e "$VCP_TOP/src/Documentation" ] || fails "the new file is still there"
	! grep -q e1000 "$VCP_TOP/patches/series" || fails "still in the series"
}
t_export_refusals() {
	local before
	before=$(snapshot)
	echo x >>"$W/mm/Kconfig"
	refused 'uncommitted changes' "$S/series/series-export"
	refused 'uncommitted changes' "$S/series/work-tree"
	commit '2030-02-01 10:00:00 +0000' 'e1000: use it'
	refused 'another subject' "$S/series/series-export"
	refused '1 commits .* not exported' "$S/series/work-tree"
	dev -C "$W" commit -q --amend -m 'mm: a body that a mail cannot hold' -m '---' -m 'x'
	refused 'nothing was written' "$S/series/series-export"
	dev -C "$W" commit -q --amend -m 'mm: fine'
	echo 'int edited;' >>"$VCP_TOP/src/mm/vcompound.c"
	refused "changed since 'make work'" "$S/series/series-export"
	sed -i '$d' "$VCP_TOP/src/mm/vcompound.c"
	same "$(snapshot)" "$before" "a refused export wrote something"
	"$S/series/series-export"
}
t_work_takes_what_changed() {
	echo 'int edited;' >>"$VCP_TOP/src/mm/vcompound.c"
	"$S/series/work-tree" >/dev/null
	grep -q edited "$W/mm/vcompound.c" || fails "not updated"
	"$S/series/series-export"
	grep -q edited "$VCP_TOP/src/mm/vcompound.c" || fails "lost"
}
t_tree_touches_only_what_differs() {
	local t id
	t=$("$S/series/build-tree")
	id=$("$S/series/series-import")
	same "$(git -C "$t" rev-parse HEAD)" "$id"
	touch -d 2001-01-01 "$t/mm/Kconfig" "$t/mm/vmalloc.c"
	echo x >"$t/junk.o"; echo x >>"$t/drivers/e1000.c"
	"$S/series/build-tree" "$id~3" >/dev/null
	same "$(stat -c %y "$t/mm/Kconfig" | cut -c1-4)" 2001 "an unchanged file was written"
	[ "$(stat -c %y "$t/mm/vmalloc.c" | cut -c1-4)" != 2001 ] || fails "a changed file was not"
	same \
		"$(git -C "$t" -c core.excludesFile=/dev/null -c core.attributesFile=/dev/null \
		status --porcelain --ignored)" "" "not clean"
}
t_empty_series() {
	rm -rf "$VCP_TOP/patches" "$VCP_TOP/src"
	same "$("$S/series/series-import")" \
		"$(git --git-dir="$VCP_CACHE/bases.git" rev-parse refs/vcp/base/7.3)"
	"$S/series/build-tree" >/dev/null
}
t_first_export_of_an_empty_series() { # no file of the order of patches yet, or an empty one
	local round
	for round in none empty; do
		rm -rf "$VCP_TOP/patches" "$VCP_TOP/src"
		[ $round = none ] || { mkdir "$VCP_TOP/patches"; : >"$VCP_TOP/patches/series"; }
		"$S/series/work-tree" >/dev/null
		echo more >>"$W/mm/Kconfig"
		commit '2030-02-01 10:00:00 +0000' 'mm: Kconfig: the first of all'
		"$S/series/series-export"
		same "$(grep -v '^#' "$VCP_TOP/patches/series" | tr -d '\n')" \
			mm-Kconfig-the-first-of-all "$round"
		same "$("$S/series/series-import")" "$(git -C "$W" rev-parse vcompound)" "$round"
	done
}
