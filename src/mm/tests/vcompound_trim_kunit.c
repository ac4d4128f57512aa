// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for virtual compound pages: the blocks of exact-size allocations
 *
 * A block is trimmed to the size of the request. The tests free the pages of
 * such allocations and check that they merge and are counted.
 */
#include <kunit/test.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vcompound.h>
#include <linux/vmstat.h>

#include <trace/events/kmem.h>

#include "../mm_init.h"
#include "../vcompound.h"
#include "vcompound_suite.h"

#ifdef CONFIG_MEMCG
static const struct vc_param vc_checks[] = {
	{ "checked as elsewhere", .one_outcome = true },
	{ "not checked", .one_outcome = true, .kind = 1 },
	{}
};

VC_SUITE_PARAMS(vc_checks)

/*
 * The difference between the number of free pages and the pages in the free
 * lists.
 */
static long vc_free_drift(void)
{
	unsigned long flags;
	struct zone *zone;
	long drift = 0;
	int order;

	for_each_populated_zone(zone) {
		spin_lock_irqsave(&zone->lock, flags);
		drift += zone_page_state_snapshot(zone, NR_FREE_PAGES);
		for (order = 0; order <= MAX_PAGE_ORDER; order++)
			drift -= zone->free_area[order].nr_free << order;
		spin_unlock_irqrestore(&zone->lock, flags);
	}
	return drift;
}

/*
 * Pages of exact-size allocations that have no tag are freed in blocks, except
 * those that are held, charged, or have page->private in use.
 */
void test_exact_blocks(struct kunit *test)
{
	static const int sizes[] = { 2, 3, 7, 16, 17, 33, 64 };
	struct mem_cgroup *memcg = vc_memcg_create(test);
	long before = vc_charge(memcg, MEMCG_KMEM);
	unsigned long in_use, k, n, total = 0, dirty = 0;
	struct page *page, *marked;
	struct vc_buf buf;
	long drift;

	vc_tags_off(test);
	vc_checks_off(test);
	drain_all_pages(NULL);
	in_use = totalram_pages() - nr_free_pages();
	drift = vc_free_drift();
	for (n = 0; total < 32768; n++) {
		int nr = sizes[n % ARRAY_SIZE(sizes)];
		gfp_t gfp = n & 1 ? GFP_KERNEL_ACCOUNT : GFP_KERNEL;

		total += nr;
		k = n / ARRAY_SIZE(sizes) % nr;
		KUNIT_ASSERT_TRUE(test, vc_try_charged(&buf, true, nr * PAGE_SIZE,
						       gfp, memcg));
		page = compound_nth_page(buf.head, k);
		/* Now and then no page has per-page state. */
		if (n % 4 == 2) {
			vc_free(&buf);
			continue;
		}
		memset(vcompound_address(page), 0x5a, PAGE_SIZE);
		get_page(page);
		/* An odd page begins no block. */
		marked = compound_nth_page(buf.head, nr / 2 | 1);
		set_page_private(marked, 1);

		vc_free(&buf);
		vcompound_drain();
		/* In a free block, page->private is the order. */
		dirty += marked != page && page_private(marked) == 1 && !PageBuddy(marked);
		KUNIT_ASSERT_EQ(test, page_count(page), 1);
		KUNIT_ASSERT_NULL(test, memchr_inv(page_address(page), 0x5a, PAGE_SIZE));
		KUNIT_ASSERT_EQ(test, vc_charge(memcg, MEMCG_KMEM), before + (n & 1));
		put_page(page);
		KUNIT_ASSERT_EQ(test, vc_charge(memcg, MEMCG_KMEM), before);
	}
	KUNIT_EXPECT_LT(test, dirty, n / 8);
	/* Each free page was counted once. */
	KUNIT_EXPECT_EQ(test, vc_free_drift(), drift);
	/*
	 * Allow a page for two allocations, as the rest of the kernel runs on.
	 */
	drain_all_pages(NULL);
	KUNIT_EXPECT_LT(test, totalram_pages() - nr_free_pages(), in_use + n / 2);
	vc_expect_pages_held(test, 0);
}

/* The order of the free block that @page is in, or -1. */
static int vc_free_order(struct page *page)
{
	int order;

	for (order = 0; order <= MAX_PAGE_ORDER; order++) {
		struct page *first = pfn_to_page(ALIGN_DOWN(page_to_pfn(page), 1UL << order));

		if (PageBuddy(first) && (int)buddy_order_unsafe(first) >= order)
			return buddy_order_unsafe(first);
	}
	return -1;
}

#ifdef CONFIG_TRACEPOINTS
/*
 * The rest of a block can be allocated in one piece, and when the pages are
 * freed, the whole block is free, except for a held page. This is certain
 * unless another task takes a block during the test: these are counted, and
 * then the test tries again.
 */
void test_exact_merges(struct kunit *test)
{
	const unsigned int nr = 33, order = 6, kept = 5;
	bool rest = false, part = false, whole = false;
	struct page *page;
	struct vc_buf buf;
	int tries;
	bool same;

	vc_tags_off(test);
	vc_blocks_start(test);
	for (tries = 0; tries < 100 && !(rest && part && whole); tries++) {
		vc_make_block(test, order);
		atomic_set(&vc_blocks_taken, 0);
		KUNIT_ASSERT_TRUE(test, vc_try(&buf, true, nr * PAGE_SIZE, GFP_KERNEL,
					       NUMA_NO_NODE));
		page = buf.head;
		KUNIT_ASSERT_TRUE(test, IS_ALIGNED(page_to_pfn(page), 1UL << order));
		same = vc_free_order(page + 33) == 0 && vc_free_order(page + 34) == 1 &&
		       vc_free_order(page + 36) == 2 && vc_free_order(page + 40) == 3 &&
		       vc_free_order(page + 48) == 4;
		if (atomic_read(&vc_blocks_taken) == 1) {
			KUNIT_EXPECT_TRUE(test, same);
			rest = true;
		}

		get_page(page + kept);
		vc_free(&buf);
		same = vc_free_order(page) == 2 && vc_free_order(page + 4) == 0 &&
		       vc_free_order(page + kept) == -1 && vc_free_order(page + 6) == 1 &&
		       vc_free_order(page + 8) == 3 && vc_free_order(page + 16) == 4 &&
		       vc_free_order(page + 32) == 5;
		if (atomic_read(&vc_blocks_taken) == 1) {
			KUNIT_EXPECT_TRUE(test, same);
			part = true;
		}

		put_page(page + kept);
		drain_all_pages(NULL);
		same = vc_free_order(page + 1) >= (int)order;
		if (atomic_read(&vc_blocks_taken) == 1) {
			KUNIT_EXPECT_TRUE(test, same);
			whole = true;
		}
	}
	KUNIT_EXPECT_TRUE_MSG(test, rest && part && whole, "there was no quiet moment");
}
#endif

static struct page *vc_take(struct list_head *taken, int nid, gfp_t gfp, int order)
{
	struct page *page = alloc_pages_node(nid, gfp | __GFP_THISNODE | __GFP_NOWARN, order);

	if (page) {
		set_page_private(page, order);
		list_add(&page->lru, taken);
	}
	return page;
}

static void vc_give_back(void *data)
{
	struct list_head *taken = data;
	struct page *page, *next;

	list_for_each_entry_safe(page, next, taken, lru) {
		unsigned int order = page_private(page);

		list_del(&page->lru);
		set_page_private(page, 0);
		__free_pages(page, order);
	}
}

/*
 * Take all free blocks of @order until the one at @rest is among them, off the
 * free list.
 */
static bool vc_take_rest(struct list_head *taken, struct page *rest, unsigned int order)
{
	struct page *page;

	do {
		page = vc_take(taken, page_to_nid(rest), GFP_NOWAIT, order);
	} while (page && page != rest);
	if (!page)
		return false;
	list_del(&page->lru);
	set_page_private(page, 0);
	return true;
}

enum vc_rest { VC_REST_WHOLE, VC_REST_SPLIT, VC_REST_WORD };

static const struct vc_param vc_rests[] = {
	{ "whole", .one_outcome = true, .kind = VC_REST_WHOLE },
	{ "split, first page free", .one_outcome = true, .kind = VC_REST_SPLIT },
	{ "whole, with a word like an order", .one_outcome = true, .kind = VC_REST_WORD },
	{}
};

VC_SUITE_PARAMS(vc_rests)

/*
 * If others have allocated the rest of a block, it stays theirs: all of it, or
 * all but its first page, which is free like the whole was before. Others may
 * take that page or split the rest first. Then the test tries again, and does
 * not pass without.
 */
void test_exact_rest_taken(struct kunit *test)
{
	const unsigned int nr = 12, rest_order = 2, nr_rest = 4;
	const struct vc_param *param = test->param_value;
	unsigned int first = param->kind == VC_REST_SPLIT;
	struct list_head *taken = kunit_kzalloc(test, sizeof(*taken), GFP_KERNEL);
	bool tested = false, freed = false;
	struct page *rest = NULL;
	struct vc_buf buf;
	int i, tries;

	KUNIT_ASSERT_NOT_NULL(test, taken);
	INIT_LIST_HEAD(taken);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vc_give_back, taken));
	vc_tags_off(test);

	for (tries = 0; tries < 50 && !tested; tries++) {
		vc_get_gfp(test, &buf, true, nr * PAGE_SIZE, GFP_KERNEL);
		rest = buf.head + nr;
		if (!vc_take_rest(taken, rest, rest_order)) {
			vc_free(&buf);
			vc_give_back(taken);
			continue;
		}
		memset(lowmem_page_address(rest), 0x5a, PAGE_SIZE << rest_order);
		split_page(rest, rest_order);
		if (first) {
			__free_page(rest);
			drain_all_pages(NULL);
		}
		if (param->kind == VC_REST_WORD)
			set_page_private(rest, rest_order);
		tested = !first || vc_free_order(rest) == 0;
		vc_free(&buf);
		/* Unless others have allocated it. */
		freed |= vc_free_order(buf.head) >= 0;
		if (param->kind == VC_REST_WORD)
			set_page_private(rest, 0);
		for (i = first; i < nr_rest; i++) {
			KUNIT_EXPECT_EQ(test, page_count(rest + i), 1);
			KUNIT_EXPECT_EQ(test, vc_free_order(rest + i), -1);
		}

		/* It is not allocated again. */
		for (i = 0; i < 64; i++)
			vc_take(taken, page_to_nid(rest), GFP_KERNEL | __GFP_ZERO, 4);
		KUNIT_EXPECT_NULL(test, memchr_inv(lowmem_page_address(rest + first), 0x5a,
						   (nr_rest - first) * PAGE_SIZE));
		for (i = first; i < nr_rest; i++)
			__free_page(rest + i);
		vc_give_back(taken);
	}
	KUNIT_EXPECT_TRUE_MSG(test, tested, "the rest was always taken by others");
	KUNIT_EXPECT_TRUE(test, freed);
}

#if defined(CONFIG_TRACEPOINTS) && defined(CONFIG_VM_EVENT_COUNTERS)
struct vc_spoiler {
	struct page *when;
	struct page *page;
	unsigned int type;
};

/*
 * Types are cleared before the first block is prepared, so set one after that.
 */
static void vc_probe_spoil(void *data, struct page *page, unsigned int order)
{
	struct vc_spoiler *spoiler = data;

	if (page == spoiler->when)
		spoiler->page->page_type = spoiler->type;
}

/* Pages freed since the start, by their trace events. PGFREE must agree. */
struct vc_pgfree {
	atomic_long_t freed;
	unsigned long before;
};

static void vc_probe_pages_freed(void *data, struct page *page, unsigned int order)
{
	atomic_long_add(1L << order, (atomic_long_t *)data);
}

static void vc_pages_freed_stop(void *freed)
{
	unregister_trace_mm_page_free(vc_probe_pages_freed, freed);
	tracepoint_synchronize_unregister();
}

static void vc_pgfree_start(struct kunit *test, struct vc_pgfree *p)
{
	atomic_long_set(&p->freed, 0);
	KUNIT_ASSERT_EQ(test, 0, register_trace_mm_page_free(vc_probe_pages_freed, &p->freed));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vc_pages_freed_stop, &p->freed));
	p->before = vc_read_events(test)[PGFREE];
	atomic_long_set(&p->freed, 0);
}

/*
 * Other tasks may be between event and count at either end, but not in four
 * rounds in a row.
 */
static void vc_expect_pgfree(struct kunit *test, struct vc_pgfree *p, long least, int rounds)
{
	long counted = vc_read_events(test)[PGFREE] - p->before;

	KUNIT_EXPECT_GE(test, counted, least);
	counted -= atomic_long_read(&p->freed);
	KUNIT_EXPECT_LT(test, counted, rounds / 4);
	KUNIT_EXPECT_GT(test, counted, -rounds / 4);
}

/*
 * Free a run that contains a bad page. With @in_run, a held page ends the run.
 */
static void vc_free_bad_page(struct kunit *test, bool in_run)
{
	const unsigned long nr = 12, bad = 8, held = 10;
	struct vc_spoiler spoiler;
	struct page *page;
	unsigned long i;

	page = alloc_pages_trimmed_noprof(GFP_KERNEL, nr, NUMA_NO_NODE,
					  vcompound_type(VC_CONTIGUOUS));
	KUNIT_ASSERT_NOT_NULL(test, page);
	vc_frames_set(page, nr);
	/* As if it belonged to a mapped allocation. */
	spoiler = (struct vc_spoiler) {
		.when = page, .page = page + bad, .type = vcompound_type(bad),
	};
	KUNIT_ASSERT_EQ(test, 0, register_trace_mm_page_free(vc_probe_spoil, &spoiler));
	if (in_run)
		get_page(page + held);
	kunit_warning_suppress(test) {
		free_pages_trimmed(page, nr);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	unregister_trace_mm_page_free(vc_probe_spoil, &spoiler);
	tracepoint_synchronize_unregister();
	for (i = 0; i < bad; i++)
		KUNIT_EXPECT_FALSE(test, vc_frame_is_held(page + i));
	KUNIT_EXPECT_TRUE(test, vc_frame_is_held(page + bad));
	KUNIT_EXPECT_EQ(test, vc_free_order(page + bad), -1);
	KUNIT_EXPECT_EQ(test, page_count(page + bad), 1);
	KUNIT_EXPECT_TRUE(test, PageVcompound(page + bad));
	if (in_run) {
		KUNIT_EXPECT_EQ(test, page_count(page + held), 1);
		put_page(page + held);
	}

	/* If pages are checked, the pages after it are not affected. */
	if (static_branch_unlikely(&check_pages_enabled))
		for (i = bad + 1; i < nr; i++)
			KUNIT_EXPECT_FALSE(test, vc_frame_is_held(page + i));

	page[bad].page_type = UINT_MAX;
	put_page(page + bad);
	/*
	 * Otherwise the rest of its block is lost, as it is not freed page by
	 * page.
	 */
	for (i = bad + 1; i < nr; i++) {
		if (vc_frame_is_held(page + i)) {
			KUNIT_EXPECT_EQ(test, page_count(page + i), 0);
			set_page_count(page + i, 1);
			put_page(page + i);
		}
	}
}

/*
 * Of pages that are freed in blocks, a page that must not be freed is left
 * alone, and those in other blocks are free.
 */
void test_exact_bad_page(struct kunit *test)
{
	const int rounds = 128;
	static struct vc_pgfree pgfree;
	int i;

	vc_tags_off(test);
	vc_checks_off(test);
	vc_pgfree_start(test, &pgfree);
	for (i = 0; i < rounds; i++)
		vc_free_bad_page(test, i & 1);
	/* Every page that was freed has reached the free lists. */
	vc_expect_pgfree(test, &pgfree, rounds * 8, rounds);
	vc_expect_pages_held(test, 0);
}
#endif

/* Of more than one pageblock, if there are blocks of that size. */
void test_exact_above_pageblock(struct kunit *test)
{
	const unsigned long half = min(pageblock_nr_pages, MAX_ORDER_NR_PAGES / 2);
	const unsigned long sizes[] = { half + 1, half + half / 2 + 3, 2 * half - 1, 2 * half };
	struct page *page;
	struct vc_buf buf;
	long drift;
	int i;

	vc_tags_off(test);
	drift = vc_free_drift();
	for (i = 0; i < 2 * ARRAY_SIZE(sizes); i++) {
		vc_get_gfp(test, &buf, true, sizes[i / 2] * PAGE_SIZE, GFP_KERNEL);
		vc_check(test, &buf, false);
		vc_expect_buf_held(test, &buf);
		vc_fill_page(&buf, half);
		page = buf.head + half;
		if (i & 1)
			get_page(page);
		vc_free(&buf);
		vc_expect_pages_held(test, i & 1);
		if (i & 1) {
			vc_expect_ordinary(test, &buf, page, half);
			put_page(page);
		}
		vc_expect_pages_held(test, 0);
		KUNIT_EXPECT_EQ(test, vc_free_drift(), drift);
		drain_all_pages(NULL);
	}
}

#if defined(CONFIG_TRACEPOINTS) && defined(CONFIG_VM_EVENT_COUNTERS)
/*
 * Freed pages are counted: those of the allocation, the rest of their block,
 * and held pages.
 */
void test_pgfree(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	const int rounds = 128, kept = 5;
	bool compound = !param->exact && !param->fallback;
	static struct vc_pgfree pgfree;
	struct vc_buf buf;
	long least = 0;
	int i;

	vc_tags_off(test);
	vc_pgfree_start(test, &pgfree);
	for (i = 0; i < rounds; i++) {
		struct page *page;

		/* A whole block now and then. */
		vc_get(test, &buf, (i & 2 ? 32 : 33) * PAGE_SIZE);
		least += compound ? 1 << compound_order(buf.head) : buf.nr;
		page = compound_nth_page(buf.head, kept);
		if (i & 1)
			get_page(page);
		vc_free(&buf);
		vcompound_drain();
		if (i & 1)
			put_page(page);
	}
	vc_expect_pgfree(test, &pgfree, least, rounds);
}
#endif
#endif
