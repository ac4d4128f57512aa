// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual compound pages: the out-of-line parts of page_address(),
 * virt_to_head_page(), virt_to_folio(), virt_to_ptdesc() and free_pages(). For
 * other memory these only add a compare.
 */
#include <linux/gfp.h>
#include <linux/kasan.h>
#include <linux/mm.h>
#include <linux/vcompound.h>

/*
 * page_address() of a vcompound page: of a mapped allocation, or a contiguous
 * head.
 */
void *vfallback_page_address(const struct page *page)
{
	return vmalloc_address(page) ?: lowmem_page_address(page);
}
EXPORT_SYMBOL(vfallback_page_address);

/* virt_to_head_page() of an address that is not below VMALLOC_START. */
struct page *vfallback_virt_to_head_page(const void *addr)
{
	if (is_vmalloc_addr(addr))
		return vcompound_head_page(addr);
	return compound_head(virt_to_page(addr));
}
EXPORT_SYMBOL(vfallback_virt_to_head_page);

/*
 * virt_to_folio() of an address that is not below VMALLOC_START: the folio of
 * the page at @addr, so that folio_address() of it leads back to that page.
 */
struct folio *vfallback_virt_to_folio(const void *addr)
{
	struct page *page;

	if (!is_vmalloc_addr(addr))
		return page_folio(virt_to_page(addr));

	page = vcompound_to_page(addr);
	return page ? page_folio(page) : NULL;
}
EXPORT_SYMBOL(vfallback_virt_to_folio);

/*
 * virt_to_ptdesc() of an address that is not below VMALLOC_START:
 * pagetable_alloc() never maps, so no page table is in vmalloc space.
 */
struct ptdesc *vfallback_virt_to_ptdesc(const void *addr)
{
	if (WARN_ONCE(is_vmalloc_addr(addr),
		      "vcompound: %p is mapped, not a page table\n", addr))
		return NULL;
	return page_ptdesc(virt_to_page(addr));
}
EXPORT_SYMBOL(vfallback_virt_to_ptdesc);

/*
 * free_pages() of an address in vmalloc space, where only GFP_VFALLBACK
 * allocations may be freed with it.
 */
void vfallback_free_pages(const void *addr)
{
	struct page *page = vcompound_to_page(addr);

	if (WARN(!page || kasan_reset_tag(vmalloc_address(page)) !=
			  kasan_reset_tag(addr),
		 "vcompound: bad free_pages() of %p: not allocated with GFP_VFALLBACK\n", addr))
		return;
	__free_pages(page, 0);
}
