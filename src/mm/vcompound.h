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
#include <linux/spinlock_types.h>
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

/*
 * Tasks that unmap freed allocations, so that others can wait for those that
 * have begun: the tasks are counted by the phase in which they began, and a task
 * that waits changes the phase.
 */
struct vcompound_progress {
	spinlock_t lock;		/* for @phase */
	unsigned int phase;
	atomic_t running[2];
};

#ifdef CONFIG_VCOMPOUND
bool vcompound_check_request(size_t size, gfp_t *gfp);
void vcompound_mark_area(struct vm_struct *area, enum vcompound_kind kind);
void vcompound_uncount_area(struct vm_struct *area);
void vcompound_unmark_area(struct vm_struct *area);
void vcompound_put_pages(struct page **pages, unsigned int nr);
bool vcompound_put_last(struct page *page, bool any_context);
atomic_t *vcompound_begin(struct vcompound_progress *progress);
void vcompound_end(atomic_t *running);
void vcompound_wait(struct vcompound_progress *progress);
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

/* Pages of an area of the stock. */
#define VC_STOCK_PAGES	16U
/* Idle areas that a CPU keeps, and retired ones that are worth a flush. */
#define VC_STOCK_AREAS	64
/* Idle areas that a CPU keeps besides, for requests that may not sleep. */
#ifdef CONFIG_VCOMPOUND_ATOMIC
#define VC_STOCK_RESERVE	32U
#else
#define VC_STOCK_RESERVE	0U
#endif

#ifdef CONFIG_VCOMPOUND_STOCK
extern atomic_long_t vcompound_nr_retired;
extern unsigned long vcompound_stock_max_pages;

void vcompound_stock_init(void);
struct vm_struct *vcompound_stock_get(size_t size, gfp_t gfp);
void vcompound_stock_put(struct vm_struct *area, bool may_sleep);
void vcompound_stock_map(struct vm_struct *area, size_t size, const void *caller);
void vcompound_stock_retire(struct vm_struct *area, bool may_flush);
void vcompound_stock_flush(void);
void vcompound_stock_wait(void);
unsigned long vcompound_stock_shrink(unsigned long nr);
unsigned long vcompound_stock_nr_idle(void);
bool vcompound_stock_is_ample(void);
#if IS_ENABLED(CONFIG_KUNIT)
extern struct work_struct vcompound_flush_now;
#endif

/* True if freed allocations of the stock wait to be unmapped. */
static inline bool vcompound_any_retired(void)
{
	return atomic_long_read_acquire(&vcompound_nr_retired);
}
#else
static inline void vcompound_stock_init(void) {}
static inline struct vm_struct *vcompound_stock_get(size_t size, gfp_t gfp)
{
	return NULL;
}

static inline void vcompound_stock_put(struct vm_struct *area, bool may_sleep) {}
static inline void vcompound_stock_map(struct vm_struct *area, size_t size,
				       const void *caller) {}
static inline void vcompound_stock_retire(struct vm_struct *area, bool may_flush) {}
static inline void vcompound_stock_flush(void) {}
static inline void vcompound_stock_wait(void) {}
static inline unsigned long vcompound_stock_shrink(unsigned long nr)
{
	return 0;
}

static inline bool vcompound_any_retired(void)
{
	return false;
}

static inline bool vcompound_stock_is_ample(void)
{
	return false;
}
#endif

#endif /* __MM_VCOMPOUND_H */
