# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# One patch of the series as a mail of its own.

t_mbox_one_patch_alone() {
	local f said
	f=$("$S/series/mbox" --only e1000-use-it --for net 2>/dev/null)
	same "$f" "$VCP_TOP/out/7.3/e1000-use-it.patch"
	grep -qx 'Subject: \[PATCH net\] e1000: use it' "$f" || fails "$(head -5 "$f")"
	grep -qx 'One user.' "$f" || fails "no text"
	grep -qx \
		"base-commit: $(git --git-dir="$VCP_CACHE/bases.git" rev-parse refs/vcp/base/7.3)" "$f" || fails "no base commit"
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
