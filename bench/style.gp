# SPDX-License-Identifier: GPL-2.0
# Settings of all plots of the bench. Colours and the gray of the frame have contrast enough on
# white and on black.
set border 3 linecolor rgb "#7a7a7a"
set tics nomirror textcolor rgb "#7a7a7a"
set grid ytics linecolor rgb "#7a7a7a" linetype 0 linewidth 0.5
set tmargin at screen 0.80
set bmargin at screen 0.14
set title textcolor rgb "#7a7a7a"
set xlabel "pages" textcolor rgb "#7a7a7a"
set style line 1 linecolor rgb "#7a7a7a" pointtype 6 pointsize 0.7
set style line 2 linecolor rgb "#9a6e00" pointtype 4 pointsize 0.7
set style line 3 linecolor rgb "#b84f8c" pointtype 8 pointsize 0.9
set style line 4 linecolor rgb "#d0483f" pointtype 10 pointsize 0.9
set style line 5 linecolor rgb "#2c7cc9" pointtype 7 pointsize 0.7
set style line 6 linecolor rgb "#22874f" pointtype 5 pointsize 0.7
set style line 16 linecolor rgb "#22874f" pointtype 4 pointsize 0.7 dashtype 2
set logscale x
