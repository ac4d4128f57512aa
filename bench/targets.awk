# SPDX-License-Identifier: GPL-2.0
# What the cost is to reach, and what it does, as a Markdown table, from rows of kernel, case,
# method, state, size, value, unit. A figure that is missing is a target missed.

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

# Looks at how often METHOD takes a zone->lock, one at a time and with many held, against FACTOR times OTHER.
function most_locks(size, method, state, factor, other, other_state,    i, kase, limit) {
	for (i = split("locks locks_held", kase, " "); i > 0; i--) {
		limit = factor * get("vfallback", kase[i], other, other_state, size) + 0.05
		judge(get("vfallback", kase[i], method, state, size), limit, size " pages, " kase[i] ", " state)
	}
}

# Remembers the figure that is nearest to its limit, or worst beyond it.
function judge(value, limit, what,    share) {
	share = limit > 0 ? value / limit : value > 0 ? 999 : 0
	if (!judged++ || share > worst) {
		worst = share
		reached = sprintf("%.6g of %.6g (%s)", value, limit, what)
	}
}

function say(target) {
	printf "| %s | %s | %s |\n", target, missing ? missing " figures are missing" : reached, !missing && worst <= 1.0000001 ? "yes" : "**no**"
	judged = missing = worst = 0
}

function hooks(kernel, names, extra,    n, i, s, part) {
	n = split(names, s, " ")
	for (i = 1; i <= n; i++) {
		split(s[i], part, "/")
		# a count is exact, but a batch, of 512 pages or of 8 blocks of 4, has a few of its own
		judge(get(kernel, "hook", part[1], "fresh", part[2]) - get("plain", "hook", part[1], "fresh", part[2]), extra + (part[2] == 4 ? 0.3 : 0.1), s[i])
	}
}

END {
	two = "2 4 8 16 32 64 128 256 512"
	large = "17 33 65 129 257"
	print "\n#### Targets\n\n| target | the figure nearest to its limit | reached |\n|---|---|---|"
	most("2 4 8", "vcompound", "fresh", 1, "alloc_pages", "fresh", 60)
	say("contiguous, 2, 4, 8 pages: alloc_pages + 60")
	most("16 32 64 128 256 512", "vcompound", "fresh", 1.05, "alloc_pages", "fresh", 0)
	say("contiguous, 16 to 512 pages: 1.05 × alloc_pages")
	most(two, "vcompound", "fresh", 1.05, "kvmalloc", "fresh", 0)
	say("contiguous: 1.05 × kvmalloc")
	most(two, "vcompound", "fresh", 0.25, "vmalloc", "fresh", 0)
	say("contiguous: 0.25 × vmalloc")
	most("3 5 7", "vcompound_exact", "fresh", 2.2, "alloc_pages", "fresh", 0)
	say("exact, 3, 5, 7 pages: 2.2 × alloc_pages of the next order")
	most("3 5 7", "vcompound_exact", "fresh", 1, "alloc_pages_exact", "fresh", 0)
	say("exact, 3, 5, 7 pages: alloc_pages_exact")
	most("9", "vcompound_exact", "fresh", 1.6, "alloc_pages", "fresh", 0)
	say("exact, 9 pages: 1.6 × alloc_pages of the next order")
	most(large, "vcompound_exact", "fresh", 1.5, "alloc_pages", "fresh", 0)
	say("exact, 17 to 257 pages: 1.5 × alloc_pages of the next order")
	most(large, "vcompound_exact", "fresh", 1 / 3, "alloc_pages_exact", "fresh", 0)
	say("exact, 17 to 257 pages: a third of alloc_pages_exact")
	n = split("3 5 7 9 " large, size, " ")
	for (i = 1; i <= n; i++)
		judge(get("vfallback", "waste", "vcompound_exact", "fresh", size[i]), size[i] + 0.05, size[i] " pages")
	say("exact sizes: no page wasted")
	for (i = split("order0 forced", state, " "); i > 0; i--)
		most("2", "vcompound", state[i], 1.05, "vmalloc", "order0", 0)
	say("mapped, 2 pages: 1.05 × vmalloc")
	for (i = 2; i > 0; i--)
		most("4 8 16 32 64 128 256 512", "vcompound", state[i], 0.95, "vmalloc", "order0", 0)
	say("mapped, 4 to 512 pages: 0.95 × vmalloc")
	for (i = 2; i > 0; i--)
		most("4 8 16 32 64 128 256 512", "vcompound", state[i], 0.85, "kvmalloc", "order0", 0)
	say("mapped, 4 to 512 pages: 0.85 × kvmalloc")
	hooks("vcompound", "page_address/1 virt_to_head_page/1 put_page/1 put_page_last/1 put_page_last/4 __free_pages/1 __free_pages/4 __free_pages_not_compound/4 alloc_pages/1 alloc_pages/4 kfree/1", 0)
	say("kernel vcompound: no instruction for anybody else")
	hooks("vfallback", "page_address/1 virt_to_head_page/1 put_page/1 put_page_last/1 put_page_last/4 __free_pages/1 __free_pages/4 __free_pages_not_compound/4 alloc_pages/1 alloc_pages/4", 3)
	say("kernel vfallback: 3 instructions for each of the others")
	hooks("vfallback", "kfree/1", 0)
	say("kernel vfallback: none for kfree")
	judge(get("vfallback", "text", "vmlinux", "built", 0), 1.005 * get("plain", "text", "vmlinux", "built", 0), "bytes")
	say("kernel vfallback: .text 0.5 % larger")
	for (i = 2; i <= 9; i++)
		judge(100, get("vfallback", "hostile", "vcompound", "order1", i) + 0.000001, "order " i)
	say("hostile: 100 % served")
	n = split("2 4 8 16 32 64 128 256 512", size, " ")
	for (i = 1; i <= n; i++)
		judge(get_unit("attempts", "vcompound", size[i], "calls"), 1.05, size[i] " pages")
	say("mapped: one call of the allocator for a higher order")
	for (i = 1; i <= n; i++)
		judge(get_unit("attempts", "vcompound", size[i], "stalls"), 0, size[i] " pages")
	say("mapped: no stall for direct reclaim or direct compaction")
	# a known figure: two for each block that no per-CPU list takes; else they are not counted right
	judge(get("vfallback", "locks", "alloc_pages", "fresh", 16), 2.005, "alloc_pages, 16 pages")
	judge(1.995, get("vfallback", "locks", "alloc_pages", "fresh", 16), "alloc_pages, 16 pages")
	for (i = 1; i <= n; i++)
		most_locks(size[i], "vcompound", "fresh", 1, "alloc_pages", "fresh")
	say("contiguous by order: zone->lock as often as alloc_pages")
	for (i = 1; i <= n; i++) {
		most_locks(size[i], "vcompound", "order0", 1, "vmalloc", "order0")
		most_locks(size[i], "vcompound", "forced", 1, "vmalloc", "order0")
	}
	say("mapped: zone->lock as often as vmalloc")
	judge(get_unit("flush", "vcompound", 16, "purges"), get_unit("flush", "vmalloc", 16, "purges"), "purges")
	judge(get_unit("flush", "vcompound", 16, "page-table pages"), get_unit("flush", "vmalloc", 16, "page-table pages"), "page-table pages")
	say("100,000 mapped pairs: purges and page tables as vmalloc")
	for (key in v) {
		split(key, part, SUBSEP)
		if (part[2] == "test_vmalloc" && part[1] != "plain") {
			judge(v[key], 1.01 * v["plain", "test_vmalloc", part[3], "fresh", 0], part[1] " " part[3])
			vmalloc_tests++
		}
	}
	missing = vmalloc_tests == 10 ? 0 : 10 - vmalloc_tests
	say("lib/test_vmalloc: 1 % of plain")
}
