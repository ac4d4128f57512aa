# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC1091,SC2154
# Fetching with all kinds of failures. A fake apt-get and apt-cache act as the mirror.

fake_apt() { # VERSION: what the mirror offers
	mkdir -p bin etc/sources.list.d
	DEB=$PWD/offer.deb OFFERS=$1
	mv "$VCP_CACHE"/debs/linux-source-7.3_*.deb "$DEB"
	rm -rf "$VCP_CACHE/bases.git"
	printf '%s\n' 'Types: deb' 'URIs: http://mirror.example.org/debian' \
		'Suites: toyname toyname-updates' 'Components: main' \
		'Signed-By: /keys/archive.gpg' >etc/sources.list.d/debian.sources
	echo VERSION_CODENAME=toyname >os-release
	cat >bin/apt-get <<-'SH'
	#!/bin/bash
	echo "apt-get $*" >>"$CALLS"
	case "$* " in
	*' update '*)
		[ -z "${NO_NETWORK-}" ] ||
			{ echo "E: Failed to fetch http://mirror/InRelease  Could not resolve 'mirror'"
				exit 100; } ;;
	*' download '*)
		[ -z "${FULL-}" ] ||
			{ head -c 50 "$DEB" >x.deb
				echo 'E: Write error - write (28: No space left on device)'
				exit 100; }
		[ -z "${KILL-}" ] ||
			{ head -c 50 "$DEB" >x.deb
				kill -9 "$(cut -d" " -f4 /proc/$PPID/stat)"
				exit 1; }
		cp "$DEB" "linux-source-7.3_${OFFERS}_all.deb" ;;
	esac
	SH
	cat >bin/apt-cache <<-'SH'
	#!/bin/bash
	case "$* " in
	*' madison '*)
		for v in $OFFERS; do
			echo "linux-source-7.3 | $v | http://mirror toy/main amd64 Packages"
		done ;;
	*' show '*) echo "SHA256: $(sha256sum <"$DEB" | cut -d' ' -f1)" ;;
	esac
	SH
	chmod +x bin/*
	export PATH=$PWD/bin:$PATH CALLS=$PWD/calls DEB OFFERS VCP_APT_ETC=$PWD/etc \
		VCP_OS_RELEASE=$PWD/os-release
}
nothing_half() { same "$(find "$VCP_CACHE/debs" -name '*7.3*')" "" "left behind"; }

t_fetch_from_the_mirror() {
	fake_apt 7.3.4-1
	same "$("$S/series/base-import")" "$(. "$VCP_TOP/bases/7.3.conf"; echo "$BASE_COMMIT")"
	same "$(tr '\n' ';' <"$VCP_CACHE/apt-7.3/parts/base.sources")" \
		"$(printf '%s;' 'Types: deb' 'URIs: http://mirror.example.org/debian' \
		'Suites: toy' 'Components: main' 'Signed-By: /keys/archive.gpg')"
	! grep -qE 'allow-unauth|AllowInsecure|trusted' calls "$VCP_CACHE/apt-7.3/apt.conf" ||
		fails "signatures"
	same "$(grep -cE '^Dir::|"/(etc|var)' "$VCP_CACHE/apt-7.3/apt.conf")" 2 "folders"
	: >calls
	"$S/series/base-fetch"
	same "$(cat calls)" "" "a cached package is fetched again"
}
t_fetch_one_line_source() {
	local from=http://m.example.org/debian/
	fake_apt 7.3.4-1
	rm etc/sources.list.d/debian.sources
	printf '%s\n' 'deb http://other.example.org/x stable contrib' \
		'deb-src http://a.example.org/ toyname main' \
		"deb [arch=amd64 signed-by=/k.gpg] $from toyname contrib main" >etc/sources.list
	"$S/series/base-fetch"
	same "$(sed -n '2p;5p' "$VCP_CACHE/apt-7.3/parts/base.sources" | tr '\n' ';')" \
		'URIs: http://m.example.org/debian/;Signed-By: /k.gpg;'
	rm -rf "$VCP_CACHE/debs" etc/sources.list
	refused 'no mirror of the distribution' "$S/series/base-fetch"
}
t_fetch_no_network() {
	fake_apt 7.3.4-1
	refused '^base-fetch: cannot fetch the package list of toy .E: Failed.*LINUX_TARBALL=' \
		env NO_NETWORK=1 "$S/series/base-fetch"
	refused 'no network' env NO_NETWORK=1 "$S/series/series-import"
	nothing_half
	"$S/series/series-import"
}
t_fetch_full_disk() {
	fake_apt 7.3.4-1
	refused 'disk full while fetching' env FULL=1 "$S/series/base-fetch"
	nothing_half
	"$S/series/base-fetch"
}
t_fetch_killed() {
	fake_apt 7.3.4-1
	! KILL=1 "$S/series/base-fetch" 2>/dev/null || fails "survived"
	nothing_half
	"$S/series/base-fetch"
}
t_fetch_wrong_checksum() {
	fake_apt 7.3.4-1
	local good=$DEB said
	{ cat "$DEB"; echo; } >bad.deb
	refused 'bad.deb: wrong checksum' env LINUX_TARBALL=bad.deb "$S/series/base-fetch"
	refused 'wrong checksum' env DEB="$PWD/bad.deb" "$S/series/base-fetch"
	nothing_half
	LINUX_TARBALL=$good NO_NETWORK=1 "$S/series/base-fetch"
	echo damage >>"$VCP_CACHE"/debs/linux-source-7.3_7.3.4-1_all.deb
	said=$(NO_NETWORK=1 "$S/series/base-fetch" 2>&1) && fails "a damaged file was taken"
	grep -q '_all.deb is damaged: removed, fetching it again$' <<<"$said" || fails "$said"
	nothing_half
	"$S/series/base-fetch"
}
t_fetch_pin_gone() {
	fake_apt '7.3.9-1 7.3.10-1'
	refused 'gone from toy .it offers 7.3.10-1. and STRICT' env STRICT=1 "$S/series/base-fetch"
	local id
	id=$("$S/series/base-import" 2>said)
	same "$(grep -c 'WARNING: linux-source-7.3 7.3.4-1 is gone.*7.3.10-1.*will differ' said)" \
		1 "warnings"
	[ "$id" != "$(. "$VCP_TOP/bases/7.3.conf"; echo "$BASE_COMMIT")" ] ||
		fails "the pinned id for another version"
	same "$("$S/series/base-import" 2>said)" "$id"
	grep -q 'base 7.3 is linux-source-7.3 7.3.10-1, not the pinned 7.3.4-1' said ||
		fails "not said: $(cat said)"
	refused STRICT env STRICT=1 "$S/series/base-import"
	"$S/series/series-import" >/dev/null
	OFFERS=''
	rm -rf "$VCP_CACHE/debs"
	refused 'offers no linux-source-7.3 any more' "$S/series/base-fetch"
}
t_full_disk_for_real() { # a file system of 1 MiB, where one can be mounted
	[ "$(id -u)" = 0 ] && mkdir small && mount -t tmpfs -o size=1m none small 2>/dev/null ||
		skips "no tmpfs of our own"
	trap 'umount small' EXIT
	head -c 1000000 /dev/zero >small/filler
	local good
	good=$(echo "$VCP_CACHE"/debs/linux-source-7.3_*.deb)
	VCP_CACHE=$PWD/small/cache refused 'disk full' env LINUX_TARBALL="$good" \
		"$S/series/base-import"
	rm small/filler
	LINUX_TARBALL=$good VCP_CACHE=$PWD/small/cache "$S/series/base-import"
}

# Fetching after the mirror failed, from a snapshot archive on loopback.
snapshot_with() { # DEB: a server with the paths of Debian's snapshot archive, until the test ends
	local said at=20300101T000000Z
	mkdir -p "snap/archive/debian/$at/pool/main/l/linux"
	SNAP=$PWD/snap/archive/debian/$at/pool/main/l/linux/linux-source-7.3_7.3.4-1_all.deb
	cp "$1" "$SNAP"
	exec {SERVER}< <(exec python3 -u -m http.server 0 --bind 127.0.0.1 -d snap 2>snap.log)
	# shellcheck disable=SC2064 # the server's id, now
	trap "kill $!" EXIT
	read -r -u "$SERVER" said && [[ $said =~ ' port '([0-9]+) ]] || fails \
		"no server: $(cat snap.log)"
	echo "SNAPSHOT=$at" >>"$VCP_TOP/bases/7.3.conf"
	echo 'Acquire::http::Proxy::127.0.0.1 "DIRECT";' >direct
	export VCP_SNAPSHOT=http://127.0.0.1:${BASH_REMATCH[1]} APT_CONFIG=$PWD/direct
}
said_from() { # REASON: the last line of `said` that is no progress
	same "$(grep '^[^/ ]' said | tail -n 1)" \
		"fetching linux-source-7.3 7.3.4-1 from $VCP_SNAPSHOT: $1"
}

t_snapshot_of_the_pinned_version() {
	fake_apt '7.3.9-1 7.3.10-1'
	snapshot_with "$DEB"
	same "$(STRICT=1 "$S/series/base-import" 2>said)" \
		"$(. "$VCP_TOP/bases/7.3.conf"; echo "$BASE_COMMIT")"
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
	refused 'no linux-source-7.3 any more and the snapshot failed .E: ' env OFFERS= \
		"$S/series/base-fetch"
	nothing_half
	"$S/series/base-import" 2>said
	same "$(grep -c 'and the snapshot failed .E: .*newest offered, 7.3.10-1: tree' said)" 1 \
		warnings
}
