# SPDX-License-Identifier: GPL-2.0
# A bench in which all is reached, each figure at its limit; one fact a line.

function fact(kernel, kase, method, state, size, value, unit) {
	printf "{\"kernel\":\"%s\",\"case\":\"%s\",\"method\":\"%s\",\"state\":\"%s\",",
		kernel, kase, method, state
	printf "\"%s\":%d,\"value\":%.6f,\"unit\":\"%s\"}\n",
		kase == "hostile" ? "order" : "pages", size, value, unit ? unit : "instructions"
}
function pair(method, state, size, value) { fact("vfallback", "pair", method, state, size, value) }
function locks(method, state, size, value) {
	fact("vfallback", "locks", method, state, size, value, "acquisitions")
	fact("vfallback", "locks_held", method, state, size, value, "acquisitions")
}
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
		pair("vcompound", "forced", s, i == 1 ? 10500 : s == 32 ? 9000 : 9500)
		fact("vfallback", "attempts", "vcompound", "order0", s, 1, "calls")
		fact("vfallback", "attempts", "vcompound", "order0", s, 0, "stalls")
		fact("vfallback", "attempts", "vcompound", "order0", s, 2, "kswapd wake-ups")
		fact("vfallback", "attempts", "vmalloc", "order0", s, 5, "kcompactd wake-ups")
		locks("alloc_pages", "fresh", s, 2)
		locks("vcompound", "fresh", s, 2)
		locks("vmalloc", "order0", s, 4)
		locks("vcompound", "order0", s, 4.05)
		locks("vcompound", "forced", s, 4.05)
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
		fact("vfallback", "whole", "vcompound_exact", "short", s, 98, "percent whole")
		fact("vfallback", "whole", "vcompound_exact", "short", s, 97, "percent untouched")
		fact("vfallback", "whole", "vcompound_exact", "long_busy", s, 31, "percent whole")
	}
	n = split("page_address/1 virt_to_head_page/1 put_page/1 put_page_last/1 put_page_last/4 " \
		"__free_pages/1 __free_pages/4 __free_pages_not_compound/4 alloc_pages/1 " \
		"alloc_pages/4 kfree/1", hooks, " ")
	for (i = 1; i <= n; i++) {
		split(hooks[i], h, "/")
		fact("plain", "hook", h[1], "fresh", h[2], 20)
		fact("vcompound", "hook", h[1], "fresh", h[2], 20)
		fact("vfallback", "hook", h[1], "fresh", h[2], h[1] == "kfree" ? 20 : 23)
	}
	n = split("plain vcompound vfallback", kernels, " ")
	for (i = 1; i <= n; i++) {
		fact(kernels[i], "text", "vmlinux", "built", 0, 1000 + 2.5 * (i - 1), "bytes")
		fact(kernels[i], "size", "text", "built", 0, 3000 + 7 * (i - 1), "bytes")
		fact(kernels[i], "size", "data", "built", 0, 500 + i, "bytes")
		fact(kernels[i], "size", "bss", "built", 0, 900, "bytes")
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
		fact("vfallback", "flush", flush[i], "forced", 16, 200, "flushes")
		fact("vfallback", "flush", flush[i], "forced", 16, 3, "page-table pages")
	}
}
