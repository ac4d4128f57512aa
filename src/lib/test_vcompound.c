// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stress tests of virtual compound pages, and a demonstration of them
 *
 * The module does its work while it is being loaded and prints a line for each
 * test. Each test runs in several threads at once, over orders and
 * sizes at random, while the fallback is forced and not forced in turns. Every
 * page is stamped with its owner and checked before it is freed, so a page that
 * two own at once is found.
 *
 * With demo=1 it fragments memory instead, and counts what alloc_pages(),
 * kvmalloc() and alloc_vcompound() get then.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/llist.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/vcompound.h>

#include "../mm/vcompound_debug.h"

static int nr_threads = 4;
module_param(nr_threads, int, 0444);
MODULE_PARM_DESC(nr_threads, "threads of each test");

static int test_loop_count = 2000;
module_param(test_loop_count, int, 0444);
MODULE_PARM_DESC(test_loop_count, "buffers that each thread allocates");

static int run_test_mask = INT_MAX;
module_param(run_test_mask, int, 0444);
MODULE_PARM_DESC(run_test_mask, "tests to run, a bit each");

static bool demo;
module_param(demo, bool, 0444);
MODULE_PARM_DESC(demo, "fragment memory and count what can be had");

/* Buffers of these are held at a time by each thread. */
#define NR_HELD		16
#define MAX_PAGES	64
#define MAX_ORDER_HELD	6

/* A buffer, as its owner knows it. */
struct buffer {
	struct llist_node node;
	struct irq_work work;
	struct page *head;
	void *addr;
	unsigned long nr_pages;
	unsigned long stamp;
	bool by_address;
	bool by_reference;
	atomic_t *irqs_left;
};

struct thread {
	struct task_struct *task;
	struct completion done;
	int (*test)(struct thread *t);
	struct thread *other;
	struct llist_head inbox;
	struct buffer *held;
	unsigned long next_stamp;
	int nr_failed;
	int result;
	atomic_t irqs_left;
};

static struct thread *threads;

static unsigned long *page_words(struct buffer *b, unsigned long i)
{
	return b->addr + i * PAGE_SIZE;
}

static void stamp_buffer(struct buffer *b)
{
	unsigned long i;

	for (i = 0; i < b->nr_pages; i++) {
		unsigned long *words = page_words(b, i);

		words[0] = b->stamp;
		words[1] = i;
		words[PAGE_SIZE / sizeof(long) - 1] = ~b->stamp;
	}
}

static bool stamps_are_right(struct buffer *b)
{
	unsigned long i;

	for (i = 0; i < b->nr_pages; i++) {
		unsigned long *words = page_words(b, i);

		if (words[0] != b->stamp || words[1] != i ||
		    words[PAGE_SIZE / sizeof(long) - 1] != ~b->stamp) {
			pr_err("page %lu of %p is not as its owner left it\n",
			       i, b->addr);
			return false;
		}
	}
	return true;
}

static bool address_and_page_agree(struct buffer *b)
{
	unsigned long i = get_random_u32_below(b->nr_pages);
	struct page *page = compound_nth_page(b->head, i);

	if (vcompound_address(page) == page_words(b, i) &&
	    vcompound_to_page(page_words(b, i)) == page &&
	    vcompound_head_page(page_words(b, i)) == b->head)
		return true;
	pr_err("page %lu of %p is not found\n", i, b->addr);
	return false;
}

/* Fails as rarely as memory is short: the machine is small. */
static bool get_buffer(struct thread *t, struct buffer *b, bool exact, gfp_t gfp)
{
	unsigned int order = get_random_u32_below(MAX_ORDER_HELD + 1);
	size_t size = 1 + get_random_u32_below(MAX_PAGES * PAGE_SIZE);

	b->nr_pages = exact ? DIV_ROUND_UP(size, PAGE_SIZE) : 1UL << order;
	b->by_address = exact;
	b->by_reference = gfp & __GFP_VFALLBACK;
	if (exact) {
		b->addr = __alloc_vcompound_exact(b->nr_pages * PAGE_SIZE, gfp);
		b->head = b->addr ? vcompound_head_page(b->addr) : NULL;
	} else {
		b->head = b->by_reference ? alloc_pages(gfp, order) :
					    alloc_vcompound(gfp, order);
		b->addr = b->head ? vcompound_address(b->head) : NULL;
	}
	if (!b->addr) {
		t->nr_failed++;
		return false;
	}
	if (vcompound_nr_pages(b->head) != b->nr_pages) {
		pr_err("%lu pages in place of %lu\n",
		       vcompound_nr_pages(b->head), b->nr_pages);
		t->result = -EINVAL;
	}
	b->stamp = t->next_stamp++;
	stamp_buffer(b);
	return true;
}

static void put_buffer(struct buffer *b)
{
	if (b->by_reference)
		__free_pages(b->head, ilog2(b->nr_pages));
	else if (b->by_address)
		__free_vcompound(b->addr);
	else
		free_vcompound(b->head);
	b->addr = NULL;
}

static bool check_and_put(struct buffer *b)
{
	bool good = stamps_are_right(b) && address_and_page_agree(b);

	put_buffer(b);
	return good;
}

/* Hold some buffers, and replace one at random by another, again and again. */
static int churn(struct thread *t, bool exact, gfp_t gfp)
{
	int i;

	for (i = 0; i < test_loop_count; i++) {
		struct buffer *b = &t->held[get_random_u32_below(NR_HELD)];

		if (b->addr && !check_and_put(b))
			return -EINVAL;
		get_buffer(t, b, exact, gfp);
	}
	for (i = 0; i < NR_HELD; i++)
		if (t->held[i].addr && !check_and_put(&t->held[i]))
			return -EINVAL;
	return t->result;
}

static int order_test(struct thread *t)
{
	return churn(t, false, GFP_KERNEL);
}

static int exact_test(struct thread *t)
{
	return churn(t, true, GFP_KERNEL | __GFP_ZERO);
}

static int atomic_test(struct thread *t)
{
	return churn(t, false, GFP_NOWAIT);
}

/* Keep a page of a buffer that is freed: it must stay as it is. */
static int reference_test(struct thread *t)
{
	int i;

	for (i = 0; i < test_loop_count; i++) {
		struct buffer *b = &t->held[0];
		unsigned long nth, *words;
		struct page *page;
		bool good;

		if (!get_buffer(t, b, i & 1, GFP_KERNEL))
			continue;
		nth = get_random_u32_below(b->nr_pages);
		page = compound_nth_page(b->head, nth);
		get_page(page);
		put_buffer(b);
		/* Let others take what is free now. */
		cond_resched();

		words = kmap_local_page(page);
		good = words[0] == b->stamp && words[1] == nth;
		kunmap_local(words);
		put_page(page);
		if (!good) {
			pr_err("a page with a reference was given to somebody else\n");
			return -EINVAL;
		}
	}
	return t->result;
}

static bool empty_inbox(struct thread *t)
{
	struct buffer *b, *next;
	bool good = true;

	llist_for_each_entry_safe(b, next, llist_del_all(&t->inbox), node) {
		good &= check_and_put(b);
		kfree(b);
	}
	return good;
}

/* Give each buffer to another thread, which frees it. */
static int remote_free_test(struct thread *t)
{
	int i;

	for (i = 0; i < test_loop_count; i++) {
		struct buffer *b = kzalloc_obj(*b);

		if (b && get_buffer(t, b, i & 1, GFP_KERNEL))
			llist_add(&b->node, &t->other->inbox);
		else
			kfree(b);
		if (!empty_inbox(t))
			return -EINVAL;
	}
	return t->result;
}

static void free_in_irq(struct irq_work *work)
{
	struct buffer *b = container_of(work, struct buffer, work);

	put_buffer(b);
	atomic_dec(b->irqs_left);
}

/* Free in hard interrupt context, while threads allocate. */
static int interrupt_free_test(struct thread *t)
{
	int i;

	for (i = 0; i < test_loop_count; i++) {
		struct buffer *b = &t->held[i % NR_HELD];

		irq_work_sync(&b->work);
		if (!get_buffer(t, b, i & 1, GFP_KERNEL))
			continue;
		if (!stamps_are_right(b) || !address_and_page_agree(b))
			return -EINVAL;
		b->irqs_left = &t->irqs_left;
		atomic_inc(&t->irqs_left);
		b->work = IRQ_WORK_INIT_HARD(free_in_irq);
		irq_work_queue(&b->work);
	}
	for (i = 0; i < NR_HELD; i++)
		irq_work_sync(&t->held[i].work);
	if (atomic_read(&t->irqs_left)) {
		pr_err("%d buffers were not freed\n", atomic_read(&t->irqs_left));
		return -EINVAL;
	}
	return t->result;
}

static int flag_test(struct thread *t)
{
	return churn(t, false, GFP_KERNEL | __GFP_VFALLBACK);
}

static const struct {
	const char *name;
	int (*test)(struct thread *t);
	bool needs_flag;
} tests[] = {
	{ "order", order_test },
	{ "exact", exact_test },
	{ "atomic", atomic_test },
	{ "reference", reference_test },
	{ "remote_free", remote_free_test },
	{ "interrupt_free", interrupt_free_test },
	{ "flag", flag_test, true },
};

static int run_thread(void *data)
{
	struct thread *t = data;

	t->result = t->test(t);
	complete(&t->done);
	return 0;
}

/* Neither always nor never: that changes while buffers are held. */
static int run_flipper(void *unused)
{
	while (!kthread_should_stop()) {
		vcompound_force(get_random_u32_below(101));
		usleep_range(200, 1000);
	}
	return 0;
}

static int run_one(unsigned int n)
{
	int i, failed = 0, nr_failed = 0, nr = 0, err = 0;

	for (i = 0; i < nr_threads; i++) {
		struct thread *t = &threads[i];

		init_completion(&t->done);
		init_llist_head(&t->inbox);
		t->test = tests[n].test;
		t->other = &threads[(i + 1) % nr_threads];
		t->next_stamp = ((unsigned long)n << 28) + ((unsigned long)i << 22);
		t->nr_failed = 0;
		t->result = 0;
		atomic_set(&t->irqs_left, 0);
		memset(t->held, 0, NR_HELD * sizeof(*t->held));
	}
	for (i = 0; i < nr_threads; i++) {
		struct thread *t = &threads[i];

		t->task = kthread_run(run_thread, t, "vcompound/%d", i);
		if (IS_ERR(t->task)) {
			err = PTR_ERR(t->task);
			break;
		}
		nr++;
	}
	for (i = 0; i < nr; i++)
		wait_for_completion(&threads[i].done);
	for (i = 0; i < nr_threads; i++) {
		struct thread *t = &threads[i];

		if (!empty_inbox(t) || t->result)
			failed++;
		nr_failed += t->nr_failed;
	}
	if (err)
		failed = nr_threads;
	vcompound_drain();

	pr_info("Summary: %s passed: %d failed: %d\n", tests[n].name,
		nr_threads - failed, failed);
	if (nr_failed)
		pr_info("%s: %d requests of %d were not served\n", tests[n].name,
			nr_failed, nr_threads * test_loop_count);
	return failed ? -EINVAL : 0;
}

/* Goes through the zones of all nodes; starts with *i at 0. */
static struct zone *next_zone_of_all(int *i)
{
	for (; *i < MAX_NUMNODES * MAX_NR_ZONES; (*i)++) {
		int nid = *i / MAX_NR_ZONES;
		struct zone *zone;

		if (!node_online(nid))
			continue;
		zone = &NODE_DATA(nid)->node_zones[*i % MAX_NR_ZONES];
		if (populated_zone(zone)) {
			(*i)++;
			return zone;
		}
	}
	return NULL;
}

/*
 * What has no owner after the tests leaked. The rest of the machine lives on
 * meanwhile, so a few pages are not judged; and page tables of vmalloc space
 * are never given back.
 */
static unsigned long pages_in_use(void)
{
	unsigned long nr = totalram_pages() - global_node_page_state(NR_PAGETABLE);
	struct zone *zone;
	int i = 0, cpu;

	while ((zone = next_zone_of_all(&i))) {
		nr -= zone_page_state(zone, NR_FREE_PAGES);
		for_each_possible_cpu(cpu)
			nr -= READ_ONCE(per_cpu_ptr(zone->per_cpu_pageset, cpu)->count);
	}
	return nr;
}

static int stress(void)
{
	unsigned int percent = vcompound_force(0), n;
	unsigned long before, after, slack;
	struct task_struct *flipper;
	int i, err = -ENOMEM, total = 0;

	nr_threads = clamp(nr_threads, 1, 64);
	threads = kcalloc(nr_threads, sizeof(*threads), GFP_KERNEL);
	if (!threads)
		return -ENOMEM;
	for (i = 0; i < nr_threads; i++) {
		threads[i].held = kcalloc(NR_HELD, sizeof(*threads[i].held),
					  GFP_KERNEL);
		if (!threads[i].held)
			goto out;
	}
	flipper = kthread_run(run_flipper, NULL, "vcompound/flip");
	err = PTR_ERR_OR_ZERO(flipper);
	if (err)
		goto out;

	/* Once for what grows on first use. */
	err = run_one(0);
	before = pages_in_use();
	for (n = 0; n < ARRAY_SIZE(tests); n++) {
		if (!(run_test_mask & BIT(n)))
			continue;
		if (tests[n].needs_flag && !IS_ENABLED(CONFIG_VFALLBACK))
			continue;
		err |= run_one(n);
		total += nr_threads * test_loop_count;
	}
	kthread_stop(flipper);
	vcompound_drain();
	after = pages_in_use();

	slack = 512 + total / 1000;
	pr_info("Summary: leak passed: %d failed: %d\n",
		after <= before + slack, after > before + slack);
	pr_info("%ld pages more in use than before %d buffers\n",
		(long)(after - before), total);
out:
	for (i = 0; i < nr_threads; i++)
		kfree(threads[i].held);
	kfree(threads);
	vcompound_force(percent);
	return err;
}

/* The demonstration. */

#define DEMO_MIN_ORDER	3	/* no free block of this order or above */
#define DEMO_REQUESTS	1000
#define DEMO_GFP	(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN)

static LIST_HEAD(plugs);

static unsigned long free_blocks(unsigned int min_order)
{
	unsigned long nr = 0;
	struct zone *zone;
	unsigned int order;
	int i = 0;

	while ((zone = next_zone_of_all(&i)))
		for (order = min_order; order <= MAX_PAGE_ORDER; order++)
			/* Nobody else should allocate now, or not much. */
			nr += data_race(zone->free_area[order].nr_free);
	return nr;
}

/* Free pages above the high watermark, which every request leaves alone. */
static unsigned long free_pages_to_use(void)
{
	unsigned long nr = 0;
	struct zone *zone;
	int i = 0;

	while ((zone = next_zone_of_all(&i))) {
		unsigned long keep = high_wmark_pages(zone) +
				     zone->lowmem_reserve[gfp_zone(GFP_KERNEL)];
		unsigned long pages = zone_page_state(zone, NR_FREE_PAGES);

		if (pages > keep)
			nr += pages - keep;
	}
	return nr;
}

/* Take all free blocks that can be had, from @min_order up, as single pages. */
static void take_blocks(gfp_t gfp, int min_order, struct list_head *taken)
{
	struct page *page;
	unsigned long i;
	int order;

	for (order = MAX_PAGE_ORDER; order >= min_order; order--) {
		while ((page = alloc_pages(gfp, order))) {
			split_page(page, order);
			for (i = 0; i < 1UL << order; i++)
				list_add(&page[i].lru, taken);
		}
	}
}

/*
 * Free what was taken but for one page of each 2^DEMO_MIN_ORDER: what is free
 * then is in smaller blocks.
 */
static void free_most(struct list_head *taken)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, taken, lru) {
		list_del(&page->lru);
		if (page_to_pfn(page) % (1UL << DEMO_MIN_ORDER))
			__free_page(page);
		else
			list_add(&page->lru, &plugs);
	}
}

static void unplug(void)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, &plugs, lru) {
		list_del(&page->lru);
		__free_page(page);
	}
}

/* Each CPU has lists of free pages of its own, which others do not see. */
static void take_and_free_most(gfp_t gfp, int min_order)
{
	LIST_HEAD(taken);
	int cpu;

	for_each_online_cpu(cpu) {
		set_cpus_allowed_ptr(current, cpumask_of(cpu));
		take_blocks(gfp, min_order, &taken);
		if (IS_ENABLED(CONFIG_ZONE_DMA32))
			take_blocks(gfp | __GFP_DMA32, min_order, &taken);
		if (IS_ENABLED(CONFIG_ZONE_DMA))
			take_blocks(gfp | __GFP_DMA, min_order, &taken);
	}
	free_most(&taken);
	set_cpus_allowed_ptr(current, cpu_possible_mask);
}

/*
 * Fragment memory until no block of DEMO_MIN_ORDER or above is free: first all
 * that is above the watermarks, then what large blocks are left below, or have
 * come back since.
 */
static int fragment(void)
{
	int tries = 0;

	if (list_empty(&plugs))
		take_and_free_most(__GFP_NOWARN | __GFP_NOMEMALLOC, 0);
	do {
		take_and_free_most(__GFP_NOWARN | __GFP_MEMALLOC, DEMO_MIN_ORDER);
	} while (free_blocks(DEMO_MIN_ORDER) && ++tries < 50);

	if (!free_blocks(DEMO_MIN_ORDER))
		return 0;
	pr_err("memory could not be fragmented: %lu free blocks of order %d or above\n",
	       free_blocks(DEMO_MIN_ORDER), DEMO_MIN_ORDER);
	return -EBUSY;
}

enum method { ALLOC_PAGES, KVMALLOC, ALLOC_VCOMPOUND, NR_METHODS };

static const char * const method_names[NR_METHODS] = {
	"alloc_pages", "kvmalloc", "alloc_vcompound",
};

static void *ask(enum method method, unsigned int order)
{
	switch (method) {
	case ALLOC_PAGES:
		return alloc_pages(DEMO_GFP | __GFP_COMP, order);
	case KVMALLOC:
		return kvmalloc(PAGE_SIZE << order, DEMO_GFP);
	default:
		return alloc_vcompound(DEMO_GFP, order);
	}
}

static void give_back(enum method method, unsigned int order, void *p)
{
	switch (method) {
	case ALLOC_PAGES:
		__free_pages(p, order);
		break;
	case KVMALLOC:
		kvfree(p);
		break;
	default:
		free_vcompound(p);
	}
}

static bool is_contiguous(enum method method, void *p)
{
	switch (method) {
	case ALLOC_PAGES:
		return true;
	case KVMALLOC:
		return !is_vmalloc_addr(p);
	default:
		return vcompound_is_contiguous(p);
	}
}

static unsigned long pages_held(enum method method, unsigned int order, void *p)
{
	switch (method) {
	case ALLOC_PAGES:
		return compound_nr(p);
	case KVMALLOC:
		return is_vmalloc_addr(p) ? 1UL << order : PFN_UP(ksize(p));
	default:
		return vcompound_nr_pages(p);
	}
}

static void ask_many(enum method method, unsigned int order, void **results)
{
	unsigned long asked = min(free_pages_to_use() * 3 / 4 >> order, DEMO_REQUESTS);
	unsigned long i, got = 0, contiguous = 0, pages = 0;

	for (i = 0; i < asked; i++) {
		void *p = ask(method, order);

		if (!p)
			continue;
		contiguous += is_contiguous(method, p);
		pages += pages_held(method, order, p);
		results[got++] = p;
	}
	pr_info("demo fragmented {\"method\":\"%s\",\"order\":%u,\"asked\":%lu,\"got\":%lu,\"contiguous\":%lu,\"pages\":%lu}\n",
		method_names[method], order, asked, got, contiguous, pages);
	for (i = 0; i < got; i++)
		give_back(method, order, results[i]);
	vcompound_drain();
}

static int demonstrate(void)
{
	unsigned int percent = vcompound_force(0), order;
	enum method method;
	void **results;
	int err;

	for (order = 1; order <= 9; order++) {
		struct page *page = alloc_vcompound(GFP_KERNEL, order);

		pr_info("demo fresh {\"order\":%u,\"contiguous\":%s}\n", order,
			page && vcompound_is_contiguous(page) ? "true" : "false");
		free_vcompound(page);
	}

	results = vmalloc_array(DEMO_REQUESTS, sizeof(*results));
	if (!results)
		return -ENOMEM;
	for (order = 1; order <= 9; order++) {
		for (method = 0; method < NR_METHODS; method++) {
			err = fragment();
			if (err)
				goto out;
			ask_many(method, order, results);
		}
	}
out:
	unplug();
	vfree(results);
	vcompound_force(percent);
	return err;
}

static int __init test_vcompound_init(void)
{
	return demo ? demonstrate() : stress();
}
module_init(test_vcompound_init)

static void __exit test_vcompound_exit(void)
{
}
module_exit(test_vcompound_exit)

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Stress tests and demonstration of virtual compound pages");
