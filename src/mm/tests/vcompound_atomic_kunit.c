// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for virtual compound pages: requests that may not sleep
 *
 * With CONFIG_VCOMPOUND_ATOMIC such a request falls back as well, in any
 * context. The tests check the contexts, what is left in the stock of areas, a
 * request that finds it empty, and that the rest of the kernel treats what is
 * mapped like other allocations.
 */
#include <kunit/test.h>
#include <linux/gfp.h>
#include <linux/hardirq.h>
#include <linux/kasan.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/nodemask.h>
#include <linux/page_owner.h>
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <linux/vcompound.h>
#include <linux/vmalloc.h>
#include <linux/vmstat.h>

#include <trace/events/printk.h>

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
	vc_look(&r.buf);
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
	got = vc_try_blind(&buf, param->exact, 7 * PAGE_SIZE, __GFP_NOWARN, NUMA_NO_NODE);
	raw_spin_unlock_irqrestore(&va_lock, flags);
	KUNIT_ASSERT_TRUE(test, got);
	vc_look(&buf);
	/* Exact sizes are always mapped. */
	vc_check(test, &buf, param->fallback || param->exact);
	vc_fill(&buf);
	KUNIT_EXPECT_TRUE(test, vc_is_filled(&buf));
	vc_put(test, &buf);

	/* A single page is not. */
	raw_spin_lock_irqsave(&va_lock, flags);
	got = vc_try_blind(&buf, param->exact, PAGE_SIZE, __GFP_NOWARN, NUMA_NO_NODE);
	raw_spin_unlock_irqrestore(&va_lock, flags);
	KUNIT_ASSERT_TRUE(test, got);
	vc_look(&buf);
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
	va_wait_for_refill(test);
	va_put_many(bufs, served);
	va_put_many(others, VA_MANY);
	vc_expect_pages_held(test, 0);
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

/*
 * Use by the rest of the kernel
 */

/* Make a request that may not sleep, and is mapped. */
static void va_get(struct kunit *test, struct vc_buf *buf, size_t size, gfp_t gfp)
{
	const struct vc_param *param = test->param_value;
	unsigned long flags;
	bool got;

	flags = vc_atomic_begin();
	got = vc_try(buf, param->exact, size, gfp, NUMA_NO_NODE);
	vc_atomic_end(flags);
	KUNIT_ASSERT_TRUE(test, got);
	KUNIT_ASSERT_TRUE(test, va_is_stock(buf));
}

static void test_usercopy(struct kunit *test)
{
	const size_t size = 5 * PAGE_SIZE - 100;
	unsigned long uaddr;
	struct vc_buf buf;

	uaddr = kunit_vm_mmap(test, NULL, 0, 5 * PAGE_SIZE, PROT_READ | PROT_WRITE,
			      MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_NE(test, uaddr, 0UL);
	va_get(test, &buf, size, GFP_ATOMIC);
	vc_fill(&buf);
	KUNIT_EXPECT_EQ(test, 0UL, copy_to_user((void __user *)uaddr, buf.addr, size));
	memset(buf.addr, 0, size);
	KUNIT_EXPECT_EQ(test, 0UL, copy_from_user(buf.addr, (void __user *)uaddr, size));
	KUNIT_EXPECT_TRUE(test, vc_is_filled(&buf));
	vc_put(test, &buf);
}

#ifdef CONFIG_PROC_FS
KUNIT_DEFINE_ACTION_WRAPPER(va_kvfree, kvfree, const void *);

/* The line in /proc/vmallocinfo: size, caller, pages and nodes. */
static void test_vmallocinfo(struct kunit *test)
{
	struct vfsmount *mnt = vc_mount(test, "proc");
	char *text, *line, word[40];
	unsigned int nid, nr;
	struct vc_buf buf;
	unsigned long i;

	if (!IS_ENABLED(CONFIG_KALLSYMS))
		kunit_skip(test, "functions have no names");
	text = kvzalloc(SZ_1M, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, text);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, va_kvfree, text));

	va_get(test, &buf, 5 * PAGE_SIZE, GFP_ATOMIC);
	KUNIT_EXPECT_EQ(test, 0, vc_read_file(mnt, "vmallocinfo", text, SZ_1M));
	line = strstr(text, " vc_try");
	KUNIT_ASSERT_NOT_NULL(test, line);
	*strchrnul(line, '\n') = '\0';
	while (line > text && line[-1] != '\n')
		line--;
	snprintf(word, sizeof(word), " %lu vc_try", (buf.nr + 1) * PAGE_SIZE);
	vc_expect_word(test, line, word);
	snprintf(word, sizeof(word), " pages=%lu ", buf.nr);
	vc_expect_word(test, line, word);
	vc_expect_word(test, line, " vcompound");
	for_each_online_node(nid) {
		for (i = nr = 0; i < buf.nr; i++)
			nr += page_to_nid(compound_nth_page(buf.head, i)) == nid;
		snprintf(word, sizeof(word), " N%u=%u", nid, nr);
		if (IS_ENABLED(CONFIG_NUMA) && nr)
			vc_expect_word(test, line, word);
	}
	vc_put(test, &buf);

	/* An idle area has none. */
	KUNIT_EXPECT_EQ(test, 0, vc_read_file(mnt, "vmallocinfo", text, SZ_1M));
	KUNIT_EXPECT_NULL(test, strstr(text, " vc_try"));
}
#endif

/* Read through /proc/kcore. */
static void test_kcore(struct kunit *test)
{
	size_t size = 4 * PAGE_SIZE;
	struct vc_buf buf;
	void *copy;

	va_get(test, &buf, size, GFP_ATOMIC);
	vc_fill(&buf);
	copy = vc_read_kcore(test, buf.addr, size);
	KUNIT_EXPECT_EQ(test, memcmp(copy, buf.addr, size), 0);
	vc_put(test, &buf);
	copy = vc_read_kcore(test, buf.addr, size);
	KUNIT_EXPECT_NULL(test, memchr_inv(copy, 0, size));
}

#ifdef CONFIG_KASAN_GENERIC
/* The rest of the last page, and all of it once it is freed, is a redzone. */
static void test_kasan(struct kunit *test)
{
	static const size_t sizes[] = { PAGE_SIZE + 1, 3 * PAGE_SIZE - 5, 7 * PAGE_SIZE };
	struct vc_buf buf;
	size_t off;
	int i;

	if (!IS_ENABLED(CONFIG_KASAN_VMALLOC))
		kunit_skip(test, "vmalloc space is not watched");
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		unsigned long flags;
		bool poisoned = true;

		va_get(test, &buf, sizes[i], GFP_ATOMIC);
		for (off = 0; off < buf.size; off++)
			if (!vc_accessible(buf.addr + off))
				break;
		KUNIT_EXPECT_EQ(test, off, buf.size);
		for (; off < VC_STOCK_PAGES * PAGE_SIZE; off++)
			if (vc_accessible(buf.addr + off))
				break;
		KUNIT_EXPECT_EQ(test, off, VC_STOCK_PAGES * PAGE_SIZE);

		flags = vc_atomic_begin();
		vc_free(&buf);
		for (off = 0; off < VC_STOCK_PAGES * PAGE_SIZE; off += PAGE_SIZE)
			poisoned &= vc_is_poisoned(buf.addr + off);
		vc_atomic_end(flags);
		KUNIT_EXPECT_TRUE(test, poisoned);
		vcompound_drain();
	}
}
#endif

#ifdef CONFIG_MEMCG
/*
 * Pages are charged. When they are freed they lose their charge at once, and not
 * after the flush, except for those that others hold.
 */
static void test_memcg(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct mem_cgroup *memcg = vc_memcg_create(test);
	long before = vc_charge(memcg, MEMCG_KMEM);
	long vmalloc = vc_charge(memcg, NR_VMALLOC);
	struct page *pages[8];
	unsigned long flags;
	bool charged[8], got;
	struct vc_buf buf;
	int i;

	flags = vc_atomic_begin();
	got = vc_try_charged(&buf, param->exact, 8 * PAGE_SIZE, GFP_ATOMIC | __GFP_ACCOUNT,
			     memcg);
	vc_atomic_end(flags);
	KUNIT_ASSERT_TRUE(test, got);
	KUNIT_EXPECT_TRUE(test, va_is_stock(&buf));
	KUNIT_EXPECT_EQ(test, vc_charge(memcg, MEMCG_KMEM), before + 8);
	KUNIT_EXPECT_EQ(test, vc_charge(memcg, NR_VMALLOC), vmalloc + 8);
	for (i = 0; i < 8; i++)
		pages[i] = compound_nth_page(buf.head, i);

	get_page(pages[3]);
	flags = vc_atomic_begin();
	vc_free(&buf);
	for (i = 0; i < 8; i++)
		charged[i] = PageMemcgKmem(pages[i]);
	vc_atomic_end(flags);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, charged[i], i == 3);
	vcompound_drain();
	KUNIT_EXPECT_EQ(test, vc_charge(memcg, MEMCG_KMEM), before + 1);
	KUNIT_EXPECT_EQ(test, vc_charge(memcg, NR_VMALLOC), vmalloc);
	put_page(pages[3]);
	KUNIT_EXPECT_EQ(test, vc_charge(memcg, MEMCG_KMEM), before);
	vc_expect_pages_held(test, 0);
}
#endif

#ifdef CONFIG_MEM_ALLOC_PROFILING
/* Pages have the tag of the caller, and lose it as they lose their charge. */
static void test_tags(struct kunit *test)
{
	struct alloc_tag_counters held;
	unsigned long flags;
	struct page *page;
	struct vc_buf buf;

	if (!mem_alloc_profiling_enabled())
		kunit_skip(test, "allocations are not profiled");
	va_get(test, &buf, 6 * PAGE_SIZE, GFP_ATOMIC);
	KUNIT_EXPECT_EQ(test, vc_held().bytes, (u64)buf.nr * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, vc_held().calls, (u64)buf.nr);

	page = compound_nth_page(buf.head, 2);
	get_page(page);
	flags = vc_atomic_begin();
	vc_free(&buf);
	held = vc_held();
	vc_atomic_end(flags);
	KUNIT_EXPECT_EQ(test, held.bytes, (u64)PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, held.calls, 1ULL);
	vcompound_drain();
	put_page(page);
	vc_expect_pages_held(test, 0);
}
#endif

#ifdef CONFIG_TRACEPOINTS
/* Messages of the task of the test. */
struct va_log {
	struct task_struct *task;
	size_t len;
	char text[8192];
};

static void va_probe_console(void *data, const char *text, size_t len)
{
	struct va_log *log = data;

	if (current == log->task && in_task())
		log->len += scnprintf(log->text + log->len, sizeof(log->text) - log->len,
				      "%.*s", (int)len, text);
}

static void va_log_stop(void *log)
{
	unregister_trace_console(va_probe_console, log);
	tracepoint_synchronize_unregister();
}

static struct va_log *va_log_start(struct kunit *test)
{
	struct va_log *log = kunit_kzalloc(test, sizeof(*log), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, log);
	log->task = current;
	KUNIT_ASSERT_EQ(test, 0, register_trace_console(va_probe_console, log));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, va_log_stop, log));
	return log;
}

#ifdef CONFIG_PAGE_OWNER
/* Each page has its owner, which stays the owner until the page is put. */
static void test_page_owner(struct kunit *test)
{
	struct va_log *log = va_log_start(test);
	struct page *page = NULL;
	struct vc_buf buf;
	unsigned long i;

	if (!static_branch_unlikely(&page_owner_inited))
		kunit_skip(test, "pages have no owner");
	va_get(test, &buf, 3 * PAGE_SIZE, GFP_ATOMIC);
	for (i = 0; i < buf.nr; i++) {
		log->len = 0;
		page = compound_nth_page(buf.head, i);
		dump_page_owner(page);
		vc_expect_word(test, log->text, "tracks the page as allocated");
		vc_expect_word(test, log->text, "via order 0, migratetype Unmovable");
		vc_expect_word(test, log->text, "GFP_ATOMIC");
		vc_expect_word(test, log->text, "vc_try");
	}

	/* The last one is held. */
	log->len = 0;
	get_page(page);
	vc_free(&buf);
	vcompound_drain();
	dump_page_owner(page);
	vc_expect_word(test, log->text, "tracks the page as allocated");
	put_page(page);
	vc_expect_pages_held(test, 0);
}
#endif

#if defined(CONFIG_DEBUG_KMEMLEAK) && defined(CONFIG_DEBUG_FS)
static int va_ask_kmemleak(struct vfsmount *mnt, struct va_log *log, const void *addr)
{
	char command[40];

	log->len = 0;
	snprintf(command, sizeof(command), "dump=0x%lx", (unsigned long)addr);
	return vc_turn(mnt, "kmemleak", command);
}

/* Allocations by address are tracked, like those of vmalloc(). */
static void test_kmemleak(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vfsmount *mnt = vc_mount(test, "debugfs");
	struct va_log *log = va_log_start(test);
	struct vc_buf buf;
	char word[60];
	bool off;

	va_get(test, &buf, 4 * PAGE_SIZE, GFP_ATOMIC);
	off = va_ask_kmemleak(mnt, log, buf.addr) == -EPERM;
	snprintf(word, sizeof(word), "Object 0x%lx (size %zu)", (unsigned long)buf.addr,
		 4 * PAGE_SIZE);
	if (!off)
		vc_expect_word(test, log->text, param->exact ? word : "Unknown object at");
	vc_put(test, &buf);
	if (off)
		kunit_skip(test, "kmemleak is off");
	va_ask_kmemleak(mnt, log, buf.addr);
	vc_expect_word(test, log->text, "Unknown object at");
}
#endif
#endif /* CONFIG_TRACEPOINTS */

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
	KUNIT_CASE_PARAM(test_usercopy, va_mapped_gen_params),
#ifdef CONFIG_PROC_FS
	KUNIT_CASE_PARAM(test_vmallocinfo, va_mapped_gen_params),
#endif
	KUNIT_CASE_PARAM(test_kcore, va_mapped_gen_params),
#ifdef CONFIG_KASAN_GENERIC
	KUNIT_CASE_PARAM(test_kasan, va_mapped_gen_params),
#endif
#ifdef CONFIG_MEMCG
	KUNIT_CASE_PARAM(test_memcg, va_mapped_gen_params),
#endif
#ifdef CONFIG_MEM_ALLOC_PROFILING
	KUNIT_CASE_PARAM(test_tags, va_mapped_gen_params),
#endif
#ifdef CONFIG_TRACEPOINTS
#ifdef CONFIG_PAGE_OWNER
	KUNIT_CASE_PARAM(test_page_owner, va_mapped_gen_params),
#endif
#if defined(CONFIG_DEBUG_KMEMLEAK) && defined(CONFIG_DEBUG_FS)
	KUNIT_CASE_PARAM(test_kmemleak, va_mapped_gen_params),
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
