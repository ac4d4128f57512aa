// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual compound pages: what page_address() and virt_to_head_page() answer
 * about them, out of the line of those who ask about other pages.
 */
#include <linux/mm.h>
#include <linux/vcompound.h>

/* page_address() of a page that is marked: mapped, or a contiguous head. */
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
