# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# Trees of versions that nobody tested. What is used here is in t-mail.sh.

t_apply_untested_version() { # every hunk fits there, which shows nothing
	local before
	toy_kernel old 1
	before=$(all old)
	for option in --check ''; do
		code 5 "$A" ${option:+"$option"} old
		grep -qx 'warning: linux 7.1.4 is not tested (tested: 7.2.4 7.3.4): a hunk that fits .*' <<<"$said" ||
			fails "$option: $said"
		! grep -qE '^(fits|applied)' <<<"$said" || fails "$option: $said"
	done
	same "$(all old)" "$before" "something was changed"
	code 0 "$A" --untested old
	grep -q '^applied: ' <<<"$said" && grep -q '^warning: linux 7.1.4 is not tested' <<<"$said" || fails "$said"
	code 0 "$A" --revert old # what was applied comes off without a word about versions
	! grep -q 'not tested' <<<"$said" || fails "$said"
	same "$(all old)" "$before" "--revert is not exact"
	sed -i 's/^SUBLEVEL.*/SUBLEVEL = 0\nEXTRAVERSION = -rc5/; s/^PATCHLEVEL.*/PATCHLEVEL = 3/' old/Makefile
	code 5 "$A" --check old
	grep -q '^warning: linux 7.3.0-rc5 is not tested' <<<"$said" || fails "$said"
}
t_apply_another_stable_release() { # likely right, and said all the same
	toy_kernel later 3
	sed -i 's/^SUBLEVEL.*/SUBLEVEL = 9/' later/Makefile
	code 0 "$A" --check later
	grep -qx 'warning: linux 7.3.9 is not tested (tested: 7.2.4 7.3.4)' <<<"$said" || fails "$said"
	grep -q '^fits: ' <<<"$said" || fails "$said"
	toy_kernel plain 3
	code 0 "$A" --check plain
	! grep -q 'not tested' <<<"$said" || fails "$said"
	# patches of another base than the tree's version
	BASE=7.2 code 5 "$A" --check plain
}
