# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2153
# Fetches the package if the mirror fails, from Debian's snapshot archive, which keeps every file
# that the archive ever had. Sourced by base-fetch, never run.
HOST=${VCP_SNAPSHOT:-https://snapshot.debian.org}
MISSED='' # how the snapshot failed, for the message

why() { # writes the reason why apt failed to WHY
	if grep -qE 'No space left|enough free space|Disk quota' "$LOG"; then
		die "disk full while fetching $PACKAGE: free some space or set VCP_CACHE (log: $LOG)"
	fi
	WHY=$(grep -E '^(E|W|Err)[:0-9]' "$LOG" | grep -vx 'E: Download Failed' | tail -n 1) || true
	WHY=${WHY:-apt failed}
}

# snapshot REASON: takes the pinned file, and returns only if it cannot be fetched, or was tried.
# Only the checksum of the base says that it is the right one.
snapshot() {
	local file=${PACKAGE}_${VERSION}_all.deb
	[ -n "$SNAPSHOT" ] && [ -z "$MISSED" ] || return 0
	note "fetching $PACKAGE $VERSION from $HOST: $1"
	rm -f "$APT"/get/*
	if apt /usr/lib/apt/apt-helper download-file \
		"$HOST/archive/debian/$SNAPSHOT/pool/main/l/linux/$file" "$APT/get/$file"; then
		keep "$APT/get/$file" "$SHA256" "$file"
	fi
	why
	MISSED=" and the snapshot failed ($WHY)"
}

failed() { # WHAT: the mirror does not give it
	local first
	why
	first="cannot fetch $1 ($WHY)"
	snapshot "$first"
	die "$first$MISSED: no network? give the file, LINUX_TARBALL= (log: $LOG)"
}
