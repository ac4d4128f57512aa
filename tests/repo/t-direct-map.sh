# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2016	# tables in Markdown
# The search for places that mean the direct map, and its tables.

t_direct_map() {
	local said tree=$PWD/tree
	dev init -q --template= "$tree"
	mkdir "$tree/drivers" "$VCP_TOP/docs"
	{
		printf \
			' * page_address() in words\n\ta = page_address(page);\n\t*b = folio_address(c->folio);\n'
		printf \
			'\tx->page_address(1);\n\tp = lowmem_page_address(q);\n\tset_page_address(q, b);\n'
		printf \
			'\tp = alloc_pages(GFP_KERNEL | __GFP_ZERO, order);\n\tp = alloc_pages(gfp, 0);\n'
		printf \
			'\tp = alloc_pages_node(nid(1, 2),\n\t\t\t\t(gfp & ~__GFP_DMA) |\n\t\t\t\t__GFP_COMP, f(g, 1));\n'
		printf \
			'\tp = alloc_page(flags);\n\tp = alloc_page(GFP_KERNEL);\n\tq = alloc_pages(a, b, c);\n'
	} >"$tree/drivers/one.c"
	dev -C "$tree" add -A
	same "$(TREE=$tree "$S/series/direct-map" | cut -d: -f1,2 | tr '\n' ';')" \
		"address drivers/one.c:2;address drivers/one.c:3;page drivers/one.c:8;flag drivers/one.c:9;page drivers/one.c:12;"
	{
		printf '## Addresses\n| `drivers/` | 2 | not needed |\n'
		printf '## Flags\n| `drivers/one.c` | 1 | converted |\n'
		printf \
			'## Flags of one page\n| `drivers/` | 2 | not needed |\n## Else\n| `a` | b |\n'
	} >"$VCP_TOP/docs/direct-map.md"
	TREE=$tree "$S/series/direct-map" --check || fails "the tables are right"
	printf '\tc = page_address(page);\n' >>"$tree/drivers/one.c"
	printf 'p = __get_free_pages(gfp, 1);\n' >"$tree/mm.c"
	dev -C "$tree" add -A
	sed -i 's/^## Flags$/| `net\/` | 1 | not needed |\n&/' "$VCP_TOP/docs/direct-map.md"
	said=$(TREE=$tree "$S/series/direct-map" --check) && fails "nothing differs"
	same "$said" "address drivers/: the table says 2, there are 3
address net/: the table says 1, there are 0
no row: flag mm.c:1: __get_free_pages(gfp, 1)"

	# the series, on a base that has one such call
	dev -C "$W" checkout -q --detach refs/vcp/base
	printf '\ta = page_address(page);\n' >"$W/drivers/two.c"
	dev -C "$W" add -A
	dev -C "$W" commit -q -m x
	dev -C "$W" push -q -f "$VCP_CACHE/bases.git" HEAD:refs/vcp/base/7.3
	pin 7.3
	printf \
		'## Addresses\n| `drivers/e1000.c` | 0 | converted |\n| `drivers/two.c` | 1 | converted, 1 left |\n' \
		>"$VCP_TOP/docs/direct-map.md"
	said=$("$S/series/direct-map" --check) && fails "nothing differs"
	same "$said" 'drivers/two.c: said to be converted, no patch changes it'
}
t_direct_map_left() { # each hunk is missed
	local said patch=$VCP_TOP/patches/e1000-use-it.patch
	mkdir "$VCP_TOP/docs"
	dev -C "$W" checkout -q --detach refs/vcp/base
	printf 'd = page_address(page);\n' >>"$W/drivers/e1000.c"
	dev -C "$W" commit -q -a -m x
	dev -C "$W" push -q -f "$VCP_CACHE/bases.git" HEAD:refs/vcp/base/7.3
	pin 7.3
	{
		printf '## Addresses\n| `drivers/e1000.c` | 1 | converted, 1 left: its own |\n'
		printf '## Flags\n| `drivers/e1000.c` | 0 | converted: split |\n'
	} >"$VCP_TOP/docs/direct-map.md"
	sed -i 's/^+converted;/+a = lowmem_page_address(p), gfp = gfp_contiguous(gfp);/' "$patch"
	"$S/series/direct-map" --check || fails "the tables are right"
	sed -i 's/lowmem_page_address/page_address/' "$patch"
	said=$("$S/series/direct-map" --check) && fails "nothing differs"
	same "$said" 'address drivers/e1000.c: the table says 1 with the series, there are 2'
	sed -i 's/page_address(p), .*/lowmem_page_address(p);/' "$patch"
	said=$("$S/series/direct-map" --check) && fails "nothing differs"
	same "$said" 'flag drivers/e1000.c: the table says 1 with the series, there are 0'
}
