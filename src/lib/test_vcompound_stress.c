// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stress tests of virtual compound pages
 *
 * The module does its work while it is being loaded and prints a line for each
 * test. Each test runs in several threads, over random orders and sizes, while
 * the fallback is alternately forced and not forced. Every page is stamped with
 * its owner and checked before it is freed, so that a page with two owners is
 * found.
 *
 * If a parameter requests it, the module does the work of one of its other files
 * instead: test_vcompound_perf.c measures and demonstrates, test_vcompound_irq.c
 * makes requests in interrupts, and test_vcompound_user.c makes calls whose
 * effects user space checks.
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
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vcompound.h>
#include <linux/vmstat.h>

#include "../mm/vcompound_force.h"
#include "test_vcompound.h"

static int nr_threads = 4;
module_param(nr_threads, int, 0444);
MODULE_PARM_DESC(nr_threads, "number of threads of each test");

static int test_loop_count = 2000;
module_param(test_loop_count, int, 0444);
MODULE_PARM_DESC(test_loop_count, "number of allocations by each thread");

static int run_test_mask = INT_MAX;
module_param(run_test_mask, int, 0444);
MODULE_PARM_DESC(run_test_mask, "bit mask of the tests to run");

static bool faults;
module_param(faults, bool, 0444);
MODULE_PARM_DESC(faults, "let fault injection with task-filter fail allocations of the tests");

/* How often the tests are run again if pages seem to be missing. */
#define LEAK_ROUNDS	5

/* Number of allocations that each thread holds at a time. */
#define NR_HELD		16
#define MAX_PAGES	64
#define MAX_ORDER_HELD	6

struct thread {
	struct task_struct *task;
	struct completion done;
	int (*test)(struct thread *t);
	struct thread *other;
	struct llist_head inbox;
	struct buffer *held;
	unsigned long next_stamp;
	unsigned int nr_contiguous;
	unsigned int nr_mapped;
	int nr_failed;
	int result;
};

static struct thread *threads;

static unsigned long *page_words(struct buffer *b, unsigned long i)
{
	return b->addr + i * PAGE_SIZE;
}

void tvc_stamp_buffer(struct buffer *b)
{
	unsigned long i;

	for (i = 0; i < b->nr_pages; i++) {
		unsigned long *words = page_words(b, i);

		words[0] = b->stamp;
		words[1] = i;
		words[PAGE_SIZE / sizeof(long) - 1] = ~b->stamp;
	}
}

static bool page_is_right(struct buffer *b, unsigned long *words, unsigned long nth)
{
	if (words[0] == b->stamp && words[1] == nth &&
	    words[PAGE_SIZE / sizeof(long) - 1] == ~b->stamp)
		return true;
	pr_err("page %lu of allocation %lu was modified\n", nth, b->stamp);
	return false;
}

static bool stamps_are_right(struct buffer *b)
{
	unsigned long i;

	for (i = 0; i < b->nr_pages; i++)
		if (!page_is_right(b, page_words(b, i), i))
			return false;
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

/* Fails only when memory is short, which a small machine may be. */
static bool get_buffer(struct thread *t, struct buffer *b, bool exact, gfp_t gfp)
{
	unsigned int order = get_random_u32_below(MAX_ORDER_HELD + 1);
	size_t size = 1 + get_random_u32_below(MAX_PAGES * PAGE_SIZE);

	if (faults)
		gfp |= __GFP_NOWARN;
	b->nr_pages = exact ? DIV_ROUND_UP(size, PAGE_SIZE) : 1UL << order;
	b->by_address = exact;
	b->by_reference = gfp & TEST_GFP_VFALLBACK;
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
		pr_err("%lu pages instead of %lu\n",
		       vcompound_nr_pages(b->head), b->nr_pages);
		t->result = -EINVAL;
	}
	if (vcompound_is_contiguous(b->head))
		t->nr_contiguous++;
	else
		t->nr_mapped++;
	b->stamp = t->next_stamp++;
	tvc_stamp_buffer(b);
	return true;
}

void tvc_put_buffer(struct buffer *b)
{
	if (b->by_reference)
		__free_pages(b->head, ilog2(b->nr_pages));
	else if (b->by_address)
		__free_vcompound(b->addr);
	else
		free_vcompound(b->head);
	b->addr = NULL;
}

bool tvc_check_and_put(struct buffer *b)
{
	bool good = stamps_are_right(b) && address_and_page_agree(b);

	tvc_put_buffer(b);
	return good;
}

/*
 * Hold some allocations, and replace a random one by another, again and again.
 */
static int churn(struct thread *t, bool exact, gfp_t gfp)
{
	int i;

	for (i = 0; i < test_loop_count; i++) {
		struct buffer *b = &t->held[get_random_u32_below(NR_HELD)];

		if (b->addr && !tvc_check_and_put(b))
			return -EINVAL;
		get_buffer(t, b, exact, gfp);
	}
	for (i = 0; i < NR_HELD; i++)
		if (t->held[i].addr && !tvc_check_and_put(&t->held[i]))
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

/* Hold a page of an allocation that is freed: the page must stay unchanged. */
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
		good = tvc_check_and_put(b);
		/* Let others allocate the freed pages. */
		cond_resched();

		words = kmap_local_page(page);
		good &= page_is_right(b, words, nth);
		kunmap_local(words);
		put_page(page);
		if (!good)
			return -EINVAL;
	}
	return t->result;
}

static bool empty_inbox(struct thread *t)
{
	struct buffer *b, *next;
	bool good = true;

	llist_for_each_entry_safe(b, next, llist_del_all(&t->inbox), node) {
		good &= tvc_check_and_put(b);
		kfree(b);
	}
	return good;
}

/* Pass each allocation to another thread, which frees it. */
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

	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		local_bh_disable();
	b->freed_well = tvc_check_and_put(b);
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		local_bh_enable();
}

static bool free_by_irq(struct buffer *b)
{
	b->freed_well = false;
	b->work = IRQ_WORK_INIT(free_in_irq);
	irq_work_queue(&b->work);
	irq_work_sync(&b->work);
	if (b->addr)
		pr_err("%p was not freed\n", b->addr);
	return b->freed_well;
}

/*
 * Free in hard interrupt context while threads allocate. With PREEMPT_RT, free
 * in a thread with softirqs off instead, as in any device interrupt handler:
 * zone locks must not be taken in hard interrupts there.
 */
static int interrupt_free_test(struct thread *t)
{
	int i;

	for (i = 0; i < test_loop_count; i++) {
		struct buffer *b = &t->held[i % NR_HELD];

		if (b->addr && !free_by_irq(b))
			return -EINVAL;
		get_buffer(t, b, i & 1, GFP_KERNEL);
	}
	for (i = 0; i < NR_HELD; i++)
		if (t->held[i].addr && !free_by_irq(&t->held[i]))
			return -EINVAL;
	return t->result;
}

#ifdef CONFIG_VFALLBACK
static int flag_test(struct thread *t)
{
	return churn(t, false, GFP_VFALLBACK);
}
#endif

static const struct {
	const char *name;
	int (*test)(struct thread *t);
} tests[] = {
	{ "order", order_test },
	{ "exact", exact_test },
	{ "atomic", atomic_test },
	{ "reference", reference_test },
	{ "remote_free", remote_free_test },
	{ "interrupt_free", interrupt_free_test },
#ifdef CONFIG_VFALLBACK
	{ "flag", flag_test },
#endif
};

static int run_thread(void *data)
{
	struct thread *t = data;

#ifdef CONFIG_FAULT_INJECTION
	current->make_it_fail = faults;
#endif
	t->result = t->test(t);
	/* The module may be gone as soon as the last one is waited for. */
	kthread_complete_and_exit(&t->done, 0);
}

/* Neither always nor never: the setting changes while allocations are held. */
static int run_flipper(void *unused)
{
	while (!kthread_should_stop()) {
		vcompound_force(get_random_u32_below(101));
		usleep_range(200, 1000);
	}
	return 0;
}

static unsigned long nr_contiguous, nr_mapped;

static int run_one(unsigned int n, bool report)
{
	int i, failed = 0, nr_failed = 0, nr = 0, err = 0;

	for (i = 0; i < nr_threads; i++) {
		struct thread *t = &threads[i];

		init_completion(&t->done);
		init_llist_head(&t->inbox);
		t->test = tests[n].test;
		t->other = &threads[(i + 1) % nr_threads];
		t->next_stamp = ((unsigned long)n << 28) + ((unsigned long)i << 22);
		t->nr_contiguous = 0;
		t->nr_mapped = 0;
		t->nr_failed = 0;
		t->result = 0;
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

		/* All requests may fail only with fault injection. */
		if (!empty_inbox(t) || t->result ||
		    (!faults && t->nr_failed == test_loop_count))
			failed++;
		nr_failed += t->nr_failed;
		nr_contiguous += t->nr_contiguous;
		nr_mapped += t->nr_mapped;
	}
	if (err)
		failed = nr_threads;
	vcompound_drain();

	if (report || failed)
		pr_info("Summary: %s passed: %d failed: %d\n", tests[n].name,
			nr_threads - failed, failed);
	if (report && nr_failed)
		pr_info("%s: %d requests of %d were not served\n", tests[n].name,
			nr_failed, nr_threads * test_loop_count);
	return failed ? -EINVAL : 0;
}

/* Iterates over the zones of all nodes; *i starts at 0. */
struct zone *tvc_next_zone(int *i)
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

/* Of all nodes, including the counts that CPUs keep for themselves so far. */
static unsigned long nr_page_tables(void)
{
	unsigned long nr = global_node_page_state_pages(NR_PAGETABLE);
	int nid, cpu;

	for_each_online_node(nid)
		for_each_possible_cpu(cpu)
			nr += READ_ONCE(per_cpu_ptr(NODE_DATA(nid)->per_cpu_nodestats,
						    cpu)->vm_node_stat_diff[NR_PAGETABLE]);
	return nr;
}

/* Page tables of vmalloc space are never freed, so they do not count. */
unsigned long tvc_pages_in_use(void)
{
	unsigned long nr = totalram_pages() - nr_page_tables();
	struct zone *zone;
	int i = 0, cpu;

	while ((zone = tvc_next_zone(&i))) {
		nr -= zone_page_state_snapshot(zone, NR_FREE_PAGES);
		for_each_possible_cpu(cpu)
			nr -= READ_ONCE(per_cpu_ptr(zone->per_cpu_pageset, cpu)->count);
	}
	return nr;
}

/*
 * Run the tests, and find out how many more pages are in use afterwards. The
 * rest of the machine allocates and frees at the same time, so a few more are
 * no leak, and if there are many, try again: a leak is there each time.
 */
static int run_tests(void)
{
	unsigned long before, after, slack;
	int n, round, total, err = 0;

	/* One run for allocations that are made on first use. */
	err = run_one(0, false);
	nr_contiguous = 0;
	nr_mapped = 0;
	for (round = 0; round < LEAK_ROUNDS; round++) {
		before = tvc_pages_in_use();
		total = 0;
		for (n = 0; n < ARRAY_SIZE(tests); n++) {
			if (!(run_test_mask & BIT(n)))
				continue;
			err |= run_one(n, !round);
			total += nr_threads * test_loop_count;
		}
		after = tvc_pages_in_use();

		slack = 512 + total / 1000;
		/*
		 * KASAN keeps freed objects for long, and the shadow of areas
		 * for a while.
		 */
		if (IS_ENABLED(CONFIG_KASAN))
			slack += totalram_pages() / 32;
		if (after <= before + slack)
			break;
	}
	if (round == LEAK_ROUNDS)
		err |= -EINVAL;
	pr_info("Summary: leak passed: %d failed: %d\n",
		round < LEAK_ROUNDS, round == LEAK_ROUNDS);
	pr_info("%ld pages more in use than before %d allocations\n",
		(long)(after - before), total);
	return err;
}

/* Without the switch of the tests nothing may be mapped in fresh memory. */
static int judge_outcomes(void)
{
	bool both = nr_contiguous &&
		    (nr_mapped || !IS_ENABLED(CONFIG_VFALLBACK_ALWAYS));

	pr_info("Summary: outcomes passed: %d failed: %d\n", both, !both);
	pr_info("%lu allocations were contiguous, %lu mapped\n", nr_contiguous,
		nr_mapped);
	return both ? 0 : -EINVAL;
}

static int stress(void)
{
	const int all = BIT(ARRAY_SIZE(tests)) - 1;
	struct task_struct *flipper;
	int i, err = -ENOMEM;
	unsigned int percent;

	if (!(run_test_mask & all)) {
		pr_err("run_test_mask selects no test\n");
		return -EINVAL;
	}
	percent = vcompound_force(0);
	nr_threads = clamp(nr_threads, 1, 64);
	threads = kcalloc(nr_threads, sizeof(*threads), GFP_KERNEL);
	if (!threads)
		goto restore;
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

	err = run_tests();
	kthread_stop(flipper);
	if ((run_test_mask & all) == all)
		err |= judge_outcomes();
out:
	for (i = 0; i < nr_threads; i++)
		kfree(threads[i].held);
	kfree(threads);
restore:
	vcompound_force(percent);
	return err;
}

static int __init test_vcompound_init(void)
{
	if (tvc_perf)
		return tvc_measure();
	if (tvc_hold)
		return tvc_hold_buffers();
	if (tvc_lose)
		return tvc_lose_buffers();
	if (!strcmp(tvc_misuse, "free"))
		return tvc_misuse_free();
	if (*tvc_misuse)
		return tvc_misuse_both();
	if (tvc_interrupts)
		return tvc_use_interrupts();
	return tvc_demo ? tvc_demonstrate() : stress();
}
module_init(test_vcompound_init)

static void __exit test_vcompound_exit(void)
{
	tvc_find_lost();
	tvc_put_held();
}
module_exit(test_vcompound_exit)

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Stress tests and cost of virtual compound pages");
