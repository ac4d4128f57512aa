# SPDX-License-Identifier: GPL-2.0
# instrument.awk - insert the mutants of one source file
#
# usage: awk -v path=FILE -v first=N -v index_file=OUT -f instrument.awk FILE.mutants SOURCE
#
# Prints SOURCE with every mutant behind vcp_mutant(N), and appends a line to OUT for each: number,
# name, kind, path, first line, last line, verdict, tests, ways, from, reason, kernel (by tabs).
# tests/mutants/instrument describes FILE.mutants. A text that is not there exactly once is an
# error.

function complain(what)
{
	printf "%s: %s\n", FILENAME_OF_MUTANTS, what > "/dev/stderr"
	failed = 1
}

function fail(what)
{
	complain(what)
	exit 1
}

# pattern(TEXT): a regular expression for it, with any white space where it has some
function pattern(text)
{
	gsub(/[][\\.^$*+?(){}|\/]/, "\\\\&", text)
	gsub(/[ \t\n]+/, "[ \t\n]+", text)
	return text
}

# search(I, FROM, TO): looks for the text of a mutant in that part of the source
function search(i, from, to,    text, re)
{
	text = substr(source, from, to - from)
	re = pattern(old[i])
	while (match(text, re)) {
		found[i]++
		start[i] = from + RSTART - 1
		end[i] = start[i] + RLENGTH
		from += RSTART
		text = substr(text, RSTART + 1)
	}
}

# place(I): where the text of a mutant is, in any function of the name that it gives; it must be
# there once
function place(i,    at, rest, brace, semicolon, length_of_body)
{
	if (within[i] == "") {
		search(i, 1, length(source) + 1)
	} else {
		at = 1
		while (match(substr(source, at), "\n([A-Za-z_][^\n]*[ *])?" within[i] "\\(")) {
			at += RSTART
			rest = substr(source, at)
			brace = index(rest, "\n{")
			semicolon = index(rest, ";")
			if (!brace || brace > semicolon)
				continue
			at += brace
			length_of_body = index(substr(source, at), "\n}")
			search(i, at, at + length_of_body)
			at += length_of_body - 1
		}
	}
	if (found[i] != 1)
		complain(name[i] ": its text is " (found[i] ? "more than once" : "not") " in " \
			(within[i] == "" ? path : within[i] "()"))
}

# choice(I, TEXT): the source's text, or the mutant's, as the kernel's parameter says
function choice(i, text,    call)
{
	call = "vcp_mutant(" first + i - 1 ")"
	if (old[i] ~ /[;}]$/)
		return "{ if (" call ") { " new[i] " } else { " text " } }"
	if (new[i] == "")
		fail(name[i] ": an expression can be replaced, not dropped")
	return "(" call " ? (" new[i] ") : (" text "))"
}

# emit(FROM, TO): that part of the source with the mutants in it, from the next one in order on
function emit(from, to,    out, i)
{
	while (next_one <= count && start[order[next_one]] < to) {
		i = order[next_one++]
		if (start[i] < from || end[i] > to)
			fail(name[i] ": overlaps another mutant, and neither holds the other")
		out = out substr(source, from, start[i] - from)
		out = out choice(i, emit(start[i], end[i]))
		from = end[i]
	}
	return out substr(source, from, to - from)
}

function add(text, more)
{
	return text == "" ? more : text "\n" more
}

# behind(I, J): that mutant begins after the other, or is inside it
function behind(i, j)
{
	return start[i] > start[j] || start[i] == start[j] && end[i] < end[j]
}

BEGIN { FILENAME_OF_MUTANTS = ARGV[1] }

FNR == NR && /^(#|$)/ { next }
FNR == NR && /^File: / { if (substr($0, 7) != path) fail("is for " $2 ", not " path); next }
FNR == NR && /^Mutant: [a-z0-9-]+ [a-z-]+$/ {
	if ($2 in seen)
		fail($2 " is there twice")
	seen[$2] = 1
	name[++count] = $2
	kind[count] = $3
	next
}
FNR == NR && !count { fail("no mutant before: " $0) }
FNR == NR && /^In: / { within[count] = $2; next }
FNR == NR && /^- / { old[count] = add(old[count], substr($0, 3)); next }
FNR == NR && /^\+ / { new[count] = add(new[count], substr($0, 3)); next }
FNR == NR && /^From: boot$/ { begins[count] = "boot"; next }
FNR == NR && /^Kernel: [A-Z0-9-]+$/ { kernel[count] = $2; next }
FNR == NR && /^Ways?: / { ways[count] = substr($0, index($0, " ") + 1); next }
FNR == NR && /^(Caught-by|Equivalent|Survives): / {
	if (verdict[count] != "")
		fail(name[count] " has two verdicts")
	verdict[count] = tolower(substr($1, 1, length($1) - 1))
	what[count] = substr($0, length($1) + 2)
	next
}
FNR == NR && /^ / { what[count] = what[count] $0; next }
FNR == NR { fail("what is: " $0) }

{ source = source $0 "\n" }

END {
	if (failed)
		exit 1
	for (i = 1; i <= count; i++) {
		sub(/^[ \t]+/, "", old[i])
		sub(/[ \t]+$/, "", old[i])
		if (old[i] == "" || verdict[i] == "")
			fail(name[i] ": no text or no verdict")
		place(i)
		for (j = i; j > 1 && behind(order[j - 1], i); j--)
			order[j] = order[j - 1]
		order[j] = i
	}
	if (failed)
		exit 1
	for (i = 1; i <= count; i++) {
		text = substr(source, 1, start[i] - 1)
		line = gsub(/\n/, "", text) + 1
		text = substr(source, start[i], end[i] - start[i])
		last = line + gsub(/\n/, "", text)
		tests = reason = "-"
		if (verdict[i] == "caught-by")
			tests = what[i]
		else
			reason = what[i]
		gsub(/,/, "", tests)
		printf "%d\t%s\t%s\t%s\t%d\t%d\t%s\t%s\t%s\t%s\t%s\t%s\n", first + i - 1,
			name[i], kind[i],
			path, line, last, verdict[i], tests, ways[i] == "" ? "fails" : ways[i],
			begins[i] == "" ? "tests" : begins[i], reason,
			kernel[i] == "" ? "MUTANTS" : kernel[i] >> index_file
	}
	next_one = 1
	printf "#include <linux/vcp_mutant.h>\n%s", emit(1, length(source) + 1)
}
