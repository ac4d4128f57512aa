/* SPDX-License-Identifier: GPL-2.0-only */
/* Forcing the fallback of virtual compound pages: see mm/vcompound_debug.c. */
#ifndef __MM_VCOMPOUND_DEBUG_H
#define __MM_VCOMPOUND_DEBUG_H

#include <linux/types.h>

struct page;

#ifdef CONFIG_VFALLBACK_ALWAYS
extern unsigned int vfallback_percent;
bool vcompound_draw(unsigned int percent);
unsigned int vcompound_force(unsigned int percent);
void vcompound_scatter(struct page **pages, unsigned long nr_pages);

/* Whether a request that could fall back has to. */
static inline bool vcompound_forced(void)
{
	unsigned int percent = READ_ONCE(vfallback_percent);

	return unlikely(percent) && vcompound_draw(percent);
}
#else
static inline bool vcompound_forced(void)
{
	return false;
}

static inline unsigned int vcompound_force(unsigned int percent)
{
	return 0;
}

static inline void vcompound_scatter(struct page **pages, unsigned long nr_pages)
{
}
#endif

#endif /* __MM_VCOMPOUND_DEBUG_H */
