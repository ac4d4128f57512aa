# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# bench/compare, bench/targets.awk and bench/report on invented facts. Sourced by run.

toy=$tmp/bench
bench=$here/../../bench
mkdir -p "$toy"/{bases,docs,out}
ln -s "$(realpath "$bench")" "$toy/bench"
echo words | tee "$toy/docs/cost.md" >"$toy/docs/cost-tables.md"

facts() { awk -f "$here/bench-facts.awk"; }

# judged SED-SCRIPT: the verdicts on facts that are changed by it
judged() {
	sed "$1" "$toy/facts" |
		jq -r \
		'[.kernel, .case, .method, .state, (.pages // .order), .value, .unit] | @tsv' |
		awk -F '\t' -f "$bench/format.awk" -f "$bench/targets.awk"
}
# spoiled SED-SCRIPT TEXT: that makes the target of TEXT a failure, and that one only
spoiled() {
	judged "$1" >"$tmp/verdicts"
	cat "$tmp/verdicts"
	[ "$(grep -c '\*\*no\*\*' "$tmp/verdicts")" = 1 ] && grep -F -q "| $2 " \
		<(grep '\*\*no\*\*' "$tmp/verdicts")
}
value() { echo "/$1/s/\"value\":[0-9.]*/\"value\":$2/"; }
pair() { value "\"pair\",\"method\":\"$1\",\"state\":\"$2\",\"pages\":$3," "$4"; }

facts >"$toy/facts"
expect 'targets: all at their limits are reached' 1 '' grep '\*\*no\*\*' <(judged '')
expect 'targets: as many as there are' 0 '^24$' grep -c '| yes |' <(judged '')
expect 'targets: one instruction too many' 0 '' spoiled "$(pair vcompound fresh 8 2061)" \
	'contiguous, 2, 4, 8 pages: alloc_pages + 60'
expect 'targets: the worst figure is named' 0 '4,401 of 4,400 \(5 pages, vcompound_exact\)' judged \
	"$(pair vcompound_exact fresh 5 4401)"
expect 'targets: a miss that rounding would hide' 0 \
	'4400.40 of 4400.00 \(5 pages, vcompound_exact\) \| \*\*no' judged \
	"$(pair vcompound_exact fresh 5 4400.4)"
expect 'targets: where each limit comes from' 0 '^24$' grep -c -E \
	'^\| [^|]+ \| [^|]{10,60} \| [0-9][0-9.,]* of [0-9][0-9.,]* \([^|]+\) \| yes \|$' \
	<(judged '')
expect 'targets: the columns' 0 \
	'^\| target \| where the limit comes from \| the figure nearest to its limit \| reached \|$' \
	judged ''
expect 'targets: a large exact size' 0 '' spoiled "$(pair vcompound_exact fresh 129 3000.5)" \
	'exact, 17 to 257 pages: 1.5 × alloc_pages of the next order'
expect 'targets: a wasted page' 0 '' spoiled \
	"$(value '"waste","method":"vcompound_exact","state":"fresh","pages":9,' 10)" \
	'exact sizes: no page more than requested'
expect 'targets: mapped' 0 '' spoiled "$(pair vcompound forced 512 9501)" \
	'mapped, 4 to 512 pages: 0.95 × vmalloc'
expect 'targets: somebody else pays' 0 '' spoiled \
	"$(value '"vcompound","case":"hook","method":"kfree"' 21)" \
	'kernel vcompound: no instruction more for other code'
expect 'targets: a request not served' 0 '' spoiled \
	"$(value '"hostile","method":"vcompound","state":"order1","order":9' 99.9)" \
	'no free block of order 2 or more: 100 % served'
expect 'targets: a stall' 0 '' spoiled "$(value '"pages":64,.*"stalls"' 1)" \
	'mapped: no stall in direct reclaim or compaction'
expect 'targets: a lock more' 0 '' spoiled \
	"$(value '"locks","method":"vcompound","state":"fresh","pages":64,' 2.06)" \
	'contiguous by order: zone->lock as often as alloc_pages'
expect 'targets: a lock more when many are held' 0 '' spoiled \
	"$(value '"locks_held","method":"vcompound","state":"forced","pages":2,' 4.66)" \
	'mapped: zone->lock as often as vmalloc'
# 16: of all methods, so that nothing but the count of the known figure is wrong
for count in 0 1 3; do
	expect "targets: locks that are not counted right: $count" 0 '' spoiled \
		"$(value '"locks".*"fresh","pages":16,' "$count")" \
		'contiguous by order: zone->lock as often as alloc_pages'
done
expect 'targets: a purge more' 0 '' spoiled \
	"$(value '"flush","method":"vcompound".*"flushes"' 201)" \
	'100,000 mapped pairs: flushes and page tables as vmalloc'
expect 'targets: code that grew' 0 '' spoiled "$(value '"vfallback","case":"text"' 1005.1)" \
	'kernel vfallback: .text 0.5 % larger'
expect 'targets: what was not measured is not reached' 0 '1 figures are missing \| \*\*no\*\*' \
	judged '/"pair","method":"vcompound","state":"order0","pages":2,/d'
gone='figures are missing \| \*\*no\*\*'
for fact in '"waste","method":"vcompound_exact","state":"fresh","pages":9,' \
	'"vfallback","case":"text"' '"plain","case":"text"' '"calls"' '"pages":64,.*"stalls"' \
	'"locks","method":"alloc_pages","state":"fresh","pages":16,' \
	'"locks_held","method":"vcompound","state":"forced","pages":512,' \
	'"flush","method":"vmalloc".*"flushes"' \
	'"hostile","method":"vcompound","state":"order1","order":9,'; do
	expect "targets: nor is $fact" 0 "$gone" judged "/$fact/d"
done
expect 'targets: a test of vmalloc that did not run' 0 '' spoiled \
	'/"vfallback","case":"test_vmalloc","method":"test3"/d' 'lib/test_vmalloc: 1 % of plain'

# compared SED-SCRIPT: the facts with those that the script makes of them
compared() {
	sed "$1" "$toy/facts" >"$toy/again"
	"$bench/compare" "$toy/facts" "$toy/again"
}
expect 'compare: the same' 0 ' 0 differ .* worst differs by 0.000 %' compared ''
expect 'compare: one per cent' 0 'the worst differs by 1.000 %' compared \
	"$(pair alloc_pages fresh 2 1980)"
expect 'compare: more, one line for each' 1 \
	'^vfallback pair alloc_pages fresh 2 instructions: 2000.* and 1979$' compared \
	"$(pair alloc_pages fresh 2 1979)"
expect 'compare: a fact that is gone' 1 '^plain hook kfree fresh 1 instructions: 20.* and -$' \
	compared '/"plain","case":"hook","method":"kfree"/d'
expect 'compare: nothing' 1 '' "$bench/compare" /dev/null /dev/null

# sizes FILE: what the bench says of a kernel's size
sizes() (
	set -eo pipefail
	# shellcheck source=/dev/null
	. <(sed -n '/^sizes_of/,/^}/p' "$bench/../scripts/machine/bench")
	sizes_of toy "$1"
)
read -r text data bss _ < <(size "$BASH" | tail -n 1)
expect 'sizes: text' 0 "\"size\",\"method\":\"text\".*\"value\":$text," sizes "$BASH"
expect 'sizes: data' 0 "\"size\",\"method\":\"data\".*\"value\":$data," sizes "$BASH"
expect 'sizes: bss' 0 "\"size\",\"method\":\"bss\".*\"value\":$bss," sizes "$BASH"
expect 'sizes: .text, which is less than text' 0 \
	'"text","method":"vmlinux".*"value":[1-9][0-9]*,"unit":"bytes"}$' sizes "$BASH"
expect 'sizes: of nothing' 1 'No such file' sizes "$toy/nothing"

report=(env VCP_TOP="$toy" BASE=toy "$bench/report" "$toy/out/toy.jsonl")
tables=$toy/docs/cost-tables.md
cp "$toy/facts" "$toy/out/toy.jsonl"
expect 'report: draws nothing that was not measured' 1 \
	'plot: nothing measured of waste, alloc_pages, fresh' "${report[@]}"
expect 'report: leaves the tables alone then' 0 '^words$' cat "$tables"
{
	for method in alloc_pages alloc_pages_exact kvmalloc vmalloc; do
		sed -n \
			"s/\"waste\",\"method\":\"vcompound_exact\"/\"waste\",\"method\":\"$method\"/p" \
			"$toy/facts"
	done
	sed -n 's/\("pair","method":"vcompound_exact","state":"\)fresh"/\1order0"/p
		s/\("pair","method":"vcompound\)\(","state":"order0"\)/\1_exact\2/p' "$toy/facts"
} >>"$toy/out/toy.jsonl"
expect 'report: writes the tables and the plots' 0 \
	'^docs/cost-tables.md and docs/cost/ are up to date$' "${report[@]}"
expect 'report: in place of the old ones' 1 '' grep '^words$' "$tables"
expect 'report: the page written by hand stays' 0 '^words$' cat "$toy/docs/cost.md"
expect 'report: the base' 0 'on base toy\.' cat "$tables"
expect 'report: the targets' 0 \
	'^\| exact sizes: no page more than requested \| the number of pages requested \| 257 of 257 ' \
	cat "$tables"
expect 'report: the tables' 0 '^\| 5 \| 2,000 \| 4,400 .*\| 4,400 \| 2.20 \| 1.00 \|$' cat "$tables"
expect 'report: no figure of four digits without a separator' 1 '' grep -E '^\|.*[ -][0-9]{4}' \
	"$tables"
expect 'report: what is served over fragmentation' 0 '^\| 5 \| 50 \| 100 \| 100 \|$' cat "$tables"
expect 'report: wake-ups' 0 '^\| 4 \| \| \| 2 \| \| 5 \| \| \| \|$' cat "$tables"
expect 'report: locks, and of those forced' 0 '^\| 8 \| \| 4 \| 4.05 \| \| 4.05 \| \|$' cat \
	"$tables"
expect 'report: the columns of those forced' 0 \
	'^\| pages \| kvmalloc .*\| vcompound forced \| vcompound_exact forced \|$' cat "$tables"
expect 'report: blocks that are whole' 0 '^\| 9 \| 98 \| \| \| 31 \| \| \|$' cat "$tables"
expect 'report: what a failed attempt takes' 0 '^\| 32 \| 500 \| 0.05 \|' cat "$tables"
expect 'report: calls of other code' 0 '^\| alloc_pages \| 4 \| 20 \| 20 \| 0 \| 23 \| 3 \|$' cat \
	"$tables"
expect 'report: lib/test_vmalloc' 0 '^\| test5 \| 1,000 \| 1,005 \| 0.50 \| 1,010 \| 1.00 \|$' cat \
	"$tables"
expect 'report: the size of the kernels' 0 \
	'^\| vcompound \| 1,002 \| 0.25 \| 3,007 \| 7 \| 502 \| 1 \| 900 \| 0 \|$' cat "$tables"
links() { sed -n 's/^- \[.*\](#\(.*\))$/\1/p' "$tables"; }
headings() { sed -n 's/^## //p' "$tables" | tr '[:upper:] ' '[:lower:]-' | sed 's/[^a-z0-9_-]//g'; }
expect 'report: a link to each table' 0 '' diff <(links) <(headings)
for plot in contiguous mapped waste served; do
	expect "report: the plot of $plot" 0 '^</svg>' cat "$toy/docs/cost/$plot.svg"
done
# titled PLOT: the text of a plot, without what marks it up
titled() { sed 's/<[^>]*>//g' "$toy/docs/cost/$1.svg"; }
expect 'report: the ratio is in the title: contiguous' 0 \
	'by order at most 1.05 times alloc_pages\(\)' titled contiguous
expect 'report: the ratio is in the title: mapped' 0 '0.95 to 0.95 times vmalloc\(\)' titled mapped
expect 'report: the ratio is in the title: pages' 0 '1.00 pages per page requested' titled waste
expect 'report: the percentage is in the title' 0 'alloc_pages\(\) serves 30 %, vcompound 100 %' \
	titled served
expect 'report: lines are named at their ends' 0 'exact ÷ alloc_pages_exact' titled contiguous
sed 's/"instructions"/"ns"/' "$toy/facts" >"$toy/ns" && cat "$toy/ns" >>"$toy/out/toy.jsonl"
expect 'report: nanoseconds are not for the document' 0 'docs/ left alone' "${report[@]}"
