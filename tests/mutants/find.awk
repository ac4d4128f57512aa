# SPDX-License-Identifier: GPL-2.0
# find.awk - print the first test of a run that failed or in which the kernel ended, or nothing
#
# usage: awk -f find.awk LOG-WITHOUT-MUTANT LOG
#
# A test that fails without a mutant is left out.

/^    # Subtest: / { suite = $3; open = "" }
/^        # Subtest: / { open = suite "." $3 }
/^    (not )?ok / {
	test = suite "." ($1 == "not" ? $4 : $3)
	open = ""
}
FNR == NR {
	if (/^    (not )?ok /) {
		if ($1 == "not")
			fails[test] = 1
		if (!(suite in first))
			first[suite] = test
		after[last_of_all] = test
		last_of_all = test
	}
	next
}
FNR == 1 { last = test = open = suite = said = "" }
/^    (not )?ok / {
	last = test
	if ($1 == "not" && !(test in fails) && said == "")
		said = test
}
/reboot: System halted/ { ended = 1 }
END {
	if (said == "" && !ended && suite != "")
		said = open != "" ? open : last == "" ? first[suite] : after[last]
	if (said != "")
		print said
}
