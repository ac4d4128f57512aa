# SPDX-License-Identifier: GPL-2.0
# How the tables of the bench write figures; read by awk before targets.awk and tables.awk.

# grouped TEXT: a decimal number, with a comma before each three digits of its whole part
function grouped(x,    sign, whole, rest, tail) {
	sign = sub(/^-/, "", x) && x + 0 ? "-" : ""
	whole = x
	sub(/\..*/, "", whole)
	rest = substr(x, length(whole) + 1)
	for (; length(whole) > 3; whole = substr(whole, 1, length(whole) - 3))
		tail = "," substr(whole, length(whole) - 2) tail
	return sign whole tail rest
}

function rounded(x) { return grouped(sprintf("%.0f", x)) }

# figure X: a whole number from 100 on; below that two decimals, unless both are zeros
function figure(x,    text) {
	x += 0
	if (x >= 99.995 || x <= -99.995)
		return rounded(x)
	text = grouped(sprintf("%.2f", x))
	sub(/\.00$/, "", text)
	return text
}

# Cells of a table; an empty one if the figure was not measured.
function number(x) { return x == "" ? "| " : "| " rounded(x) " " }
function exact(x) { return x == "" ? "| " : "| " figure(x) " " }
function two_decimals(x) { return "| " grouped(sprintf("%.2f", x)) " " }
function ratio(x, y) { return x == "" || y + 0 == 0 ? "| " : two_decimals(x / y) }
function percent_more(x, y) {
	return x == "" || y + 0 == 0 ? "| " : two_decimals((x / y - 1) * 100)
}
