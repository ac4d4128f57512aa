# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2016	# tables in Markdown
# The search for places that mean the direct map, and its tables.

t_direct_map() {
	local said tree=$PWD/tree
	dev init -q --template= "$tree"
	mkdir "$tree/drivers" "$VCP_TOP/docs"
	cat >"$tree/drivers/one.c" <<'C'
 * page_address() in words
	a = page_address(page);
	*b = folio_address(c->folio);
	x->page_address(1);
	p = lowmem_page_address(q);
	set_page_address(q, b);
	p = alloc_pages(GFP_KERNEL | __GFP_ZERO, order);
	p = alloc_pages(gfp, 0);
	p = alloc_pages_node(nid(1, 2),
				(gfp & ~__GFP_DMA) |
				__GFP_COMP, f(g, 1));
	p = alloc_page(flags);
	p = alloc_page(GFP_KERNEL);
	q = alloc_pages(a, b, c);
C
	dev -C "$tree" add -A
	same "$(TREE=$tree "$S/series/direct-map" | cut -d: -f1,2 | tr '\n' ';')" \
		"address drivers/one.c:2;address drivers/one.c:3;$(printf '%s drivers/one.c:%s;' \
		page 8 flag 9 page 12)"
	printf '%s\n' '## Addresses' '| `drivers/` | 2 | not needed |' \
		'## Flags' '| `drivers/one.c` | 1 | converted |' \
		'## Flags of one page' '| `drivers/` | 2 | not needed |' \
		'## Else' '| `a` | b |' >"$VCP_TOP/docs/direct-map.md"
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
	printf '%s\n' '## Addresses' '| `drivers/e1000.c` | 0 | converted |' \
		'| `drivers/two.c` | 1 | converted, 1 left |' >"$VCP_TOP/docs/direct-map.md"
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
