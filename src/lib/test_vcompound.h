/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared code of the files of the module test_vcompound
 */
#ifndef __LIB_TEST_VCOMPOUND_H
#define __LIB_TEST_VCOMPOUND_H

#include <linux/gfp.h>
#include <linux/irq_work.h>
#include <linux/llist.h>
#include <linux/mmzone.h>

#ifdef CONFIG_VFALLBACK
#define TEST_GFP_VFALLBACK	__GFP_VFALLBACK
#else
#define TEST_GFP_VFALLBACK	0
#endif

/* An allocation and the properties that its owner checks. */
struct buffer {
	struct llist_node node;
	struct irq_work work;
	struct page *head;
	void *addr;
	unsigned long nr_pages;
	unsigned long stamp;
	bool by_address;
	bool by_reference;
	bool freed_well;
};

/* test_vcompound_stress.c */
void tvc_stamp_buffer(struct buffer *b);
void tvc_put_buffer(struct buffer *b);
bool tvc_check_and_put(struct buffer *b);
struct zone *tvc_next_zone(int *i);
unsigned long tvc_pages_in_use(void);

/* test_vcompound_perf.c */
extern bool tvc_demo;
extern char *tvc_perf;

int tvc_fragment(unsigned int min_order);
void tvc_unfragment(void);
int tvc_demonstrate(void);
int tvc_measure(void);

/* test_vcompound_irq.c */
extern int tvc_interrupts;

int tvc_use_interrupts(void);

/* test_vcompound_user.c */
extern bool tvc_hold;
extern char *tvc_misuse;
extern bool tvc_lose;

int tvc_hold_buffers(void);
int tvc_lose_buffers(void);
int tvc_misuse_free(void);
int tvc_misuse_both(void);
void tvc_find_lost(void);
void tvc_put_held(void);

#endif /* __LIB_TEST_VCOMPOUND_H */
