/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Virtual compound pages: allocations that are physically contiguous if
 * possible, and mapped from single pages otherwise. Declares the functions that
 * free them and look them up, by page or by address; those that allocate them
 * are in <linux/vmalloc.h>.
 *
 * See Documentation/mm/vcompound.rst.
 */
#ifndef _LINUX_VCOMPOUND_H
#define _LINUX_VCOMPOUND_H

#include <linux/types.h>
#include <linux/vmalloc.h>

struct page;

void free_vcompound(struct page *page);
void __free_vcompound(const void *addr);
void vcompound_drain(void);

void *vcompound_address(const struct page *page);
void *vmalloc_address(const struct page *page);
struct page *vcompound_to_page(const void *addr);
struct page *vcompound_head_page(const void *addr);
struct page *compound_nth_page(struct page *head, unsigned long n);

unsigned long vcompound_nr_pages(const struct page *head);
bool vcompound_is_contiguous(const struct page *head);

#endif /* _LINUX_VCOMPOUND_H */
