/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm-internal API and page type bits of virtual compound pages. Public API
 * lives in include/linux/vcompound.h and include/linux/vmalloc.h.
 */
#ifndef __MM_VCOMPOUND_H
#define __MM_VCOMPOUND_H

#include <linux/atomic.h>
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
 * Every page of an allocation has the type, except the tail pages of a compound
 * page. page->private of a mapped page is the complement of its mapped address:
 * kmemleak would take the address itself for a reference to the area.
 */
#define VC_HEAD		BIT(23)	/* the first page of an allocation */
#define VC_CONTIGUOUS	BIT(22)	/* not mapped */
#define VC_FREE_ON_PUT	BIT(21)	/* freed by the last put_page() */
/* In the head: number of pages, 0 once freeing has begun. Else the index. */
#define VC_NR		(BIT(21) - 1)

#define VC_MAX_PAGES	VC_NR

/* Number of pages that a loop handles between two rescheduling points. */
#define VC_RESCHED_PAGES	1024

static_assert((VC_HEAD ^ VC_CONTIGUOUS ^ VC_FREE_ON_PUT ^ VC_NR) == GENMASK(23, 0));
static_assert(MAX_ORDER_NR_PAGES <= VC_MAX_PAGES);

/* The kind of handle that the caller of an allocation gets. */
enum vcompound_kind {
	VC_KIND_PAGE,	/* not tracked by kmemleak, as for alloc_pages() */
	VC_KIND_ADDR,	/* tracked by kmemleak, as for vmalloc() */
	VC_KIND_GFP,	/* freed by the last put_page() */
};

/*
 * Turn an invalid order into SIZE_MAX, which vcompound_check_request() rejects.
 */
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
bool vcompound_node_serves(int nid, gfp_t gfp);
void vcompound_mark_area(struct vm_struct *area, enum vcompound_kind kind);
bool vcompound_put_last(struct page *page, bool any_context);
void vcompound_unmap_all(void);

extern bool vcompound_may_map;
extern atomic_long_t vcompound_nr_deferred;

/*
 * Unmap allocations that were freed and wait for a worker. Called before a
 * request reclaims memory, calls the OOM killer or fails for lack of memory.
 */
static inline void vcompound_unmap_deferred(void)
{
	if (unlikely(atomic_long_read_acquire(&vcompound_nr_deferred)))
		vcompound_unmap_all();
}

bool vcompound_holds(const void *addr);
bool vcompound_wrong_page(struct page *page, const char *call);
bool vcompound_wrong_call(const void *addr, const char *call);
void vcompound_warn_wrong(const void *addr, const char *call,
			  const char *alloc_call, const char *free_call);
#if IS_ENABLED(CONFIG_KUNIT)
void vcompound_unmap(struct page *head);
const char *vcompound_why_not_freed(struct page *page, unsigned int bits, const void *addr);
#endif

/* Flags that no allocation can honour. */
static inline gfp_t vcompound_ignored(gfp_t gfp)
{
	return gfp & (__GFP_HIGHMEM | __GFP_MOVABLE |
		      (gfpflags_allow_blocking(gfp) ? 0 : __GFP_NOFAIL));
}

/*
 * Try the page allocator: for one compound page, or for exactly as many single
 * pages as @size needs. If the caller can fall back, the attempt uses neither
 * direct reclaim nor the reserves nor, with @this_node, another node.
 */
static __always_inline struct page *
vcompound_alloc_contiguous(size_t size, unsigned int order, gfp_t gfp, int nid,
			   bool compound, bool may_fall_back, bool this_node)
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
		/* Do not leave the cpuset either; only the fallback may. */
		if (this_node && nid != NUMA_NO_NODE)
			gfp |= __GFP_THISNODE | __GFP_HARDWALL;
	}

	if (!compound)
		return alloc_pages_trimmed_noprof(gfp, PFN_UP(size), nid,
						  vcompound_type(VC_CONTIGUOUS));

	page = alloc_frozen_pages_node_noprof(nid, gfp, order);
	if (page)
		set_page_refcounted(page);
	return page;
}

/* The page allocator has marked the other pages, unless they are tail pages. */
static inline void vcompound_mark_contiguous(struct page *head, size_t size,
					     unsigned int nr_pages, gfp_t gfp,
					     enum vcompound_kind kind)
{
	unsigned int head_bits = VC_HEAD | VC_CONTIGUOUS | nr_pages;

	if (kind == VC_KIND_GFP) {
		head->page_type = vcompound_type(head_bits | VC_FREE_ON_PUT);
		return;
	}

	head->page_type = vcompound_type(head_bits);
	if (!PAGE_ALIGNED(size))
		kasan_poison_page_tail(lowmem_page_address(head), size);
	if (kind == VC_KIND_ADDR)
		kmemleak_alloc(lowmem_page_address(head), size, 1, gfp);
}
#else
static inline bool vcompound_put_last(struct page *page, bool any_context)
{
	return false;
}

static inline bool vcompound_holds(const void *addr)
{
	return false;
}

static inline bool vcompound_wrong_page(struct page *page, const char *call)
{
	return false;
}

static inline bool vcompound_wrong_call(const void *addr, const char *call)
{
	return false;
}
#endif

#endif /* __MM_VCOMPOUND_H */
