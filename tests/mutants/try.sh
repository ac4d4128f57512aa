# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# One mutant and the tests that must notice it. Sourced by run, which sets own, log, images
# and appends (by kernel), kernel, limit, find, chosen and reached.

# field NUMBER N: of a mutant, as instrument.awk wrote it
field() { awk -F '\t' -v n="$1" -v f="$2" '$1 == n { print $f }' "$log/index"; }

# start NUMBER GLOB LOG [WORD...]: the kernel with that mutant, and only those tests
start() {
	local image=${images[$kernel]} parameter=vcp_mutant halt=halt status=0 words command
	[ "$1" = 0 ] || [ "$(field "$1" 10)" != boot ] || parameter=vcp_mutant_boot
	[[ $image != */bzImage ]] || halt=reboot
	read -ra words \
		<<<"kunit.enable=1 kunit.autorun=1 kunit_shutdown=$halt panic=-1 oops=panic \
panic_on_warn=1 panic_on_taint=bffff ${appends[$kernel]} kunit.filter_glob=$2 $parameter=$1 ${*:4}"
	command=("$image" "${words[@]}")
	[[ $image != */bzImage ]] || command=(qemu-system-x86_64 -accel "${ACCEL:-tcg,thread=multi}"
		-cpu 'max,la57=off' -M pc -smp '2,sockets=2' -m 1024M -nodefaults -display none \
			-no-reboot
		-serial stdio -kernel "$image" -append "console=ttyS0 ${words[*]}")
	timeout --foreground -k 5 "$limit" "${command[@]}" </dev/null >"$3" 2>&1 &
	echo $! >"$3.pid"
	# the shell says so when one is killed
	{ wait $! || status=$?; } 2>/dev/null
	[[ $image != */bzImage ]] || sed -i 's/\r$//; s/^\[ *[0-9.]*\] //' "$3"
	echo "exit $status" >>"$3"
}

# way TEST LOG: the result of that test: passes, fails, dies (in it, or after it failed), complains,
# hangs, or lost
way() {
	local status
	status=$(sed -n '$s/^exit //p' "$2")
	if grep -qE 'reboot: (System halted|Restarting system)' "$2" && [ "$status" = 0 ]; then
		if grep -qE "^ *not ok [0-9]+ ${1#*.}( |\$)" "$2"; then
			echo fails
		elif ! grep -qE "^ *ok [0-9]+ ${1#*.}( |\$)" "$2"; then
			echo lost
		elif ! "$SCRIPTS/machine/splat" "$kernel" "$2" >/dev/null; then
			echo complains
		else
			echo passes
		fi
	elif ! grep -q "# Subtest: ${1%.*}\$" "$2" ||
		grep -qE "^ *ok [0-9]+ ${1#*.}( |\$)" "$2"; then
		echo lost
	elif [ "$status" = 124 ] || [ "$status" = 137 ]; then
		echo hangs
	else
		echo dies
	fi
}

# alone NUMBER NAME TEST: the result of that test in a run of its own
alone() {
	start "$1" "$3" "$log/$2.$3.log"
	way "$3" "$log/$2.$3.log"
}

# try NUMBER: writes its result to the log's folder
try() {
	local name test got kernel=MUTANTS
	name=$(field "$1" 2)
	if [ "$find" ]; then
		[ -s "$log/$name.result" ] || find_one "$1" "$name" | tee "$log/$name.result" >&2
		return
	fi
	kernel=$(field "$1" 12)
	[ "$kernel" = MUTANTS ] || local limit=300
	for test in $(field "$1" 8); do
		if [ "$kernel" != MUTANTS ]; then
			start 0 "$test" "$log/$name.$test.none.log"
			got=$(way "$test" "$log/$name.$test.none.log")
			[ "$got" = passes ] || echo "$test $got without it" >>"$log/$name.bad"
		fi
		start "$1" "$test" "$log/$name.$test.log"
		got=$(way "$test" "$log/$name.$test.log")
		[[ " $(field "$1" 9) " = *" $got "* ]] || echo "$test $got" >>"$log/$name.bad"
	done
}

# none: runs all tests without a mutant; the log lists the tests
none() {
	note '  no mutant: all tests'
	limit=600 start 0 'v*' "$log/none.log"
	awk '/^    # Subtest: / { suite = $3 }
		/^    (not )?ok / {
			print suite "." ($1 == "not" ? $4 : $3) }' "$log/none.log" >"$log/tests"
}

# worker N: takes mutants that no other worker has taken
worker() {
	local number
	[ "$1" != 0 ] || [ "$find" ] || none
	for number in "${chosen[@]}"; do
		mkdir "$log/.$number" 2>/dev/null || continue
		[ $((number % 20)) != 0 ] || note "  mutant $number of $(wc -l <"$log/index")"
		try "$number"
	done
}

# The search for a test that notices a mutant.

# seek NUMBER NAME GLOB: the first of these tests that notices it; stops the kernel then, or after a
# minute without output
seek() {
	local file=$log/$2.log size last='' since=$SECONDS job
	limit=300 start "$1" "$3" "$file" &
	job=$!
	while kill -0 "$job" 2>/dev/null; do
		sleep 0.2
		[ ! -s "$file.pid" ] || ! grep -qE '^    not ok ' "$file" || break
		size=$(stat -c %s "$file" 2>/dev/null || true)
		[ "$size" = "$last" ] || since=$SECONDS
		last=$size
		[ $((SECONDS - since)) -lt 60 ] || break
	done
	kill "$(cat "$file.pid")" 2>/dev/null || true
	wait "$job" || true
	awk -f "$own/find.awk" "$log/none.log" "$file"
}

# reach: records which places each test reaches, in a file beside the kernel, once per kernel
reach() {
	local test
	mkdir -p "$reached"
	while read -r test; do
		[ ! -e "$reached/$test" ] && mkdir "$reached/.$test" 2>/dev/null || continue
		start 0 "$test" "$log/reach.$test.log" vcp_mutant_record
		sed -n 's/.*vcp_mutant: reached \([0-9]*\).*/\1/p' "$log/reach.$test.log" \
			>"$reached/.$test/list"
		mv "$reached/.$test/list" "$reached/$test"
	done <"$log/tests"
}

# reaching NUMBER: the tests that reach the place; those that reach few others come first
reaching() {
	(cd "$reached" && grep -lx -e "$1" -- * || true) | while read -r test; do
		echo "$(wc -l <"$reached/$test") $test"
	done | sort -n | cut -d' ' -f2
}

# first NUMBER NAME TEST...: the first of these that notices it, and how, or nothing
first() {
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
named() {
	local number name said tests
	for number in "${chosen[@]}"; do
		mkdir "$log/.named.$number" 2>/dev/null || continue
		name=$(field "$number" 2)
		read -ra tests <<<"$(field "$number" 8)"
		[ "${tests[*]}" != - ] || continue
		said=$(first "$number" "$name" "${tests[@]}")
		[ ! "$said" ] || echo "$name:$said" | tee "$log/$name.result" >&2
	done
}

# find_one NUMBER NAME: prints which test notices it, and how, in a run of that test alone
find_one() {
	local suite test got said='' few=12 tests
	# A mutant that is active from the beginning is reached before the first test, too.
	if [ "$(field "$1" 10)" = boot ]; then
		mapfile -t tests <"$log/tests"
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
