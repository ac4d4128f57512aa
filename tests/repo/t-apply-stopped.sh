# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2016
# ./apply stopped or killed at any moment. all() and code() are in t-apply.sh.

# victim: every program that ./apply starts can stop it; the number in the file moment says which
# call does
victim() {
	mkdir bin
	for c in git cat cp mv rm rmdir mkdir chmod realpath sed awk; do
		printf \
			'#!/bin/bash\nexec 9<%q\nflock 9\nn=$(($(cat %q) - 1))\necho $n >%q\nexec 9<&-\n' \
			"$PWD" "$PWD/moment" "$PWD/moment"
		printf '[ $n != 0 ] || pkill -"$SIG" "$HOW" "$VICTIM"\nexec %q "$@"\n' \
			"$(command -v $c)"
	done | awk -v dir=bin 'BEGIN {
		split("git cat cp mv rm rmdir mkdir chmod realpath sed awk", name) }
		/^#!/ { file = dir "/" name[++i] } { print > file }'
	sed -i 's|n=$(($(cat |n=$(($(/bin/cat |' bin/*
	chmod +x bin/*
}
# stopped SIG N ARG...: a run that gets the signal at its Nth program; status is how it ended
stopped() {
	local sig=$1 how=-s
	echo "$2" >moment
	status=0
	# as a terminal does it, the group, or everything at once
	[ "$sig" = KILL ] || how=-g
	HOW=$how SIG=$sig PATH=$PWD/bin:$PATH setsid --wait bash -c 'VICTIM=$$ exec "$@"' - "$A" \
		"${@:3}" >said 2>&1 || status=$?
	# its children were killed, too, but may not have ended: they hold its lock
	flock "${@: -1}" true
}
# calls ARG...: how many programs such a run starts
calls() {
	stopped INT 100000 "$@"
	echo $((100000 - $(cat moment)))
}
t_apply_B9_interrupted() { # at each moment: the tree as it was, or complete
	local before after n=1 status stops=0
	toy_kernel tree 3
	before=$(all tree)
	code 0 "$A" tree; after=$(all tree); code 0 "$A" --revert tree
	victim
	while :; do
		stopped INT $n tree
		[ "$(cat moment)" -le 0 ] || break # it came to its end before
		case $(all tree) in
		"$before") [ "$status" = 130 ] || fails "moment $n: nothing changed, exit code" \
			"$status: $(cat said)"; stops=$((stops + 1)) ;;
		"$after") [ "$status" = 0 ] || fails "moment $n: complete, exit code $status:" \
			"$(cat said)"; "$A" --revert tree 2>/dev/null ;;
		*) fails "moment $n: half of it: $(diff <(echo "$before") <(all tree))" ;;
		esac
		n=$((n + 2))
	done
	[ $stops -gt 20 ] || fails "only $stops moments"
	"$A" --revert tree 2>/dev/null
	for sig in TERM HUP; do
		stopped $sig $((stops / 2)) tree
		same "$status" 143 "$sig: $(cat said)"
		same "$(all tree)" "$before" "$sig"
	done
}
t_apply_B14_killed() { # at each moment: the next run finishes it, or nothing has begun
	local before after n status halves=0
	toy_kernel tree 3
	before=$(all tree)
	victim
	n=$(($(calls tree) - 32)) # the calls that touch the tree come last
	after=$(all tree); code 0 "$A" --revert tree
	while :; do
		stopped KILL $n tree
		[ "$(cat moment)" -le 0 ] || break
		if [ -e tree/.vcp-journal ]; then
			halves=$((halves + 1))
			code 1 "$A" --check tree
			grep -q 'an earlier run was killed half-way' <<<"$said" ||
				fails "moment $n: $said"
			rm -rf "$VCP_CACHE/bases.git"
			code 3 "$A" tree
			grep -q 'finished what an earlier run had begun' <<<"$said" ||
				fails "moment $n: $said"
			same "$(all tree)" "$after" "moment $n: not complete"
		fi
		code '[03]' "$A" --revert tree
		same "$(all tree)" "$before" "moment $n: not as it was"
		n=$((n + 1))
	done
	[ $halves -gt 3 ] || fails "only $halves moments within the renames"
}
t_apply_B14_revert_killed() {
	local before n status halves=0
	toy_kernel tree 3
	before=$(all tree)
	victim
	code 0 "$A" tree
	n=$(($(calls --revert tree) - 24))
	code 0 "$A" tree
	while :; do
		stopped KILL $n --revert tree
		[ "$(cat moment)" -le 0 ] || break
		if [ -e tree/.vcp-journal ]; then
			halves=$((halves + 1))
			code 3 "$A" --revert tree
			grep -q 'finished what an earlier run had begun' <<<"$said" ||
				fails "moment $n: $said"
			same "$(all tree)" "$before" "moment $n: not as it was"
		fi
		code '[03]' "$A" tree
		n=$((n + 1))
	done
	[ $halves -gt 3 ] || fails "only $halves moments within the renames"
}
