# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Makes an apt source for another suite from the package mirror that this machine uses. Sourced by
# base-fetch and deps, never run.
APT_ETC=${VCP_APT_ETC:-/etc/apt}

# shellcheck disable=SC1090
codename() { (. "${VCP_OS_RELEASE:-/etc/os-release}" && echo "${VERSION_CODENAME:-stable}"); }

# mirror SUITE: the machine's stanza for main of its own release, changed to that suite
mirror() {
	local files=()
	shopt -s nullglob
	files=("$APT_ETC"/sources.list.d/*.sources "$APT_ETC"/sources.list \
		"$APT_ETC"/sources.list.d/*.list)
	for f in "${files[@]}"; do
		if [ -r "$f" ]; then printf 'FILE %s\n' "$f"; cat "$f"; printf '\n\n'; fi
	done | awk -v code="$(codename)" -v suite="$1" -f "$SCRIPTS/series/base-mirror.awk"
}
