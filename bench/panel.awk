# SPDX-License-Identifier: GPL-2.0
# One panel of a plot, as commands of gnuplot. Each line of the input has a file of points, a line
# style and a name.
#
# Writes each name at the end of its line, beside the frame, in its colour. Names are at least GAP
# apart (a part of the panel's height), so that none is written over another; a thin line leads to
# each. Needs min, max and log10y (1 if the y axis is logarithmic) of the panel, and dir, the folder
# of the files.

function height(y) {
	return log10y ? log(y / min) / log(max / min) : (y - min) / (max - min)
}

{
	name = $0
	sub(/^[^ ]+ [^ ]+ /, "", name)
	file[NR] = $1
	style[NR] = $2
	names[NR] = name
	while ((getline point < (dir "/" $1)) > 0) {
		split(point, xy, " ")
		end_x[NR] = xy[1]
		end_y[NR] = xy[2]
	}
	place[NR] = height(end_y[NR])
}

END {
	gap = 0.062
	for (i = 1; i <= NR; i++)
		order[i] = i
	# from the top down; of two at the same height the one that comes first
	for (i = 2; i <= NR; i++)
		for (j = i; j > 1 && place[order[j]] > place[order[j - 1]]; j--) {
			t = order[j]
			order[j] = order[j - 1]
			order[j - 1] = t
		}
	# groups of names that touch are spread around the middle of their points
	for (i = 1; i <= NR; i++) {
		n++
		first[n] = last[n] = i
		middle[n] = place[order[i]]
		while (n > 1 && middle[n - 1] - middle[n] < gap * (last[n] - first[n - 1] + 1) / 2) {
			k1 = last[n - 1] - first[n - 1] + 1
			k2 = last[n] - first[n] + 1
			middle[n - 1] = (middle[n - 1] * k1 + middle[n] * k2) / (k1 + k2)
			last[n - 1] = last[n]
			n--
		}
	}
	print "unset label\nunset arrow"
	for (g = 1; g <= n; g++)
		for (i = first[g]; i <= last[g]; i++) {
			y = middle[g] + gap * ((first[g] + last[g]) / 2 - i)
			k = order[i]
			printf "set label \"%s\" at graph 1.075, graph %.4f left textcolor linestyle %d\n",
				names[k], y, style[k] % 10
			printf "set arrow from first %s, first %s to graph 1.065, graph %.4f " \
				"nohead linestyle %d linewidth 0.5 dashtype 3\n",
				end_x[k], end_y[k], y, style[k] % 10
		}
	printf "plot"
	for (i = 1; i <= NR; i++)
		printf "%s \"%s\" with linespoints linestyle %d notitle",
			(i > 1 ? "," : ""), file[i], style[i]
	print ""
}
