/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm-internal API for virtual compound pages, and what their page type says.
 * Public API lives in include/linux/vcompound.h.
 */
#ifndef __MM_VCOMPOUND_H
#define __MM_VCOMPOUND_H

#include <linux/bits.h>
#include <linux/mmzone.h>
#include <linux/page-flags.h>
#include <linux/vcompound.h>

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

/* What the caller of an allocation holds of it. */
enum vcompound_handle {
	VCOMPOUND_BY_PAGE,	/* no object to kmemleak, as for alloc_pages() */
	VCOMPOUND_BY_ADDRESS,	/* an object to kmemleak, as for vmalloc() */
	VCOMPOUND_BY_REFERENCE,	/* an ordinary page, as far as it can be one */
};

/* 0 is no size, so an order that no buffer can have is refused with a warning. */
static inline size_t vcompound_size(unsigned int order)
{
	return order <= MAX_PAGE_ORDER ? PAGE_SIZE << order : 0;
}

#ifdef CONFIG_VCOMPOUND
bool vcompound_check_request(size_t size, gfp_t *gfp);
struct page *vcompound_alloc_contiguous(size_t size, gfp_t gfp, int nid,
					bool compound, bool may_fall_back);
void vcompound_mark_contiguous(struct page *head, size_t size, gfp_t gfp,
			       enum vcompound_handle handle);
void vcompound_mark_area(struct vm_struct *area, enum vcompound_handle handle);
void vcompound_answer(const struct page *head, size_t size, gfp_t gfp, int nid,
		      const void *caller);
void vcompound_put_last(struct page *page, bool any_context);
#else
static inline void vcompound_put_last(struct page *page, bool any_context) {}
#endif

#endif /* __MM_VCOMPOUND_H */
