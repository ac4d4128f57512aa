/* SPDX-License-Identifier: GPL-2.0-only */
/* Forcing the fallback of virtual compound pages: see mm/vcompound_debug.c. */
#ifndef __MM_VCOMPOUND_DEBUG_H
#define __MM_VCOMPOUND_DEBUG_H

#include <linux/types.h>

struct page;

#ifdef CONFIG_VFALLBACK_ALWAYS
bool vcompound_forced(void);
unsigned int vcompound_force(unsigned int percent);
void vcompound_scatter(struct page **pages, unsigned long nr_pages);
#else
static inline bool vcompound_forced(void)
{
	return false;
}

static inline void vcompound_scatter(struct page **pages, unsigned long nr_pages)
{
}
#endif

#endif /* __MM_VCOMPOUND_DEBUG_H */
