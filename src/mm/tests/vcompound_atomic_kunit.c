// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for virtual compound pages: requests that may not sleep
 *
 * With CONFIG_VCOMPOUND_ATOMIC such a request falls back as well, in any
 * context. The tests check the contexts, what is left in the stock of areas, and
 * a request that finds it empty.
 */
#include <kunit/test.h>
#include <linux/gfp.h>
#include <linux/hardirq.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/vcompound.h>
#include <linux/vmalloc.h>
#include <linux/vmstat.h>

#include "../internal.h"
#include "../vcompound.h"
#include "vcompound_kunit.h"

/* Mapped, by order and exact. */
static const struct vc_param va_mapped[] = {
	{ "", .one_outcome = true, .fallback = true },
	{}
};

VC_GEN_PARAMS_FAMILIES(va_mapped)

static const struct vc_param va_outcomes[] = {
	{ "" },
	{}
};

VC_GEN_PARAMS_FAMILIES(va_outcomes)

VC_GEN_PARAMS_FAMILIES(vc_contexts)

static bool va_is_stock(const struct vc_buf *buf)
{
	return buf->area && (buf->area->flags & VM_VCOMPOUND_STOCK);
}

/* A request, and the job that makes it. */
struct va_request {
	struct vc_buf buf;
	bool exact;
	size_t size;
	gfp_t gfp;
};

static void va_request_job(void *data)
{
	struct va_request *r = data;

	vc_try(&r->buf, r->exact, r->size, r->gfp, NUMA_NO_NODE);
	if (r->buf.head)
		vc_fill(&r->buf);
}

static void va_free_job(void *data)
{
	struct va_request *r = data;

	vc_free(&r->buf);
}

/* Request and free in each context. */
static void test_context(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct va_request r = {
		.exact = param->exact, .size = 5 * PAGE_SIZE, .gfp = GFP_ATOMIC,
	};

	vc_need_context(test, param->kind);
	vc_in_context(test, param->kind, va_request_job, &r);
	KUNIT_ASSERT_NOT_NULL(test, r.buf.head);
	vc_check(test, &r.buf, param->fallback);
	KUNIT_EXPECT_EQ(test, va_is_stock(&r.buf), param->fallback);
	KUNIT_EXPECT_TRUE(test, vc_is_filled(&r.buf));
	vc_in_context(test, param->kind, va_free_job, &r);
	vcompound_drain();
	vc_expect_unmapped(test, &r.buf);
	vc_expect_pages_held(test, 0);
}

/* Sizes that an area has room for are mapped. */
static void test_sizes(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	unsigned long flags;
	struct vc_buf buf;
	unsigned int nr;
	bool got;

	for (nr = 2; nr <= VC_STOCK_PAGES + 1; nr++) {
		flags = vc_atomic_begin();
		got = vc_try(&buf, param->exact, nr * PAGE_SIZE - param->exact,
			     GFP_ATOMIC | __GFP_ZERO, NUMA_NO_NODE);
		vc_atomic_end(flags);
		KUNIT_ASSERT_TRUE(test, got);
		vc_check(test, &buf, buf.nr <= VC_STOCK_PAGES);
		KUNIT_EXPECT_NULL(test, memchr_inv(buf.addr, 0, buf.size));
		vc_put(test, &buf);
	}
}

static DEFINE_RAW_SPINLOCK(va_lock);

/* Without any reclaim flag, a request can be made under a raw spinlock. */
static void test_raw_spinlock(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	unsigned long flags;
	struct vc_buf buf;
	bool got;

	raw_spin_lock_irqsave(&va_lock, flags);
	got = vc_try(&buf, param->exact, 7 * PAGE_SIZE, __GFP_NOWARN, NUMA_NO_NODE);
	raw_spin_unlock_irqrestore(&va_lock, flags);
	KUNIT_ASSERT_TRUE(test, got);
	/* Exact sizes are always mapped. */
	vc_check(test, &buf, param->fallback || param->exact);
	vc_fill(&buf);
	KUNIT_EXPECT_TRUE(test, vc_is_filled(&buf));
	vc_put(test, &buf);

	/* A single page is not. */
	raw_spin_lock_irqsave(&va_lock, flags);
	got = vc_try(&buf, param->exact, PAGE_SIZE, __GFP_NOWARN, NUMA_NO_NODE);
	raw_spin_unlock_irqrestore(&va_lock, flags);
	KUNIT_ASSERT_TRUE(test, got);
	vc_check(test, &buf, false);
	vc_put(test, &buf);
}

/* The page allocator would ignore these flags under a raw spinlock. */
static void test_nolock_flags(struct kunit *test)
{
	static const gfp_t flags[] = { __GFP_THISNODE, __GFP_DMA, __GFP_DMA32 };
	struct vc_buf buf;
	int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		/* Not all zones are there. */
		if (!(flags[i] & (GFP_ZONEMASK | __GFP_THISNODE)))
			continue;
		KUNIT_EXPECT_FALSE(test, vc_try(&buf, i & 1, 3 * PAGE_SIZE,
						__GFP_NOWARN | flags[i], NUMA_NO_NODE));
		vc_expect_pages_held(test, 0);
	}
}

/* A request in NMI is refused by name. */
static void test_nmi(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	unsigned long flags;
	struct vc_buf buf;
	bool got = true;

	vc_rearm_warnings();
	kunit_warning_suppress(test) {
		local_irq_save(flags);
		preempt_count_add(NMI_OFFSET);
		got = vc_try(&buf, param->exact, 3 * PAGE_SIZE, GFP_ATOMIC, NUMA_NO_NODE);
		preempt_count_sub(NMI_OFFSET);
		local_irq_restore(flags);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	KUNIT_EXPECT_FALSE(test, got);
	vc_expect_pages_held(test, 0);
}

#define VA_MANY	(2 * (VC_STOCK_AREAS + VC_STOCK_RESERVE))

/*
 * Make requests until one is contiguous, which is the last of @bufs then. The
 * first attempt of each is made to fail with @fail. Returns how many were served.
 */
static unsigned int va_take(struct vc_buf *bufs, bool exact, bool fail)
{
	unsigned int i;

	for (i = 0; i < VA_MANY; i++) {
		bool got;

#ifdef CONFIG_FAIL_PAGE_ALLOC
		current->fail_nth = fail;
#endif
		got = vc_try(&bufs[i], exact, 2 * PAGE_SIZE, GFP_ATOMIC, NUMA_NO_NODE);
#ifdef CONFIG_FAIL_PAGE_ALLOC
		current->fail_nth = 0;
#endif
		if (!got)
			break;
		if (!vc_is_mapped(&bufs[i]))
			return i + 1;
	}
	return i;
}

static void va_put_many(struct vc_buf *bufs, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		vc_free(&bufs[i]);
	vcompound_drain();
}

static void va_wait_for_refill(struct kunit *test)
{
	unsigned long end = jiffies + 10 * HZ;

	while (!vcompound_stock_is_ample() && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	KUNIT_EXPECT_TRUE(test, vcompound_stock_is_ample());
}

/*
 * Forced requests leave half of the reserve. It is filled up afterwards, and
 * requests that may sleep take none of it.
 */
static void test_forced_leaves_half(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf *bufs, *others;
	unsigned int i, served;
	unsigned long flags;

	bufs = kunit_kcalloc(test, VA_MANY, sizeof(*bufs), GFP_KERNEL);
	others = kunit_kcalloc(test, VA_MANY, sizeof(*others), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, bufs);
	KUNIT_ASSERT_NOT_NULL(test, others);

	migrate_disable();
	va_wait_for_refill(test);
	vcompound_drain();
	for (i = 0; i < VA_MANY; i++)
		vc_get_gfp(test, &others[i], param->exact, 3 * PAGE_SIZE, GFP_KERNEL);
	flags = vc_atomic_begin();
	served = va_take(bufs, param->exact, false);
	vc_atomic_end(flags);
	KUNIT_EXPECT_EQ(test, served, VC_STOCK_RESERVE / 2 + 1);
	va_put_many(bufs, served);
	va_put_many(others, VA_MANY);
	vc_expect_pages_held(test, 0);
	va_wait_for_refill(test);
	migrate_enable();
}

#ifdef CONFIG_FAIL_PAGE_ALLOC
static unsigned long va_nr_empty(void)
{
	unsigned long nr = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		nr += per_cpu(vm_event_states, cpu).event[VCOMPOUND_STOCK_EMPTY];
	return nr;
}

/*
 * All areas can be used if there is no block, but not more. If none is left, a
 * request may use any block, and is counted.
 */
static void test_empty(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	unsigned long *events = vc_events(test);
	unsigned long flags, empty;
	unsigned int served;
	struct vc_buf *bufs;

	bufs = kunit_kcalloc(test, VA_MANY, sizeof(*bufs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, bufs);
	/* The first attempt of each request is made to fail instead. */
	vcompound_force(0);

	migrate_disable();
	va_wait_for_refill(test);
	vcompound_drain();
	flags = vc_atomic_begin();
	empty = va_nr_empty();
	served = va_take(bufs, param->exact, true);
	empty = va_nr_empty() - empty;
	vc_atomic_end(flags);
	KUNIT_EXPECT_EQ(test, served, VC_STOCK_RESERVE + 1);
	KUNIT_EXPECT_EQ(test, empty, 1UL);
	vc_expect_events(test, events, 1, VC_STOCK_RESERVE, 0);
	va_put_many(bufs, served);
	vc_expect_pages_held(test, 0);
	va_wait_for_refill(test);
	migrate_enable();
}

#ifdef VC_FAIL_NTH
/* If there are no pages, the request fails, and the area is idle again. */
static void test_no_pages(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf buf;
	unsigned long flags;
	unsigned int i;
	bool got;

	vc_knobs_set(test);
	migrate_disable();
	va_wait_for_refill(test);
	flags = vc_atomic_begin();
	for (i = 0; i < VA_MANY; i++) {
		current->make_it_fail = 1;
		got = vc_try(&buf, param->exact, 9 * PAGE_SIZE, GFP_ATOMIC | __GFP_NOWARN,
			     NUMA_NO_NODE);
		current->make_it_fail = 0;
		if (got)
			break;
	}
	vc_atomic_end(flags);
	KUNIT_EXPECT_FALSE(test, got);
	vc_expect_pages_held(test, 0);
	KUNIT_EXPECT_TRUE(test, vcompound_stock_is_ample());
	migrate_enable();
}
#endif
#endif

static struct kunit_case vcompound_atomic_cases[] = {
	KUNIT_CASE_PARAM(test_context, vc_contexts_gen_params),
	KUNIT_CASE_PARAM(test_sizes, va_mapped_gen_params),
	KUNIT_CASE_PARAM(test_raw_spinlock, va_outcomes_gen_params),
	KUNIT_CASE(test_nolock_flags),
	KUNIT_CASE_PARAM(test_nmi, va_mapped_gen_params),
	KUNIT_CASE_PARAM(test_forced_leaves_half, va_mapped_gen_params),
#ifdef CONFIG_FAIL_PAGE_ALLOC
	KUNIT_CASE_PARAM(test_empty, va_mapped_gen_params),
#ifdef VC_FAIL_NTH
	KUNIT_CASE_PARAM(test_no_pages, va_mapped_gen_params),
#endif
#endif
	{}
};

static struct kunit_suite vcompound_atomic_suite = {
	.name = "vcompound_atomic",
	.suite_init = vc_suite_init,
	.suite_exit = vc_suite_exit,
	.init = vc_init,
	.exit = vc_exit,
	.test_cases = vcompound_atomic_cases,
};

kunit_test_suite(vcompound_atomic_suite);
