# SPDX-License-Identifier: GPL-2.0
# hunks.awk - print the hunks of a diff that no mutant touches and no line of a list excuses
#
# usage: git diff -U0 ... | awk -F '\t' -v list=LIST -f hunks.awk INDEX LIST -
#
# INDEX is the output of instrument.awk. A line of LIST that excuses nothing is printed too.

FILENAME == ARGV[1] { spans[$4] = spans[$4] " " $5 "-" $6; next }
FILENAME == list { if ($0 !~ /^(#|$)/) { file[++n] = $1; text[n] = $2 } next }
function judge(    k, i, j, ends) {
	if (code == "")
		return
	k = split(spans[path], part, " ")
	for (i = 1; i <= k; i++) {
		split(part[i], ends, "-")
		for (j = from; j <= to; j++)
			if (j >= ends[1] && j <= ends[2])
				return
	}
	for (i = 1; i <= n; i++)
		if (path ~ ("^" file[i] "$") && (text[i] == "*" || index(code, text[i]))) {
			used[i] = 1
			return
		}
	print "no mutant: " path ":" from ": " code
}
/^\+\+\+ b\// { judge(); code = ""; path = substr($0, 7); next }
/^@@ / {
	judge()
	code = ""
	split($0, part, " ")
	k = split(substr(part[3], 2), ends, ",")
	from = ends[1]
	to = from + (k > 1 ? ends[2] : 1) - 1
	next
}
/^\+[^+]/ {
	line = substr($0, 2)
	gsub(/^[ \t]+|[ \t]+$/, "", line)
	# comments, includes, braces and declarations alone have nothing to get wrong
	if (line !~ /^(\/?\*|\/\/|#|[{}]*;?$|else$|break;$)/)
		code = code (code == "" ? "" : " ") line
}
END {
	judge()
	for (i = 1; i <= n; i++)
		if (!used[i])
			print "for nothing in uncovered: " file[i] " " text[i]
}
