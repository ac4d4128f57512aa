# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# bench/compare, bench/targets.awk and bench/report on invented facts. Sourced by run.

toy=$tmp/bench
bench=$here/../../bench
mkdir -p "$toy"/{bases,docs,out}
ln -s "$(realpath "$bench")" "$toy/bench"
printf '<!-- figures, by make bench -->\nold\n<!-- end of figures -->\nwords\n' > "$toy/docs/cost.md"

# facts: a bench in which all is reached, each figure at its limit; one fact a line
facts()
{
	awk '
	function fact(kernel, kase, method, state, size, value, unit) {
		printf "{\"kernel\":\"%s\",\"case\":\"%s\",\"method\":\"%s\",\"state\":\"%s\",\"%s\":%d,\"value\":%.6f,\"unit\":\"%s\"}\n",
			kernel, kase, method, state, kase == "hostile" ? "order" : "pages", size, value, unit ? unit : "instructions"
	}
	function pair(method, state, size, value) { fact("vfallback", "pair", method, state, size, value) }
	BEGIN {
		n = split("2 4 8 16 32 64 128 256 512", two, " ")
		for (i = 1; i <= n; i++) {
			s = two[i]
			pair("alloc_pages", "fresh", s, 2000)
			pair("vcompound", "fresh", s, i <= 3 ? 2060 : 2100)
			pair("kvmalloc", "fresh", s, 2000)
			pair("vmalloc", "fresh", s, 8400)
			pair("vmalloc", "order0", s, 10000)
			pair("kvmalloc", "order0", s, 11200)
			pair("vcompound", "order0", s, i == 1 ? 10500 : 9500)
			pair("vcompound", "forced", s, i == 1 ? 10500 : 9500)
			fact("vfallback", "attempts", "vcompound", "order0", s, 1, "calls")
			fact("vfallback", "attempts", "vcompound", "order0", s, 0, "stalls")
			fact("vfallback", "waste", "vcompound", "fresh", s, s, "pages")
		}
		pair("kvmalloc", "fresh", 2, 2000)
		n = split("3 5 7 9 17 33 65 129 257", odd, " ")
		for (i = 1; i <= n; i++) {
			s = odd[i]
			pair("alloc_pages", "fresh", s, 2000)
			pair("alloc_pages_exact", "fresh", s, i <= 3 ? 4400 : i == 4 ? 9000 : 9003)
			pair("vcompound_exact", "fresh", s, i <= 3 ? 4400 : i == 4 ? 3200 : 3000)
			fact("vfallback", "waste", "vcompound_exact", "fresh", s, s, "pages")
		}
		n = split("page_address/1 virt_to_head_page/1 put_page/1 put_page_last/1 put_page_last/4 __free_pages/1 __free_pages/4 __free_pages_not_compound/4 alloc_pages/1 alloc_pages/4 kfree/1", hooks, " ")
		for (i = 1; i <= n; i++) {
			split(hooks[i], h, "/")
			fact("plain", "hook", h[1], "fresh", h[2], 20)
			fact("vcompound", "hook", h[1], "fresh", h[2], 20)
			fact("vfallback", "hook", h[1], "fresh", h[2], h[1] == "kfree" ? 20 : 23)
		}
		n = split("plain vcompound vfallback", kernels, " ")
		for (i = 1; i <= n; i++) {
			fact(kernels[i], "text", "vmlinux", "built", 0, 1000 + 2.5 * (i - 1), "bytes")
			for (j = 1; j <= 5; j++)
				fact(kernels[i], "test_vmalloc", "test" j, "fresh", 0, 1000 + 5 * (i - 1))
		}
		for (i = 2; i <= 9; i++) {
			fact("vfallback", "hostile", "alloc_pages", "order1", i, 10, "percent")
			fact("vfallback", "hostile", "kvmalloc", "order1", i, 90, "percent")
			fact("vfallback", "hostile", "vcompound", "order1", i, 100, "percent")
		}
		for (i = 0; i <= 9; i++) {
			if (i == 1)
				continue
			fact("vfallback", "hostile", "alloc_pages", "order" i, 4, 10 * i, "percent")
			fact("vfallback", "hostile", "kvmalloc", "order" i, 4, 100, "percent")
			fact("vfallback", "hostile", "vcompound", "order" i, 4, 100, "percent")
		}
		split("vmalloc vcompound", flush, " ")
		for (i = 1; i <= 2; i++) {
			fact("vfallback", "flush", flush[i], "forced", 16, 200, "purges")
			fact("vfallback", "flush", flush[i], "forced", 16, 3, "page-table pages")
		}
	}'
}

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
expect 'targets: as many as there are' 0 '^22$' grep -c '| yes |' <(judged '')
expect 'targets: one instruction too many' 0 '' spoiled "$(pair vcompound fresh 8 2061)" 'contiguous, 2, 4, 8 pages: alloc_pages + 60'
expect 'targets: the worst figure is named' 0 '4401 of 4400 \(5 pages, vcompound_exact\)' judged "$(pair vcompound_exact fresh 5 4401)"
expect 'targets: a large exact size' 0 '' spoiled "$(pair vcompound_exact fresh 129 3000.5)" 'exact, 17 to 257 pages: 1.5 × alloc_pages of the next order'
expect 'targets: a wasted page' 0 '' spoiled "$(value '"waste","method":"vcompound_exact","state":"fresh","pages":9,' 10)" 'exact sizes: no page wasted'
expect 'targets: mapped' 0 '' spoiled "$(pair vcompound forced 512 9501)" 'mapped, 4 to 512 pages: 0.95 × vmalloc'
expect 'targets: somebody else pays' 0 '' spoiled "$(value '"vcompound","case":"hook","method":"kfree"' 21)" 'kernel vcompound: no instruction for anybody else'
expect 'targets: a request not served' 0 '' spoiled "$(value '"hostile","method":"vcompound","state":"order1","order":9' 99.9)" 'hostile: 100 % served'
expect 'targets: a stall' 0 '' spoiled "$(value '"pages":64,.*"stalls"' 1)" 'mapped: no reclaim, no compaction'
expect 'targets: a purge more' 0 '' spoiled "$(value '"flush","method":"vcompound".*"purges"' 201)" '100,000 mapped pairs: purges and page tables as vmalloc'
expect 'targets: code that grew' 0 '' spoiled "$(value '"vfallback","case":"text"' 1005.1)" 'kernel vfallback: .text 0.5 % larger'
expect 'targets: what was not measured is not reached' 0 '1 figures are missing \| \*\*no\*\*' judged '/"pair","method":"vcompound","state":"order0","pages":2,/d'
gone='figures are missing \| \*\*no\*\*'
for fact in '"waste","method":"vcompound_exact","state":"fresh","pages":9,' '"vfallback","case":"text"' '"plain","case":"text"' \
	'"calls"' '"pages":64,.*"stalls"' '"flush","method":"vmalloc".*"purges"' '"hostile","method":"vcompound","state":"order1","order":9,'; do
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
for plot in instructions waste served; do
	expect "report: the plot of $plot" 0 '^</svg>' cat "$toy/docs/cost/$plot.svg"
done
sed 's/"instructions"/"ns"/' "$toy/facts" > "$toy/ns" && cat "$toy/ns" >> "$toy/out/toy.jsonl"
expect 'report: nanoseconds are not for the document' 0 'docs/ left alone' "${report[@]}"
