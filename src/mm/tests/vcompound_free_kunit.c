// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for virtual compound pages: freeing, in each context
 */
#include <kunit/static_stub.h>
#include <kunit/test-bug.h>
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/gfp.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vcompound.h>
#include <linux/vmalloc.h>

#include <trace/events/kmem.h>
#include <trace/events/vmalloc.h>

#include "../vcompound.h"
#include "vcompound_suite.h"

void test_free_null(struct kunit *test)
{
	free_vcompound(NULL);
	__free_vcompound(NULL);
	vcompound_drain();
	vc_expect_pages_held(test, 0);
}

/*
 * A non-compound block is freed while a reference to its first page is held:
 * all other pages are free.
 */
void test_free_pages_behind(struct kunit *test)
{
	struct page *page;
	unsigned int order;

	for (order = 1; order < 5; order++) {
		page = vc_hooks(alloc_pages_noprof(GFP_KERNEL, order));
		KUNIT_ASSERT_NOT_NULL(test, page);
		vc_frames_set(page, 1UL << order);
		memset(page_address(page), 0x2a, PAGE_SIZE);
		get_page(page);
		vc_expect_pages_held(test, 1UL << order);
		__free_pages(page, order);
		KUNIT_EXPECT_EQ(test, page_count(page), 1);
		KUNIT_EXPECT_NULL(test, memchr_inv(page_address(page), 0x2a, PAGE_SIZE));
		vc_expect_pages_held(test, 1);
		put_page(page);
		vc_expect_pages_held(test, 0);
	}
}

/* A page of another type loses its type when it is freed. */
void test_other_type(struct kunit *test)
{
	struct page *page = alloc_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	/* A type that nothing else uses while the suite runs. */
	__SetPageOffline(page);
	__free_page(page);
	KUNIT_EXPECT_FALSE(test, PageOffline(page));
}

static void vc_free_job(void *buf)
{
	vc_free(buf);
}

void test_free_context(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	bool compound = !param->exact && !param->fallback;
	struct page *page;
	struct vc_buf buf;
	int i;

	vc_need_context(test, param->kind);
	for (i = 0; i < 3; i++) {
		vc_get(test, &buf, 7 * PAGE_SIZE);
		vc_fill(&buf);
		page = compound_nth_page(buf.head, i * 3);
		get_page(page);

		vc_in_context(test, param->kind, vc_free_job, &buf);
		if (param->kind == VC_TASK && !(param->fallback && VC_PUTS_LATER))
			vc_expect_pages_held(test, compound ? 8 : 1);
		vcompound_drain();
		vc_expect_unmapped(test, &buf);
		vc_expect_pages_held(test, compound ? 8 : 1);
		vc_expect_ordinary(test, &buf, page, i * 3);
		put_page(page);
		vc_expect_pages_held(test, 0);
	}
}

#ifdef CONFIG_TRACEPOINTS
/*
 * A page: was it mapped when it was freed, and marked when its area was removed?
 */
struct vc_leaving {
	struct page *page;
	const void *addr;
	int freed;
	int mapped;
	unsigned long area;
	int removed;
	int marked;
};

static void vc_probe_leaving(void *data, struct page *page, unsigned int order)
{
	struct vc_leaving *leaving = data;

	if (page != leaving->page)
		return;
	leaving->freed++;
	leaving->mapped += vmalloc_to_page(leaving->addr) == page;
}

static void vc_probe_removed(void *data, unsigned long start, unsigned long nr_lazy,
			     unsigned long nr_lazy_max)
{
	struct vc_leaving *leaving = data;

	if (start != leaving->area)
		return;
	leaving->removed++;
	leaving->marked += PageVcompound(leaving->page);
}

/*
 * A page is unmapped before others can allocate it. It stays marked until then,
 * or unpoison_memory() would drop a reference of the owner.
 */
void test_unmapped_first(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_leaving leaving = {};
	struct vc_buf buf;

	vc_get(test, &buf, VC_LARGE * PAGE_SIZE);
	leaving.page = compound_nth_page(buf.head, 2);
	leaving.addr = buf.addr + 2 * PAGE_SIZE;
	leaving.area = (unsigned long)buf.addr;
	KUNIT_ASSERT_EQ(test, 0, register_trace_mm_page_free(vc_probe_leaving, &leaving));
	KUNIT_ASSERT_EQ(test, 0, register_trace_free_vmap_area_noflush(vc_probe_removed,
								       &leaving));
	vc_free(&buf);
	vcompound_drain();
	unregister_trace_free_vmap_area_noflush(vc_probe_removed, &leaving);
	unregister_trace_mm_page_free(vc_probe_leaving, &leaving);
	tracepoint_synchronize_unregister();
	KUNIT_EXPECT_GE(test, leaving.freed, 1);
	KUNIT_EXPECT_EQ(test, leaving.mapped, 0);
	KUNIT_EXPECT_EQ(test, leaving.removed, param->fallback ? 1 : 0);
	KUNIT_EXPECT_EQ(test, leaving.marked, leaving.removed);
}

#if !defined(CONFIG_PREEMPTION) && defined(CONFIG_PREEMPT_COUNT)
/* Number of pages that a task has freed since it last rescheduled. */
struct vc_resched {
	struct task_struct *task;
	unsigned long run, longest;
};

/*
 * The task is asked to reschedule at each page: if the flag is clear, it has.
 */
static void vc_probe_resched(void *data, struct page *page, unsigned int order)
{
	struct vc_resched *resched = data;

	if (!in_task() || current != resched->task)
		return;
	if (!tif_need_resched())
		resched->run = 0;
	set_tsk_need_resched(current);
	set_preempt_need_resched();
	resched->run += 1UL << order;
	resched->longest = max(resched->longest, resched->run);
}

/* Putting the pages of an area reschedules now and then. */
void test_resched(struct kunit *test)
{
	static const unsigned long sizes[] = {
		20, VC_RESCHED_PAGES - 100, VC_RESCHED_PAGES + 100, 3 * VC_RESCHED_PAGES,
	};
	const struct vc_param *param = test->param_value;
	struct vc_resched resched;
	struct vc_buf buf;
	int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		size_t size = sizes[i] * PAGE_SIZE;

		if (!param->exact && get_order(size) > MAX_PAGE_ORDER)
			continue;
		vc_get_gfp(test, &buf, param->exact, size, GFP_KERNEL);
		resched = (struct vc_resched) { .task = current };
		KUNIT_ASSERT_EQ(test, 0, register_trace_mm_page_free(vc_probe_resched, &resched));
		vc_free(&buf);
		unregister_trace_mm_page_free(vc_probe_resched, &resched);
		tracepoint_synchronize_unregister();
		KUNIT_EXPECT_GT(test, resched.longest, 0);
		KUNIT_EXPECT_LE(test, resched.longest,
				buf.nr > MAX_ORDER_NR_PAGES ? VC_RESCHED_PAGES : FOLIO_BATCH_SIZE);
	}
}
#endif
#endif

/* A worker unmaps without being waited for, and also when it has run before. */
void test_free_deferred(struct kunit *test)
{
	unsigned long flags;
	struct vc_buf buf;
	int i;

	for (i = 0; i < 3; i++) {
		vc_get(test, &buf, VC_LARGE * PAGE_SIZE);
		flags = vc_atomic_begin();
		vc_free(&buf);
		vc_atomic_end(flags);
		/* Wait up to ten seconds. */
		if (!vc_expect_unmapped_soon(test, &buf))
			break;
	}
	vcompound_drain();
	vc_expect_pages_held(test, 0);
}

#ifdef CONFIG_TRACEPOINTS
/* A task that is about to sleep does not unmap: a worker does. */
void test_free_not_running(struct kunit *test)
{
	struct vc_trace *trace = vc_trace_start(test);
	unsigned int state;
	struct vc_buf buf;

	vc_get(test, &buf, VC_LARGE * PAGE_SIZE);
	set_current_state(TASK_UNINTERRUPTIBLE);
	vc_free(&buf);
	state = get_current_state();
	__set_current_state(TASK_RUNNING);
	KUNIT_EXPECT_EQ(test, state, TASK_UNINTERRUPTIBLE);
	vc_expect_free_traced(test, trace, 1, &buf, true);
	vc_expect_unmapped_soon(test, &buf);
}
#endif

/* Many deferred frees at a time, all complete after one call. */
void test_drain_many(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf bufs[24];
	unsigned long flags;
	int i;

	for (i = 0; i < ARRAY_SIZE(bufs); i++) {
		vc_get_gfp(test, &bufs[i], param->exact, (i + 2) * PAGE_SIZE,
			   GFP_KERNEL);
		KUNIT_ASSERT_EQ(test, is_vmalloc_addr(bufs[i].addr),
				param->fallback);
	}
	flags = vc_atomic_begin();
	for (i = 0; i < ARRAY_SIZE(bufs); i++)
		vc_free(&bufs[i]);
	vc_atomic_end(flags);

	vcompound_drain();
	for (i = 0; i < ARRAY_SIZE(bufs); i++)
		vc_expect_unmapped(test, &bufs[i]);
	vc_expect_pages_held(test, 0);
}

/*
 * A task that is in the middle of unmapping, and the frees of others at that
 * time.
 */
struct vc_slow {
	struct vc_buf first;
	struct vc_buf other;
	struct task_struct *drainer;
	struct completion started;
	struct completion drained;
	bool seen;
};

static int vc_drainer(void *data)
{
	struct vc_slow *slow = data;

	complete(&slow->started);
	vcompound_drain();
	complete(&slow->drained);
	return 0;
}

static void vc_free_irqs_off(struct vc_buf *buf)
{
	unsigned long flags;

	local_irq_save(flags);
	vc_free(buf);
	local_irq_restore(flags);
}

static void vc_unmap_slowly(struct page *head)
{
	struct kunit *test = kunit_get_current_test();
	struct vc_slow *slow = test->priv;
	unsigned long end;

	kunit_deactivate_static_stub(test, vcompound_unmap);
	slow->seen = head == slow->first.head;

	/* The worker of this CPU continues with later frees. */
	vc_free_irqs_off(&slow->other);
	vc_expect_unmapped_soon(test, &slow->other);

	/* A drain waits for this allocation. */
	wake_up_process(slow->drainer);
	wait_for_completion(&slow->started);
	end = jiffies + 10 * HZ;
	while (!completion_done(&slow->drained) && time_before(jiffies, end) &&
	       !(READ_ONCE(slow->drainer->__state) & TASK_UNINTERRUPTIBLE))
		schedule_timeout_uninterruptible(1);
	KUNIT_EXPECT_FALSE(test, completion_done(&slow->drained));
	KUNIT_EXPECT_FALSE(test, vc_is_unmapped(&slow->first));

	vcompound_unmap(head);
}

/*
 * Frees do not wait for a task that is unmapping another allocation, but a
 * drain does.
 */
void test_slow_unmap(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_slow *slow = kunit_kzalloc(test, sizeof(*slow), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, slow);
	test->priv = slow;
	init_completion(&slow->started);
	init_completion(&slow->drained);
	vc_get(test, &slow->first, VC_LARGE * PAGE_SIZE);
	vc_get_gfp(test, &slow->other, param->exact, VC_LARGE * PAGE_SIZE, GFP_KERNEL);
	slow->drainer = kthread_create(vc_drainer, slow, "vcompound_drain");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, slow->drainer);
	get_task_struct(slow->drainer);
	kunit_activate_static_stub(test, vcompound_unmap, vc_unmap_slowly);

	/*
	 * The worker cannot run before this task takes the first one off the
	 * list.
	 */
	migrate_disable();
	sched_set_fifo(current);
	vc_free_irqs_off(&slow->first);
	vcompound_drain();
	sched_set_normal(current, 0);
	migrate_enable();

	KUNIT_EXPECT_TRUE(test, slow->seen);
	if (slow->seen)
		wait_for_completion(&slow->drained);
	put_task_struct(slow->drainer);
	vc_expect_unmapped(test, &slow->first);
	vc_expect_pages_held(test, 0);
}

/*
 * Allocations that were freed before a request that may block are unmapped
 * before it is served.
 */
static const struct vc_param vc_requests[] = {
	{ "mapped", .size = 3 * PAGE_SIZE, .gfp = GFP_KERNEL, .one_outcome = true,
	  .fallback = true },
	{ "one page", .size = PAGE_SIZE, .gfp = GFP_KERNEL, .one_outcome = true,
	  .fallback = true },
	{ "retry", .size = 3 * PAGE_SIZE, .gfp = GFP_KERNEL | __GFP_RETRY_MAYFAIL,
	  .one_outcome = true },
	{}
};

VC_SUITE_PARAMS_FAMILIES(vc_requests)

void test_request_unmaps(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf bufs[4], buf;
	unsigned long flags;
	long nr_deferred;
	int i;

	vcompound_force(100);
	for (i = 0; i < ARRAY_SIZE(bufs); i++)
		vc_get_gfp(test, &bufs[i], param->exact, VC_LARGE * PAGE_SIZE, GFP_KERNEL);
	vcompound_force(param->fallback ? 100 : 0);

	flags = vc_atomic_begin();
	for (i = 0; i < ARRAY_SIZE(bufs); i++)
		vc_free(&bufs[i]);
	nr_deferred = atomic_long_read(&vcompound_nr_deferred);
	vc_atomic_end(flags);
	KUNIT_EXPECT_EQ(test, nr_deferred, (long)ARRAY_SIZE(bufs));

	vc_get_gfp(test, &buf, param->exact, param->size, param->gfp);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&vcompound_nr_deferred), 0L);
	vc_expect_buf_held(test, &buf);
	vc_put(test, &buf);
}

/*
 * Any task that may sleep can wait for frees, even one that memory reclaim
 * waits for.
 */
enum vc_drainer { VC_DRAIN_RECLAIM_WORK, VC_DRAIN_WORK, VC_DRAIN_MEMALLOC };

static const struct vc_param vc_drainers[] = {
	{ "work item for reclaim", .one_outcome = true, .fallback = true,
	  .kind = VC_DRAIN_RECLAIM_WORK },
	{ "work item", .one_outcome = true, .fallback = true, .kind = VC_DRAIN_WORK },
	{ "PF_MEMALLOC", .one_outcome = true, .fallback = true, .kind = VC_DRAIN_MEMALLOC },
	{}
};

VC_SUITE_PARAMS_FAMILIES(vc_drainers)

struct vc_drain_work {
	struct work_struct work;
	struct kunit *test;
	struct vc_buf *buf;
};

static void vc_free_and_drain(struct work_struct *work)
{
	struct vc_drain_work *w = container_of(work, struct vc_drain_work, work);

	kunit_warning_suppress(w->test) {
		local_bh_disable();
		vc_free(w->buf);
		local_bh_enable();
		vcompound_drain();
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(w->test, 0);
	}
}

void test_drain_anywhere(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	unsigned int wq_flags = WQ_UNBOUND;
	struct workqueue_struct *wq;
	struct vc_drain_work w = { .test = test };
	struct vc_buf buf;
	unsigned int noreclaim;

	vc_get(test, &buf, VC_LARGE * PAGE_SIZE);
	w.buf = &buf;
	if (param->kind == VC_DRAIN_MEMALLOC) {
		noreclaim = memalloc_noreclaim_save();
		vc_free_and_drain(&w.work);
		memalloc_noreclaim_restore(noreclaim);
	} else {
		if (param->kind == VC_DRAIN_RECLAIM_WORK)
			wq_flags |= WQ_MEM_RECLAIM;
		wq = alloc_workqueue("vcompound_drain", wq_flags, 0);
		KUNIT_ASSERT_NOT_NULL(test, wq);
		INIT_WORK_ONSTACK(&w.work, vc_free_and_drain);
		queue_work(wq, &w.work);
		destroy_workqueue(wq);
		destroy_work_on_stack(&w.work);
	}
	vc_expect_pages_held(test, 0);
}

#ifdef CONFIG_SMP
/*
 * A task that keeps workers off its CPU, after it has freed an allocation
 * there.
 */
struct vc_busy_cpu {
	struct vc_buf *buf;
	struct completion freed;
	bool stop;
};

static int vc_busy(void *data)
{
	struct vc_busy_cpu *busy = data;
	/*
	 * Yield to other threads of this priority: with PREEMPT_RT, timers of
	 * all CPUs may wait for one of them.
	 */
	const struct sched_attr attr = { .sched_policy = SCHED_RR, .sched_priority = 1 };

	sched_setattr_nocheck(current, &attr);
	local_bh_disable();
	vc_free(busy->buf);
	local_bh_enable();
	complete(&busy->freed);
	while (!READ_ONCE(busy->stop))
		cpu_relax();
	return 0;
}

/* Neither frees on one CPU nor a drain wait for another CPU. */
void test_busy_cpu(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf busy_buf, bufs[24];
	struct vc_busy_cpu busy = { .buf = &busy_buf };
	struct task_struct *task;
	unsigned int here, there;
	unsigned long flags;
	int i;

	if (num_online_cpus() < 2)
		kunit_skip(test, "there is one CPU only");
	vc_get(test, &busy_buf, VC_LARGE * PAGE_SIZE);
	for (i = 0; i < ARRAY_SIZE(bufs); i++)
		vc_get_gfp(test, &bufs[i], param->exact, VC_LARGE * PAGE_SIZE, GFP_KERNEL);

	migrate_disable();
	here = smp_processor_id();
	there = cpumask_any_but(cpu_online_mask, here);
	init_completion(&busy.freed);
	task = kthread_create_on_cpu(vc_busy, &busy, there, "vcompound_busy/%u");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	get_task_struct(task);
	wake_up_process(task);
	wait_for_completion(&busy.freed);

	flags = vc_atomic_begin();
	for (i = 0; i < ARRAY_SIZE(bufs); i++)
		vc_free(&bufs[i]);
	vc_atomic_end(flags);
	/*
	 * With PREEMPT_RT a task of the other CPU may hold a lock: let that
	 * task proceed.
	 */
	sched_set_fifo(current);
	for (i = 0; i < ARRAY_SIZE(bufs); i++)
		if (!vc_expect_unmapped_soon(test, &bufs[i]))
			break;

	vcompound_drain();
	vc_expect_unmapped(test, &busy_buf);
	vc_expect_pages_held(test, 0);

	WRITE_ONCE(busy.stop, true);
	kthread_stop(task);
	put_task_struct(task);
	sched_set_normal(current, 0);
	migrate_enable();
}
#endif
