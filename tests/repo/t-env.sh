# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2016,SC1091
# The environment: variables that kernel developers export, settings, names of folders.

# a hostile environment; none of it may change anything
exports=(CDPATH=. CROSS_COMPILE=vax- LLVM=1 ARCH=vax KCFLAGS=-DBENT 'MAKEFLAGS=-n -k' \
	KBUILD_EXTMOD=/nonexistent
	KBUILD_OUTPUT=/nonexistent KBUILD_VERBOSE=2 KCONFIG_CONFIG=/nonexistent \
		KCONFIG_ALLCONFIG=/nonexistent
	INSTALL_MOD_PATH=/nonexistent C_INCLUDE_PATH=/nonexistent POSIXLY_CORRECT=1 \
		TAR_OPTIONS=--verbose
	PERL5OPT=-Mnone PYTHONPATH=/nonexistent GREP_OPTIONS=-v BASH_ENV=/nonexistent \
		LC_ALL=de_DE.UTF-8)

t_env_C16_C17_exported_variables() {
	local id said
	id=$("$S/series/series-import")
	same "$(env "${exports[@]}" "$S/series/series-import")" "$id"
	same "$(env "${exports[@]}" "$S/series/build-tree")" "$VCP_CACHE/tree-7.3"
	toy_kernel tree 3
	env "${exports[@]}" "$REPO/apply" --check tree || fails 'apply fails'
	# shellcheck disable=SC2016 # the other shell's
	said=$(env "${exports[@]}" bash -c '. "$1/lib.sh"; env' - "$S" |
		grep -E 'BENT|vax|nonexistent|^(LLVM|CDPATH|MAKEFLAGS|TAR_OPTIONS)=') || true
	same "$said" ''
}
t_env_C16_the_runners() { # tests/run and the two runners of tests find their files all the same
	for r in run harness/run repo/run mutants/run; do
		(cd "$REPO/tests" && env CDPATH=. "./$r" --help) | grep -q 'usage: tests/' ||
			fails "$r"
	done
	same "$(cd "$REPO" && env "${exports[@]}" tests/repo/run help_everywhere 2>&1 |
		tail -n 1)" '1 passed, 0 failed, 0 skipped'
}
t_env_C18_numbers() {
	for n in 0 -1 abc '2 3' 1.5 99999; do
		refused "JOBS=$n: a number from 1 to 9999, please" env "JOBS=$n" \
			"$S/series/build-tree"
		refused "V=$n: a number from 1 to 9999, please" env "V=$n" "$S/series/mbox"
		refused "JOBS=$n: a number" env "JOBS=$n" "$REPO/tests/repo/run" none
		refused "JOBS=$n: a number" env "JOBS=$n" "$REPO/tests/run" none
	done
	refused 'ACCEL=hvf: kvm or tcg, please' env ACCEL=hvf "$S/machine/boot" UM
	[ ! -e out ] || fails 'something was made'
}
t_env_C19_names_that_cannot_work() { # before anything is fetched
	for c in 'a b' a:b "a'b" 'a$b' 'a#b' a,b; do
		refused "the cache cannot be '.*': make and QEMU break at such characters" env \
			"VCP_CACHE=$PWD/$c" "$S/series/base-import"
		[ ! -e "$c" ] || fails "$c was made"
	done
	refused 'VCP_CACHE=cache: an absolute path, please' env VCP_CACHE=cache \
		"$S/series/base-import"
	refused 'HOME is not set: set it, or VCP_CACHE' env -u HOME -u VCP_CACHE -u \
		XDG_CACHE_HOME "$S/series/base-import"
	same \
		"$(env -u VCP_CACHE HOME=/somewhere XDG_CACHE_HOME=relative bash -c \
		'. "$1/lib.sh"; echo "$CACHE"' - "$S")" \
		/somewhere/.cache/vcompound
}
t_env_C19_a_clone_with_a_blank() { # of the repository, and temporary files in such a folder
	mkdir 'a clone' 'a tmp'
	cp -r "$REPO"/{apply,scripts,tests,guest,bench,bases,configs,scenarios,Makefile} 'a clone'
	export TMPDIR="$PWD/a tmp"
	same "$('a clone/tests/repo/run' apply_plain_folder judges_find 2>&1 | tail -n 1)" \
		'2 passed, 0 failed, 0 skipped'
	'a clone/tests/harness/run' boot kbuild kunit run ktap demo >harness.log 2>&1 ||
		fails "$(grep -A 5 '^not ok' harness.log | head -n 30)"
}
t_env_C21_a_cache_that_cannot_be_written() {
	local as=(env) advice='VCP_CACHE= names another folder'
	mkdir closed
	if [ "$(id -u)" = 0 ]; then
		chmod a+rx "$ROOT" . && as=(setpriv --reuid 65534 --regid 65534 --clear-groups env)
	fi
	chmod a-w closed
	refused \
		"cannot make the cache: cannot create directory .*: Permission denied; $advice" \
		"${as[@]}" "VCP_CACHE=$PWD/closed/cache" "$S/series/base-import"
	chmod -R a+rX "$VCP_CACHE"
	refused "$VCP_CACHE cannot be written to: nothing is removed" "${as[@]}" \
		"VCP_CACHE=$VCP_CACHE" "$S/clean" --all
}
t_env_C21_demo_after_a_failed_set_up() { # the machine did not run, so it did not say anything wrong
	mkdir -p "$VCP_TOP/scenarios"
	printf 'use none\n' >"$VCP_TOP/scenarios/DEMO"
	printf 'run run-demo\n' >"$VCP_TOP/scenarios/DEMO.boot"
	local said
	said=$("$S/machine/demo" 2>&1) && fails 'demo passed'
	grep -q 'uses configs/none.config, which does not exist' <<<"$said" || fails "$said"
	! grep -q 'no results from the guest' <<<"$said" || fails "$said"
}
t_env_an_unknown_base() {
	refused "no base 'none': BASE= is one of: 7.2 7.3" env BASE=none "$S/series/base-import"
}

