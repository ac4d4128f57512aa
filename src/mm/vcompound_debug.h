/* SPDX-License-Identifier: GPL-2.0-only */
/* Forcing the fallback of virtual compound pages: see mm/vcompound_debug.c. */
#ifndef __MM_VCOMPOUND_DEBUG_H
#define __MM_VCOMPOUND_DEBUG_H

#include <linux/types.h>

struct page;

#ifdef CONFIG_VFALLBACK_ALWAYS
extern u8 vfallback_percent;
bool vcompound_draw(void);
unsigned int vcompound_force(unsigned int percent);
void vcompound_scatter(struct page **pages, unsigned long nr_pages);

/* Whether a request that could fall back has to. */
static inline bool vcompound_forced(void)
{
	/* Whether a change at this very moment counts does not matter. */
	return unlikely(data_race(vfallback_percent)) && vcompound_draw();
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
