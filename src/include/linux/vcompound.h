/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Virtual compound pages: buffers that are physically contiguous where memory
 * allows it, and mapped from single pages where it does not. This is what can
 * be asked of such a buffer, by page or by address, in either case; the calls
 * that allocate one are in <linux/vmalloc.h>.
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
