# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# Two cards of one driver, each in a network namespace, and traffic between them. Sourced. The
# caller sets driver, bytes and patience; transfer() needs /tmp/sent and its checksum in sent (by
# md5sum, which detects accidental changes in a third of the time of sha256sum).

# the shell would use busybox's ip, which has no namespaces
ip() { /usr/sbin/ip "$@"; }

a() { ip netns exec vcp-a "$@"; }
b() { ip netns exec vcp-b "$@"; }

# cards: names of the interfaces that the driver runs
cards() {
	for card in /sys/class/net/*; do
		[ -e "$card/device/driver" ] || continue
		[ "$(basename "$(readlink "$card/device/driver")")" = "$driver" ] &&
			basename "$card"
	done
}

two_cards() {
	# shellcheck disable=SC2046 # two words are wanted
	set -- $(cards)
	[ $# = 2 ] || return 1
	card_a=$1 card_b=$2
}

# knows WHERE CARD ADDRESS PEER PEER_CARD: no address resolution that can fail while a link is down
knows() {
	"$1" ip neigh replace "$3" dev "$2" nud permanent lladdr \
		"$("$4" cat "/sys/class/net/$5/address")"
}

# deaf_to WHERE CARD ADDRESS: frames for ADDRESS go to a card that does not exist
deaf_to() { "$1" ip neigh replace "$3" dev "$2" nud permanent lladdr 52:54:00:00:ff:ff; }

# impatient WHERE: TCP retries every second and does not give up: a link that resets is down for
# some seconds, also while a connection begins, and the sender may have closed its end by then
impatient() {
	"$1" sh -c \
		'cd /proc/sys/net/ipv4 && echo 1000 > tcp_rto_max_ms &&
		echo 120 > tcp_syn_retries &&
		echo 120 > tcp_synack_retries && echo 200 > tcp_retries2 &&
		echo 200 > tcp_orphan_retries'
}

into_namespaces() {
	ip netns add vcp-a && ip netns add vcp-b &&
		ip link set "$card_a" netns vcp-a && ip link set "$card_b" netns vcp-b &&
		a ip link set lo up && b ip link set lo up && impatient a && impatient b &&
		a ip addr add 10.11.12.1/24 dev "$card_a" &&
		b ip addr add 10.11.12.2/24 dev "$card_b" &&
		a ip link set "$card_a" up && b ip link set "$card_b" up &&
		knows a "$card_a" 10.11.12.2 b "$card_b" && knows b "$card_b" 10.11.12.1 a "$card_a"
}

# rings N: both cards; ethtool complains when nothing changes, so the result is read back
rings() {
	a ethtool -G "$card_a" rx "$1" tx "$1"
	b ethtool -G "$card_b" rx "$1" tx "$1"
	has_rings a "$card_a" "$1" && has_rings b "$card_b" "$1"
}

# has_rings WHERE CARD N: now, not at the most
has_rings() { [ "$("$1" ethtool -g "$2" | sed '1,/^Current/d' |
	grep -c "^[RT]X:[[:space:]]*$3\$")" = 2 ]; }

reachable() {
	tries=30
	until a ping -c 1 -W 1 10.11.12.2 > /dev/null; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
	done
}

# listening PORT: waits for a listener
listening() {
	until { a netstat -ltn; b netstat -ltn; } 2> /dev/null | grep -q ":$1 "; do :; done
}

# iperf FLAG...: with a quarter of the bytes; only the transfers check the content
iperf() {
	b iperf3 -s -1 > /tmp/iperf.log 2>&1 &
	server=$!
	listening 5201
	a iperf3 -c 10.11.12.2 -n $((bytes / 4)) -i 0 --connect-timeout 10000 "$@" && wait "$server"
}

# received: bytes so far; wc would read them
received() { stat -c %s /tmp/got 2> /dev/null || echo 0; }

uptime_seconds() { cut -d. -f1 /proc/uptime; }

# serve WHERE, fetch WHERE ADDRESS: the two ends of a transfer; by cat, as nc itself copies a KiB at
# a time. Their pids are in files: $! is a shell that waits for them.
serve() { "$1" sh -c 'echo $$ > /tmp/sender; exec nc -l -p 5000 -e cat /tmp/sent'; }
fetch() {
	# shellcheck disable=SC2016 # the inner shell expands
	"$1" sh -c 'echo $$ > /tmp/receiver; exec nc "$0" 5000 -e sh -c "exec cat > /tmp/got"' \
		"$2" ||
		kill "$(cat /tmp/sender)"
	touch /tmp/fetched
}

# comes: waits until all is fetched. A dead connection is a failure, not a lost machine; one on
# which bytes arrive now and then is slow, not dead.
comes() {
	seen=
	until [ -e /tmp/fetched ]; do
		now=$(received)
		[ "$now" = "$seen" ] || seen=$now since=$(uptime_seconds)
		[ $(($(uptime_seconds) - since)) -lt "$patience" ] || return 1
		usleep 50000
	done
}

# transfer FROM TO ADDRESS: sends the file from one namespace, at ADDRESS, and checks it in the
# other
transfer() {
	began=$(uptime_seconds)
	rm -f /tmp/fetched
	serve "$1" &
	sender=$!
	listening 5000
	fetch "$2" "$3" &
	receiver=$!
	comes || {
		say "no byte for $patience s"
		kill "$(cat /tmp/receiver)" "$(cat /tmp/sender)"
	}
	wait $receiver $sender
	got=$(md5sum < /tmp/got)
	length=$(received)
	rm -f /tmp/got
	say "$length bytes, $([ "$got" = "$sent" ] && echo intact ||
		echo damaged), $(($(uptime_seconds) - began)) s"
	[ "$length" = "$bytes" ] && [ "$got" = "$sent" ]
}

no_bad_frames() {
	for where in a b; do
		for count in $($where sh -c 'cat /sys/class/net/*/statistics/rx_crc_errors'); do
			[ "$count" = 0 ] || return 1
		done
	done
}
