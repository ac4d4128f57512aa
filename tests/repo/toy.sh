# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A toy: two "kernels" of a few files as source packages, a repository with a
# series of four patches for them, a cache. Sourced by the tests of the scripts.
export LC_ALL=C TZ=UTC
REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
S=$REPO/scripts
unset BASE STRICT LINUX_TARBALL V VCP_SRC VCP_PATCHES TREE TREE_COMMIT PARTIAL BUILT VCP_SERIES \
	VCP_BUILD_FD

# A user configuration that interferes as much as possible, for all tests.
hostile_home() {
	mkdir -p "$1"
	export HOME=$1 GIT_CONFIG_NOSYSTEM=1
	unset XDG_CONFIG_HOME GIT_CONFIG_GLOBAL GIT_CONFIG_COUNT
	cat >"$1/.gitconfig" <<-'CONF'
	[user]
		name = Toy Developer
		email = toy@example.org
	[core]
		abbrev = 7
		autocrlf = true
		excludesFile = ~/ignore
		attributesFile = ~/attributes
		pager = false
	[diff]
		noprefix = true
		mnemonicPrefix = true
		renames = copies
		context = 9
		interHunkContext = 20
		algorithm = patience
		external = /bin/false
		suppressBlankEmpty = true
	[commit]
		gpgSign = true
	[format]
		signOff = true
		signature = mine
		attach = true
		numbered = false
		thread = shallow
		to = somebody@example.org
		subjectPrefix = MINE
		outputDirectory = /nonexistent
	[apply]
		whitespace = error
	[color]
		ui = always
	[i18n]
		commitEncoding = ISO-8859-1
	[gpg]
		program = /bin/false
	[log]
		showSignature = true
		date = relative
	CONF
	printf '*\n' >"$1/ignore"
	printf '* -diff\n' >"$1/attributes"
}

# git as a developer with a sane configuration has it
dev() { GIT_CONFIG_GLOBAL=/dev/null git -c user.name='Toy Developer' -c user.email=toy@example.org \
	"$@"; }

lines() { local i; for ((i = $1; i <= $2; i++)); do printf '%s line %d;\n' "$3" "$i"; done; }

toy_kernel() { # DIR MINOR: kernel 7.MINOR
	mkdir -p "$1"/{mm,include/linux,scripts,drivers}
	printf 'VERSION = 7\nPATCHLEVEL = %s\nSUBLEVEL = 4\n' "$2" >"$1/Makefile"
	# a build that reads a file repeatedly
	cat >>"$1/Makefile" <<'MAKE'

allnoconfig:
	cp $(KCONFIG_ALLCONFIG) $(KCONFIG_CONFIG)
linux:
	for i in `seq 300`; do cat mm/vcompound.c; done | sort -u >$(O)/linux
MAKE
	: >"$1/Kbuild"
	{
		printf '#include <linux/gfp.h>\n\nvoid vfree(void)\n{\n'
		lines 1 20 '	a'
		printf '}\n\nvoid vmalloc(void)\n{\n'
		lines 1 20 '	b'
		printf '}\n'
	} >"$1/mm/vmalloc.c"
	echo 'obj-y := vmalloc.o' >"$1/mm/Makefile"
	printf 'obj-y += %s.o\n' slub util gup last >>"$1/mm/Makefile"
	lines 1 12 config >"$1/mm/Kconfig"
	lines 1 12 flag >"$1/include/linux/gfp.h"
	lines 1 30 driver >"$1/drivers/e1000.c"
	printf '#!/bin/sh\n' >"$1/scripts/tool.sh"
	chmod +x "$1/scripts/tool.sh"
	ln -s mm/vmalloc.c "$1/link.c"
	printf '*.[ch] diff=cpp\n' >"$1/.gitattributes"
	printf '*.o\n\n#\n# Packaging: ignore the rest\n#\n/*\n!/debian/\n' >"$1/.gitignore"
	if [ "$2" = 2 ]; then # another base: one hunk fits 3-way only, one never
		sed -i 's/slub.o/slab.o/' "$1/mm/Makefile"
		sed -i 's/driver line \(9\|1[0-4]\);/old driver \1;/' "$1/drivers/e1000.c"
	fi
}

toy_deb() { # DIR MINOR VERSION OUT.deb
	local d=$1/deb-$2
	mkdir -p "$d/DEBIAN" "$d/usr/src" "$1/linux-source-7.$2"
	toy_kernel "$1/linux-source-7.$2" "$2"
	tar -cJf "$d/usr/src/linux-source-7.$2.tar.xz" --owner=0 --group=0 -C "$1" \
		"linux-source-7.$2"
	printf '%s\n' "Package: linux-source-7.$2" "Version: $3" 'Architecture: all' \
		'Maintainer: none <none@example.org>' 'Description: toy' >"$d/DEBIAN/control"
	dpkg-deb -Znone --root-owner-group -b "$d" "$4" >/dev/null
}

base_file() { # MINOR VERSION DEB PRIMARY
	printf '%s\n' "PRIMARY=$4" "PACKAGE=linux-source-7.$1" SUITE=toy "VERSION=$2" "KVER=7.$1.4" \
		"SHA256=$(sha256sum <"$3" | cut -d' ' -f1)" TREE= BASE_COMMIT= \
		>"$VCP_TOP/bases/7.$1.conf"
}

pin() { # BASE: what the import gave goes into the base file, as it should be
	local id
	id=$(git --git-dir="$VCP_CACHE/bases.git" rev-parse "refs/vcp/base/$1")
	sed -i "s/^TREE=.*/TREE=$(git --git-dir="$VCP_CACHE/bases.git" rev-parse \
		"$id^{tree}")/; s/^BASE_COMMIT=.*/BASE_COMMIT=$id/" \
		"$VCP_TOP/bases/$1.conf"
}

toy() { # DIR: the packages, the repository without patches, both bases imported
	export VCP_TOP=$1/top VCP_CACHE=$1/cache
	mkdir -p "$VCP_TOP"/{bases,patches,src}
	# shellcheck disable=SC1091,SC2034
	(BASE=none && . "$S/lib.sh" && make_cache) && mkdir "$VCP_CACHE/debs"
	for k in 3 2; do
		toy_deb "$1" $k 7.$k.4-1 "$VCP_CACHE/debs/linux-source-7.${k}_7.$k.4-1_all.deb"
		base_file $k 7.$k.4-1 "$VCP_CACHE/debs/linux-source-7.${k}_7.$k.4-1_all.deb" \
			"$([ $k = 3 ] && echo yes)"
		BASE=7.$k "$S/series/base-import" >/dev/null 2>&1 || return 1
		pin 7.$k
	done
	printf '# the toy series\n\n# chapter: core\n\n# chapter: users\n' \
		>"$VCP_TOP/patches/series"
	printf 'Subject: toy: a series\n\nIt is a toy.\n' >"$VCP_TOP/patches/cover-letter"
}

commit() { # DATE SUBJECT [BODY]: commits all of the work tree, new files too
	dev -C "$W" add -A
	GIT_AUTHOR_DATE=$1 GIT_COMMITTER_DATE='2031-05-05 05:05:05 +0000' dev -C "$W" commit -q -m \
		"$2" ${3:+-m "$3"}
}

toy_series() { # four patches, written as a developer would, and exported
	W=$("$S/series/work-tree" 2>/dev/null) || return 1
	printf 'int vcompound;\n' >"$W/mm/vcompound.c"
	printf '#!/bin/sh\nexit 0\n' >"$W/scripts/check.sh"; chmod +x "$W/scripts/check.sh"
	sed -i '/gup.o/a obj-y += vcompound.o' "$W/mm/Makefile"
	commit '2030-01-01 10:00:00 +0200' \
		'mm: vcompound: add "virtual" compound pages, as öne thing that is really long to read' \
		$'The body.\n\n  indented: line\n\nTwo paragraphs.'
	sed -i 's/a line 17/a line seventeen/' "$W/mm/vmalloc.c"
	commit '2030-01-02 10:00:00 +0000' 'mm: vmalloc: hook'
	mkdir -p "$W/Documentation/mm"; printf 'words\n' >"$W/Documentation/mm/vcompound.rst"
	commit '2030-01-03 10:00:00 +0000' 'Documentation: only a new file' 'It has no hunks.'
	sed -i 's/driver line 11;/converted;/' "$W/drivers/e1000.c"
	commit '2030-01-04 10:00:00 +0000' 'e1000: use it' 'One user.'
	"$S/series/series-export" 2>/dev/null
}
