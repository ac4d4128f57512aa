# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# How the bench writes figures (bench/format.awk), and where its plots name lines (bench/panel.awk).
# Sourced by run.

# written FUNCTION X: what format.awk makes of a figure
written() { awk -f "$here/../../bench/format.awk" -f <(echo "BEGIN { print $1(\"$2\") }"); }
while read -r function x text; do
	expect "format: $function of $x" 0 "^$text\$" written "$function" "$x"
done <<'EOT'
rounded 1436.4 1,436
rounded 999.4 999
rounded 1234567.5 1,234,568
rounded -9834.2 -9,834
rounded -0.2 0
figure 196.434 196
figure 99.994 99.99
figure 99.996 100
figure 0.06 0.06
figure 3.1 3.10
figure 2.004 2
figure -0.001 0
figure 3348488 3,348,488
EOT

# placed Y...: the heights at which lines that end there are named, from the top down
placed() {
	local y i=0
	for y; do
		i=$((i + 1))
		echo "2 $y" >"$tmp/line$i"
		echo "line$i 1 the name of $i"
	done | awk -v min=0 -v max=1 -v log10y=0 -v dir="$tmp" -f "$here/../../bench/panel.awk" |
		sed -n \
		's/^set label "the name of \([0-9]\)" at graph [0-9.]*, graph \([0-9.-]*\) .*/\1:\2/p' |
		tr '\n' ' '
}
expect 'panel: names stand at the ends of their lines' 0 '^2:0.9000 1:0.5000 3:0.1000 $' placed \
	0.5 0.9 0.1
expect 'panel: none over another' 0 '^1:0.5310 2:0.4690 3:0.1000 $' placed 0.5 0.5 0.1
expect 'panel: groups that meet are one' 0 '^3:0.5930 4:0.5310 1:0.4690 2:0.4070 $' placed 0.48 \
	0.48 0.52 0.52
