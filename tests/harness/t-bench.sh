# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# bench/compare, bench/targets.awk and bench/report on invented facts. Sourced by run.

toy=$tmp/bench
bench=$here/../../bench
mkdir -p "$toy"/{bases,docs,out}
ln -s "$(realpath "$bench")" "$toy/bench"
printf '<!-- figures, by make bench -->\nold\n<!-- end of figures -->\nwords\n' > "$toy/docs/cost.md"

facts() { awk -f "$here/bench-facts.awk"; }

# judged SED-SCRIPT: the verdicts on facts that are changed by it
judged()
{
	sed "$1" "$toy/facts" |
		jq -r '[.kernel, .case, .method, .state, (.pages // .order), .value, .unit] | @tsv' |
		awk -F '\t' -f "$bench/targets.awk"
}
# spoiled SED-SCRIPT TEXT: that makes the target of TEXT a failure, and that one only
spoiled()
{
	judged "$1" > "$tmp/verdicts"
	cat "$tmp/verdicts"
	[ "$(grep -c '\*\*no\*\*' "$tmp/verdicts")" = 1 ] && grep -F -q "| $2 " <(grep '\*\*no\*\*' "$tmp/verdicts")
}
value() { echo "/$1/s/\"value\":[0-9.]*/\"value\":$2/"; }
pair() { value "\"pair\",\"method\":\"$1\",\"state\":\"$2\",\"pages\":$3," "$4"; }

facts > "$toy/facts"
expect 'targets: all at their limits are reached' 1 '' grep '\*\*no\*\*' <(judged '')
expect 'targets: as many as there are' 0 '^24$' grep -c '| yes |' <(judged '')
expect 'targets: one instruction too many' 0 '' spoiled "$(pair vcompound fresh 8 2061)" 'contiguous, 2, 4, 8 pages: alloc_pages + 60'
expect 'targets: the worst figure is named' 0 '4401 of 4400 \(5 pages, vcompound_exact\)' judged "$(pair vcompound_exact fresh 5 4401)"
expect 'targets: a large exact size' 0 '' spoiled "$(pair vcompound_exact fresh 129 3000.5)" 'exact, 17 to 257 pages: 1.5 × alloc_pages of the next order'
expect 'targets: a wasted page' 0 '' spoiled "$(value '"waste","method":"vcompound_exact","state":"fresh","pages":9,' 10)" 'exact sizes: no page wasted'
expect 'targets: mapped' 0 '' spoiled "$(pair vcompound forced 512 9501)" 'mapped, 4 to 512 pages: 0.95 × vmalloc'
expect 'targets: somebody else pays' 0 '' spoiled "$(value '"vcompound","case":"hook","method":"kfree"' 21)" 'kernel vcompound: no instruction for anybody else'
expect 'targets: a request not served' 0 '' spoiled "$(value '"hostile","method":"vcompound","state":"order1","order":9' 99.9)" 'hostile: 100 % served'
expect 'targets: a stall' 0 '' spoiled "$(value '"pages":64,.*"stalls"' 1)" 'mapped: no stall for direct reclaim or direct compaction'
expect 'targets: a lock more' 0 '' spoiled "$(value '"locks","method":"vcompound","state":"fresh","pages":64,' 2.06)" 'contiguous by order: zone->lock as often as alloc_pages'
expect 'targets: a lock more when many are held' 0 '' spoiled "$(value '"locks_held","method":"vcompound","state":"forced","pages":2,' 4.66)" 'mapped: zone->lock as often as vmalloc'
# 16: of all methods, so that nothing but the count of the known figure is wrong
for count in 0 1 3; do
	expect "targets: locks that are not counted right: $count" 0 '' spoiled "$(value '"locks".*"fresh","pages":16,' "$count")" 'contiguous by order: zone->lock as often as alloc_pages'
done
expect 'targets: a purge more' 0 '' spoiled "$(value '"flush","method":"vcompound".*"purges"' 201)" '100,000 mapped pairs: purges and page tables as vmalloc'
expect 'targets: code that grew' 0 '' spoiled "$(value '"vfallback","case":"text"' 1005.1)" 'kernel vfallback: .text 0.5 % larger'
expect 'targets: what was not measured is not reached' 0 '1 figures are missing \| \*\*no\*\*' judged '/"pair","method":"vcompound","state":"order0","pages":2,/d'
gone='figures are missing \| \*\*no\*\*'
for fact in '"waste","method":"vcompound_exact","state":"fresh","pages":9,' '"vfallback","case":"text"' '"plain","case":"text"' \
	'"calls"' '"pages":64,.*"stalls"' '"locks","method":"alloc_pages","state":"fresh","pages":16,' \
	'"locks_held","method":"vcompound","state":"forced","pages":512,' '"flush","method":"vmalloc".*"purges"' '"hostile","method":"vcompound","state":"order1","order":9,'; do
	expect "targets: nor is $fact" 0 "$gone" judged "/$fact/d"
done
expect 'targets: a test of vmalloc that did not run' 0 '' spoiled '/"vfallback","case":"test_vmalloc","method":"test3"/d' 'lib/test_vmalloc: 1 % of plain'

# compared SED-SCRIPT: the facts with those that the script makes of them
compared()
{
	sed "$1" "$toy/facts" > "$toy/again"
	"$bench/compare" "$toy/facts" "$toy/again"
}
expect 'compare: the same' 0 ' 0 differ .* worst differs by 0.000 %' compared ''
expect 'compare: one per cent' 0 'the worst differs by 1.000 %' compared "$(pair alloc_pages fresh 2 1980)"
expect 'compare: more, one line for each' 1 '^vfallback pair alloc_pages fresh 2 instructions: 2000.* and 1979$' compared "$(pair alloc_pages fresh 2 1979)"
expect 'compare: a fact that is gone' 1 '^plain hook kfree fresh 1 instructions: 20.* and -$' compared '/"plain","case":"hook","method":"kfree"/d'
expect 'compare: nothing' 1 '' "$bench/compare" /dev/null /dev/null

# sizes FILE: what the bench says of a kernel's size
sizes()
(
	set -eo pipefail
	# shellcheck source=/dev/null
	. <(sed -n '/^sizes_of/,/^}/p' "$bench/../scripts/bench")
	sizes_of toy "$1"
)
read -r text data bss _ < <(size "$BASH" | tail -n 1)
expect 'sizes: text' 0 "\"size\",\"method\":\"text\".*\"value\":$text," sizes "$BASH"
expect 'sizes: data' 0 "\"size\",\"method\":\"data\".*\"value\":$data," sizes "$BASH"
expect 'sizes: bss' 0 "\"size\",\"method\":\"bss\".*\"value\":$bss," sizes "$BASH"
expect 'sizes: .text, which is less than text' 0 '"text","method":"vmlinux".*"value":[1-9][0-9]*,"unit":"bytes"}$' sizes "$BASH"
expect 'sizes: of nothing' 1 'No such file' sizes "$toy/nothing"

report=(env VCP_TOP="$toy" BASE=toy "$bench/report" "$toy/out/toy.jsonl")
cp "$toy/facts" "$toy/out/toy.jsonl"
expect 'report: draws nothing that was not measured' 1 'plot: nothing measured of waste, alloc_pages, fresh' "${report[@]}"
expect 'report: leaves the document alone then' 0 '^old$' cat "$toy/docs/cost.md"
for method in alloc_pages alloc_pages_exact kvmalloc vmalloc; do
	sed -n "s/\"waste\",\"method\":\"vcompound_exact\"/\"waste\",\"method\":\"$method\"/p" "$toy/facts"
done >> "$toy/out/toy.jsonl"
sed -n 's/"pair","method":"vcompound_exact","state":"fresh"/"pair","method":"vcompound_exact","state":"order0"/p' "$toy/facts" >> "$toy/out/toy.jsonl"
expect 'report: the document has the figures' 0 '^docs/cost.md and docs/cost/ are up to date$' "${report[@]}"
expect 'report: between its marks only' 0 '^words$' cat "$toy/docs/cost.md"
expect 'report: in place of the old ones' 1 '' grep '^old$' "$toy/docs/cost.md"
expect 'report: the tables' 0 '^\| 5 \| 2000 \| 4400 .*\| 4400 \| 2.20 \| 1.00 \|$' cat "$toy/docs/cost.md"
expect 'report: what is served over fragmentation' 0 '^\| 5 \| 50 \| 100 \| 100 \|$' cat "$toy/docs/cost.md"
expect 'report: wake-ups' 0 '^\| 4 \| \| \| 2 \| \| 5 \| \| \| \|$' cat "$toy/docs/cost.md"
expect 'report: locks, and of those forced' 0 '^\| 8 \| \| 4.00 \| 4.05 \| \| 4.05 \| \|$' cat "$toy/docs/cost.md"
expect 'report: the columns of those forced' 0 '^\| pages \| kvmalloc .*\| vcompound forced \| vcompound_exact forced \|$' cat "$toy/docs/cost.md"
expect 'report: blocks that are whole' 0 '^\| 9 \| 98 \| \| \| 31 \| \| \|$' cat "$toy/docs/cost.md"
expect 'report: what a failed attempt takes' 0 '^\| 32 \| 500 \| 0.05 \|' cat "$toy/docs/cost.md"
expect 'report: the size of the kernels' 0 '^\| vcompound \| 1002 \| 1.0025 \| 3007 \| 7 \| 502 \| 1 \| 900 \| 0 \|$' cat "$toy/docs/cost.md"
for plot in instructions waste served; do
	expect "report: the plot of $plot" 0 '^</svg>' cat "$toy/docs/cost/$plot.svg"
done
sed 's/"instructions"/"ns"/' "$toy/facts" > "$toy/ns" && cat "$toy/ns" >> "$toy/out/toy.jsonl"
expect 'report: nanoseconds are not for the document' 0 'docs/ left alone' "${report[@]}"
