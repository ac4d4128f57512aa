/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared code of the KUnit suites of virtual compound pages: running a test
 * once for either outcome, checking the pages that it holds, and creating rare
 * conditions.
 *
 * Each test also checks for leaks. The pages that a suite holds are counted
 * twice: by the events of the page allocator and, with
 * CONFIG_MEM_ALLOC_PROFILING, by the allocation profile of one place, which
 * covers other memory of an allocation as well. See vc_hooks() and vc_tag().
 */
#ifndef __MM_TESTS_VCOMPOUND_KUNIT_H
#define __MM_TESTS_VCOMPOUND_KUNIT_H

#include <kunit/device.h>
#include <kunit/test.h>
#include <linux/alloc_tag.h>
#include <linux/cgroup.h>
#include <linux/completion.h>
#include <linux/cpuset.h>
#include <linux/dma-mapping.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/hrtimer.h>
#include <linux/io.h>
#include <linux/kallsyms.h>
#include <linux/kasan.h>
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
#include <linux/uio.h>
#include <linux/vcompound.h>
#include <linux/vmalloc.h>
#include <linux/vmstat.h>
#include <linux/workqueue.h>

#include <asm/sections.h>

#include <uapi/linux/sched/types.h>

#include <trace/events/kmem.h>
#include <trace/events/vcompound.h>

#include "../internal.h"
#include "../page_alloc.h"
#include "../vcompound.h"
#include "../vcompound_force.h"

/*
 * Parameters
 *
 * A table of parameters ends with an entry without a name. Each entry is run
 * once for either outcome, unless it is marked for one only.
 */
#define VC_MAX_ROWS	32

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

const void *vc_next_param(const struct vc_param *table, bool families,
			  const void *prev, char *desc);

#define __VC_GEN_PARAMS(storage, table, families)				\
static_assert(sizeof(table) <= VC_MAX_ROWS * sizeof(struct vc_param));	\
storage const void *table##_gen_params(struct kunit *test, const void *prev,	\
				       char *desc)				\
{										\
	return vc_next_param(table, families, prev, desc);			\
}

/* Once for either outcome. */
#define VC_GEN_PARAMS(table)		__VC_GEN_PARAMS(static, table, false)
/*
 * For each outcome, once with the by-order functions and once with the
 * exact-size ones.
 */
#define VC_GEN_PARAMS_FAMILIES(table)	__VC_GEN_PARAMS(static, table, true)

/* Pages of an allocation that is too large for an area of the stock. */
#define VC_LARGE	(VC_STOCK_PAGES + 4)

/* A free call puts the pages of a small mapped allocation later, even in a task. */
#define VC_PUTS_LATER	(!IS_ENABLED(CONFIG_PREEMPT_COUNT) || \
			 IS_ENABLED(CONFIG_VCOMPOUND_STOCK))

void vc_rearm_warnings(void);
void vc_expect_word(struct kunit *test, const char *text, const char *word);

/*
 * Tracking allocations
 */

/* An allocation and the properties that a test checks. */
struct vc_buf {
	struct page *head;
	struct page *last;
	void *addr;
	struct vm_struct *area;	/* if it is mapped */
	unsigned long nr;
	size_t size;
	bool exact;
};

static inline bool vc_is_mapped(const struct vc_buf *buf)
{
	return is_vmalloc_addr(buf->addr);
}

void vc_look(struct vc_buf *buf);

#ifdef CONFIG_TRACEPOINTS
void vc_frames_set(struct page *page, unsigned long nr);
void vc_note_page(struct page *head);
bool vc_frame_is_held(struct page *page);
bool vc_cut_was_seen(const struct vc_buf *buf);
unsigned long vc_frames_held(void);
#else
static inline void vc_frames_set(struct page *page, unsigned long nr) {}
static inline void vc_note_page(struct page *head) {}
static inline bool vc_cut_was_seen(const struct vc_buf *buf) { return true; }
#endif

void vc_note_result(unsigned long result, bool is_page);

#define vc_note(_did_alloc)						\
({									\
	typeof(_did_alloc) __got = _did_alloc;				\
									\
	vc_note_result((unsigned long)__got, __same_type(__got, struct page *)); \
	__got;								\
})

#ifdef CONFIG_MEM_ALLOC_PROFILING
struct alloc_tag *vc_tag(void);
struct alloc_tag_counters vc_held(void);

#define vc_hooks(_do_alloc)	vc_note(alloc_hooks_tag(vc_tag(), _do_alloc))
#else
static inline struct alloc_tag_counters vc_held(void)
{
	return (struct alloc_tag_counters) {};
}

#define vc_hooks(_do_alloc)	vc_note(_do_alloc)
#endif

bool vc_can_see_held(void);
void vc_expect_pages_held(struct kunit *test, unsigned long nr);
void vc_expect_buf_held(struct kunit *test, const struct vc_buf *buf);
int vc_suite_init(struct kunit_suite *suite);
void vc_suite_exit(struct kunit_suite *suite);
int vc_init(struct kunit *test);
void vc_exit(struct kunit *test);
void vc_make_block(struct kunit *test, unsigned int order);

#ifdef CONFIG_TRACEPOINTS
extern atomic_t vc_blocks_taken;

void vc_blocks_start(struct kunit *test);
#endif

void vc_expect_scattered(struct kunit *test, const struct vc_buf *buf);
void vc_expect_node(struct kunit *test, const struct vc_buf *buf, int nid);

#ifdef CONFIG_NUMA
void vc_set_policy(struct mempolicy *policy);
void vc_bind_to_node(int nid);
void vc_interleave_nodes(void);
#endif

bool vc_is_unmapped(const struct vc_buf *buf);
void vc_expect_unmapped(struct kunit *test, const struct vc_buf *buf);
bool vc_expect_unmapped_soon(struct kunit *test, const struct vc_buf *buf);

/*
 * Bytes
 */

u8 vc_byte(unsigned long i);
void vc_fill(const struct vc_buf *buf);
void vc_fill_page(const struct vc_buf *buf, unsigned long i);
bool vc_is_filled(const struct vc_buf *buf);
bool vc_page_is_filled(const struct vc_buf *buf, struct page *page,
		       unsigned long i);

/*
 * Counters
 */

long vc_node_vmalloc(int nid);

/*
 * Other tasks map and unmap memory too, such as the stack of an exited task, so
 * a test tries until one round counts exactly. The number of allocations is
 * odd, so that stacks cannot make up for an error.
 */
#define VC_NODE_TRIES	100
#define VC_NODE_BUFS	37

long vc_nodes_vmalloc(void);
unsigned long *vc_read_events(struct kunit *test);
unsigned long *vc_events(struct kunit *test);
void vc_expect_events(struct kunit *test, const unsigned long *before,
		      int contig, int fallback, int fail);

#ifdef CONFIG_TRACEPOINTS
/* The last trace events of the task of the test. */
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

struct vc_trace *vc_trace_start(struct kunit *test);
void vc_expect_alloc_traced(struct kunit *test, const struct vc_trace *trace,
			    int calls, const struct vc_buf *buf, gfp_t gfp,
			    int nid, const char *caller);
void vc_expect_free_traced(struct kunit *test, const struct vc_trace *trace,
			   int calls, const struct vc_buf *buf, bool deferred);
#endif

/*
 * Ways to drop a reference
 */

enum vc_way {
	VC_FREE_PAGES, VC_FREE_PAGES_ADDR, VC_PUT_PAGE, VC_FOLIO_PUT,
	VC_RELEASE_PAGES, VC_NR_WAYS
};

void vc_drop(struct page *page, unsigned int order, enum vc_way way);
void vc_drop_nolock(struct page *page, unsigned int order);

/*
 * Contexts
 */

enum vc_context {
	VC_TASK, VC_PREEMPT_OFF, VC_RCU, VC_IRQ_OFF, VC_SPINLOCK_IRQ, VC_BH_OFF,
	VC_SOFTIRQ, VC_HARDIRQ, VC_OTHER_CPU, VC_NOT_RUNNING,
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
	{ "about to sleep", .kind = VC_NOT_RUNNING },
	{}
};

void vc_need_context(struct kunit *test, enum vc_context context);
unsigned long vc_atomic_begin(void);
void vc_atomic_end(unsigned long flags);
void vc_in_context(struct kunit *test, enum vc_context context,
		   void (*fn)(void *data), void *data);

/*
 * Areas of others
 */

/* On UML, ioremap() always fails. */
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
	struct page *pages[2];	/* NULL if it maps no RAM */
	unsigned long pfn;
};

void vc_area_create(struct kunit *test, struct vc_area *area,
		    enum vc_area_kind kind);
void vc_area_put(struct kunit *test, struct vc_area *area,
		 enum vc_area_kind kind);

/*
 * User space
 */

void vc_check_no_user_mapping(struct kunit *test, const struct vc_buf *buf);

/*
 * Devices
 */

#ifdef CONFIG_HAS_DMA
struct device *vc_dma_device(struct kunit *test);
void vc_check_dma(struct kunit *test, const struct vc_buf *buf);
#endif

/*
 * Memory cgroups
 */

#ifdef CONFIG_MEMCG
struct mem_cgroup *vc_memcg_create(struct kunit *test);
long vc_charge(struct mem_cgroup *memcg, int item);
#endif

/*
 * KASAN
 */

#ifdef CONFIG_KASAN_GENERIC
bool vc_accessible(const void *addr);
bool vc_is_poisoned(const void *addr);
#endif

/*
 * Kernel files and fault injection
 */

#if defined(CONFIG_DEBUG_FS) || defined(CONFIG_TRACING) || defined(CONFIG_PROC_FS)
struct vfsmount *vc_mount(struct kunit *test, const char *name);
int vc_read_file(struct vfsmount *mnt, const char *name, char *text,
		 size_t size);
#endif

void *vc_read_kcore(struct kunit *test, const void *addr, size_t size);

#ifdef CONFIG_DEBUG_FS
int vc_turn(struct vfsmount *mnt, const char *name, const char *value);
#endif

#if defined(CONFIG_FAILSLAB) && defined(CONFIG_FAIL_PAGE_ALLOC) && \
	defined(CONFIG_FAULT_INJECTION_DEBUG_FS)
#define VC_FAIL_NTH

void vc_knobs_set(struct kunit *test);
#endif

/*
 * Allocating and checking
 */

bool vc_try_blind(struct vc_buf *buf, bool exact, size_t size, gfp_t gfp, int nid);
bool vc_try(struct vc_buf *buf, bool exact, size_t size, gfp_t gfp, int nid);
void vc_get_gfp(struct kunit *test, struct vc_buf *buf, bool exact, size_t size,
		gfp_t gfp);
void vc_get(struct kunit *test, struct vc_buf *buf, size_t size);
void vc_free(struct vc_buf *buf);
void vc_put(struct kunit *test, struct vc_buf *buf);
void vc_check(struct kunit *test, const struct vc_buf *buf, bool mapped);
void vc_expect_alive(struct kunit *test, const struct vc_buf *buf, bool mapped);
void vc_expect_ordinary(struct kunit *test, const struct vc_buf *buf,
			struct page *page, unsigned long i);

#ifdef CONFIG_MEM_ALLOC_PROFILING
void vc_tags_off(struct kunit *test);
#else
static inline void vc_tags_off(struct kunit *test) {}
#endif

#ifdef CONFIG_MEMCG
bool vc_try_charged_node(struct vc_buf *buf, bool exact, size_t size, gfp_t gfp,
			 struct mem_cgroup *memcg, int nid);
bool vc_try_charged(struct vc_buf *buf, bool exact, size_t size, gfp_t gfp,
		    struct mem_cgroup *memcg);
void vc_checks_off(struct kunit *test);
#endif

#endif /* __MM_TESTS_VCOMPOUND_KUNIT_H */
