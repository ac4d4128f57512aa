/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stubs that allocate nothing. The module test_vcompound needs them on a kernel without the series,
 * where it measures the other allocators.
 */
#ifndef _LINUX_VCOMPOUND_H
#define _LINUX_VCOMPOUND_H

#include <linux/mm.h>

static inline struct page *alloc_vcompound(gfp_t gfp, unsigned int order)
{
	return NULL;
}

static inline struct page *alloc_vcompound_node(int nid, gfp_t gfp, unsigned int order)
{
	return NULL;
}

static inline void *__alloc_vcompound(gfp_t gfp, unsigned int order)
{
	return NULL;
}

static inline void *__alloc_vcompound_node(int nid, gfp_t gfp, unsigned int order)
{
	return NULL;
}

static inline void *__alloc_vcompound_exact_node(int nid, size_t size, gfp_t gfp)
{
	return NULL;
}

static inline void *__alloc_vcompound_exact(size_t size, gfp_t gfp)
{
	return NULL;
}

static inline void free_vcompound(struct page *page)
{
}

static inline void __free_vcompound(const void *addr)
{
}

static inline void vcompound_drain(void)
{
}

static inline void *vcompound_address(const struct page *page)
{
	return NULL;
}

static inline struct page *vcompound_to_page(const void *addr)
{
	return NULL;
}

static inline struct page *vcompound_head_page(const void *addr)
{
	return NULL;
}

static inline struct page *compound_nth_page(struct page *head, unsigned long n)
{
	return NULL;
}

static inline unsigned long vcompound_nr_pages(const struct page *head)
{
	return 0;
}

static inline bool vcompound_is_contiguous(const struct page *head)
{
	return false;
}

#endif /* _LINUX_VCOMPOUND_H */
