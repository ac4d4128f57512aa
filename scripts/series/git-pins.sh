# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Makes git ignore all configuration, so that a series has the same bytes and ids everywhere. The
# settings are in command scope, which overrides every file. Sourced by lib.sh.
# shellcheck disable=SC2046	# a list of names
unset $(git rev-parse --local-env-vars) GIT_EXTERNAL_DIFF GIT_DIFF_OPTS
unset GIT_PAGER GIT_INDEX_VERSION GIT_LITERAL_PATHSPECS GIT_NOGLOB_PATHSPECS
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_ATTR_NOSYSTEM=1
GIT_CONFIG_COUNT=0
git_pin() {
	export "GIT_CONFIG_KEY_$GIT_CONFIG_COUNT=${1%%=*}"
	export "GIT_CONFIG_VALUE_$GIT_CONFIG_COUNT=${1#*=}"
	export GIT_CONFIG_COUNT=$((GIT_CONFIG_COUNT + 1))
}
for pin in core.abbrev=12 core.quotePath=true core.autocrlf=false core.eol=lf \
	core.attributesFile=/dev/null core.excludesFile=/dev/null \
	core.hooksPath=/dev/null core.fsmonitor=false core.untrackedCache=false \
	diff.noprefix=false diff.mnemonicPrefix=false diff.renames=false \
	diff.orderFile=/dev/null diff.relative=false diff.suppressBlankEmpty=false \
	diff.context=3 diff.interHunkContext=0 diff.algorithm=myers \
	diff.indentHeuristic=true diff.submodule=short color.ui=false \
	apply.whitespace=nowarn apply.ignoreWhitespace=no merge.conflictStyle=merge \
	commit.gpgSign=false tag.gpgSign=false i18n.commitEncoding=UTF-8 \
	i18n.logOutputEncoding=UTF-8 log.showSignature=false log.mailmap=false \
	log.date=default mailinfo.scissors=false gc.auto=0 maintenance.auto=false \
	advice.detachedHead=false fastimport.unpackLimit=1000000 safe.directory='*'; do
	git_pin "$pin"
done
unset pin

# The pinned form of every diff that is written to a file.
# shellcheck disable=SC2034	# used by export, mbox, check
DIFF_OPTS=(--no-ext-diff --no-textconv --no-color --no-renames -O/dev/null --unified=3
	--inter-hunk-context=0 --diff-algorithm=myers --indent-heuristic
	--src-prefix=a/ --dst-prefix=b/ --no-relative --abbrev=12 --stat=80)
