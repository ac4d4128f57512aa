# SPDX-License-Identifier: GPL-2.0
# The limits of the cost, where each comes from, and the cost that is reached, as a Markdown table,
# from rows of kernel, case, method, state, size, value, unit. If a figure is missing, its target is
# missed. Needs format.awk.

{ v[$1, $2, $3, $4, $5] = $6; by_unit[$1, $2, $3, $5, $7] = $6 }

function get(kernel, kase, method, state, size) {
	if (!((kernel, kase, method, state, size) in v))
		missing++
	return v[kernel, kase, method, state, size]
}

# get_unit: of a case that has several, in one state
function get_unit(kase, method, size, unit) {
	if (!(("vfallback", kase, method, size, unit) in by_unit))
		missing++
	return by_unit["vfallback", kase, method, size, unit]
}

function pair(method, state, size) { return get("vfallback", "pair", method, state, size) }

# Looks at METHOD in STATE, for each of SIZES, against FACTOR times OTHER and EXTRA instructions.
function most(sizes, method, state, factor, other, other_state, extra,    n, i, s, limit) {
	n = split(sizes, s, " ")
	for (i = 1; i <= n; i++) {
		limit = factor * pair(other, other_state, s[i]) + extra
		judge(pair(method, state, s[i]), limit, s[i] " pages, " method)
	}
}

# Looks at how often METHOD takes a zone->lock, one at a time and when many are held, against FACTOR
# times OTHER.
function most_locks(size, method, state, factor, other, other_state,    i, kase, limit) {
	for (i = split("locks locks_held", kase, " "); i > 0; i--) {
		limit = factor * get("vfallback", kase[i], other, other_state, size) + 0.05
		judge(get("vfallback", kase[i], method, state, size), limit, size " pages, " method \
			(state == "forced" ? " forced" : "") (i == 2 ? ", many held" : ""))
	}
}

# Remembers the figure that is nearest to its limit, or worst beyond it.
function judge(value, limit, what,    share) {
	share = limit > 0 ? value / limit : value > 0 ? 999 : 0
	if (!judged++ || share > worst) {
		worst = share
		# a miss that rounding would hide is not rounded
		if (share > 1.0000001 && figure(value) == figure(limit))
			reached = sprintf("%.2f of %.2f (%s)", value, limit, what)
		else
			reached = figure(value) " of " figure(limit) " (" what ")"
	}
}

# say TARGET SOURCE: the verdict on what was judged since the last one; SOURCE says where the limit
# comes from
function say(target, source) {
	printf "| %s | %s | %s | %s |\n", target, source,
		missing ? missing " figures are missing" : reached,
		!missing && worst <= 1.0000001 ? "yes" : "**no**"
	judged = missing = worst = 0
}

function hooks(kernel, names, extra,    n, i, s, part, value) {
	n = split(names, s, " ")
	for (i = 1; i <= n; i++) {
		split(s[i], part, "/")
		value = get(kernel, "hook", part[1], "fresh", part[2]) - \
			get("plain", "hook", part[1], "fresh", part[2])
		# a count is exact, but a batch, of 512 pages or of 8 blocks of 4, has a few of its own
		judge(value, extra + (part[2] == 4 ? 0.3 : 0.1),
			part[1] ", " part[2] (part[2] == 1 ? " page" : " pages"))
	}
}

END {
	two = "2 4 8 16 32 64 128 256 512"
	large = "17 33 65 129 257"
	print "\n## Targets\n"
	print "| target | where the limit comes from | the figure nearest to its limit | reached |"
	print "|---|---|---|---|"
	most("2 4 8", "vcompound", "fresh", 1, "alloc_pages", "fresh", 60)
	say("contiguous, 2, 4, 8 pages: alloc_pages + 60",
		"alloc_pages, same run; checks, mark, counter")
	most("16 32 64 128 256 512", "vcompound", "fresh", 1.05, "alloc_pages", "fresh", 0)
	say("contiguous, 16 to 512 pages: 1.05 × alloc_pages",
		"alloc_pages, same run; checks, mark, counter")
	most(two, "vcompound", "fresh", 1.05, "kvmalloc", "fresh", 0)
	say("contiguous: 1.05 × kvmalloc", "kvmalloc, same run; its callers lose nothing")
	most(two, "vcompound", "fresh", 0.25, "vmalloc", "fresh", 0)
	say("contiguous: 0.25 × vmalloc", "vmalloc, same run; nothing is mapped")
	most("3 5 7", "vcompound_exact", "fresh", 2.2, "alloc_pages", "fresh", 0)
	say("exact, 3, 5, 7 pages: 2.2 × alloc_pages of the next order",
		"alloc_pages, same run; trimming and freeing the rest")
	most("3 5 7", "vcompound_exact", "fresh", 1, "alloc_pages_exact", "fresh", 0)
	say("exact, 3, 5, 7 pages: alloc_pages_exact", "alloc_pages_exact, same run; it trims as well")
	most("9", "vcompound_exact", "fresh", 1.6, "alloc_pages", "fresh", 0)
	say("exact, 9 pages: 1.6 × alloc_pages of the next order",
		"alloc_pages, same run; trimming and freeing the rest")
	most(large, "vcompound_exact", "fresh", 1.5, "alloc_pages", "fresh", 0)
	say("exact, 17 to 257 pages: 1.5 × alloc_pages of the next order",
		"alloc_pages, same run; trimming and freeing the rest")
	most(large, "vcompound_exact", "fresh", 1 / 3, "alloc_pages_exact", "fresh", 0)
	say("exact, 17 to 257 pages: a third of alloc_pages_exact",
		"alloc_pages_exact, same run; it frees page by page")
	n = split("3 5 7 9 " large, size, " ")
	for (i = 1; i <= n; i++)
		judge(get("vfallback", "waste", "vcompound_exact", "fresh", size[i]), size[i] + 0.05,
			size[i] " pages")
	say("exact sizes: no page more than requested", "the number of pages requested")
	for (i = split("order0 forced", state, " "); i > 0; i--)
		most("2", "vcompound", state[i], 1.05, "vmalloc", "order0", 0)
	say("mapped, 2 pages: 1.05 × vmalloc", "vmalloc, same run; both make one attempt")
	for (i = 2; i > 0; i--)
		most("4 8 16 32 64 128 256 512", "vcompound", state[i], 0.95, "vmalloc", "order0", 0)
	say("mapped, 4 to 512 pages: 0.95 × vmalloc",
		"vmalloc, same run; it attempts each lower order")
	for (i = 2; i > 0; i--)
		most("4 8 16 32 64 128 256 512", "vcompound", state[i], 0.85, "kvmalloc", "order0", 0)
	say("mapped, 4 to 512 pages: 0.85 × kvmalloc",
		"kvmalloc, same run; one attempt before vmalloc")
	calls = "page_address/1 virt_to_head_page/1 put_page/1 put_page_last/1 put_page_last/4 " \
		"__free_pages/1 __free_pages/4 __free_pages_not_compound/4 alloc_pages/1 alloc_pages/4"
	hooks("vcompound", calls " kfree/1", 0)
	say("kernel vcompound: no instruction more for other code",
		"plain, same run; 0.1 or 0.3 for batches")
	hooks("vfallback", calls, 3)
	say("kernel vfallback: 3 instructions more for other code",
		"plain, same run; load, compare, branch")
	hooks("vfallback", "kfree/1", 0)
	say("kernel vfallback: no instruction more for kfree",
		"plain, same run; slab objects take no test")
	judge(get("vfallback", "text", "vmlinux", "built", 0),
		1.005 * get("plain", "text", "vmlinux", "built", 0), "bytes")
	say("kernel vfallback: .text 0.5 % larger",
		"plain, same configuration; half a percent is chosen")
	for (i = 2; i <= 9; i++)
		judge(100, get("vfallback", "hostile", "vcompound", "order1", i) + 0.000001, "order " i)
	say("no free block of order 2 or more: 100 % served", "all that free pages allow")
	n = split("2 4 8 16 32 64 128 256 512", size, " ")
	for (i = 1; i <= n; i++)
		judge(get_unit("attempts", "vcompound", size[i], "calls"), 1.05, size[i] " pages")
	say("mapped: one attempt to allocate a block", "the design: one attempt for each allocation")
	for (i = 1; i <= n; i++)
		judge(get_unit("attempts", "vcompound", size[i], "stalls"), 0, size[i] " pages")
	say("mapped: no stall in direct reclaim or compaction",
		"the design: the attempt does not reclaim")
	# a known figure: two for each block that no per-CPU list takes; else they are not counted right
	judge(get("vfallback", "locks", "alloc_pages", "fresh", 16), 2.005, "alloc_pages, 16 pages")
	judge(1.995, get("vfallback", "locks", "alloc_pages", "fresh", 16), "alloc_pages, 16 pages")
	for (i = 1; i <= n; i++)
		most_locks(size[i], "vcompound", "fresh", 1, "alloc_pages", "fresh")
	say("contiguous by order: zone->lock as often as alloc_pages",
		"alloc_pages, same run; the same block")
	for (i = 1; i <= n; i++) {
		most_locks(size[i], "vcompound", "order0", 1, "vmalloc", "order0")
		most_locks(size[i], "vcompound", "forced", 1, "vmalloc", "order0")
	}
	say("mapped: zone->lock as often as vmalloc", "vmalloc, same run; the same single pages")
	judge(get_unit("flush", "vcompound", 16, "flushes"),
		get_unit("flush", "vmalloc", 16, "flushes"), "flushes")
	judge(get_unit("flush", "vcompound", 16, "page-table pages"),
		get_unit("flush", "vmalloc", 16, "page-table pages"), "page-table pages")
	say("100,000 mapped pairs: flushes and page tables as vmalloc",
		"vmalloc, same run; both free areas lazily")
	for (key in v) {
		split(key, part, SUBSEP)
		if (part[2] == "test_vmalloc" && part[1] != "plain") {
			judge(v[key], 1.01 * v["plain", "test_vmalloc", part[3], "fresh", 0],
				part[1] " " part[3])
			vmalloc_tests++
		}
	}
	missing = vmalloc_tests == 10 ? 0 : 10 - vmalloc_tests
	say("lib/test_vmalloc: 1 % of plain", "plain, same run; two runs differ by 1 %")
}
