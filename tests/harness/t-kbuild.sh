# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2016
# kbuild on a toy tree whose configuration gives each requested option that it knows. Sourced by
# run.

toy=$tmp/kbuild tree=$tmp/kbuild/tree
mkdir -p "$toy"/{configs,scenarios} "$tree"
touch "$tree/Kbuild"
printf 'config KNOWN\n\tbool "x"\nconfig OTHER\n\tbool "y"\n' >"$tree/Kconfig"
cat >"$tree/Makefile" <<'MAKEFILE'
allnoconfig:
	grep -E '^CONFIG_(KNOWN|OTHER)=' $(KCONFIG_ALLCONFIG) | \
	awk -F= '{ v[$$1] = $$0 } END { for (o in v) print v[o] }' > $(KCONFIG_CONFIG)
linux:
	echo built >> $(O)/linux
broken:
	echo 'x.c:1: error: no'; false
MAKEFILE
echo CONFIG_KNOWN=y >"$toy/configs/one.config"
printf 'CONFIG_OTHER=y\n#CHECK#CONFIG_OTHER=y\n' >"$toy/configs/two.config"

# kbuild SCENARIO LINE...
kbuild() {
	printf '%s\n' "${@:2}" >"$toy/scenarios/$1"
	BASE=toy VCP_TOP=$toy VCP_CACHE=$toy/cache TREE=$tree "$scripts/kernel/kbuild" "$1"
}

expect 'kbuild: prints the image' 0 'cache/build-toy-A\.[0-9]*/linux$' kbuild A 'arch um' \
	'use one two' '#CHECK#CONFIG_KNOWN=y'
expect 'kbuild: says what was built' 0 "^path $tree\$" cat \
	"$(echo "$toy"/cache/build-toy-A.*/.tree)"
expect 'kbuild: a later line wins' 0 . kbuild B 'arch um' 'use one two' 'CONFIG_KNOWN=n' \
	'#CHECK#CONFIG_KNOWN=n'
expect 'kbuild: an option that is not there' 3 \
	'wants CONFIG_NONE=y, the configuration has it not set' \
	kbuild C 'arch um' 'use one' '#CHECK#CONFIG_NONE=y'
expect 'kbuild: the same in a part of the series' 0 /linux env PARTIAL=1 BASE=toy VCP_TOP="$toy" \
	VCP_CACHE="$toy/cache" TREE="$tree" "$scripts/kernel/kbuild" C
expect \
	'kbuild: a known option is requested even there' 3 'wants CONFIG_OTHER=y' env PARTIAL=1 \
	BASE=toy VCP_TOP="$toy" VCP_CACHE="$toy/cache" TREE="$tree" bash -c \
	'printf "arch um\nuse one\n#CHECK#CONFIG_OTHER=y\n" >"$2/scenarios/D"
	"$1/kernel/kbuild" D' - "$scripts" "$toy"
expect 'kbuild: an option that must be off' 3 'wants CONFIG_KNOWN=n' kbuild E 'arch um' 'use one' \
	'#CHECK#CONFIG_KNOWN=n'
expect 'kbuild: no such fragment' 3 'configs/none.config' kbuild F 'arch um' 'use none'
expect 'kbuild: no such scenario' 3 'no scenario Z' env BASE=toy VCP_TOP="$toy" TREE="$tree" \
	"$scripts/kernel/kbuild" Z
expect 'kbuild: an architecture it does not know' 3 'vax' kbuild G 'arch vax' 'use one'
expect 'kbuild: a build that breaks names its log' 3 'see .*/build.log' kbuild H 'arch um' \
	'use one' 'target broken'
expect 'kbuild: no tree' 3 . env BASE=toy VCP_TOP="$toy" TREE="$toy/none" "$scripts/kernel/kbuild" A
expect 'kbuild: other targets' 0 . env TARGETS=linux BASE=toy VCP_TOP="$toy" \
	VCP_CACHE="$toy/cache" TREE="$tree" "$scripts/kernel/kbuild" H
