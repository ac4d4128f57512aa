// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for virtual compound pages: accounting
 *
 * Leaks, /proc/vmallocinfo, counters of events, trace events, memory cgroups
 * and allocation tags.
 */
#include <kunit/test.h>
#include <linux/gfp.h>
#include <linux/kallsyms.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/slab.h>
#include <linux/trace.h>
#include <linux/trace_events.h>
#include <linux/vcompound.h>
#include <linux/vmalloc.h>
#include <linux/vmstat.h>

#include "vcompound_suite.h"

static noinline void *vcompound_kunit_caller(void)
{
	void *addr = __alloc_vcompound_exact(3 * PAGE_SIZE, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(addr);
	return addr;
}

#ifdef CONFIG_PROC_FS
/* Check the line about the allocations of vcompound_kunit_caller(). */
static void vc_expect_line(struct kunit *test)
{
	struct vfsmount *mnt = vc_mount(test, "proc");
	char *text = kvzalloc(SZ_1M, GFP_KERNEL), *line;

	KUNIT_ASSERT_NOT_NULL(test, text);
	KUNIT_EXPECT_EQ(test, 0, vc_read_file(mnt, "vmallocinfo", text, SZ_1M));
	line = strstr(text, "vcompound_kunit_caller");
	KUNIT_EXPECT_NOT_NULL(test, line);
	if (line) {
		*strchrnul(line, '\n') = '\0';
		vc_expect_word(test, line, " vcompound");
	}
	kvfree(text);
}
#endif

/* The line of a mapped allocation in /proc/vmallocinfo. */
void test_vmallocinfo(struct kunit *test)
{
	void *addr;

	vcompound_force(100);
	addr = vcompound_kunit_caller();
	KUNIT_ASSERT_NOT_NULL(test, addr);
	KUNIT_ASSERT_NOT_NULL(test, find_vm_area(addr));
	KUNIT_EXPECT_TRUE(test, find_vm_area(addr)->flags & VM_VCOMPOUND);
	if (IS_ENABLED(CONFIG_KALLSYMS)) {
		char name[KSYM_SYMBOL_LEN];

		sprint_symbol(name, (unsigned long)find_vm_area(addr)->caller);
		KUNIT_EXPECT_TRUE_MSG(test,
				      strstarts(name, "vcompound_kunit_caller"),
				      "the caller is %s", name);
#ifdef CONFIG_PROC_FS
		vc_expect_line(test);
#endif
	}
	__free_vcompound(addr);
}

/* All sizes, many times: afterwards as much memory is free as before. */
static unsigned long vc_free_pages(void)
{
	unsigned long free = 0;
	struct zone *zone;

	/*
	 * An area that was freed but not yet purged still has its KASAN shadow.
	 */
	vm_unmap_aliases();
	drain_all_pages(NULL);
	for_each_populated_zone(zone)
		free += zone_page_state_snapshot(zone, NR_FREE_PAGES);

	/*
	 * Page tables of vmalloc space are never freed, and slab may keep
	 * pages, as KASAN's quarantine does.
	 */
	return free + global_node_page_state(NR_PAGETABLE) +
	       global_node_page_state_pages(NR_SLAB_RECLAIMABLE_B) +
	       global_node_page_state_pages(NR_SLAB_UNRECLAIMABLE_B);
}

/* By how many pages less memory is free after @rounds rounds than after one. */
static long vc_lost_pages(struct kunit *test, int rounds)
{
	const struct vc_param *param = test->param_value;
	unsigned long before = 0;
	struct vc_buf buf;
	int round, nr;

	for (round = -1; round < rounds; round++) {
		if (!round)
			before = vc_free_pages();
		for (nr = 1; nr <= 33; nr++) {
			KUNIT_ASSERT_TRUE(test, vc_try(&buf, param->exact, nr * PAGE_SIZE,
						       GFP_KERNEL, NUMA_NO_NODE));
			vc_free(&buf);
		}
		vcompound_drain();
	}
	return before - vc_free_pages();
}

/*
 * A page that each round loses, or frees without owning it, is seen each time.
 * The rest of the kernel may take or free more than half as many pages in one
 * round, but not several times in a row.
 */
static void vc_expect_no_leak(struct kunit *test)
{
	const int rounds = 64;
	long lost;
	int tries;

	for (tries = 0; tries < 5; tries++) {
		lost = vc_lost_pages(test, rounds);
		if (abs(lost) <= rounds / 2)
			break;
	}
	KUNIT_EXPECT_LE(test, lost, rounds / 2);
	KUNIT_EXPECT_GE(test, lost, -rounds / 2);
	vc_expect_pages_held(test, 0);
}

void test_no_leak(struct kunit *test)
{
	vc_expect_no_leak(test);
	/*
	 * With allocation tags, the pages of exact-size allocations are freed
	 * one by one, without in blocks.
	 */
	vc_tags_off(test);
	vc_expect_no_leak(test);
}

/* All other tests rely on this: the helpers notice held and freed pages. */
void test_held_is_seen(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf buf;

	if (!vc_can_see_held())
		kunit_skip(test, "there are neither trace events nor allocation tags");
	vc_get(test, &buf, 11 * PAGE_SIZE);
#ifdef CONFIG_TRACEPOINTS
	KUNIT_EXPECT_EQ(test, vc_frames_held(), buf.nr);
#endif
	if (mem_alloc_profiling_enabled())
		KUNIT_EXPECT_GE(test, vc_held().bytes, (u64)buf.nr * PAGE_SIZE);

	/* If the rest of a block is lost, it is the rest of this one. */
	if (param->exact && !param->fallback)
		KUNIT_EXPECT_TRUE(test, vc_cut_was_seen(&buf));
	get_page(buf.head);
	vc_free(&buf);
	vcompound_drain();
#ifdef CONFIG_TRACEPOINTS
	KUNIT_EXPECT_EQ(test, vc_frames_held(), PageCompound(buf.head) ? 16UL : 1UL);
#endif
	if (mem_alloc_profiling_enabled())
		KUNIT_EXPECT_GE(test, vc_held().bytes, (u64)PAGE_SIZE);
	put_page(buf.head);
	vc_expect_pages_held(test, 0);
}

void test_events(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	unsigned long *events = vc_events(test);
	struct vc_buf buf;
	int i;

	for (i = 0; i < 10; i++) {
		vc_get_gfp(test, &buf, param->exact, 2 * PAGE_SIZE, GFP_KERNEL);
		vc_put(test, &buf);
	}
	vc_expect_events(test, events, param->fallback ? 0 : 10,
			 param->fallback ? 10 : 0, 0);

	/* One page, and a size that is too large for one piece. */
	vc_get_gfp(test, &buf, param->exact, PAGE_SIZE, GFP_KERNEL);
	vc_put(test, &buf);
	vc_get_gfp(test, &buf, true, (MAX_ORDER_NR_PAGES + 1) * PAGE_SIZE, GFP_KERNEL);
	vc_put(test, &buf);
	vc_expect_events(test, events, param->fallback ? 1 : 11,
			 param->fallback ? 11 : 1, 0);
}

#ifdef CONFIG_TRACEPOINTS
void test_trace(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	int nid = param->kind & 1 ? first_memory_node : NUMA_NO_NODE;
	struct vc_trace *trace = vc_trace_start(test);
	unsigned long flags;
	struct vc_buf buf;

	vc_call(test, &buf, param->kind, GFP_KERNEL);
	vc_expect_alloc_traced(test, trace, 1, &buf, GFP_KERNEL, nid, __func__);
	vc_free(&buf);
	vc_expect_free_traced(test, trace, 1, &buf,
			      param->fallback && VC_PUTS_LATER);

	vc_call(test, &buf, param->kind, GFP_NOIO | __GFP_ZERO);
	vc_expect_alloc_traced(test, trace, 2, &buf, GFP_NOIO | __GFP_ZERO, nid, __func__);
	flags = vc_atomic_begin();
	vc_free(&buf);
	vc_atomic_end(flags);
	vc_expect_free_traced(test, trace, 2, &buf, param->fallback);

#ifdef CONFIG_FAIL_PAGE_ALLOC
	current->fail_nth = 1;
	KUNIT_EXPECT_FALSE(test, vc_try(&buf, buf.exact, VC_LARGE * PAGE_SIZE,
					GFP_NOWAIT | __GFP_NOWARN, NUMA_NO_NODE));
	current->fail_nth = 0;
	KUNIT_EXPECT_EQ(test, trace->alloc.calls, 3);
	KUNIT_EXPECT_NULL(test, trace->alloc.addr);
	KUNIT_EXPECT_FALSE(test, trace->alloc.contiguous);
	KUNIT_EXPECT_EQ(test, trace->alloc.size, buf.size);
#endif
	/* Refused requests and failed frees are not among them. */
	KUNIT_EXPECT_NULL(test, alloc_vcompound(GFP_KERNEL | __GFP_NOWARN,
						MAX_PAGE_ORDER + 1));
	free_vcompound(NULL);
	KUNIT_EXPECT_EQ(test, trace->alloc.calls, IS_ENABLED(CONFIG_FAIL_PAGE_ALLOC) ? 3 : 2);
	KUNIT_EXPECT_EQ(test, trace->free.calls, 2);
}
#endif

#ifdef CONFIG_TRACING
static void vc_lines_stop(void *tr)
{
	/* A file that a kernel thread closes stays open for a while. */
	flush_delayed_fput();
	trace_array_put(tr);
	trace_array_destroy(tr);
}

/* The text of the events as user space reads it. */
void test_trace_lines(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	const char *result = param->fallback ? "fallback" : "contiguous";
	struct vfsmount *mnt = vc_mount(test, "tracefs");
	const size_t size = 4 * PAGE_SIZE;
	struct trace_array *tr;
	unsigned long flags;
	struct vc_buf buf;
	char line[160];
	char *text;

	text = kunit_kzalloc(test, size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, text);
	tr = trace_array_get_by_name("vcompound_kunit", "vcompound");
	KUNIT_ASSERT_NOT_NULL(test, tr);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vc_lines_stop, tr));
	KUNIT_ASSERT_EQ(test, 0, trace_array_set_clr_event(tr, "vcompound", NULL, true));

	vc_call(test, &buf, param->exact ? VC_EXACT : VC_PAGE, GFP_KERNEL | __GFP_ZERO);
	flags = vc_atomic_begin();
	vc_free(&buf);
	vc_atomic_end(flags);
#ifdef CONFIG_FAIL_PAGE_ALLOC
	current->fail_nth = 1;
	KUNIT_EXPECT_NULL(test, alloc_vcompound_node(first_memory_node,
						     GFP_NOWAIT | __GFP_NOWARN, 5));
	current->fail_nth = 0;
#endif
	KUNIT_EXPECT_EQ(test, 0, trace_array_set_clr_event(tr, "vcompound", NULL, false));
	KUNIT_ASSERT_EQ(test, 0, vc_read_file(mnt, "instances/vcompound_kunit/trace", text, size));

	snprintf(line, sizeof(line), " size=%zu result=%s gfp_flags=%s node=-1 caller=%s",
		 buf.size, result, "GFP_KERNEL|__GFP_ZERO",
		 IS_ENABLED(CONFIG_KALLSYMS) ? __func__ : "");
	vc_expect_word(test, text, line);
	snprintf(line, sizeof(line), " nr_pages=%lu was=%s deferred=%d", buf.nr, result,
		 param->fallback);
	vc_expect_word(test, text, line);
	/* NULL is the only address that is printed unhashed. */
	snprintf(line, sizeof(line), " addr=%p size=%zu result=none gfp_flags=GFP_NOWAIT", NULL,
		 PAGE_SIZE << 5);
	if (IS_ENABLED(CONFIG_FAIL_PAGE_ALLOC))
		vc_expect_word(test, text, line);
	snprintf(line, sizeof(line), " addr=%p size=%zu result=%s", NULL, buf.size, result);
	KUNIT_EXPECT_NULL(test, strstr(text, line));
	snprintf(line, sizeof(line), " addr=%p nr_pages=", NULL);
	KUNIT_EXPECT_NULL(test, strstr(text, line));
}
#endif

#ifdef CONFIG_MEMCG
static bool vc_is_charged(struct page *page, struct mem_cgroup *memcg)
{
	struct mem_cgroup *charged;

	rcu_read_lock();
	charged = page_memcg_check(compound_head(page));
	rcu_read_unlock();
	return charged == memcg;
}

void test_memcg(struct kunit *test)
{
	static const int sizes[] = { 1, 2, 3, 5, 8, 16, 27, 33, 100 };
	const struct vc_param *param = test->param_value;
	struct mem_cgroup *memcg = vc_memcg_create(test);
	long before = vc_charge(memcg, MEMCG_KMEM);
	struct page *page;
	struct vc_buf buf;
	unsigned long i, kept;
	int s;

	for (s = 0; s < ARRAY_SIZE(sizes); s++) {
		/* Not accounted. */
		KUNIT_ASSERT_TRUE(test, vc_try_charged(&buf, param->exact,
						       sizes[s] * PAGE_SIZE,
						       GFP_KERNEL, memcg));
		KUNIT_EXPECT_EQ(test, vc_charge(memcg, MEMCG_KMEM), before);
		for (i = 0; i < buf.nr; i++)
			KUNIT_EXPECT_FALSE(test, vc_is_charged(compound_nth_page(buf.head, i),
							       memcg));
		vc_put(test, &buf);

		/* Accounted. */
		KUNIT_ASSERT_TRUE(test, vc_try_charged(&buf, param->exact,
						       sizes[s] * PAGE_SIZE,
						       GFP_KERNEL_ACCOUNT, memcg));
		KUNIT_EXPECT_EQ(test, vc_charge(memcg, MEMCG_KMEM), before + (long)buf.nr);
		for (i = 0; i < buf.nr; i++)
			KUNIT_EXPECT_TRUE(test, vc_is_charged(compound_nth_page(buf.head, i),
							      memcg));

		/* A held page stays charged. */
		page = compound_nth_page(buf.head, buf.nr / 2);
		kept = PageCompound(page) ? buf.nr : 1;
		get_page(page);
		vc_free(&buf);
		vcompound_drain();
		KUNIT_EXPECT_EQ(test, vc_charge(memcg, MEMCG_KMEM), before + (long)kept);
		KUNIT_EXPECT_TRUE(test, vc_is_charged(page, memcg));
		put_page(page);
		KUNIT_EXPECT_EQ(test, vc_charge(memcg, MEMCG_KMEM), before);
		vc_expect_pages_held(test, 0);
	}
}

/*
 * Counted as vmalloc memory of the cgroup as long as it is mapped, no matter
 * which task unmaps it.
 */
void test_memcg_vmalloc(struct kunit *test)
{
	static const int sizes[] = { 2, 3, 8, 33 };
	const struct vc_param *param = test->param_value;
	struct mem_cgroup *memcg = vc_memcg_create(test);
	long before = vc_charge(memcg, NR_VMALLOC);
	unsigned long flags;
	struct page *page;
	struct vc_buf buf;
	int i;

	for (i = 0; i < 2 * ARRAY_SIZE(sizes); i++) {
		KUNIT_ASSERT_TRUE(test, vc_try_charged(&buf, param->exact,
						       sizes[i / 2] * PAGE_SIZE,
						       GFP_KERNEL_ACCOUNT, memcg));
		KUNIT_EXPECT_EQ(test, vc_charge(memcg, NR_VMALLOC),
				before + (param->fallback ? (long)buf.nr : 0));
		/* It stays charged, but is no longer mapped. */
		page = compound_nth_page(buf.head, buf.nr - 1);
		get_page(page);
		if (i & 1)
			flags = vc_atomic_begin();
		vc_free(&buf);
		if (i & 1)
			vc_atomic_end(flags);
		vcompound_drain();
		KUNIT_EXPECT_EQ(test, vc_charge(memcg, NR_VMALLOC), before);
		put_page(page);
	}
}

/*
 * folio_put() uncharges before the page allocator sees the page: a page that is
 * then left alone may have lost its charge, but loses it only once.
 */
void test_memcg_over_put(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct mem_cgroup *memcg = vc_memcg_create(test);
	long before = vc_charge(memcg, MEMCG_KMEM);
	struct vc_buf buf;

	KUNIT_ASSERT_TRUE(test, vc_try_charged(&buf, param->exact, 8 * PAGE_SIZE,
					       GFP_KERNEL_ACCOUNT, memcg));
	vc_fill(&buf);
	kunit_warning_suppress(test) {
		vc_drop(buf.head, param->order, param->kind);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	KUNIT_EXPECT_GE(test, vc_charge(memcg, MEMCG_KMEM), before);
	KUNIT_EXPECT_LE(test, vc_charge(memcg, MEMCG_KMEM), before + 8);
	vc_expect_alive(test, &buf, param->fallback);
	vc_put(test, &buf);
	KUNIT_EXPECT_EQ(test, vc_charge(memcg, MEMCG_KMEM), before);
}

static const struct vc_param vc_tags[] = {
	{ "" },
	{ "not checked", .kind = 1 },
	{}
};

VC_SUITE_PARAMS(vc_tags)

/*
 * Each page has its tag, no matter which block it was trimmed from, and loses
 * it when it is freed.
 */
void test_tags_page_by_page(struct kunit *test)
{
	static const int sizes[] = { 2, 3, 7, 16, 33 };
	struct page *pages[33];
	struct vc_buf buf;
	int i, j, nr;

	vc_checks_off(test);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		nr = sizes[i];
		vc_get_gfp(test, &buf, true, nr * PAGE_SIZE, GFP_KERNEL);
		vc_put(test, &buf);
		vc_get_gfp(test, &buf, true, nr * PAGE_SIZE, GFP_KERNEL);
		vc_expect_buf_held(test, &buf);
		for (j = 0; j < nr; j++) {
			pages[j] = compound_nth_page(buf.head, j);
			get_page(pages[j]);
		}
		vc_free(&buf);
		vcompound_drain();
		vc_expect_pages_held(test, nr);
		/* No size is a multiple of 5. */
		for (j = 0; j < nr; j++) {
			put_page(pages[5 * j % nr]);
			vc_expect_pages_held(test, nr - 1 - j);
		}
	}
}

/* A full cgroup: NULL, and nothing is left behind. */
void test_memcg_full(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct mem_cgroup *memcg = vc_memcg_create(test);
	long before = vc_charge(memcg, MEMCG_KMEM);
	struct vc_buf buf;
	bool got;

	page_counter_set_max(&memcg->memory, 4);
	got = vc_try_charged(&buf, param->exact, 16 * PAGE_SIZE,
			     GFP_KERNEL_ACCOUNT | __GFP_NORETRY | __GFP_NOWARN,
			     memcg);
	page_counter_set_max(&memcg->memory, PAGE_COUNTER_MAX);
	KUNIT_EXPECT_FALSE(test, got);
	vcompound_drain();
	KUNIT_EXPECT_EQ(test, vc_charge(memcg, MEMCG_KMEM), before);
	vc_expect_pages_held(test, 0);
}
#endif
