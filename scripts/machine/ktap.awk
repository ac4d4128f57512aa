# SPDX-License-Identifier: GPL-2.0
# Counts and checks the results of KTAP reports: scripts/machine/ktap --help has the rules.
# scenario, known, want (its lines of tests/results, or none) and counts are its arguments.

function complain(what)
{
	failed++
	print "  " what
}

# path(D): names of the open blocks down to depth D, for messages
function path(d,    i, p)
{
	for (i = 1; i <= d; i++)
		if (name[i] != "")
			p = p name[i] "/"
	return p
}

# close_from(D): blocks at depth D and deeper end here
function close_from(d)
{
	for (; depth >= d; depth--) {
		if (plan[depth] == "" && depth == 0)
			complain("a report without a plan")
		if (plan[depth] != "" && seen[depth] != plan[depth])
			complain("not ok: " (depth ? path(depth) : "the report") \
				" ended after " seen[depth] + 0 " of " plan[depth])
		bad_inside[depth] = failed + excused - failed_at[depth]
	}
}

function open(d)
{
	close_from(d)
	depth = d
	plan[d] = name[d] = ""
	seen[d] = 0
	failed_at[d] = failed + excused
}

# due: reports each suite whose results differ from tests/results
function due(    n, i, line, f, expected, n_results)
{
	if (want == "none") {
		complain("tests/results does not have " scenario ": tests/count " scenario \
			" writes its lines")
		return
	}
	n = split(want, line, "\n")
	for (i = 1; i <= n; i++) {
		split(line[i], f, " ")
		expected[f[1]] = 1
		n_results = f[1] in results ? results[f[1]] : 0
		if (n_results != f[2])
			complain("suite " f[1] ": " n_results " results, tests/results has " f[2])
		if (f[1] in skips_of && skips_of[f[1]] > f[3])
			complain("suite " f[1] ": " skips_of[f[1]] " skipped, tests/results has " \
				f[3] ":" skip_list)
	}
	for (i in results)
		if (n && !(i in expected))
			complain("suite " i ": " results[i] \
				" results, tests/results does not have it")
}

BEGIN { depth = -1; failed = passed = skipped = excused = 0 }

{
	sub(/\r$/, "")
	sub(/^\[ *[0-9]+\.[0-9]+\](\[ *[CT][0-9]+\])? /, "")
	match($0, /^ */)
	d = int(RLENGTH / 4)
	line = substr($0, RLENGTH + 1)
}

line ~ /^K?TAP version [0-9]+$/ { open(d); next }

line ~ /^# Subtest: / {
	if (d > depth)
		open(d)
	name[d] = substr(line, 12)
	next
}

line ~ /^1\.\.[0-9]+$/ {
	if (d > depth)
		open(d)
	if (d == depth)
		plan[d] = substr(line, 4) + 0
	next
}

line ~ /^(not )?ok [0-9]+( |$)/ {
	if (d > depth + 1 || depth < 0)
		next
	if (d > depth)
		open(d)
	had = depth > d
	close_from(d + 1)
	suite = d && name[1] != "" ? name[1] : "-"
	if (!had)
		results[suite]++
	ok = line !~ /^not /
	split(line, word, " ")
	number = word[ok ? 2 : 3] + 0
	what = line
	sub(/^(not )?ok [0-9]+ *(- *)?/, "", what)
	seen[d]++
	if (number != seen[d]) {
		complain("not ok: " path(d) what ": result " number " where " seen[d] " was due")
		seen[d] = number
	}
	if (had) {
		if (!ok && !bad_inside[d + 1])
			complain("not ok: " path(d) what)
	} else if (!ok && known != "" && (path(d) what) ~ known) {
		excused++
	} else if (!ok) {
		complain("not ok: " path(d) what)
	} else if (toupper(what) ~ /# *SKIP/) {
		skipped++
		skips_of[suite]++
		skip_list = skip_list "\n  skipped: " path(d) what
	} else {
		passed++
	}
}

END {
	close_from(0)
	total = passed + failed + skipped + excused
	if (!total)
		complain("no results")
	due()
	if (counts != "") {
		printf "" > counts
		for (suite in results)
			print suite, results[suite], skips_of[suite] + 0 > counts
	}
	printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped + excused
	exit failed > 0
}
