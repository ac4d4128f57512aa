# SPDX-License-Identifier: GPL-2.0
# table.awk - print the number of mutants and their results by file; fail below a score of 90 %
#
# usage: awk -F '\t' -v bad=' NAME ... ' -f table.awk INDEX
#
# bad: those that were not caught as their entries say.

index(bad, " " $2 " ") { $7 = "survives"; $11 = "not as it says" }
{ all[$4]++; if (!($4 in order)) { order[$4] = ++n; path[n] = $4 } of[$4, $7]++; sum[$7]++ }
$7 == "survives" { list = list "  survives: " $2 " (" $4 "): " $11 "\n" }
$7 == "equivalent" { list = list "  equivalent: " $2 " (" $4 "): " $11 "\n" }
END {
	printf "%-36s %7s %7s %9s %10s\n", "file", "mutants", "caught", "surviving", "equivalent"
	for (i = 1; i <= n; i++)
		printf "%-36s %7d %7d %9d %10d\n", path[i], all[path[i]], of[path[i], "caught-by"],
			of[path[i], "survives"], of[path[i], "equivalent"]
	printf "%-36s %7d %7d %9d %10d\n%s", "all", NR, sum["caught-by"], sum["survives"],
		sum["equivalent"], list
	score = 100 * sum["caught-by"] / (NR - sum["equivalent"])
	printf "score: %.1f %%\n", score
	exit score < 90
}
