/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm-internal API for virtual compound pages, and what their page type says.
 * Public API lives in include/linux/vcompound.h and include/linux/vmalloc.h.
 */
#ifndef __MM_VCOMPOUND_H
#define __MM_VCOMPOUND_H

#include <linux/bits.h>
#include <linux/gfp.h>
#include <linux/kasan.h>
#include <linux/kmemleak.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/page-flags.h>
#include <linux/vcompound.h>
#include <linux/vmstat.h>

#include "internal.h"
#include "page_alloc.h"

struct vm_struct;

/*
 * The low 24 bits of the page type.
 *
 * Contiguous: only the head has the type. Mapped: every page has it, and
 * page->private is the complement of the page's mapped address; the address
 * itself would look to kmemleak like a reference to the area.
 */
#define VC_HEAD		BIT(23)	/* the first page of a result */
#define VC_CONTIGUOUS	BIT(22)	/* not mapped */
#define VC_COUNTED	BIT(21)	/* ends with its last reference */
/* The head's: number of pages, 0 once freeing has begun. Else: the index. */
#define VC_NR		(BIT(21) - 1)

#define VC_MAX_PAGES	VC_NR

static_assert((VC_HEAD ^ VC_CONTIGUOUS ^ VC_COUNTED ^ VC_NR) == GENMASK(23, 0));
static_assert(MAX_ORDER_NR_PAGES <= VC_MAX_PAGES);

/* What the caller of an allocation holds of it. */
enum vcompound_handle {
	VCOMPOUND_BY_PAGE,	/* no object to kmemleak, as for alloc_pages() */
	VCOMPOUND_BY_ADDRESS,	/* an object to kmemleak, as for vmalloc() */
	VCOMPOUND_BY_REFERENCE,	/* an ordinary page, as far as it can be one */
};

/* An order that no buffer can have is a size that none can have. */
static inline size_t vcompound_size(unsigned int order)
{
	return likely(order <= MAX_PAGE_ORDER) ? PAGE_SIZE << order : SIZE_MAX;
}

static inline unsigned int vcompound_type(unsigned int bits)
{
	return ((unsigned int)PGTY_vcompound << 24) | bits;
}

#ifdef CONFIG_VCOMPOUND
bool vcompound_check_request(size_t size, gfp_t gfp);
void vcompound_mark_area(struct vm_struct *area, enum vcompound_handle handle);
void vcompound_put_last(struct page *page, bool any_context);

/* The flags that no result can honour. */
static inline gfp_t vcompound_ignored(gfp_t gfp)
{
	return gfp & (__GFP_HIGHMEM | __GFP_MOVABLE |
		      (gfpflags_allow_blocking(gfp) ? 0 : __GFP_NOFAIL));
}

/*
 * Try the page allocator: for one compound page, or for exactly as many single
 * pages as @size needs. If something else can be tried afterwards, not at the
 * price of reclaim, of the reserves or of another node.
 */
static __always_inline struct page *
vcompound_alloc_contiguous(size_t size, unsigned int order, gfp_t gfp, int nid,
			   bool compound, bool may_fall_back)
{
	struct page *page;

	if (compound)
		gfp |= __GFP_COMP;
	if (may_fall_back) {
		gfp |= __GFP_NOWARN;
		gfp &= ~__GFP_NOFAIL;
		if (!(gfp & __GFP_RETRY_MAYFAIL)) {
			gfp |= __GFP_NOMEMALLOC;
			gfp &= ~(__GFP_DIRECT_RECLAIM | __GFP_HIGH);
		}
		/* A node without memory has single pages of others only. */
		if (nid != NUMA_NO_NODE && node_state(nid, N_MEMORY))
			gfp |= __GFP_THISNODE;
	}

	if (!compound)
		return alloc_pages_trimmed_noprof(gfp, PFN_UP(size), nid);

	page = alloc_frozen_pages_node_noprof(nid, gfp, order);
	if (page)
		set_page_refcounted(page);
	return page;
}

static inline void vcompound_mark_contiguous(struct page *head, size_t size,
					     unsigned int nr_pages, gfp_t gfp,
					     enum vcompound_handle handle)
{
	if (handle == VCOMPOUND_BY_REFERENCE)
		return;

	head->page_type = vcompound_type(VC_HEAD | VC_CONTIGUOUS | nr_pages);
	if (!PAGE_ALIGNED(size))
		kasan_poison_page_tail(lowmem_page_address(head), size);
	if (handle == VCOMPOUND_BY_ADDRESS)
		kmemleak_alloc(lowmem_page_address(head), size, 1, gfp);
}
#else
static inline void vcompound_put_last(struct page *page, bool any_context) {}
#endif

#endif /* __MM_VCOMPOUND_H */
