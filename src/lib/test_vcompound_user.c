// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls whose effects user space checks: an allocation of each function, lost
 * allocations, and misuse
 *
 * The effects of hold=1, lose=1 and misuse=, and of a write to the parameter
 * ask, can only be seen from user space, in /proc/vmallocinfo, in the reports
 * of kmemleak and in the log.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/rcupdate.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vcompound.h>
#include <linux/vmalloc.h>

#include "../mm/vcompound_force.h"
#include "test_vcompound.h"

bool tvc_hold;
module_param_named(hold, tvc_hold, bool, 0444);
MODULE_PARM_DESC(hold, "hold an allocation of each function and outcome while loaded");

char *tvc_misuse = "";
module_param_named(misuse, tvc_misuse, charp, 0444);
MODULE_PARM_DESC(misuse, "misuse of an allocation: virt_to_phys, sg_init_one, dma_map, usercopy or free");

#define CALL_ORDER	2
#define CALL_SIZE	(3 * PAGE_SIZE - 100)

/* A function each, whose name is recorded as the caller. */
#define CALLER(name, call)						\
static noinline __maybe_unused void *by_##name(gfp_t gfp)		\
{									\
	void *p = call;							\
									\
	/* With a tail call, another function would be the caller. */	\
	barrier();							\
	return p;							\
}

CALLER(alloc_vcompound, alloc_vcompound(gfp, CALL_ORDER))
CALLER(alloc_vcompound_node, alloc_vcompound_node(0, gfp, CALL_ORDER))
CALLER(__alloc_vcompound, __alloc_vcompound(gfp, CALL_ORDER))
CALLER(__alloc_vcompound_node, __alloc_vcompound_node(0, gfp, CALL_ORDER))
CALLER(__alloc_vcompound_exact, __alloc_vcompound_exact(CALL_SIZE, gfp | __GFP_ZERO))
CALLER(__alloc_vcompound_exact_node, __alloc_vcompound_exact_node(0, CALL_SIZE, gfp | __GFP_ZERO))
CALLER(alloc_pages, alloc_pages(gfp | TEST_GFP_VFALLBACK, CALL_ORDER))
CALLER(alloc_pages_node, alloc_pages_node(0, gfp | TEST_GFP_VFALLBACK, CALL_ORDER))
/*
 * Too large for the page allocator, and not allowed to be mapped: always fails.
 */
CALLER(nobody, __alloc_vcompound_exact((PAGE_SIZE << MAX_PAGE_ORDER) + 1, gfp))

static const struct call {
	void *(*get)(gfp_t gfp);
	bool by_address;
	bool by_reference;
} calls[] = {
	{ by_alloc_vcompound },
	{ by_alloc_vcompound_node },
	{ by___alloc_vcompound, .by_address = true },
	{ by___alloc_vcompound_node, .by_address = true },
	{ by___alloc_vcompound_exact, .by_address = true },
	{ by___alloc_vcompound_exact_node, .by_address = true },
#ifdef CONFIG_VFALLBACK
	{ by_alloc_pages, .by_reference = true },
	{ by_alloc_pages_node, .by_reference = true },
#endif
};

static struct buffer held[2][ARRAY_SIZE(calls)];

static bool get_by(const struct call *call, struct buffer *b, gfp_t gfp)
{
	void *p = call->get(gfp);

	b->addr = !p || call->by_address ? p : vcompound_address(p);
	if (!p)
		return false;
	b->head = vcompound_head_page(b->addr);
	b->nr_pages = vcompound_nr_pages(b->head);
	b->by_address = call->by_address;
	b->by_reference = call->by_reference;
	return true;
}

/* Free half of them in a context where a worker has to unmap. */
void tvc_put_held(void)
{
	unsigned int i;

	for (i = 0; i < 2 * ARRAY_SIZE(calls); i++) {
		struct buffer *b = &held[i / ARRAY_SIZE(calls)][i % ARRAY_SIZE(calls)];

		if (!b->addr)
			continue;
		if (i & 1)
			local_bh_disable();
		tvc_put_buffer(b);
		if (i & 1)
			local_bh_enable();
	}
	vcompound_drain();
}

int tvc_hold_buffers(void)
{
	unsigned int percent = vcompound_force(0), outcome, i;

	for (outcome = 0; outcome < 2; outcome++) {
		vcompound_force(outcome * 100);
		for (i = 0; i < ARRAY_SIZE(calls); i++) {
			struct buffer *b = &held[outcome][i];

			if (!get_by(&calls[i], b, GFP_KERNEL))
				continue;
			pr_info("held %s %lx %lu %ps\n",
				vcompound_is_contiguous(b->head) ? "contiguous" : "fallback",
				(unsigned long)b->addr, b->nr_pages, calls[i].get);
		}
	}
	vcompound_force(percent);
	WARN_ON(by_nobody(GFP_NOWAIT));
	return 0;
}

bool tvc_lose;
module_param_named(lose, tvc_lose, bool, 0444);
MODULE_PARM_DESC(lose, "make an allocation of each outcome and one of vmalloc() look leaked to kmemleak");

static unsigned long lost[3];

/*
 * Overwrite what calls have left on the stack. kmemleak scans it even after the
 * task has ended, because stacks are kept for new tasks.
 */
static noinline void clear_stack(unsigned int frames)
{
	u8 frame[512];

	memset(frame, 0, sizeof(frame));
	barrier_data(frame);
	if (frames)
		clear_stack(frames - 1);
	barrier_data(frame);
}

int tvc_lose_buffers(void)
{
	unsigned int percent = vcompound_force(0), outcome;

	for (outcome = 0; outcome < 2; outcome++) {
		vcompound_force(outcome * 100);
		lost[outcome] = ~(unsigned long)__alloc_vcompound_exact(CALL_SIZE,
									GFP_KERNEL);
	}
	vcompound_force(percent);
	lost[2] = ~(unsigned long)vmalloc(CALL_SIZE);
	pr_info("lost %lx %lx %lx\n", ~lost[0], ~lost[1], ~lost[2]);
	clear_stack(10);
	return 0;
}

void tvc_find_lost(void)
{
	if (!tvc_lose)
		return;
	__free_vcompound((void *)~lost[0]);
	__free_vcompound((void *)~lost[1]);
	vfree((void *)~lost[2]);
}

/* When N is written: allocate N times with each function, and free again. */
static int ask_set(const char *val, const struct kernel_param *kp)
{
	unsigned int n, i;
	int err = kstrtouint(val, 0, &n);

	if (err)
		return err;
	for (i = 0; i < n * ARRAY_SIZE(calls); i++) {
		struct buffer b;

		if (get_by(&calls[i % ARRAY_SIZE(calls)], &b, GFP_KERNEL | __GFP_NOWARN))
			tvc_put_buffer(&b);
		else
			err = -ENOMEM;
	}
	vcompound_drain();
	return err;
}

static const struct kernel_param_ops ask_ops = { .set = ask_set };
module_param_cb(ask, &ask_ops, NULL, 0200);
MODULE_PARM_DESC(ask, "on each write: number of allocations by each function");

static DECLARE_COMPLETION(misuse_begun);

/*
 * Copy more than the allocation to user space. The copy faults at NULL, after
 * the usercopy check has run.
 */
static void misuse_usercopy(void *addr)
{
	size_t size = PAGE_SIZE << CALL_ORDER;

	/* A size known at compile time is not checked. */
	OPTIMIZER_HIDE_VAR(size);
	if (copy_to_user(NULL, addr, size))
		pr_info("misuse: allowed up to its end\n");
	/* The area of a mapped allocation ends with a guard page. */
	if (copy_to_user(NULL, addr, size + PAGE_SIZE + 1))
		pr_info("misuse: allowed beyond its end\n");
}

static int misuse_address(void *addr)
{
	struct platform_device *dev;
	struct scatterlist sg;
	dma_addr_t dma;

	complete(&misuse_begun);
	if (!strcmp(tvc_misuse, "virt_to_phys")) {
		pr_info("misuse: frame %lx\n",
			(unsigned long)PHYS_PFN(virt_to_phys(addr)));
	} else if (!strcmp(tvc_misuse, "sg_init_one")) {
		sg_init_one(&sg, addr, PAGE_SIZE);
	} else if (!strcmp(tvc_misuse, "usercopy")) {
		misuse_usercopy(addr);
	} else { /* dma_map */
		dev = platform_device_register_simple(KBUILD_MODNAME,
						      PLATFORM_DEVID_NONE, NULL, 0);
		if (IS_ERR(dev))
			return PTR_ERR(dev);
		dma = dma_map_single(&dev->dev, addr, PAGE_SIZE, DMA_TO_DEVICE);
		if (dma_mapping_error(&dev->dev, dma))
			pr_info("misuse: DMA_MAPPING_ERROR\n");
		else
			dma_unmap_single(&dev->dev, dma, PAGE_SIZE, DMA_TO_DEVICE);
		platform_device_unregister(dev);
	}
	pr_info("misuse: survived\n");
	return 0;
}

/* A contiguous allocation may be used in ways that a mapped one may not. */
int tvc_misuse_both(void)
{
	static const char * const known[] = {
		"virt_to_phys", "sg_init_one", "usercopy", "dma_map",
	};
	unsigned int percent, outcome;

	if (match_string(known, ARRAY_SIZE(known), tvc_misuse) < 0) {
		pr_err("misuse=%s is unknown\n", tvc_misuse);
		return -EINVAL;
	}

	for (outcome = 0; outcome < 2; outcome++) {
		struct task_struct *task;
		struct page *page;

		percent = vcompound_force(outcome * 100);
		page = alloc_vcompound(GFP_KERNEL, CALL_ORDER);
		vcompound_force(percent);
		if (!page)
			return -ENOMEM;
		pr_info("misuse: %s\n",
			vcompound_is_contiguous(page) ? "contiguous" : "fallback");

		/*
		 * Use a thread, which may die: the module must be unloadable.
		 */
		task = kthread_create(misuse_address, vcompound_address(page),
				      "vcompound/wrong");
		if (!IS_ERR(task)) {
			get_task_struct(task);
			wake_up_process(task);
			wait_for_completion(&misuse_begun);
			kthread_stop_put(task);
		}
		free_vcompound(page);
	}
	vcompound_drain();
	return 0;
}

static struct page *get_outcome(bool mapped)
{
	unsigned int percent = vcompound_force(mapped * 100);
	struct page *page = alloc_vcompound(GFP_KERNEL, CALL_ORDER);

	vcompound_force(percent);
	if (page && vcompound_is_contiguous(page) != mapped)
		return page;
	free_vcompound(page);
	return NULL;
}

static void misuse_begin(const char *what)
{
	pr_info("misuse: try %s\n", what);
}

/*
 * Freed once correctly and once more, before another task can allocate the
 * memory.
 */
static void misuse_free_twice(struct page *page)
{
	unsigned long flags;

	local_irq_save(flags);
	free_vcompound(page);
	free_vcompound(page);
	local_irq_restore(flags);
	vcompound_drain();
}

static void misuse_free_inside(struct page *page)
{
	void *addr = vcompound_address(page);

	free_vcompound(compound_nth_page(page, 1));
	__free_vcompound(addr + PAGE_SIZE);
	__free_vcompound(addr + 1);
}

/* Addresses that these functions have not allocated. */
static void misuse_free_others(void)
{
	void *object = kmalloc(64, GFP_KERNEL), *area = vmalloc(PAGE_SIZE);
	unsigned long page = __get_free_page(GFP_KERNEL);

	__free_vcompound(object);
	__free_vcompound(area);
	__free_vcompound((void *)page);
	free_page(page);
	vfree(area);
	kfree(object);
}

/* Functions that free, change or split memory of another kind. */
static void misuse_free_by_others(struct page *page)
{
	void *addr = vcompound_address(page);

	kvfree(addr);
	kvfree_sensitive(addr, PAGE_SIZE);
	kvfree_rcu_mightsleep(addr);
	vunmap(addr);
	free_pages_exact(addr, PAGE_SIZE << CALL_ORDER);
	split_page(page, CALL_ORDER);
}

static void misuse_free_mapped(struct page *page)
{
	void *addr = vcompound_address(page);

	misuse_begin("vfree of a mapped one");
	vfree(addr);
	misuse_begin("calls of others on a mapped one");
	misuse_free_by_others(page);
#if defined(CONFIG_HAS_IOMEM) && !defined(CONFIG_UML)
	misuse_begin("iounmap of a mapped one");
	iounmap((void __iomem __force *)addr);
	misuse_begin("memunmap of a mapped one");
	memunmap(addr);
#endif
	misuse_begin("last reference to a mapped one");
	put_page(page);
	misuse_begin("inside a mapped one");
	misuse_free_inside(page);
	misuse_begin("twice a mapped one");
	misuse_free_twice(page);
	misuse_begin("where it was mapped");
	__free_vcompound(addr);
}

static void misuse_free_contiguous(struct page *page)
{
	misuse_begin("calls of others on a contiguous one");
	misuse_free_by_others(page);
	misuse_begin("last reference to a contiguous one");
	put_page(page);
	misuse_begin("inside a contiguous one");
	misuse_free_inside(page);
	misuse_begin("twice a contiguous one");
	misuse_free_twice(page);
}

/* A page that is still held after the free is no longer an allocation. */
static void misuse_free_held(struct page *page)
{
	misuse_begin("what is held");
	get_page(page);
	misuse_free_twice(page);
	put_page(page);
}

/* A mapped GFP_VFALLBACK allocation, and an area without the flag. */
static int misuse_free_flag(void)
{
#ifdef CONFIG_VFALLBACK
	unsigned int percent = vcompound_force(100);
	struct page *page = alloc_pages(GFP_VFALLBACK, CALL_ORDER);
	void *area = vmalloc(PAGE_SIZE);

	vcompound_force(percent);
	if (!page || !area)
		return -ENOMEM;
	misuse_begin("memory of the flag");
	free_vcompound(page);
	__free_pages(page, CALL_ORDER);
	vcompound_drain();
	misuse_begin("free_pages of an area");
	free_pages((unsigned long)area, 0);
	vfree(area);
#endif
	return 0;
}

/* Each is reported with the reason, in the log that user space reads. */
int tvc_misuse_free(void)
{
	struct page *mapped = get_outcome(true), *contiguous = get_outcome(false);
	struct page *held = get_outcome(false);
	int err;

	if (!mapped || !contiguous || !held)
		return -ENOMEM;
	misuse_free_mapped(mapped);
	misuse_free_contiguous(contiguous);
	misuse_free_held(held);
	misuse_begin("others");
	misuse_free_others();
	err = misuse_free_flag();
	misuse_begin("nothing more");
	return err;
}
