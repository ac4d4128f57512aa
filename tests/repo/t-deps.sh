# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2016
# scripts/deps: packages that are missing, and a QEMU that is too old.

t_deps() {
	VCP_PACKAGES='git' "$S/deps" || fails "git is not here?"
	mkdir bin; printf '#!/bin/sh\necho 1000\n' >bin/id; chmod +x bin/id
	PATH=$PWD/bin:$PATH VCP_PACKAGES='git nonesuch-1 nonesuch-2' refused \
		'^deps: .*: apt-get update && apt-get install .*nonesuch-1 nonesuch-2$' "$S/deps"
}
old_qemu() { # VERSION: an installed QEMU; calls of apt-get are written down
	mkdir -p bin etc
	printf 'deb http://mirror.example/debian toy main\n' >etc/sources.list
	printf 'VERSION_CODENAME=toy\n' >os-release
	printf '#!/bin/sh\ncase $* in *db:Status*) echo %s ;; *) echo %s ;; esac\n' \
		'installed qemu-system-x86' "$1" >bin/dpkg-query
	printf '#!/bin/sh\necho "$*" >>%q\nexit "${APT_FAILS:-0}"\n' "$PWD/calls" >bin/apt-get
	chmod +x bin/*
	: >calls
}
deps() {
	PATH=$PWD/bin:$PATH VCP_PACKAGES=qemu-system-x86 VCP_APT_ETC=$PWD/etc \
		VCP_OS_RELEASE=$PWD/os-release "$S/deps"
}
t_deps_qemu_of_backports() {
	local apt=$VCP_CACHE/apt-qemu
	old_qemu 1:7.2+dfsg-7
	deps >said 2>&1 || fails "$(cat said)"
	same "$(cat calls)" "-c $apt/apt.conf update
-c $apt/apt.conf install -y --no-install-recommends -t toy-backports qemu-system-x86"
	grep -q '^Suites: toy-backports$' "$apt/parts/backports.sources" || fails 'no backports'
	grep -q '^Suites: toy$' "$apt/parts/release.sources" || fails 'no release'
	"$S/clean" --all
	[ ! -e "$VCP_CACHE" ] || fails "clean leaves $(ls "$VCP_CACHE")"
	old_qemu 1:8.1.0-1
	deps || fails 'a version that is new enough'
	same "$(cat calls)" '' 'apt-get was called'
}
t_deps_qemu_stays_old() { # that is no error: most runs do well
	local advice='install qemu-system-x86 of toy-backports'
	old_qemu 1:7.2+dfsg-7
	APT_FAILS=100 deps >said 2>&1 || fails "$(cat said)"
	grep -q "QEMU 1:7.2+dfsg-7 loses a virtual machine now and then: $advice" said ||
		fails "$(cat said)"
	printf '#!/bin/sh\necho 1000\n' >bin/id && chmod +x bin/id
	: >calls
	deps 2>&1 | grep -q "$advice" || fails 'another user is not told'
	same "$(cat calls)" '' 'apt-get was called'
}
