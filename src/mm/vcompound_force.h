/* SPDX-License-Identifier: GPL-2.0-only */
/* Force the fallback of virtual compound pages; see mm/vcompound_force.c. */
#ifndef __MM_VCOMPOUND_FORCE_H
#define __MM_VCOMPOUND_FORCE_H

#include <linux/types.h>

struct page;

#ifdef CONFIG_VFALLBACK_ALWAYS
extern u8 vcompound_force_percent;
bool vcompound_should_force(void);
unsigned int vcompound_force(unsigned int percent);
void vcompound_scatter(struct page **pages, unsigned long nr_pages);

/* True if a request that may fall back is forced to. */
static inline bool vcompound_forced(void)
{
	/* A concurrent change may be seen or not, either is fine. */
	return unlikely(data_race(vcompound_force_percent)) && vcompound_should_force();
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

#endif /* __MM_VCOMPOUND_FORCE_H */
