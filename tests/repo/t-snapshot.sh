# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC1091,SC2154
# Fetching after the mirror failed, from a snapshot archive on loopback. t-fetch.sh has the mirror.

snapshot_with() { # DEB: a server with the paths of Debian's snapshot archive, until the test ends
	local said at=20300101T000000Z
	mkdir -p "snap/archive/debian/$at/pool/main/l/linux"
	SNAP=$PWD/snap/archive/debian/$at/pool/main/l/linux/linux-source-7.3_7.3.4-1_all.deb
	cp "$1" "$SNAP"
	exec {SERVER}< <(exec python3 -u -m http.server 0 --bind 127.0.0.1 -d snap 2>snap.log)
	# shellcheck disable=SC2064 # the server's id, now
	trap "kill $!" EXIT
	read -r -u "$SERVER" said && [[ $said =~ ' port '([0-9]+) ]] || fails "no server: $(cat snap.log)"
	echo "SNAPSHOT=$at" >>"$VCP_TOP/bases/7.3.conf"
	echo 'Acquire::http::Proxy::127.0.0.1 "DIRECT";' >direct
	export VCP_SNAPSHOT=http://127.0.0.1:${BASH_REMATCH[1]} APT_CONFIG=$PWD/direct
}
said_from() { # REASON: the last line of `said` that is no progress
	same "$(grep '^[^/ ]' said | tail -n 1)" "fetching linux-source-7.3 7.3.4-1 from $VCP_SNAPSHOT: $1"
}

t_snapshot_of_the_pinned_version() {
	fake_apt '7.3.9-1 7.3.10-1'
	snapshot_with "$DEB"
	same "$(STRICT=1 "$S/series/base-import" 2>said)" "$(. "$VCP_TOP/bases/7.3.conf"; echo "$BASE_COMMIT")"
	said_from 'toy no longer offers it'
	: >calls
	"$S/series/base-fetch"
	same "$(cat calls)" "" "a cached package is fetched again"
	rm -rf "$VCP_CACHE/debs"
	NO_NETWORK=1 "$S/series/base-fetch" 2>said
	said_from "cannot fetch the package list of toy ($(grep '^E: ' "$VCP_CACHE/apt-7.3/log"))"
	rm -rf "$VCP_CACHE/debs" etc/sources.list.d
	"$S/series/base-fetch" 2>said
	said_from "no mirror of the distribution in $PWD/etc"
}
t_snapshot_with_wrong_bytes() {
	fake_apt 7.3.10-1
	{ cat "$DEB"; echo; } >bad.deb
	snapshot_with bad.deb
	refused 'linux-source-7.3_7.3.4-1_all.deb: wrong checksum' "$S/series/base-import"
	nothing_half
	same "$(find "$VCP_CACHE/apt-7.3/get" -type f)" "" "left behind"
	[ ! -e "$VCP_CACHE/bases.git" ] || fails "imported"
	cp "$DEB" "$SNAP"
	"$S/series/base-import"
}
t_snapshot_that_fails() {
	fake_apt '7.3.9-1 7.3.10-1'
	snapshot_with "$DEB"
	rm "$SNAP"
	refused 'offers 7.3.10-1. and the snapshot failed .E: .* 404 .* and STRICT' \
		env STRICT=1 "$S/series/base-fetch"
	export VCP_SNAPSHOT=http://127.0.0.1:1
	refused 'package list of toy .*and the snapshot failed .E: .*LINUX_TARBALL=' \
		env NO_NETWORK=1 "$S/series/base-fetch"
	refused 'no linux-source-7.3 any more and the snapshot failed .E: ' env OFFERS= "$S/series/base-fetch"
	nothing_half
	"$S/series/base-import" 2>said
	same "$(grep -c 'and the snapshot failed .E: .*newest offered, 7.3.10-1: tree' said)" 1 warnings
}
