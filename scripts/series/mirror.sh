# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Makes an apt source for another suite from the package mirror that this machine uses. Sourced by
# base-fetch and deps, never run.
APT_ETC=${VCP_APT_ETC:-/etc/apt}

# shellcheck disable=SC1090
codename() { (. "${VCP_OS_RELEASE:-/etc/os-release}" && echo "${VERSION_CODENAME:-stable}"); }

# main_source SUITE: an apt source for it, made from the first source of this machine that has the
# component main of the machine's release. Reads apt's source files, each after a line FILE NAME.
main_source() {
	awk -v code="$(codename)" -v suite="$1" '
function has(list, word) { return (" " list " ") ~ ("[ \t]" word "[ \t]") }
function emit(uri, key) {
	if (uri == "" || done) return
	printf "Types: deb\nURIs: %s\nSuites: %s\nComponents: main\n", uri, suite
	if (key != "") printf "Signed-By:%s\n", key
	done = 1
}
function ours(s) { return has(s, code) || has(s, "stable") || has(s, "testing") ||
	has(s, "sid") || has(s, "unstable") }
function stanza() {
	if (has(v["types"], "deb") && ours(v["suites"]) && has(v["components"], "main") &&
	    tolower(v["enabled"]) !~ /no/) {
		split(v["uris"], u, " "); emit(u[1], v["signed-by"])
	}
	split("", v); last = ""
}
/^FILE / { stanza(); deb822 = /\.sources$/; next }
/^[ \t]*#/ { next }
deb822 && /^[ \t]*$/ { stanza(); next }
deb822 && /^[ \t]/ { v[last] = v[last] (last == "signed-by" ? "\n" : " ") $0; next }
deb822 { last = tolower(substr($0, 1, index($0, ":") - 1))
	v[last] = substr($0, index($0, ":") + 1); next }
$1 == "deb" {
	key = ""
	if (match($0, /\[[^]]*\]/)) {
		opt = substr($0, RSTART + 1, RLENGTH - 2)
		$0 = substr($0, 1, RSTART - 1) substr($0, RSTART + RLENGTH)
		if (match(opt, /signed-by=[^ ]+/)) {
			key = substr(opt, RSTART + 10, RLENGTH - 10)
			gsub(",", " ", key); key = " " key }
	}
	uri = $2; s = $3; $1 = $2 = $3 = ""
	if (ours(s) && has($0, "main")) emit(uri, key)
}
END { stanza() }'
}

# mirror SUITE: the machine's stanza for main of its own release, changed to that suite
mirror() {
	local files=()
	shopt -s nullglob
	files=("$APT_ETC"/sources.list.d/*.sources "$APT_ETC"/sources.list \
		"$APT_ETC"/sources.list.d/*.list)
	for f in "${files[@]}"; do
		if [ -r "$f" ]; then printf 'FILE %s\n' "$f"; cat "$f"; printf '\n\n'; fi
	done | main_source "$1"
}
