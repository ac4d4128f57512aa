/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm-internal API and page type bits of virtual compound pages. Public API
 * lives in include/linux/vcompound.h and include/linux/vmalloc.h.
 */
#ifndef __MM_VCOMPOUND_H
#define __MM_VCOMPOUND_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/mmzone.h>
#include <linux/page-flags.h>
#include <linux/types.h>

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
#ifdef CONFIG_VFALLBACK
#define VC_FREE_ON_PUT	BIT(21)	/* freed by the last put_page() */
#else
#define VC_FREE_ON_PUT	0
#endif
/* In the head: number of pages, 0 once freeing has begun. Else the index. */
#define VC_NR		(BIT(21) - 1)

#define VC_MAX_PAGES	VC_NR

/* Number of pages that a loop handles between two rescheduling points. */
#define VC_RESCHED_PAGES	1024

static_assert((VC_HEAD ^ VC_CONTIGUOUS ^ BIT(21) ^ VC_NR) == GENMASK(23, 0));
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
bool vcompound_check_request(size_t size, gfp_t *gfp);
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
