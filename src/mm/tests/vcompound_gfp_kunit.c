// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for virtual compound pages: requests with GFP flags, and requests
 * that fail
 *
 * They test the flags that a request passes to the page allocator, the contexts
 * that may not block, and requests that nothing can satisfy.
 */
#include <kunit/test.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/page_owner.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/vcompound.h>
#include <linux/vmalloc.h>

#include <trace/events/kmem.h>

#include "../vcompound.h"
#include "vcompound_suite.h"

/*
 * A caller that may not block does not fall back from a size that the stock of
 * areas has no room for, forced or not.
 */
static const struct vc_param vc_atomic[] = {
	{ "GFP_NOWAIT", .gfp = GFP_NOWAIT },
	{ "GFP_ATOMIC", .gfp = GFP_ATOMIC },
#ifndef CONFIG_VCOMPOUND_ATOMIC
	{ "no flags", .gfp = __GFP_NOWARN },
#endif
	{}
};

VC_SUITE_PARAMS_FAMILIES(vc_atomic)

void test_atomic(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	unsigned long *events = vc_events(test);
	struct vc_buf buf;
	unsigned long flags;
	bool got;
	int i;

	for (i = 0; i < 8; i++) {
		flags = vc_atomic_begin();
		got = vc_try(&buf, param->exact, VC_LARGE * PAGE_SIZE, param->gfp,
			     NUMA_NO_NODE);
		vc_atomic_end(flags);
		KUNIT_ASSERT_TRUE(test, got);
		vc_check(test, &buf, false);
		vc_put(test, &buf);
	}
	vc_expect_events(test, events, 8, 0, 0);
}

/*
 * A size beyond the largest block is not requested from the page allocator,
 * even if there is no fallback.
 */
void test_atomic_above_max(struct kunit *test)
{
	size_t size = (MAX_ORDER_NR_PAGES + 1) * PAGE_SIZE;

	vc_rearm_warnings();
	kunit_warning_suppress(test) {
		KUNIT_EXPECT_NULL(test, __alloc_vcompound_exact(size, __GFP_KSWAPD_RECLAIM));
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 0);
	}
}

#ifdef CONFIG_TRACEPOINTS
static void vc_try_trimmed(void *data)
{
	*(struct page **)data = alloc_pages_trimmed_noprof(GFP_ATOMIC, 3, NUMA_NO_NODE,
							   vcompound_type(VC_CONTIGUOUS));
}

static void vc_probe_hardirq_freed(void *data, struct page *page, unsigned int order)
{
	if (in_hardirq())
		*(struct page **)data = page;
}

/*
 * In a timer that is not threaded, where lockdep reports a lock that sleeps on
 * PREEMPT_RT. The block comes from a per-CPU list, as any small one does.
 */
void test_exact_hardirq(struct kunit *test)
{
	struct page *block, *page = NULL, *freed = NULL;

	vc_need_context(test, VC_HARDIRQ);
#ifdef CONFIG_PAGE_OWNER
	if (static_branch_unlikely(&page_owner_inited))
		kunit_skip(test, "page_owner takes such a lock itself");
#endif
	KUNIT_ASSERT_EQ(test, 0, register_trace_mm_page_free(vc_probe_hardirq_freed, &freed));
	/* Stay on the CPU whose list has the block. */
	migrate_disable();
	block = alloc_pages(GFP_KERNEL, 2);
	if (block)
		__free_pages(block, 2);
	vc_in_context(test, VC_HARDIRQ, vc_try_trimmed, &page);
	migrate_enable();
	unregister_trace_mm_page_free(vc_probe_hardirq_freed, &freed);
	tracepoint_synchronize_unregister();
	KUNIT_ASSERT_NOT_NULL(test, page);
	/* The rest of the block. */
	KUNIT_EXPECT_PTR_EQ(test, freed, page + 3);
	free_pages_trimmed(page, 3);
}
#endif

static const struct vc_param vc_gfp[] = {
	{ "GFP_NOIO", .gfp = GFP_NOIO },
	{ "GFP_NOFS", .gfp = GFP_NOFS },
	{ "GFP_USER", .gfp = GFP_USER },
	{ "GFP_KERNEL_ACCOUNT", .gfp = GFP_KERNEL_ACCOUNT },
	{ "__GFP_NORETRY", .gfp = GFP_KERNEL | __GFP_NORETRY },
	{ "__GFP_RETRY_MAYFAIL", .gfp = GFP_KERNEL | __GFP_RETRY_MAYFAIL },
	{ "__GFP_NOFAIL", .gfp = GFP_KERNEL | __GFP_NOFAIL },
	{ "__GFP_COMP", .gfp = GFP_KERNEL | __GFP_COMP },
	{ "__GFP_MEMALLOC", .gfp = GFP_KERNEL | __GFP_MEMALLOC },
	{}
};

VC_SUITE_PARAMS_FAMILIES(vc_gfp)

void test_gfp(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct page *page __maybe_unused;
	struct vc_buf buf;

	vc_get_gfp(test, &buf, param->exact, 11 * PAGE_SIZE, param->gfp);
	vc_check(test, &buf, param->fallback);
	vc_fill(&buf);
	KUNIT_EXPECT_TRUE(test, vc_is_filled(&buf));
	vc_expect_buf_held(test, &buf);
	vc_put(test, &buf);

#ifdef GFP_VFALLBACK
	/* One put_page() frees all pages, with and without CONFIG_VFALLBACK. */
	page = alloc_pages(GFP_VFALLBACK, 2);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, vcompound_nr_pages(page), 4);
	put_page(page);
#endif
}

static const struct vc_param vc_cleared[] = {
	{ "__GFP_HIGHMEM", .gfp = GFP_KERNEL | __GFP_HIGHMEM },
	{ "__GFP_MOVABLE", .gfp = GFP_KERNEL | __GFP_MOVABLE },
	{ "both", .gfp = GFP_HIGHUSER_MOVABLE },
	{ "one page", .one_family = true, .gfp = GFP_KERNEL | __GFP_HIGHMEM, .size = PAGE_SIZE },
	{}
};

VC_SUITE_PARAMS_FAMILIES(vc_cleared)

void test_cleared_flags(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	size_t size = param->size ?: 6 * PAGE_SIZE;
	struct vc_buf buf;
	unsigned long i;
	bool got = false;

	vc_rearm_warnings();
	kunit_warning_suppress(test) {
		got = vc_try(&buf, param->exact, size, param->gfp, NUMA_NO_NODE);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	KUNIT_ASSERT_TRUE(test, got);
	vc_check(test, &buf, param->fallback && buf.nr > 1);
	for (i = 0; i < buf.nr; i++)
		KUNIT_EXPECT_NE(test, (int)ZONE_MOVABLE,
				(int)page_zonenum(compound_nth_page(buf.head, i)));
	vc_put(test, &buf);
}

void test_nofail_atomic(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf buf;
	bool got = false;

	vc_rearm_warnings();
	kunit_warning_suppress(test) {
		got = vc_try(&buf, param->exact, 6 * PAGE_SIZE,
			     GFP_NOWAIT | __GFP_NOFAIL, NUMA_NO_NODE);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	KUNIT_ASSERT_TRUE(test, got);
	vc_check(test, &buf, IS_ENABLED(CONFIG_VCOMPOUND_ATOMIC) && param->fallback);
	vc_put(test, &buf);
}

#if defined(CONFIG_ZONE_DMA) || defined(CONFIG_ZONE_DMA32)
static const struct vc_param vc_zone[] = {
#ifdef CONFIG_ZONE_DMA
	{ "GFP_DMA", .gfp = GFP_KERNEL | GFP_DMA, .kind = ZONE_DMA },
#endif
#ifdef CONFIG_ZONE_DMA32
	{ "GFP_DMA32", .gfp = GFP_KERNEL | GFP_DMA32, .kind = ZONE_DMA32 },
#endif
	{}
};

VC_SUITE_PARAMS_FAMILIES(vc_zone)

void test_zone(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf buf;
	unsigned long i;

	vc_get_gfp(test, &buf, param->exact, 13 * PAGE_SIZE, param->gfp);
	vc_check(test, &buf, param->fallback);
	for (i = 0; i < buf.nr; i++)
		KUNIT_EXPECT_LE(test,
				(int)page_zonenum(compound_nth_page(buf.head, i)),
				param->kind);
	vc_put(test, &buf);
}
#endif

/* Requests that nothing can satisfy. */
enum vc_impossible {
	VC_ORDER_ABOVE, VC_ORDER_HUGE, VC_ORDER_MAX, VC_SIZE_0, VC_SIZE_RAM,
	VC_SIZE_MAX, VC_SIZE_INDEX,
};

static const struct vc_param vc_impossible[] = {
	{ "order above", .kind = VC_ORDER_ABOVE },
	{ "order huge", .kind = VC_ORDER_HUGE },
	{ "order max", .kind = VC_ORDER_MAX },
	{ "size 0", .kind = VC_SIZE_0 },
	{ "size beyond RAM", .kind = VC_SIZE_RAM },
	{ "size max", .kind = VC_SIZE_MAX },
	{ "size beyond index", .kind = VC_SIZE_INDEX, .gfp = GFP_NOWAIT },
	{ "comp order above", .kind = VC_ORDER_ABOVE, .gfp = GFP_KERNEL | __GFP_COMP },
	{ "atomic order above", .kind = VC_ORDER_ABOVE, .gfp = GFP_NOWAIT },
	{ "atomic size 0", .kind = VC_SIZE_0, .gfp = GFP_ATOMIC },
	{ "atomic size beyond RAM", .kind = VC_SIZE_RAM, .gfp = GFP_ATOMIC },
	{ "nofail order above", .kind = VC_ORDER_ABOVE,
	     .gfp = GFP_KERNEL | __GFP_NOFAIL },
	{ "nofail size beyond RAM", .kind = VC_SIZE_RAM,
	     .gfp = GFP_KERNEL | __GFP_NOFAIL },
	{}
};

VC_SUITE_PARAMS(vc_impossible)

static void *vc_ask_impossible(enum vc_impossible kind, gfp_t gfp)
{
	unsigned int order = MAX_PAGE_ORDER + 1;
	size_t size = 0;

	switch (kind) {
	case VC_ORDER_HUGE:
		order = BITS_PER_LONG - PAGE_SHIFT;
		fallthrough;
	case VC_ORDER_ABOVE:
		return alloc_vcompound(gfp, order);
	case VC_ORDER_MAX:
		return __alloc_vcompound(gfp, UINT_MAX);
	case VC_SIZE_MAX:
		size = SIZE_MAX;
		break;
	case VC_SIZE_RAM:
		size = (totalram_pages() + 1) * PAGE_SIZE;
		break;
	case VC_SIZE_INDEX:
		size = (VC_MAX_PAGES + 1) * PAGE_SIZE;
		break;
	case VC_SIZE_0:
		break;
	}
	OPTIMIZER_HIDE_VAR(size);
	return __alloc_vcompound_exact(size, gfp);
}

void test_impossible(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	gfp_t gfp = param->gfp ?: GFP_KERNEL;

	vc_rearm_warnings();
	/* As if there were that much RAM. */
	if (param->kind == VC_SIZE_INDEX)
		totalram_pages_add(VC_MAX_PAGES);
	kunit_warning_suppress(test) {
		KUNIT_EXPECT_NULL(test, vc_ask_impossible(param->kind, gfp | __GFP_NOWARN));
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 0);
		KUNIT_EXPECT_NULL(test, vc_ask_impossible(param->kind, gfp & ~__GFP_NOWARN));
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	if (param->kind == VC_SIZE_INDEX)
		totalram_pages_add(-(long)VC_MAX_PAGES);
}

#ifndef CONFIG_KASAN_VMALLOC
/* The large free parts of vmalloc space. KASAN would allocate shadow for it. */
struct vc_space {
	struct vm_struct *areas[512];
	int nr;
};

static void vc_space_free(void *data)
{
	struct vc_space *space = data;

	while (space->nr)
		free_vm_area(space->areas[--space->nr]);
}

static struct vc_space *vc_space_create(struct kunit *test)
{
	struct vc_space *space = kunit_kzalloc(test, sizeof(*space), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, space);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vc_space_free, space));
	return space;
}

/*
 * Reserve it until no @least bytes, a power of two, are free in one piece.
 * Smaller pieces, such as for stacks and tables, stay free. Other tasks that
 * need as much during these milliseconds fail.
 */
static void vc_space_take(struct kunit *test, struct vc_space *space, unsigned long least)
{
	unsigned long size = rounddown_pow_of_two(VMALLOC_END - VMALLOC_START);
	struct vm_struct *area;

	while (size >= least) {
		KUNIT_ASSERT_LT(test, space->nr, (int)ARRAY_SIZE(space->areas));
		/*
		 * vmalloc's pools of free areas mistake a size of 2^32 pages
		 * for 0.
		 */
		area = get_vm_area(size >> PAGE_SHIFT > U32_MAX ? size - SZ_1G : size,
				   VM_MAP);
		if (area)
			space->areas[space->nr++] = area;
		else
			size /= 2;
	}
}

static const struct vc_param vc_no_space[] = {
	{ "GFP_KERNEL", .one_outcome = true, .fallback = true },
	{ "GFP_NOIO", .one_outcome = true, .fallback = true, .gfp = GFP_NOIO },
	{ "zeroed", .one_outcome = true, .fallback = true, .gfp = GFP_KERNEL | __GFP_ZERO },
	{}
};

VC_SUITE_PARAMS_FAMILIES(vc_no_space)

/*
 * No address range is available for a mapping: NULL, and nothing is left
 * behind.
 */
void test_no_space(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	/* Larger than the areas that vmalloc keeps for reuse. */
	const size_t size = 512 * PAGE_SIZE;
	gfp_t gfp = (param->gfp ?: GFP_KERNEL) | __GFP_NOWARN;
	unsigned long *events = vc_events(test);
	struct vc_space *space;
	int i, refused = 0;
	struct vc_buf buf;

	space = vc_space_create(test);
	for (i = 0; i < 50 && refused < 3; i++) {
		vc_space_take(test, space, size);
		if (vc_try(&buf, param->exact, size, gfp, NUMA_NO_NODE)) {
			/* Another task has freed some. */
			vc_put(test, &buf);
			continue;
		}
		refused++;
		vcompound_drain();
		vc_expect_pages_held(test, 0);
	}
	vc_space_free(space);
	KUNIT_EXPECT_EQ(test, refused, 3);
	vc_expect_events(test, events, 0, i - refused, refused);

	vc_get_gfp(test, &buf, param->exact, size, gfp);
	vc_check(test, &buf, true);
	vc_put(test, &buf);
}
#endif

#ifdef CONFIG_MEMCG
#ifdef CONFIG_TRACEPOINTS
/*
 * Requests to the page allocator
 */

struct vc_asked {
	struct task_struct *task;
	int nr;
	struct {
		struct page *page;
		unsigned int order;
		gfp_t gfp;
	} calls[256];
};

static void vc_probe_asked(void *data, struct page *page, unsigned int order,
			   gfp_t gfp, int migratetype)
{
	struct vc_asked *asked = data;

	if (asked->task != current || asked->nr == ARRAY_SIZE(asked->calls))
		return;
	asked->calls[asked->nr].page = page;
	asked->calls[asked->nr].order = order;
	asked->calls[asked->nr++].gfp = gfp;
}

/*
 * The flags of the request for the page, or for the block that begins with it.
 */
static gfp_t vc_asked_gfp(struct kunit *test, const struct vc_asked *asked,
			  struct page *page, unsigned int order)
{
	int i;

	for (i = asked->nr - 1; i >= 0; i--)
		if (asked->calls[i].page == page && asked->calls[i].order == order)
			return asked->calls[i].gfp;
	KUNIT_FAIL_AND_ABORT(test, "no request for the page was recorded");
	return 0;
}

static const struct vc_param vc_askers[] = {
	{ "GFP_KERNEL", .gfp = GFP_KERNEL_ACCOUNT },
	{ "GFP_NOFS", .gfp = GFP_NOFS | __GFP_ACCOUNT },
	{ "retry", .gfp = GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL },
	{ "nofail", .gfp = GFP_KERNEL_ACCOUNT | __GFP_NOFAIL },
	{ "high", .gfp = GFP_KERNEL_ACCOUNT | __GFP_HIGH },
	{ "node", .gfp = GFP_KERNEL_ACCOUNT, .order = 1 },
	{ "retry node", .gfp = GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL, .order = 1 },
	{ "DMA32", .gfp = GFP_KERNEL_ACCOUNT | GFP_DMA32 },
	{ "highmem", .gfp = GFP_KERNEL_ACCOUNT | __GFP_HIGHMEM | __GFP_MOVABLE, .kind = 1 },
	{}
};

VC_SUITE_PARAMS_FAMILIES(vc_askers)

/*
 * The attempt to get contiguous pages makes no extra effort unless
 * __GFP_RETRY_MAYFAIL is given. The fallback uses the flags of the caller.
 * Accounted pages are requested one by one, so each is seen.
 */
void test_asks(struct kunit *test)
{
	/*
	 * Flags that do not affect where the pages come from, or that are added
	 * to all requests.
	 */
	const gfp_t ignored = __GFP_COMP | __GFP_HARDWALL | __GFP_ACCOUNT | __GFP_ZERO;
	const struct vc_param *param = test->param_value;
	struct vc_asked *asked = kunit_kzalloc(test, sizeof(*asked), GFP_KERNEL);
	struct mem_cgroup *memcg = vc_memcg_create(test);
	gfp_t wanted = param->gfp & ~(__GFP_HIGHMEM | __GFP_MOVABLE | ignored);
	struct vc_buf buf;
	bool got = false;
	unsigned long i;

	KUNIT_ASSERT_NOT_NULL(test, asked);
	asked->task = current;
	vc_rearm_warnings();
	KUNIT_ASSERT_EQ(test, 0, register_trace_mm_page_alloc(vc_probe_asked, asked));
	kunit_warning_suppress(test) {
		got = vc_try_charged_node(&buf, param->exact, 8 * PAGE_SIZE, param->gfp, memcg,
					  param->order ? first_memory_node : NUMA_NO_NODE);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, param->kind);
	}
	unregister_trace_mm_page_alloc(vc_probe_asked, asked);
	tracepoint_synchronize_unregister();
	KUNIT_ASSERT_TRUE(test, got);
	KUNIT_ASSERT_LT(test, asked->nr, (int)ARRAY_SIZE(asked->calls));

	if (param->fallback) {
		for (i = 0; i < buf.nr; i++) {
			gfp_t gfp = vc_asked_gfp(test, asked, compound_nth_page(buf.head, i), 0);

			/* vmalloc reports a failure itself. */
			KUNIT_EXPECT_EQ(test, (__force u32)(gfp & ~ignored),
					(__force u32)(wanted | __GFP_NOWARN));
		}
	} else {
		wanted |= __GFP_NOWARN;
		wanted &= ~__GFP_NOFAIL;
		if (!(param->gfp & __GFP_RETRY_MAYFAIL)) {
			wanted |= __GFP_NOMEMALLOC;
			wanted &= ~(__GFP_DIRECT_RECLAIM | __GFP_HIGH);
		}
		/* Not from another node, if one is requested. */
		if (param->order)
			wanted |= __GFP_THISNODE;
		KUNIT_EXPECT_EQ(test, (__force u32)wanted,
				(__force u32)(vc_asked_gfp(test, asked, buf.head, 3) & ~ignored));
	}
	vc_put(test, &buf);
}
#endif

/*
 * A killed task gets what alloc_pages() would return. Accounted pages are
 * requested one by one, which is where vmalloc() gives up.
 */
static const struct vc_param vc_killed[] = {
	{ "2 pages", .size = 2 * PAGE_SIZE },
	{ "8 pages", .size = 8 * PAGE_SIZE },
	/*
	 * As many as a page has room for pointers: a larger array comes from
	 * vmalloc().
	 */
	{ "512 pages", .size = PAGE_SIZE / sizeof(struct page *) * PAGE_SIZE,
	  .one_outcome = true, .fallback = true },
	{}
};

VC_SUITE_PARAMS_FAMILIES(vc_killed)

void test_killed(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct mem_cgroup *memcg = vc_memcg_create(test);
	struct vc_buf buf;
	bool got;

	sigaddset(&current->pending.signal, SIGKILL);
	set_tsk_thread_flag(current, TIF_SIGPENDING);
	KUNIT_EXPECT_TRUE(test, fatal_signal_pending(current));
	got = vc_try_charged(&buf, param->exact, param->size, GFP_KERNEL_ACCOUNT, memcg);
	sigdelset(&current->pending.signal, SIGKILL);
	clear_tsk_thread_flag(current, TIF_SIGPENDING);

	KUNIT_ASSERT_TRUE(test, got);
	vc_check(test, &buf, param->fallback);
	vc_put(test, &buf);
}
#endif

#ifdef CONFIG_FAULT_INJECTION
/* The first attempt fails: a fallback that is not forced. */
#ifdef CONFIG_FAIL_PAGE_ALLOC
static const struct vc_param vc_real[] = {
	{ "GFP_KERNEL", .one_outcome = true, .gfp = GFP_KERNEL },
	{ "nofail", .one_outcome = true, .gfp = GFP_KERNEL | __GFP_NOFAIL },
	{ "node", .one_outcome = true, .gfp = GFP_KERNEL, .kind = 1 },
	{}
};

VC_SUITE_PARAMS_FAMILIES(vc_real)

void test_real_fallback(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	unsigned long *events = vc_events(test);
	struct vc_buf buf;
	bool got;

	current->fail_nth = 1;
	got = vc_try(&buf, param->exact, 8 * PAGE_SIZE, param->gfp,
		     param->kind ? first_memory_node : NUMA_NO_NODE);
	KUNIT_EXPECT_EQ(test, current->fail_nth, 0);
	current->fail_nth = 0;
	KUNIT_ASSERT_TRUE(test, got);
	vc_check(test, &buf, true);
	vc_expect_events(test, events, 0, 1, 0);
	vc_put(test, &buf);
}

/* Without a fallback the request fails, and is counted. */
static const struct vc_param vc_fail[] = {
	{ "GFP_NOWAIT", .gfp = GFP_NOWAIT | __GFP_NOWARN },
	{ "GFP_ATOMIC", .gfp = GFP_ATOMIC | __GFP_NOWARN },
	/* __GFP_NOFAIL is ignored, so the request fails like any other. */
	{ "__GFP_NOFAIL", .gfp = GFP_NOWAIT | __GFP_NOFAIL },
	{}
};

VC_SUITE_PARAMS_FAMILIES(vc_fail)

void test_atomic_fails(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	unsigned long *events = vc_events(test);
	struct vc_buf buf;
	bool got = false;

	vc_rearm_warnings();
	kunit_warning_suppress(test) {
		current->fail_nth = 1;
		got = vc_try(&buf, param->exact, VC_LARGE * PAGE_SIZE, param->gfp, NUMA_NO_NODE);
		current->fail_nth = 0;
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, !!(param->gfp & __GFP_NOFAIL));
	}
	KUNIT_EXPECT_FALSE(test, got);
	if (got)
		vc_put(test, &buf);
	vc_expect_events(test, events, 0, 0, 1);
	vc_expect_pages_held(test, 0);
}
#endif

#ifdef VC_FAIL_NTH
static const struct vc_param vc_nth[] = {
	{ "GFP_KERNEL", .gfp = GFP_KERNEL | __GFP_NOWARN, .size = 5 * PAGE_SIZE },
	{ "zeroed", .gfp = GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN,
	    .size = 33 * PAGE_SIZE },
	/* Pointers to its pages do not fit in one. */
	{ "large", .one_family = true, .gfp = GFP_KERNEL | __GFP_NOWARN, .exact = true,
	     .size = (PAGE_SIZE / sizeof(struct page *) + 8) * PAGE_SIZE },
	{ "above max order", .one_family = true, .gfp = GFP_KERNEL | __GFP_NOWARN, .exact = true,
	     .size = (MAX_ORDER_NR_PAGES + 3) * PAGE_SIZE },
	{ "retry", .gfp = GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN,
	    .size = 5 * PAGE_SIZE },
	{ "nofail", .gfp = GFP_KERNEL | __GFP_NOFAIL, .size = 5 * PAGE_SIZE },
	{ "node", .gfp = GFP_KERNEL | __GFP_NOWARN, .size = 5 * PAGE_SIZE, .kind = 1 },
	{ "node only", .gfp = GFP_KERNEL | __GFP_THISNODE | __GFP_NOWARN,
	    .size = 5 * PAGE_SIZE, .kind = 1 },
	{}
};

VC_SUITE_PARAMS_FAMILIES(vc_nth)

/*
 * How often a request is repeated that was served although one allocation
 * failed.
 */
#define VC_AGAIN	2
#define VC_NTH_MAX	3000

/*
 * With KASAN a large request is slow, and most of its allocations are pages of
 * the shadow: of @made allocations fail the first and the last, and a few of
 * those in between.
 */
static unsigned int vc_next_nth(unsigned int nth, unsigned int made)
{
	unsigned int step = 29, ends = 12;

	if (IS_ENABLED(CONFIG_KASAN) && nth > ends && nth + step + ends < made)
		return nth + step;
	return nth + 1;
}

/*
 * Fail each allocation in turn, until there is none left to fail. Now and then
 * the slab allocator and KASAN allocate for themselves, which can fail
 * silently. The next request finds that done, so its own allocation fails.
 */
void test_fail_nth(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	int nid = param->kind ? first_memory_node : NUMA_NO_NODE;
	unsigned int nth, left, made, refused = 0, again = 0;
	struct vc_buf buf;
	bool got;

	vc_knobs_set(test);
	current->fail_nth = VC_NTH_MAX;
	got = vc_try(&buf, param->exact, param->size, param->gfp, nid);
	made = VC_NTH_MAX - current->fail_nth;
	current->fail_nth = 0;
	KUNIT_ASSERT_TRUE(test, got);
	vc_put(test, &buf);

	for (nth = 1; nth < VC_NTH_MAX; nth = again ? nth : vc_next_nth(nth, made)) {
		vc_make_block(test, get_order(param->size));
		current->fail_nth = nth;
		got = vc_try(&buf, param->exact, param->size, param->gfp, nid);
		left = current->fail_nth;
		current->fail_nth = 0;

		if (left || (param->gfp & __GFP_NOFAIL))
			KUNIT_EXPECT_TRUE(test, got);
		refused += !got;
		if (got) {
			vc_check(test, &buf, !vcompound_is_contiguous(buf.head));
			/*
			 * For a contiguous allocation, only the first can fail.
			 */
			if (param->fallback || (nth == 1 && !left))
				KUNIT_EXPECT_FALSE(test, vcompound_is_contiguous(buf.head));
			vc_fill(&buf);
			KUNIT_EXPECT_TRUE(test, vc_is_filled(&buf));
			vc_put(test, &buf);
		}
		/* A failed request leaves nothing behind. */
		vc_expect_pages_held(test, 0);
		if (left || READ_ONCE(test->status) == KUNIT_FAILURE)
			break;
		again = got && refused < 2 && again < VC_AGAIN ? again + 1 : 0;
	}
	KUNIT_EXPECT_LT(test, nth, VC_NTH_MAX);
	/*
	 * Without forced fallback, the attempt has failed. A mapped request has
	 * failed at least for its area and for the structures that find it,
	 * unless it must not fail, or is mapped in another area then.
	 */
	if (!param->fallback)
		KUNIT_EXPECT_GE(test, nth, 2U);
	if (!(param->gfp & __GFP_NOFAIL) &&
	    (!IS_ENABLED(CONFIG_VCOMPOUND_STOCK) || buf.nr > VC_STOCK_PAGES) &&
	    (param->fallback || param->size > MAX_ORDER_NR_PAGES * PAGE_SIZE)) {
		KUNIT_EXPECT_GE(test, nth, 4U);
		KUNIT_EXPECT_GE(test, refused, 2U);
	}
}
#endif
#endif
