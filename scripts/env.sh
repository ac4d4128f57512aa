# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
# The environment of every script: unsets variables that change a kernel build, a compiler or a tool
# (kernel developers export many of them), and checks the settings. Sourced by lib.sh and by the
# test runners.
set +o posix
export LC_ALL=C TZ=UTC
unset CDPATH GLOBIGNORE BASH_ENV ENV POSIXLY_CORRECT # the shell
# the kernel's make
unset ARCH SUBARCH CROSS_COMPILE CROSS32CC_COMPAT CC HOSTCC HOSTCXX LD LLVM LLVM_IAS CLANG_FLAGS
unset KCFLAGS KAFLAGS KCPPFLAGS KRUSTFLAGS HOSTCFLAGS HOSTCXXFLAGS HOSTLDFLAGS HOSTLDLIBS \
	USERCFLAGS USERLDFLAGS
unset CFLAGS_KERNEL AFLAGS_KERNEL CFLAGS_MODULE AFLAGS_MODULE LDFLAGS_MODULE CFLAGS CPPFLAGS \
	LDFLAGS CF CHECK
unset INSTALL_PATH INSTALL_MOD_PATH INSTALL_MOD_DIR INSTALL_MOD_STRIP INSTALL_HDR_PATH \
	INSTALL_DTBS_PATH
unset LOCALVERSION EXTRAVERSION DEPMOD MO O SOURCE_DATE_EPOCH srctree objtree
# of a make around us
unset MAKEFLAGS GNUMAKEFLAGS MFLAGS MAKELEVEL MAKEFILES MAKE_TERMOUT MAKE_TERMERR
# gcc
unset CPATH C_INCLUDE_PATH COMPILER_PATH LIBRARY_PATH GCC_EXEC_PREFIX DEPENDENCIES_OUTPUT \
	SUNPRO_DEPENDENCIES
# tools
unset GREP_OPTIONS TAR_OPTIONS XZ_OPT XZ_DEFAULTS GZIP AWKPATH PYTHONPATH PYTHONHOME PERL5LIB \
	PERL5OPT
unset JQ_COLORS SHELLCHECK_OPTS LD_LIBRARY_PATH LD_PRELOAD
for name in "${!KBUILD_@}" "${!KCONFIG_@}" "${!CHECKPATCH_@}"; do unset "$name"; done
unset name
# make and QEMU split paths at such characters
[[ ${TMPDIR-} != *[[:space:]:,]* ]] || unset TMPDIR

# setting NAME REGEX TEXT: checks numbers and words once, before anything begins
setting() {
	[[ ${!1-} =~ $2 ]] ||
		{ printf '%s: %s=%s: %s, please\n' "${0##*/}" "$1" "${!1}" "$3" >&2
			exit "${DIE_CODE:-1}"; }
}
setting JOBS '^([1-9][0-9]{0,3})?$' 'a number from 1 to 9999'
setting V '^([1-9][0-9]{0,3})?$' 'a number from 1 to 9999'
setting ACCEL '^(kvm|tcg)?$' 'kvm or tcg'
JOBS=${JOBS:-$(nproc)} ACCEL=${ACCEL:-}
