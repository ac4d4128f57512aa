// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for virtual compound pages: the stock of areas
 *
 * Small mapped allocations use areas of mm/vcompound_stock.c. The tests check
 * which do, when the pages of a freed one are put, and what the stock keeps.
 */
#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/memory.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/uaccess.h>
#include <linux/vcompound.h>
#include <linux/vmalloc.h>

#include <trace/events/kmem.h>

#include "../internal.h"
#include "../vcompound.h"
#include "vcompound_kunit.h"

/* Mapped, by order and exact. */
static const struct vc_param vs_mapped[] = {
	{ "", .one_outcome = true, .fallback = true },
	{}
};

VC_GEN_PARAMS_FAMILIES(vs_mapped)

static bool vs_is_stock(const struct vc_buf *buf)
{
	return buf->area && (buf->area->flags & VM_VCOMPOUND_STOCK);
}

/* The sizes that an area has room for are mapped there, others are not. */
static void test_sizes(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf buf;
	unsigned int nr;

	for (nr = 2; nr <= VC_STOCK_PAGES + 1; nr++) {
		vc_get(test, &buf, nr * PAGE_SIZE - param->exact);
		vc_fill(&buf);
		vc_check(test, &buf, true);
		KUNIT_EXPECT_EQ(test, vs_is_stock(&buf), buf.nr <= VC_STOCK_PAGES);
		KUNIT_EXPECT_TRUE(test, vc_is_filled(&buf));
		vc_put(test, &buf);
	}

	vc_get(test, &buf, VC_STOCK_PAGES * PAGE_SIZE + 1);
	KUNIT_EXPECT_FALSE(test, vs_is_stock(&buf));
	vc_put(test, &buf);
}

/* Check the pages right after the free call: another task may flush as well. */
#define VS_TRIES 20

/*
 * A freed allocation is unmapped at once. Its pages stay until the translations
 * are flushed, and then its area is idle.
 */
static void test_pages_wait(struct kunit *test)
{
	struct page *page;
	bool marked, mapped, flushed = true;
	long waiting = 0;
	struct vc_buf buf;
	int tries;

	for (tries = 0; tries < VS_TRIES && flushed; tries++) {
		unsigned long end = jiffies + HZ / 2;
		unsigned long flags;

		vc_get(test, &buf, 7 * PAGE_SIZE);
		page = compound_nth_page(buf.head, 2);
		flags = vc_atomic_begin();
		vc_free(&buf);
		marked = PageVcompound(page);
		mapped = vmalloc_to_page(buf.addr) ||
			 vmalloc_to_page(buf.addr + (buf.nr - 1) * PAGE_SIZE);
		waiting = atomic_long_read(&vcompound_nr_retired);
		vc_atomic_end(flags);
		flushed = time_after(jiffies, end);
		vcompound_stock_flush();
		vc_expect_pages_held(test, 0);
		KUNIT_EXPECT_FALSE(test, mapped);
	}
	KUNIT_EXPECT_FALSE(test, flushed);
	KUNIT_EXPECT_TRUE(test, marked);
	KUNIT_EXPECT_EQ(test, waiting, (long)buf.nr);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&vcompound_nr_retired), 0L);
	KUNIT_EXPECT_GE(test, vcompound_stock_nr_idle(), 1UL);

	vcompound_drain();
	KUNIT_EXPECT_EQ(test, vcompound_stock_nr_idle(), 0UL);
}

/* Without anything else to do, pages wait for a second or so. */
static void test_pages_wait_no_longer(struct kunit *test)
{
	unsigned long end = jiffies + 10 * HZ;
	struct vc_buf buf;

	vc_get(test, &buf, 5 * PAGE_SIZE);
	vc_free(&buf);
	while (atomic_long_read(&vcompound_nr_retired) && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	vc_expect_pages_held(test, 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&vcompound_nr_retired), 0L);
}

/* Enough allocations that their pages may not all wait, and some more. */
static struct vc_buf *vs_get_many(struct kunit *test, unsigned int *nr)
{
	struct vc_buf *bufs;
	unsigned int i;

	*nr = vcompound_stock_max_pages / VC_STOCK_PAGES + 5;
	bufs = kunit_kcalloc(test, *nr, sizeof(*bufs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, bufs);
	for (i = 0; i < *nr; i++)
		vc_get(test, &bufs[i], VC_STOCK_PAGES * PAGE_SIZE);
	return bufs;
}

/* The pages that wait are limited; a caller that may not sleep starts a worker. */
static void test_limit(struct kunit *test)
{
	unsigned int i, nr;
	struct vc_buf *bufs;
	unsigned long flags;
	long most = 0;

	bufs = vs_get_many(test, &nr);
	for (i = 0; i < nr; i++) {
		vc_free(&bufs[i]);
		if (!IS_ENABLED(CONFIG_PREEMPT_COUNT))
			flush_work(&vcompound_flush_now);
		most = max(most, atomic_long_read(&vcompound_nr_retired));
	}
	KUNIT_EXPECT_LE(test, most, (long)vcompound_stock_max_pages);
	/* It is used, too. */
	KUNIT_EXPECT_GT(test, most, (long)vcompound_stock_max_pages / 2);
	vcompound_drain();

	bufs = vs_get_many(test, &nr);
	flags = vc_atomic_begin();
	for (i = 0; i < nr; i++)
		vc_free(&bufs[i]);
	vc_atomic_end(flags);
	flush_work(&vcompound_flush_now);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&vcompound_nr_retired), 0L);
	vc_expect_pages_held(test, 0);
}

/* A freed area is used again, by the CPU that added it. */
static void test_reuse(struct kunit *test)
{
	struct vm_struct *area;
	struct vc_buf buf;

	migrate_disable();
	vc_get(test, &buf, 3 * PAGE_SIZE);
	area = buf.area;
	vc_in_context(test, num_online_cpus() > 1 ? VC_OTHER_CPU : VC_TASK,
		      (void (*)(void *))vc_free, &buf);
	vcompound_stock_flush();
	vc_get(test, &buf, 15 * PAGE_SIZE);
	KUNIT_EXPECT_PTR_EQ(test, buf.area, area);
	vc_put(test, &buf);
	migrate_enable();
}

/* A CPU keeps so many areas, and removes the rest. */
static void test_keeps(struct kunit *test)
{
	unsigned int i, nr = VC_STOCK_AREAS + 9;
	struct vc_buf *bufs;

	bufs = kunit_kcalloc(test, nr, sizeof(*bufs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, bufs);
	migrate_disable();
	for (i = 0; i < nr; i++)
		vc_get(test, &bufs[i], 2 * PAGE_SIZE);
	for (i = 0; i < nr; i++)
		vc_free(&bufs[i]);
	vcompound_stock_flush();
	KUNIT_EXPECT_EQ(test, vcompound_stock_nr_idle(), (unsigned long)VC_STOCK_AREAS);
	migrate_enable();
	vc_expect_pages_held(test, 0);
}

/* Leave an idle area and one with pages. */
static void vs_leave_some(struct kunit *test)
{
	struct vc_buf bufs[2];

	vc_get(test, &bufs[0], 4 * PAGE_SIZE);
	vc_get(test, &bufs[1], 4 * PAGE_SIZE);
	vc_free(&bufs[0]);
	vcompound_stock_flush();
	KUNIT_EXPECT_GE(test, vcompound_stock_nr_idle(), 1UL);
	vc_free(&bufs[1]);
}

static void vs_expect_none(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, atomic_long_read(&vcompound_nr_retired), 0L);
	KUNIT_EXPECT_EQ(test, vcompound_stock_nr_idle(), 0UL);
}

/* Memory that is short takes what waits, and the areas. */
static void test_shrinker(struct kunit *test)
{
	struct vc_buf buf;

	vc_get(test, &buf, 4 * PAGE_SIZE);
	vs_leave_some(test);
	drop_slab();
	vs_expect_none(test);
	vc_expect_pages_held(test, buf.nr);
	vc_put(test, &buf);
}

/* Address space that is short does so, too. */
static void test_no_space(struct kunit *test)
{
	vs_leave_some(test);
	KUNIT_EXPECT_NULL(test, get_vm_area(VMALLOC_END - VMALLOC_START, VM_MAP));
	vs_expect_none(test);
	vc_expect_pages_held(test, 0);
}

#ifdef CONFIG_MEMORY_HOTREMOVE
/* A block with a hole or of two zones is refused; other pages may stay. */
static int vs_offline_block(struct memory_block *block, void *unused)
{
	if (!device_offline(&block->dev))
		WARN_ON(device_online(&block->dev));
	return !atomic_long_read(&vcompound_nr_retired);
}

/* And memory that is to go offline. */
static void test_offline(struct kunit *test)
{
	vs_leave_some(test);
	lock_device_hotplug();
	for_each_memory_block(NULL, vs_offline_block);
	unlock_device_hotplug();
	vs_expect_none(test);
	vc_expect_pages_held(test, 0);
}
#endif

/* On UML, a read that faults in vmalloc space never returns. */
#ifndef CONFIG_UML
/* A byte of an allocation, as the CPU that runs this reads it. */
struct vs_read {
	const u8 *addr;
	int err;
	u8 byte;
};

static void vs_read_byte(void *data)
{
	struct vs_read *read = data;

	read->err = copy_from_kernel_nofault(&read->byte, read->addr, 1);
}

/*
 * After the flush no CPU reaches a page by the old address, although each has
 * used it before.
 */
static void test_flushed_everywhere(struct kunit *test)
{
	struct vs_read read;
	struct vc_buf buf;
	int cpu;

	vc_get(test, &buf, 4 * PAGE_SIZE);
	vc_fill(&buf);
	read.addr = buf.addr + 3 * PAGE_SIZE;
	for_each_online_cpu(cpu) {
		smp_call_function_single(cpu, vs_read_byte, &read, true);
		KUNIT_EXPECT_EQ(test, read.err, 0);
		KUNIT_EXPECT_EQ(test, read.byte, vc_byte(3 * PAGE_SIZE));
	}
	vc_free(&buf);
	vcompound_stock_flush();
	for_each_online_cpu(cpu) {
		smp_call_function_single(cpu, vs_read_byte, &read, true);
		KUNIT_EXPECT_EQ(test, read.err, -EFAULT);
	}
}

#ifdef CONFIG_TRACEPOINTS
/* Sees if a page can be read by its old address when it is freed. */
struct vs_leaving {
	struct page *page;
	struct vs_read read;
	int freed, reached;
};

static void vs_probe_leaving(void *data, struct page *page, unsigned int order)
{
	struct vs_leaving *leaving = data;

	if (page != leaving->page)
		return;
	leaving->freed++;
	vs_read_byte(&leaving->read);
	leaving->reached += !leaving->read.err;
}

/* The flush comes before the page can have a new owner. */
static void test_flushed_first(struct kunit *test)
{
	struct vs_leaving leaving = {};
	struct vc_buf buf;

	vc_get(test, &buf, 6 * PAGE_SIZE);
	vc_fill(&buf);
	leaving.page = compound_nth_page(buf.head, 1);
	leaving.read.addr = buf.addr + PAGE_SIZE;
	KUNIT_ASSERT_EQ(test, 0, register_trace_mm_page_free(vs_probe_leaving, &leaving));
	migrate_disable();
	vs_read_byte(&leaving.read);
	KUNIT_EXPECT_EQ(test, leaving.read.err, 0);
	vc_free(&buf);
	vcompound_stock_flush();
	migrate_enable();
	vcompound_drain();
	unregister_trace_mm_page_free(vs_probe_leaving, &leaving);
	tracepoint_synchronize_unregister();
	KUNIT_EXPECT_GE(test, leaving.freed, 1);
	KUNIT_EXPECT_EQ(test, leaving.reached, 0);
}
#endif
#endif /* !CONFIG_UML */

/* Read through /proc/kcore: what is live, and zeros where nothing is. */
static void test_kcore(struct kunit *test)
{
	size_t size = 3 * PAGE_SIZE;
	struct vc_buf buf;
	void *copy;

	vc_get(test, &buf, size);
	vc_fill(&buf);
	copy = vc_read_kcore(test, buf.addr, size);
	KUNIT_EXPECT_EQ(test, memcmp(copy, buf.addr, size), 0);

	vc_free(&buf);
	vcompound_stock_flush();
	copy = vc_read_kcore(test, buf.addr, size);
	KUNIT_EXPECT_NULL(test, memchr_inv(copy, 0, size));
}

static struct kunit_case vcompound_stock_cases[] = {
	KUNIT_CASE_PARAM(test_sizes, vs_mapped_gen_params),
	KUNIT_CASE_PARAM(test_pages_wait, vs_mapped_gen_params),
	KUNIT_CASE_PARAM(test_pages_wait_no_longer, vs_mapped_gen_params),
	KUNIT_CASE_PARAM(test_limit, vs_mapped_gen_params),
	KUNIT_CASE_PARAM(test_reuse, vs_mapped_gen_params),
	KUNIT_CASE_PARAM(test_keeps, vs_mapped_gen_params),
	KUNIT_CASE_PARAM(test_shrinker, vs_mapped_gen_params),
	KUNIT_CASE_PARAM(test_no_space, vs_mapped_gen_params),
#ifdef CONFIG_MEMORY_HOTREMOVE
	KUNIT_CASE_PARAM(test_offline, vs_mapped_gen_params),
#endif
#ifndef CONFIG_UML
	KUNIT_CASE_PARAM(test_flushed_everywhere, vs_mapped_gen_params),
#ifdef CONFIG_TRACEPOINTS
	KUNIT_CASE_PARAM(test_flushed_first, vs_mapped_gen_params),
#endif
#endif
	KUNIT_CASE_PARAM(test_kcore, vs_mapped_gen_params),
	{}
};

static struct kunit_suite vcompound_stock_suite = {
	.name = "vcompound_stock",
	.suite_init = vc_suite_init,
	.suite_exit = vc_suite_exit,
	.init = vc_init,
	.exit = vc_exit,
	.test_cases = vcompound_stock_cases,
};

kunit_test_suite(vcompound_stock_suite);
