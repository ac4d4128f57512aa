# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# The search for a test that notices a mutant. Sourced by run, after try.sh.

# seek NUMBER NAME GLOB: the first of these tests that notices it; stops the kernel then, or after a
# minute without output
seek()
{
	local file=$log/$2.log size last='' since=$SECONDS job
	limit=300 start "$1" "$3" "$file" &
	job=$!
	while kill -0 "$job" 2> /dev/null; do
		sleep 0.2
		[ ! -s "$file.pid" ] || ! grep -qE '^    not ok ' "$file" || break
		size=$(stat -c %s "$file" 2> /dev/null || true)
		[ "$size" = "$last" ] || since=$SECONDS
		last=$size
		[ $((SECONDS - since)) -lt 60 ] || break
	done
	kill "$(cat "$file.pid")" 2> /dev/null || true
	wait "$job" || true
	awk -f "$own/find.awk" "$log/none.log" "$file"
}

# reach: records which places each test reaches, in a file beside the kernel, once per kernel
reach()
{
	local test
	mkdir -p "$reached"
	while read -r test; do
		[ ! -e "$reached/$test" ] && mkdir "$reached/.$test" 2> /dev/null || continue
		start 0 "$test" "$log/reach.$test.log" vcp_mutant_record
		sed -n 's/.*vcp_mutant: reached \([0-9]*\).*/\1/p' "$log/reach.$test.log" \
			> "$reached/.$test/list"
		mv "$reached/.$test/list" "$reached/$test"
	done < "$log/tests"
}

# reaching NUMBER: the tests that reach the place; those that reach few others come first
reaching()
{
	(cd "$reached" && grep -lx -e "$1" -- * || true) | while read -r test; do
		echo "$(wc -l < "$reached/$test") $test"
	done | sort -n | cut -d' ' -f2
}

# first NUMBER NAME TEST...: the first of these that notices it, and how, or nothing
first()
{
	local test got
	for test in "${@:3}"; do
		got=$(alone "$1" "$2" "$test")
		case $got in
		lost | passes) ;;
		fails) echo " $test"; return ;;
		*) echo " $got:$test"; return ;;
		esac
	done
}

# named: tries the tests that the entries name
named()
{
	local number name said tests
	for number in "${chosen[@]}"; do
		mkdir "$log/.named.$number" 2> /dev/null || continue
		name=$(field "$number" 2)
		read -ra tests <<< "$(field "$number" 8)"
		[ "${tests[*]}" != - ] || continue
		said=$(first "$number" "$name" "${tests[@]}")
		[ ! "$said" ] || echo "$name:$said" | tee "$log/$name.result" >&2
	done
}

# find_one NUMBER NAME: prints which test notices it, and how, in a run of that test alone
find_one()
{
	local suite test got said='' few=12 tests
	# A mutant that is active from the beginning is reached before the first test, too.
	if [ "$(field "$1" 10)" = boot ]; then
		mapfile -t tests < "$log/tests"
		few=0
	else
		mapfile -t tests < <(reaching "$1")
		[ ${#tests[@]} -le $few ] || few=2
	fi
	said=$(first "$1" "$2" "${tests[@]:0:few}")
	if [ ! "$said" ] && [ ${#tests[@]} -gt $few ]; then
		for suite in $(printf '%s\n' "${tests[@]}" | cut -d. -f1 | awk '!seen[$1]++'); do
			test=$(seek "$1" "$2" "$suite.*")
			[ "$test" ] || continue
			got=$(first "$1" "$2" "$test")
			said+=${got:- not-alone:$test}
			[ ! "$got" ] || break
		done
	fi
	[ ${#tests[@]} != 0 ] || said=" unreached"
	echo "$2:${said:- nobody}"
}
