# SPDX-License-Identifier: GPL-2.0
# The tables of the bench, as Markdown, from rows of kernel, case, method, state, size, value, unit.
# Needs format.awk.

{
	v[$1, $2, $3, $4, $5] = $6
	by_unit[$1, $2, $3, $5, $7] = $6
	in_unit[$1, $2, $3, $4, $5, $7] = $6
	seen($2 "/" $4, $5)
	seen($2, $3 "|" $5)
}

# seen KEY VALUE: list[KEY] has its values in the order of their coming
function seen(key, value) {
	if (!((key, value) in had))
		list[key] = list[key] " " value
	had[key, value] = 1
}

# table HEADING CELLS [NOTE]: the head of a table, and a sentence above it
function table(text, cells, note,    n, i, c) {
	printf "\n## %s\n\n", text
	if (note)
		printf "%s\n\n", note
	n = split(cells, c, ",")
	for (i = 1; i <= n; i++)
		printf "| %s ", c[i]
	printf "|\n|---"
	for (i = 2; i <= n; i++)
		printf "|---:"
	print "|"
}

# of METHOD: a value of what is being printed; empty if it was not measured
function of(method, state) {
	return (kernel, kase, method, state, size) in v ? v[kernel, kase, method, state, size] : ""
}

# against METHOD STATE OTHER...: its cost, and what part that is of the cost of others
function against(method, state, other1, other2) {
	return number(of(method, state)) ratio(of(method, state), other1) \
		(other2 == "" ? "" : ratio(of(method, state), other2))
}

function fresh_cost(text,    n, i, s) {
	table(text ", fresh memory",
		"pages,alloc_pages,alloc_pages_exact,kvmalloc,vmalloc,vcompound,÷ alloc_pages," \
		"vcompound_exact,÷ alloc_pages,÷ alloc_pages_exact")
	n = split(list[kase "/fresh"], s, " ")
	for (i = 1; i <= n; i++) {
		size = s[i]
		printf "| %d %s%s%s%s%s%s|\n", size, number(of("alloc_pages", "fresh")),
			number(of("alloc_pages_exact", "fresh")), number(of("kvmalloc", "fresh")),
			number(of("vmalloc", "fresh")),
			against("vcompound", "fresh", of("alloc_pages", "fresh")),
			against("vcompound_exact", "fresh", of("alloc_pages", "fresh"),
				of("alloc_pages_exact", "fresh"))
	}
}

function mapped_cost(text,    n, i, s, base) {
	table(text ", no free block above order 0",
		"pages,kvmalloc,vmalloc,vcompound,÷ vmalloc,÷ kvmalloc,vcompound_exact,÷ vmalloc," \
		"vcompound forced,÷ vmalloc,vcompound_exact forced,÷ vmalloc")
	n = split(list[kase "/order0"], s, " ")
	for (i = 1; i <= n; i++) {
		size = s[i]
		base = of("vmalloc", "order0")
		printf "| %d %s%s%s%s%s%s|\n", size, number(of("kvmalloc", "order0")), number(base),
			against("vcompound", "order0", base, of("kvmalloc", "order0") " "),
			against("vcompound_exact", "order0", base), against("vcompound", "forced", base),
			against("vcompound_exact", "forced", base)
	}
}

# by_method TEXT CASE STATE METHODS FIRST DECIMALS: a row a size, a column a method; METHOD/STATE is
# one in another state
function by_method(text, which, state, methods, first, decimals,    n, i, m, s, j, rows, in_state) {
	kase = which
	n = split(methods, m, " ")
	for (j = 1; j <= n; j++) {
		first = first "," m[j]
		in_state[j] = state
		if (sub("/", " ", first))
			in_state[j] = substr(m[j], index(m[j], "/") + 1)
		sub("/.*", "", m[j])
	}
	table(text, first)
	rows = split(list[kase "/" state], s, " ")
	for (i = 1; i <= rows; i++) {
		size = s[i]
		printf "| %d ", size
		for (j = 1; j <= n; j++)
			printf "%s", decimals ? exact(of(m[j], in_state[j])) : number(of(m[j], in_state[j]))
		print "|"
	}
}

# by_kernel TEXT CASE RELATIVE: a row a method, a column a kernel
function by_kernel(text, which, relative,    n, i, s, part, p, c, f, how) {
	how = relative ? "% more" : "more"
	table(text, (relative ? "test" : "call,pages") ",plain,vcompound," how ",vfallback," how)
	n = split(list[which], s, " ")
	for (i = 1; i <= n; i++) {
		split(s[i], part, "|")
		p = v["plain", which, part[1], "fresh", part[2]]
		c = v["vcompound", which, part[1], "fresh", part[2]]
		f = v["vfallback", which, part[1], "fresh", part[2]]
		if (relative)
			printf "| %s %s%s%s%s%s|\n", part[1], number(p),
				number(c), percent_more(c, p), number(f), percent_more(f, p)
		else
			printf "| %s | %d %s%s%s%s%s|\n", part[1], part[2], exact(p),
				exact(c), exact(c - p), exact(f), exact(f - p)
	}
}

# how many requests of 16 pages are served, a row a degree of fragmentation
function served(    largest, n, m, j) {
	kase = "hostile"
	size = 4
	table("Percent of requests for 16 pages served, by the order of the largest free block",
		"order,alloc_pages,kvmalloc,vcompound")
	n = split("alloc_pages kvmalloc vcompound", m, " ")
	for (largest = 0; largest <= 9; largest++) {
		printf "| %d ", largest
		for (j = 1; j <= n; j++)
			printf "%s", number(of(m[j], "order" largest))
		print "|"
	}
}

function built(kernel, kase, method) { return v[kernel, kase, method, "built", 0] }

# the part of .text that is code, and what size says of the whole file
function sizes(    n, i, j, k, p, m, x) {
	table("Bytes of vmlinux", "kernel,.text,% more,text,more,data,more,bss,more",
		"`.text` as `size -A` reports it; text, data and bss as `size` does.")
	p = built("plain", "text", "vmlinux")
	n = split("plain vcompound vfallback", k, " ")
	split("text data bss", m, " ")
	for (i = 1; i <= n; i++) {
		x = built(k[i], "text", "vmlinux")
		printf "| %s %s%s", k[i], number(x), percent_more(x, p)
		for (j = 1; j <= 3; j++) {
			x = built(k[i], "size", m[j])
			printf "%s%s", number(x), number(x - built("plain", "size", m[j]))
		}
		print "|"
	}
}

function flushes(    n, i, m) {
	table("100,000 pairs of 16 mapped pages", "method,flushes,page-table pages")
	n = split("vmalloc kvmalloc vcompound vcompound_exact", m, " ")
	for (i = 1; i <= n; i++)
		printf "| %s %s%s|\n", m[i], number(by_unit[kernel, "flush", m[i], 16, "flushes"]),
			number(by_unit[kernel, "flush", m[i], 16, "page-table pages"])
}

# The extra cost of an allocation where the attempt to get a block fails than where none is made
function attempt_cost(    n, i, s, j, cost, cases) {
	table("Instructions of the attempt that fails",
		"pages,a pair,part of the pair,a pair when many are held,part of the pair",
		"A pair of vcompound with no free block above order 0, less the same pair with the " \
		"fallback forced.")
	split("pair liveset", cases, " ")
	n = split(list["pair/forced"], s, " ")
	for (i = 1; i <= n; i++) {
		size = s[i]
		if (!((kernel, "pair", "vcompound", "forced", size) in v))
			continue
		printf "| %d ", size
		for (j = 1; j <= 2; j++) {
			kase = cases[j]
			cost = of("vcompound", "order0") - of("vcompound", "forced")
			printf "%s%s", number(cost), ratio(cost, of("vcompound", "order0"))
		}
		print "|"
	}
}

# which threads mapped allocations wake
function wakeups(    n, i, s, j, k, m, w, u) {
	table("Wake-ups by 1,000 mapped allocations", "pages," \
		"kswapd: vmalloc,kswapd: kvmalloc,kswapd: vcompound,kswapd: vcompound_exact," \
		"kcompactd: vmalloc,kcompactd: kvmalloc,kcompactd: vcompound,kcompactd: vcompound_exact")
	n = split(list["pair/order0"], s, " ")
	split("kswapd kcompactd", w, " ")
	k = split("vmalloc kvmalloc vcompound vcompound_exact", m, " ")
	for (i = 1; i <= n; i++) {
		printf "| %d ", s[i]
		for (u = 1; u <= 2; u++)
			for (j = 1; j <= k; j++)
				printf "%s", number(by_unit[kernel, "attempts", m[j], s[i], w[u] " wake-ups"])
		print "|"
	}
}

# how often a block that was trimmed is whole again when it is freed
function whole(    n, i, s, j, m, l, r) {
	table("Percent of trimmed blocks that are whole when they are freed",
		"pages,freed at once,freed at once and 64 pages of others," \
		"many held,many held and 8 pages of others each," \
		"alloc_pages_exact: freed at once,alloc_pages_exact: many held",
		"vcompound_exact, unless the column names another.")
	n = split("vcompound_exact/short vcompound_exact/short_busy vcompound_exact/long " \
		"vcompound_exact/long_busy alloc_pages_exact/short alloc_pages_exact/long", m, " ")
	r = split(list["whole/short"], s, " ")
	for (i = 1; i <= r; i++) {
		printf "| %d ", s[i]
		for (j = 1; j <= n; j++) {
			split(m[j], l, "/")
			printf "%s", number(in_unit[kernel, "whole", l[1], l[2], s[i], "percent whole"])
		}
		print "|"
	}
}

function attempts(    n, i, s, j, k, m) {
	table("Attempts to allocate a block, for each mapped allocation",
		"pages,vmalloc,kvmalloc,vcompound,vcompound_exact," \
		"stalls of vcompound and vcompound_exact",
		"Calls of the page allocator with an order above 0; stalls are of 1,000 allocations.")
	n = split(list["pair/order0"], s, " ")
	k = split("vmalloc kvmalloc vcompound vcompound_exact", m, " ")
	for (i = 1; i <= n; i++) {
		printf "| %d ", s[i]
		for (j = 1; j <= k; j++)
			printf "%s", exact(by_unit[kernel, "attempts", m[j], s[i], "calls"])
		printf "%s|\n", number(by_unit[kernel, "attempts", "vcompound", s[i], "stalls"] + \
			by_unit[kernel, "attempts", "vcompound_exact", s[i], "stalls"])
	}
}

END {
	kernel = "vfallback"
	kase = "pair"
	fresh_cost("Instructions of a pair")
	mapped_cost("Instructions of a pair")
	kase = "liveset"
	fresh_cost("Instructions of a pair when many are held")
	mapped_cost("Instructions of a pair when many are held")
	all = "alloc_pages alloc_pages_exact kvmalloc vmalloc vcompound vcompound_exact"
	by_method("Pages used by an allocation, fresh memory", "waste", "fresh", all, "pages", 1)
	by_method("Percent of requests served, no free block of order 2 or more",
		"hostile", "order1", "alloc_pages kvmalloc vcompound", "order", 0)
	served()
	by_kernel("Instructions of calls that other code makes", "hook", 0)
	by_kernel("Instructions of a loop of the base's lib/test_vmalloc", "test_vmalloc", 1)
	sizes()
	flushes()
	attempts()
	wakeups()
	attempt_cost()
	by_method("Acquisitions of zone->lock by a pair, fresh memory",
		"locks", "fresh", all, "pages", 1)
	by_method("Acquisitions of zone->lock by a pair when many are held, fresh memory",
		"locks_held", "fresh", all, "pages", 1)
	mapped = "kvmalloc vmalloc vcompound vcompound_exact vcompound/forced vcompound_exact/forced"
	by_method("Acquisitions of zone->lock by a pair, no free block above order 0",
		"locks", "order0", mapped, "pages", 1)
	by_method("Acquisitions of zone->lock by a pair when many are held, " \
		"no free block above order 0", "locks_held", "order0", mapped, "pages", 1)
	whole()
	by_method("Instructions of workers for a pair, no free block above order 0",
		"background", "order0", "kvmalloc vmalloc vcompound vcompound_exact", "pages", 0)
}
