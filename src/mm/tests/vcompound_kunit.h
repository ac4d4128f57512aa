/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the KUnit suites of virtual compound pages share: running a test once for
 * either outcome, seeing what it holds, and bringing about what is rare.
 *
 * How much memory is held is read from the allocation profile of one place in
 * each suite, where all its allocations are counted: see vc_hooks(). So with
 * CONFIG_MEM_ALLOC_PROFILING each test is a test for leaks too.
 */
#ifndef __MM_TESTS_VCOMPOUND_KUNIT_H
#define __MM_TESTS_VCOMPOUND_KUNIT_H

#include <kunit/device.h>
#include <kunit/test.h>
#include <linux/alloc_tag.h>
#include <linux/cgroup.h>
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/hrtimer.h>
#include <linux/io.h>
#include <linux/kallsyms.h>
#include <linux/log2.h>
#include <linux/memblock.h>
#include <linux/memcontrol.h>
#include <linux/mempolicy.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/uaccess.h>
#include <linux/vcompound.h>
#include <linux/vmalloc.h>
#include <linux/vmstat.h>
#include <linux/workqueue.h>

#include <asm/sections.h>

#include <trace/events/vcompound.h>

#include "../internal.h"
#include "../page_alloc.h"
#include "../vcompound_debug.h"

/*
 * Parameters
 *
 * A table of them ends with one that has no name. Each entry is run once for
 * either outcome, unless it says that it is for one only.
 */
struct vc_param {
	const char *name;
	bool one_outcome;	/* that of @fallback */
	bool one_family;	/* that of @exact */
	bool fallback;
	bool exact;
	int kind;
	unsigned int order;
	size_t size;
	gfp_t gfp;
};

static inline const void *vc_next_param(const struct vc_param *table, bool families,
					const void *prev, char *desc)
{
	static struct vc_param params[64];
	struct vc_param *next = prev ? (struct vc_param *)prev + 1 : params;

	for (; next < params + ARRAY_SIZE(params); next++) {
		int i = next - params;
		bool one_family;

		*next = table[i / 4];
		if (!next->name)
			return NULL;
		one_family = !families || next->one_family;
		if ((next->one_outcome && (i & 1)) || (one_family && (i & 2)))
			continue;

		if (!next->one_outcome)
			next->fallback = i & 1;
		if (!one_family)
			next->exact = i & 2;
		snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s%s%s%s%s", next->name,
			 *next->name ? " " : "",
			 one_family ? "" : next->exact ? "exact" : "order",
			 one_family || next->one_outcome ? "" : " ",
			 next->one_outcome ? "" :
			 next->fallback ? "fallback" : "contiguous");
		strim(desc);
		return next;
	}
	WARN(1, "a table is too long\n");
	return NULL;
}

#define __VC_GEN_PARAMS(table, families)					\
static const void *table##_gen_params(struct kunit *test, const void *prev,	\
				      char *desc)				\
{										\
	return vc_next_param(table, families, prev, desc);			\
}

/* Once for either outcome. */
#define VC_GEN_PARAMS(table)		__VC_GEN_PARAMS(table, false)
/* And of each, once for the calls that take an order and once for the exact ones. */
#define VC_GEN_PARAMS_FAMILIES(table)	__VC_GEN_PARAMS(table, true)

static unsigned int vc_saved_percent;

static inline int vc_suite_init(struct kunit_suite *suite)
{
	vc_saved_percent = vcompound_force(0);
	return 0;
}

static inline void vc_suite_exit(struct kunit_suite *suite)
{
	vcompound_force(vc_saved_percent);
}

static inline int vc_init(struct kunit *test)
{
	const struct vc_param *param = test->param_value;

	vcompound_drain();
	vcompound_force(param && param->fallback ? 100 : 0);
	return 0;
}

static inline void vc_exit(struct kunit *test)
{
	vcompound_force(0);
	vcompound_drain();
}

/* Let what warns once per boot warn again, as clear_warn_once in debugfs does. */
static inline void vc_rearm_warnings(void)
{
	generic_bug_clear_once();
	memset(__start_once, 0, __end_once - __start_once);
}

/*
 * Holding
 */

/* A buffer, as a test knows it. */
struct vc_buf {
	struct page *head;
	void *addr;
	unsigned long nr;
	size_t size;
	bool exact;
};

static inline bool vc_is_mapped(const struct vc_buf *buf)
{
	return is_vmalloc_addr(buf->addr);
}

#ifdef CONFIG_MEM_ALLOC_PROFILING
static inline struct alloc_tag *vc_tag(void)
{
	DEFINE_ALLOC_TAG(tag);

	return &tag;
}

static inline struct alloc_tag_counters vc_held(void)
{
	return alloc_tag_read(vc_tag());
}

#define vc_hooks(_do_alloc)	alloc_hooks_tag(vc_tag(), _do_alloc)
#else
static inline struct alloc_tag_counters vc_held(void)
{
	return (struct alloc_tag_counters) {};
}

#define vc_hooks(_do_alloc)	(_do_alloc)
#endif

/* That all buffers of the test hold @nr pages, and nothing else. */
static inline void vc_expect_pages_held(struct kunit *test, unsigned long nr)
{
	if (!mem_alloc_profiling_enabled())
		return;
	KUNIT_EXPECT_EQ(test, vc_held().bytes, (u64)nr * PAGE_SIZE);
	if (!nr)
		KUNIT_EXPECT_EQ(test, vc_held().calls, 0);
}

/* That @buf alone is held: in a fallback, with its array of page pointers. */
static inline void vc_expect_buf_held(struct kunit *test, const struct vc_buf *buf)
{
	u64 least = (u64)buf->nr * PAGE_SIZE;
	u64 array = 2 * roundup_pow_of_two(buf->nr * sizeof(struct page *)) + 1024;

	if (vcompound_is_contiguous(buf->head)) {
		vc_expect_pages_held(test, buf->nr);
	} else if (mem_alloc_profiling_enabled()) {
		KUNIT_EXPECT_GE(test, vc_held().bytes, least);
		KUNIT_EXPECT_LE(test, vc_held().bytes, least + array);
	}
}

/* That no page of @buf is followed by its neighbour, as none is where that is forced. */
static inline void vc_expect_scattered(struct kunit *test, const struct vc_buf *buf)
{
	unsigned long i;

	for (i = 1; i < buf->nr; i++)
		KUNIT_EXPECT_NE(test, page_to_pfn(compound_nth_page(buf->head, i)),
				page_to_pfn(compound_nth_page(buf->head, i - 1)) + 1);
}

/* That no page of @buf is another node's. */
static inline void vc_expect_node(struct kunit *test, const struct vc_buf *buf, int nid)
{
	unsigned long i;

	for (i = 0; i < buf->nr; i++)
		KUNIT_EXPECT_EQ(test, nid, page_to_nid(compound_nth_page(buf->head, i)));
}

#ifdef CONFIG_NUMA
static inline void vc_set_policy(struct mempolicy *policy)
{
	task_lock(current);
	current->mempolicy = policy;
	task_unlock(current);
}

/* Until vc_set_policy(NULL), what the task asks for without a node comes from @nid. */
static inline void vc_bind_to_node(int nid)
{
	static struct mempolicy policy;

	policy = (struct mempolicy) {
		.refcnt = ATOMIC_INIT(2),
		.mode = MPOL_BIND,
		.nodes = nodemask_of_node(nid),
		.home_node = NUMA_NO_NODE,
	};
	vc_set_policy(&policy);
}
#endif

/* That the area at @addr goes away without anybody waiting for it by a call. */
static inline void vc_expect_unmapped_soon(struct kunit *test, const void *addr)
{
	unsigned long end = jiffies + 10 * HZ;

	while (find_vm_area(addr) && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	KUNIT_EXPECT_NULL(test, find_vm_area(addr));
}

/*
 * Bytes
 */

static inline u8 vc_byte(unsigned long i)
{
	return i * 7 + (i >> PAGE_SHIFT) * 31 + 1;
}

static inline void vc_fill(const struct vc_buf *buf)
{
	u8 *bytes = buf->addr;
	unsigned long i;

	for (i = 0; i < buf->size; i++)
		bytes[i] = vc_byte(i);
}

static inline bool vc_is_filled(const struct vc_buf *buf)
{
	u8 *bytes = buf->addr;
	unsigned long i;

	for (i = 0; i < buf->size; i++)
		if (bytes[i] != vc_byte(i))
			return false;
	return true;
}

/* The part of page @i that is in the buffer, looked at through @page. */
static inline bool vc_page_is_filled(const struct vc_buf *buf, struct page *page,
				     unsigned long i)
{
	size_t end = min_t(size_t, PAGE_SIZE, buf->size - i * PAGE_SIZE);
	u8 *bytes = kmap_local_page(page);
	bool same = true;
	size_t j;

	for (j = 0; same && j < end; j++)
		same = bytes[j] == vc_byte(i * PAGE_SIZE + j);
	kunmap_local(bytes);
	return same;
}

/*
 * Counters
 */

static inline unsigned long *vc_events(struct kunit *test)
{
	unsigned long *events = kunit_kcalloc(test, NR_VM_EVENT_ITEMS,
					      sizeof(*events), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, events);
	all_vm_events(events);
	return events;
}

/* That there were so many more of each since @before was read. */
static inline void vc_expect_events(struct kunit *test, const unsigned long *before,
				    int contig, int fallback, int fail)
{
#ifdef CONFIG_VM_EVENT_COUNTERS
	unsigned long *now = vc_events(test);

	KUNIT_EXPECT_EQ(test, now[VCOMPOUND_CONTIG] - before[VCOMPOUND_CONTIG], contig);
	KUNIT_EXPECT_EQ(test, now[VCOMPOUND_FALLBACK] - before[VCOMPOUND_FALLBACK],
			fallback);
	KUNIT_EXPECT_EQ(test, now[VCOMPOUND_FAIL] - before[VCOMPOUND_FAIL], fail);
#endif
}

#ifdef CONFIG_TRACEPOINTS
/* What the trace events said last about what the task of the test did. */
struct vc_trace {
	struct task_struct *task;
	struct {
		int calls;
		const void *addr;
		size_t size;
		bool contiguous;
		gfp_t gfp;
		int nid;
		const void *caller;
	} alloc;
	struct {
		int calls;
		const void *addr;
		unsigned long nr_pages;
		bool contiguous;
		bool deferred;
	} free;
};

static inline void vc_probe_alloc(void *data, const struct page *page, size_t size,
				  gfp_t gfp, int nid, const void *caller)
{
	struct vc_trace *trace = data;

	if (trace->task != current)
		return;
	trace->alloc.calls++;
	trace->alloc.addr = page ? vcompound_address(page) : NULL;
	trace->alloc.size = size;
	trace->alloc.contiguous = page && vcompound_is_contiguous(page);
	trace->alloc.gfp = gfp;
	trace->alloc.nid = nid;
	trace->alloc.caller = caller;
}

static inline void vc_probe_free(void *data, const struct page *page,
				 unsigned long nr_pages, bool deferred)
{
	struct vc_trace *trace = data;

	if (trace->task != current)
		return;
	trace->free.calls++;
	trace->free.addr = vcompound_address(page);
	trace->free.nr_pages = nr_pages;
	trace->free.contiguous = vcompound_is_contiguous(page);
	trace->free.deferred = deferred;
}

static inline void vc_trace_stop_alloc(void *trace)
{
	unregister_trace_vcompound_alloc(vc_probe_alloc, trace);
	tracepoint_synchronize_unregister();
}

static inline void vc_trace_stop_free(void *trace)
{
	unregister_trace_vcompound_free(vc_probe_free, trace);
	tracepoint_synchronize_unregister();
}

/* Watch the trace events until the test ends. */
static inline struct vc_trace *vc_trace_start(struct kunit *test)
{
	struct vc_trace *trace = kunit_kzalloc(test, sizeof(*trace), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, trace);
	trace->task = current;
	KUNIT_ASSERT_EQ(test, 0, register_trace_vcompound_alloc(vc_probe_alloc, trace));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vc_trace_stop_alloc, trace));
	KUNIT_ASSERT_EQ(test, 0, register_trace_vcompound_free(vc_probe_free, trace));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vc_trace_stop_free, trace));
	return trace;
}

/* That the last of @calls results was @buf, got by the function @caller. */
static inline void vc_expect_alloc_traced(struct kunit *test, const struct vc_trace *trace,
					  int calls, const struct vc_buf *buf, gfp_t gfp,
					  int nid, const char *caller)
{
	char name[KSYM_SYMBOL_LEN];

	KUNIT_EXPECT_EQ(test, trace->alloc.calls, calls);
	KUNIT_EXPECT_PTR_EQ(test, trace->alloc.addr, (const void *)buf->addr);
	KUNIT_EXPECT_EQ(test, trace->alloc.size, buf->size);
	KUNIT_EXPECT_EQ(test, trace->alloc.contiguous, !vc_is_mapped(buf));
	KUNIT_EXPECT_EQ(test, (__force u32)trace->alloc.gfp, (__force u32)gfp);
	KUNIT_EXPECT_EQ(test, trace->alloc.nid, nid);
	sprint_symbol(name, (unsigned long)trace->alloc.caller);
	if (IS_ENABLED(CONFIG_KALLSYMS))
		KUNIT_EXPECT_TRUE_MSG(test, strstarts(name, caller), "the caller is %s", name);
}

/* That the last of @calls frees was of @buf. */
static inline void vc_expect_free_traced(struct kunit *test, const struct vc_trace *trace,
					 int calls, const struct vc_buf *buf, bool deferred)
{
	KUNIT_EXPECT_EQ(test, trace->free.calls, calls);
	KUNIT_EXPECT_PTR_EQ(test, trace->free.addr, (const void *)buf->addr);
	KUNIT_EXPECT_EQ(test, trace->free.nr_pages, buf->nr);
	KUNIT_EXPECT_EQ(test, trace->free.contiguous, !vc_is_mapped(buf));
	KUNIT_EXPECT_EQ(test, trace->free.deferred, deferred);
}
#endif

/*
 * Ways to drop a reference
 */

enum vc_way {
	VC_FREE_PAGES, VC_FREE_PAGES_ADDR, VC_PUT_PAGE, VC_FOLIO_PUT,
	VC_RELEASE_PAGES, VC_NR_WAYS
};

static inline void vc_drop(struct page *page, unsigned int order, enum vc_way way)
{
	switch (way) {
	case VC_FREE_PAGES:
		__free_pages(page, order);
		break;
	case VC_FREE_PAGES_ADDR:
		free_pages((unsigned long)page_address(page), order);
		break;
	case VC_PUT_PAGE:
		put_page(page);
		break;
	case VC_FOLIO_PUT:
		folio_put(page_folio(page));
		break;
	default:
		release_pages(&page, 1);
		break;
	}
}

/* Where nothing may sleep, and where it must not be waited for any lock. */
static inline void vc_drop_nolock(struct page *page, unsigned int order)
{
	static DEFINE_RAW_SPINLOCK(lock);
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);
	free_pages_nolock(page, order);
	raw_spin_unlock_irqrestore(&lock, flags);
}

/*
 * Contexts
 */

enum vc_context {
	VC_TASK, VC_PREEMPT_OFF, VC_RCU, VC_IRQ_OFF, VC_SPINLOCK_IRQ, VC_BH_OFF,
	VC_SOFTIRQ, VC_HARDIRQ, VC_OTHER_CPU,
};

static const struct vc_param vc_contexts[] = {
	{ "task", .kind = VC_TASK },
	{ "preemption off", .kind = VC_PREEMPT_OFF },
	{ "rcu_read_lock", .kind = VC_RCU },
	{ "interrupts off", .kind = VC_IRQ_OFF },
	{ "spin_lock_irqsave", .kind = VC_SPINLOCK_IRQ },
	{ "softirqs off", .kind = VC_BH_OFF },
	{ "softirq", .kind = VC_SOFTIRQ },
	{ "hardirq", .kind = VC_HARDIRQ },
	{ "other cpu", .kind = VC_OTHER_CPU },
	{}
};

/* What is to be done elsewhere. */
struct vc_job {
	void (*fn)(void *data);
	void *data;
	struct hrtimer timer;
	struct completion done;
	bool in_hardirq;
	bool in_softirq;
};

static inline enum hrtimer_restart vc_job_in_timer(struct hrtimer *timer)
{
	struct vc_job *job = container_of(timer, struct vc_job, timer);

	job->in_hardirq = in_hardirq();
	job->in_softirq = in_serving_softirq();
	job->fn(job->data);
	complete(&job->done);
	return HRTIMER_NORESTART;
}

static inline void vc_in_timer(struct kunit *test, struct vc_job *job, bool hard)
{
	enum hrtimer_mode mode = hard ? HRTIMER_MODE_REL_HARD : HRTIMER_MODE_REL_SOFT;

	init_completion(&job->done);
	hrtimer_setup_on_stack(&job->timer, vc_job_in_timer, CLOCK_MONOTONIC, mode);
	hrtimer_start(&job->timer, us_to_ktime(100), mode);
	wait_for_completion(&job->done);
	hrtimer_cancel(&job->timer);
	destroy_hrtimer_on_stack(&job->timer);
	KUNIT_EXPECT_EQ(test, job->in_hardirq, hard);
	if (!IS_ENABLED(CONFIG_PREEMPT_RT))
		KUNIT_EXPECT_EQ(test, job->in_softirq, !hard);
}

static inline long vc_job_on_cpu(void *data)
{
	struct vc_job *job = data;

	job->fn(job->data);
	return 0;
}

static inline void vc_in_context(struct kunit *test, enum vc_context context,
				 void (*fn)(void *data), void *data)
{
	struct vc_job job = { .fn = fn, .data = data };
	static DEFINE_SPINLOCK(lock);
	unsigned long flags;
	unsigned int cpu;

	switch (context) {
	case VC_TASK:
		fn(data);
		break;
	case VC_PREEMPT_OFF:
		preempt_disable();
		fn(data);
		preempt_enable();
		break;
	case VC_RCU:
		rcu_read_lock();
		fn(data);
		rcu_read_unlock();
		break;
	case VC_IRQ_OFF:
		local_irq_save(flags);
		fn(data);
		local_irq_restore(flags);
		break;
	case VC_SPINLOCK_IRQ:
		spin_lock_irqsave(&lock, flags);
		fn(data);
		spin_unlock_irqrestore(&lock, flags);
		break;
	case VC_BH_OFF:
		local_bh_disable();
		fn(data);
		local_bh_enable();
		break;
	case VC_SOFTIRQ:
	case VC_HARDIRQ:
		vc_in_timer(test, &job, context == VC_HARDIRQ);
		break;
	case VC_OTHER_CPU:
		/* Where there is one only, from another task. */
		cpu = cpumask_any_but(cpu_online_mask, raw_smp_processor_id());
		if (cpu >= nr_cpu_ids)
			cpu = raw_smp_processor_id();
		work_on_cpu(cpu, vc_job_on_cpu, &job);
		break;
	}
}

/*
 * Areas of others
 */

/* On UML, ioremap() gives nothing. */
#if defined(CONFIG_HAS_IOMEM) && !defined(CONFIG_UML)
#define VC_IOREMAP
#endif

enum vc_area_kind { VC_AREA_VMALLOC, VC_AREA_VMAP, VC_AREA_IOREMAP };

static const struct vc_param vc_areas[] = {
	{ "vmalloc", .one_outcome = true, .kind = VC_AREA_VMALLOC },
	{ "vmap", .one_outcome = true, .kind = VC_AREA_VMAP },
#ifdef VC_IOREMAP
	{ "ioremap", .one_outcome = true, .kind = VC_AREA_IOREMAP },
#endif
	{}
};

struct vc_area {
	void *addr;
	struct page *pages[2];	/* none, if it maps no RAM */
	unsigned long pfn;
};

static inline void vc_area_create(struct kunit *test, struct vc_area *area,
				  enum vc_area_kind kind)
{
	int i;

	*area = (struct vc_area) {};
	switch (kind) {
	case VC_AREA_VMALLOC:
		area->addr = vmalloc(2 * PAGE_SIZE);
		break;
	case VC_AREA_VMAP:
		for (i = 0; i < 2; i++) {
			area->pages[i] = alloc_page(GFP_KERNEL);
			KUNIT_ASSERT_NOT_NULL(test, area->pages[i]);
		}
		area->addr = vmap(area->pages, 2, VM_MAP, PAGE_KERNEL);
		break;
	case VC_AREA_IOREMAP:
#ifdef VC_IOREMAP
		for (area->pfn = max_pfn; pfn_valid(area->pfn); area->pfn++)
			;
		area->addr = (__force void *)ioremap(PFN_PHYS(area->pfn), PAGE_SIZE);
#endif
		break;
	}
	KUNIT_ASSERT_NOT_NULL(test, area->addr);
	if (area->pfn)
		return;

	memset(area->addr, 0x77, 2 * PAGE_SIZE);
	for (i = 0; i < 2; i++) {
		area->pages[i] = vmalloc_to_page(area->addr + i * PAGE_SIZE);
		/* Where it is given back, it is not given to others. */
		get_page(area->pages[i]);
	}
}

/* That nothing has happened to @area. Free it. */
static inline void vc_area_put(struct kunit *test, struct vc_area *area,
			       enum vc_area_kind kind)
{
	struct vm_struct *vm = find_vm_area(area->addr);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, vm);
	KUNIT_EXPECT_PTR_EQ(test, vm->addr, area->addr);
	if (area->pfn) {
		KUNIT_EXPECT_EQ(test, vmalloc_to_pfn(area->addr), area->pfn);
#ifdef VC_IOREMAP
		iounmap((__force void __iomem *)area->addr);
#endif
		return;
	}

	KUNIT_EXPECT_NULL(test, memchr_inv(area->addr, 0x77, 2 * PAGE_SIZE));
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_PTR_EQ(test, vmalloc_to_page(area->addr + i * PAGE_SIZE),
				    area->pages[i]);
		KUNIT_EXPECT_EQ(test, page_count(area->pages[i]), 2);
		if (page_count(area->pages[i]) == 2)
			put_page(area->pages[i]);
	}
	if (kind == VC_AREA_VMALLOC) {
		vfree(area->addr);
		return;
	}
	vunmap(area->addr);
	for (i = 0; i < 2; i++)
		__free_page(area->pages[i]);
}

/*
 * Devices
 */

#ifdef CONFIG_HAS_DMA
static inline struct device *vc_dma_device(struct kunit *test)
{
	struct device *dev = kunit_device_register(test, "vcompound");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	if (!dev->dma_mask)
		dev->dma_mask = &dev->coherent_dma_mask;
	if (dma_set_mask_and_coherent(dev, DMA_BIT_MASK(64)))
		kunit_skip(test, "the device cannot do DMA");
	return dev;
}

/* The address is for a device if it is not mapped, and the pages are in any case. */
static inline void vc_check_dma(struct kunit *test, const struct vc_buf *buf)
{
	struct device *dev = vc_dma_device(test);
	dma_addr_t dma = DMA_MAPPING_ERROR;
	unsigned long i;

	vc_rearm_warnings();
	kunit_warning_suppress(test) {
		dma = dma_map_single(dev, buf->addr, buf->size, DMA_TO_DEVICE);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, vc_is_mapped(buf));
	}
	KUNIT_EXPECT_EQ(test, !!dma_mapping_error(dev, dma), vc_is_mapped(buf));
	if (dma != DMA_MAPPING_ERROR)
		dma_unmap_single(dev, dma, buf->size, DMA_TO_DEVICE);

	for (i = 0; i < buf->nr; i++) {
		dma = dma_map_page(dev, compound_nth_page(buf->head, i), 0, PAGE_SIZE,
				   DMA_TO_DEVICE);
		KUNIT_ASSERT_EQ(test, dma_mapping_error(dev, dma), 0);
		dma_unmap_page(dev, dma, PAGE_SIZE, DMA_TO_DEVICE);
	}
}
#endif

/*
 * Memory cgroups
 */

#ifdef CONFIG_MEMCG
struct vc_memcg {
	struct vfsmount *mnt;
	struct dentry *dir;
	struct cgroup_subsys_state *css;
};

static inline int vc_cgroup_control(struct vfsmount *mnt, const char *what)
{
	struct file *file;
	loff_t pos = 0;
	ssize_t len;

	file = file_open_root_mnt(mnt, "cgroup.subtree_control", O_WRONLY, 0);
	if (IS_ERR(file))
		return PTR_ERR(file);
	len = kernel_write(file, what, strlen(what), &pos);
	fput(file);
	return len < 0 ? len : 0;
}

static inline void vc_memcg_remove(void *data)
{
	struct vc_memcg *m = data;
	struct dentry *dentry;

	if (m->css)
		css_put(m->css);
	if (m->dir) {
		dput(m->dir);
		dentry = start_removing_noperm(m->mnt->mnt_root,
					       &QSTR("vcompound_kunit"));
		if (!IS_ERR(dentry)) {
			vfs_rmdir(&nop_mnt_idmap, d_inode(m->mnt->mnt_root),
				  dentry, NULL);
			end_removing(dentry);
		}
	}
	vc_cgroup_control(m->mnt, "-memory");
	kern_unmount(m->mnt);
}

/* A memory cgroup of the test's own. */
static inline struct mem_cgroup *vc_memcg_create(struct kunit *test)
{
	struct vc_memcg *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	struct file_system_type *type = get_fs_type("cgroup2");
	struct mem_cgroup *memcg;
	struct dentry *dentry;

	KUNIT_ASSERT_NOT_NULL(test, m);
	if (!type || !cgroup_subsys_on_dfl(memory_cgrp_subsys))
		kunit_skip(test, "there is no memory controller to be had");

	m->mnt = kern_mount(type);
	put_filesystem(type);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, m->mnt);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vc_memcg_remove, m));
	KUNIT_ASSERT_EQ(test, 0, vc_cgroup_control(m->mnt, "+memory"));

	dentry = start_creating_noperm(m->mnt->mnt_root, &QSTR("vcompound_kunit"));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dentry);
	dentry = vfs_mkdir(&nop_mnt_idmap, d_inode(m->mnt->mnt_root), dentry,
			   0755, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dentry);
	end_creating(dentry);
	dentry = lookup_noperm_positive_unlocked(&QSTR("vcompound_kunit"),
						 m->mnt->mnt_root);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dentry);
	m->dir = dentry;

	m->css = css_tryget_online_from_dir(m->dir, &memory_cgrp_subsys);
	if (IS_ERR(m->css))
		m->css = NULL;
	KUNIT_ASSERT_NOT_NULL(test, m->css);
	memcg = mem_cgroup_from_css(m->css);
	KUNIT_ASSERT_FALSE(test, mem_cgroup_is_root(memcg));
	if (!memcg_kmem_online())
		kunit_skip(test, "kernel memory is not accounted");
	return memcg;
}

/* In pages. */
static inline long vc_charge(struct mem_cgroup *memcg, int item)
{
	css_rstat_flush(&memcg->css);
	return memcg_page_state(memcg, item);
}
#endif

/*
 * Faults
 */

#if defined(CONFIG_FAILSLAB) && defined(CONFIG_FAIL_PAGE_ALLOC) && \
	defined(CONFIG_FAULT_INJECTION_DEBUG_FS)
#define VC_FAIL_NTH

struct vc_knob {
	const char *file;
	const char *now;
	const char *later;
};

static const struct vc_knob vc_knobs[] = {
	{ "fail_page_alloc/ignore-gfp-wait", "N", "Y" },
	{ "fail_page_alloc/min-order", "0", "1" },
	{ "fail_page_alloc/verbose", "0", "2" },
	{ "failslab/ignore-gfp-wait", "N", "Y" },
	{ "failslab/verbose", "0", "2" },
};

/* These files read user memory only. */
static inline int vc_turn(struct vfsmount *mnt, const char *name, const char *value)
{
	unsigned long uaddr;
	struct file *file;
	loff_t pos = 0;
	ssize_t len;

	if (kunit_attach_mm())
		return -ENOMEM;
	uaddr = vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
			MAP_ANONYMOUS | MAP_PRIVATE, 0);
	if (IS_ERR_VALUE(uaddr))
		return uaddr;
	file = file_open_root_mnt(mnt, name, O_WRONLY, 0);
	if (IS_ERR(file)) {
		len = PTR_ERR(file);
		goto unmap;
	}

	if (copy_to_user((void __user *)uaddr, value, strlen(value)))
		len = -EFAULT;
	else
		len = vfs_write(file, (void __user *)uaddr, strlen(value), &pos);
	fput(file);
unmap:
	vm_munmap(uaddr, PAGE_SIZE);
	return len < 0 ? len : 0;
}

static inline void vc_knobs_restore(void *mnt)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(vc_knobs); i++)
		vc_turn(mnt, vc_knobs[i].file, vc_knobs[i].later);
	kern_unmount(mnt);
}

/* Let any allocation fail that current->fail_nth says, in silence. */
static inline void vc_knobs_set(struct kunit *test)
{
	struct file_system_type *type = get_fs_type("debugfs");
	struct vfsmount *mnt;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, type);
	mnt = kern_mount(type);
	put_filesystem(type);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mnt);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vc_knobs_restore, mnt));
	for (i = 0; i < ARRAY_SIZE(vc_knobs); i++)
		KUNIT_ASSERT_EQ_MSG(test, 0,
				    vc_turn(mnt, vc_knobs[i].file, vc_knobs[i].now),
				    "%s", vc_knobs[i].file);
}
#endif

#endif /* __MM_TESTS_VCOMPOUND_KUNIT_H */
