# SPDX-License-Identifier: GPL-2.0
# choose.awk - print the numbers of the mutants to run
#
# usage: awk -F '\t' -v names=' NAME ... ' -v sample=N -v find=1 -f choose.awk INDEX
#
# No names: all. A sample of N has the first mutant of each file, and others evenly distributed;
# none that hang or need a kernel of their own, which takes time.

$7 == "equivalent" || (!find && $7 == "survives") { next }
sample != "" && ($9 ~ /hangs/ || $12 != "MUTANTS") { next }
find && $12 != "MUTANTS" { next }
names != "  " && !index(names, " " $2 " ") { next }
{ number[++n] = $1; of_file[n] = $4; if (!($4 in seen)) { seen[$4] = 1; files++ } }
END {
	if (sample == "" || sample > n)
		sample = n
	rest = n - files
	want = sample > files ? sample - files : 0
	split("", seen)
	for (i = 1; i <= n; i++) {
		if (!(of_file[i] in seen)) {
			seen[of_file[i]] = 1
			print number[i]
		} else if (int(++k * want / rest) != int((k - 1) * want / rest)) {
			print number[i]
		}
	}
}
