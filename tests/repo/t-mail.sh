# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The series as mail, and one patch of it as a mail of its own.

t_mbox_round_trip() {
	local out said
	said=$(V=3 "$S/series/mbox" --verify 2>&1)
	out=$VCP_TOP/out/7.3
	grep -q 'gives the tree of the import' <<<"$said" || fails "$said"
	same "$(find "$out" -name 'v3-000[0-4]-*.patch' | wc -l)" 5 "mails"
	grep -qx 'Subject: \[PATCH v3 0/4\] toy: a series' "$out"/v3-0000-* ||
		fails "$(head -5 "$out"/v3-0000-*)"
	grep -qx 'It is a toy.' "$out"/v3-0000-* || fails "no text in the cover letter"
	! grep -q '\*\*\*' "$out"/v3-0000-* || fails "a place in the cover letter was not filled"
	grep -qx \
		"base-commit: $(git --git-dir="$VCP_CACHE/bases.git" rev-parse refs/vcp/base/7.3)" \
		"$out"/v3-* || fails "no base commit"
	! grep -rqE '^(Signed-off-by|To):|MINE|^-- $' "$out" ||
		fails "the user's configuration shows"
	(cd "$out" && sha256sum -- *) >before
	"$S/series/mbox" 2>/dev/null; V=3 "$S/series/mbox" 2>/dev/null
	(cd "$out" && sha256sum -c --quiet ../../../before) || fails "not the same mails twice"
}
t_mbox_on_a_full_clone() { # with the configuration of a reader
	local id
	"$S/series/mbox" >/dev/null 2>said && id=$("$S/series/series-import")
	dev clone -q --bare "$VCP_CACHE/bases.git" clone.git
	dev -C clone.git fetch -q "$VCP_CACHE/bases.git" refs/vcp/base/7.3:refs/heads/base
	dev clone -q -b base clone.git reader
	# D24: the command that it prints
	grep -q 'without the cover letter: git am ' said || fails "$(cat said)"
	dev -C reader config user.name 'Toy Developer' &&
		dev -C reader config user.email toy@example.org
	(cd reader && GIT_CONFIG_GLOBAL=/dev/null eval \
		"$(sed -n 's/.*cover letter: //p' ../said)" >/dev/null)
	same "$(dev -C reader rev-parse 'HEAD^{tree}')" \
		"$(git --git-dir="$VCP_CACHE/bases.git" rev-parse "$id^{tree}")"
}
t_git_am_takes_a_patch_file() {
	dev -C "$W" checkout -q --detach refs/vcp/base
	dev -C "$W" am -q "$VCP_TOP/patches/mm-vmalloc-hook.patch"
	same "$(dev -C "$W" log -1 --format=%s)" 'mm: vmalloc: hook'
}
t_mbox_one_patch_alone() {
	local f said
	f=$("$S/series/mbox" --only e1000-use-it --for net 2>/dev/null)
	same "$f" "$VCP_TOP/out/7.3/e1000-use-it.patch"
	grep -qx 'Subject: \[PATCH net\] e1000: use it' "$f" || fails "$(head -5 "$f")"
	grep -qx 'One user.' "$f" || fails "no text"
	grep -qx \
		"base-commit: $(git --git-dir="$VCP_CACHE/bases.git" rev-parse refs/vcp/base/7.3)" \
		"$f" || fails "no base commit"
	! grep -q '^prerequisite-patch-id' "$f" || fails "it is said to need others"
	! grep -qE '^(Signed-off-by|To):|MINE|^-- $' "$f" || fails "the user's configuration shows"
	dev -C "$W" checkout -q --detach refs/vcp/base
	dev -C "$W" am -q "$f"
	same "$(dev -C "$W" diff --name-only refs/vcp/base HEAD)" drivers/e1000.c
	# a new file comes with its patch; a version; without a tree; the series as mail is left
	# alone
	"$S/series/mbox" >/dev/null 2>&1
	f=$(V=2 "$S/series/mbox" --only Documentation-only-a-new-file 2>/dev/null)
	grep -q '^Subject: \[PATCH v2\] Documentation' "$f" && grep -qx '+words' "$f" ||
		fails "$(cat "$f")"
	same "$(find "$VCP_TOP/out/7.3" -name 'v1-*' | wc -l)" 5 "the mails of the series"
	refused "no patch 'e1000' in the series" "$S/series/mbox" --only e1000
	refused '^mbox: --for needs --only' "$S/series/mbox" --for net
	refused '^mbox: --only needs a value' "$S/series/mbox" --only
}
t_mbox_one_patch_that_needs_another() {
	sed -i 's/^converted;/converted twice;/' "$W/drivers/e1000.c"
	commit '2030-01-05 10:00:00 +0000' 'e1000: use it twice'
	"$S/series/series-export" 2>/dev/null
	local said rc=0
	said=$("$S/series/mbox" --only e1000-use-it-twice 2>&1) || rc=$?
	[ $rc != 0 ] && grep -qx 'mbox: e1000-use-it-twice does not apply to base 7.3 alone' \
		<<<"$said" || fails "$rc: $said"
	[ ! -e "$VCP_TOP/out/7.3/e1000-use-it-twice.patch" ] || fails "written all the same"
}
