# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The words of the text: each bad one is found and named, and none of the base.
# The words are cut in two here, as these lines are checked too.

only_words() { # FINDING...: exactly these
	local said
	said=$("$S/check/check-words") && fails "nothing was found"
	same "$said" "$(printf '%s\n' "$@")"
}
t_words_in_every_kind_of_file() {
	local f want=() later=mean'while' typo=recie'ved' files=(.ci/run Makefile README.md apply
		bench/limits configs/base.config docs/cost.md guest/run-demo patches/cover-letter
		scenarios/DEMO.boot scripts/tool src/mm/new.c tests/t-new.sh)
	"$S/check/check-words" || fails "findings in a clean repository"
	cd "$VCP_TOP" || exit
	for f in "${files[@]}"; do
		mkdir -p "$(dirname "$f")"
		printf '\n# the toy %s\n# %s\n' "$typo" "$later" >"$f"
		want+=("$f:2: '$typo': say 'received'" "$f:3: '$later': say 'until then'")
	done
	mkdir -p out posted && printf '%s\n' "$later" | tee out/log posted/mail >COPYING
	only_words "${want[@]}"
}
t_words_of_a_patch() { # the message and the added lines count
	local n p=patches/mm-vmalloc-hook.patch w=mean'while' dear=dear'er' typo=recie've'
	cd "$VCP_TOP" || exit
	sed -i "s/^ \ta line 16;/ \ta line $w;/; s/^-\ta line 17;/-\ta line $typo $w;/" "$p"
	grep -q "^ .* $w;" "$p" && grep -q "^-.* $w;" "$p" || fails "$(cat "$p")"
	"$S/check/check-words" || fails "findings in lines of the base"
	sed -i "s/^+\ta line seventeen;/+\ta $w $typo;/; 1a X-Toy: $dear" "$p"
	n=$(grep -n '^+.a ' "$p" | cut -d: -f1)
	only_words "$p:2: '$dear': say 'more expensive'" "$p:$n: '$w': say 'until then'" \
		"$p:$n: '$typo': say 'receive'"
}
t_words_at_the_head() { # of a sentence or a comment
	local head=Wha't' nobody=Nobod'y' block='/* wha''t' line='// who''ever'
	cd "$VCP_TOP" || exit
	printf '## %s it costs\n\nIt is free. %s pays. See what is free and who pays.\n' \
		"$head" "$nobody" >README.md
	printf 'int a;\t%s it is */\nint b;\t%s it is\n' "$block" "$line" >src/mm/vcompound.c
	only_words "README.md:1: '$head': say 'a noun, as in The cost of X'" \
		"README.md:3: '$nobody': say 'No caller'" \
		"src/mm/vcompound.c:1: '$block': say 'a noun, or a caller that'" \
		"src/mm/vcompound.c:2: '$line': say 'a noun, or a caller that'"
}
t_words_lists() { # each entry has a better word or a reason, and the checker has to be there
	local c
	! grep -vE $'^# |^[^\t]+\t[^\t]+$' "$S/check/words" || fails 'not REGEX TAB BETTER'
	! grep -vE '^# |^[a-z]+ # .' "$S/check/words.ignore" || fails 'not WORD # REASON'
	mkdir bin
	for c in bash dirname nproc git realpath head grep basename; do
		ln -s "$(command -v $c)" bin/
	done
	PATH=$PWD/bin refused 'codespell is missing: run scripts/deps' "$S/check/check-words"
}
