// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shared code of the KUnit suites of virtual compound pages; see
 * vcompound_kunit.h
 */
#include "../mm_init.h"
#include "vcompound_kunit.h"

const void *vc_next_param(const struct vc_param *table, bool families,
			  const void *prev, char *desc)
{
	static struct vc_param params[4 * VC_MAX_ROWS];
	struct vc_param *next = prev ? (struct vc_param *)prev + 1 : params;

	for (;; next++) {
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
}

/* Let WARN_ONCE() warn again, as clear_warn_once in debugfs does. */
void vc_rearm_warnings(void)
{
	generic_bug_clear_once();
	memset(__start_once, 0, __end_once - __start_once);
}

void vc_expect_word(struct kunit *test, const char *text, const char *word)
{
	KUNIT_EXPECT_TRUE_MSG(test, strstr(text, word), "\"%s\" is not in \"%s\"", word, text);
}

/*
 * Tracking allocations
 */

/*
 * Record the current state of @buf, to compare it later. An area can be looked
 * up in task context only.
 */
void vc_look(struct vc_buf *buf)
{
	buf->last = compound_nth_page(buf->head, buf->nr - 1);
	buf->area = vc_is_mapped(buf) && !in_interrupt() ? find_vm_area(buf->addr) : NULL;
}

#ifdef CONFIG_TRACEPOINTS
/*
 * A bit for each page frame: set when the suite allocates the page, cleared
 * when it is freed. For an exact-size allocation this includes the rest of the
 * block.
 */
static unsigned long *vc_frames;
static unsigned long vc_nr_frames;
/*
 * The order of the block that a task is about to trim, the block, and the
 * previous one.
 */
static struct {
	struct task_struct *task;
	unsigned int order;
	struct page *block;
	struct page *last;
} vc_cut;

void vc_frames_set(struct page *page, unsigned long nr)
{
	unsigned long pfn = page_to_pfn(page), i;

	for (i = pfn; i < pfn + nr && i < vc_nr_frames; i++)
		set_bit(i, vc_frames);
}

static void vc_frames_clear(struct page *page, unsigned long nr)
{
	unsigned long pfn = page_to_pfn(page), i;

	for (i = pfn; i < pfn + nr && i < vc_nr_frames; i++)
		if (test_bit(i, vc_frames))
			clear_bit(i, vc_frames);
}

static void vc_probe_taken(void *data, struct page *page, unsigned int order,
			   gfp_t gfp, int migratetype)
{
	if (!page || current != vc_cut.task || order != vc_cut.order)
		return;
	/* If there is another, the earlier block was not the one. */
	if (vc_cut.block)
		vc_frames_clear(vc_cut.block, 1UL << order);
	vc_cut.block = page;
	vc_frames_set(page, 1UL << order);
}

static void vc_probe_freed(void *data, struct page *page, unsigned int order)
{
	vc_frames_clear(page, 1UL << order);
}

/*
 * The next request of this task, if for less than a block, trims a block of
 * @order.
 */
static void vc_expect_cut(unsigned int order)
{
	vc_cut.block = NULL;
	vc_cut.order = order;
	vc_cut.task = order && order <= MAX_PAGE_ORDER ? current : NULL;
}

void vc_note_page(struct page *head)
{
	unsigned long i;

	vc_cut.task = NULL;
	vc_cut.last = vc_cut.block;
	vc_cut.block = NULL;
	if (!head)
		return;
	/*
	 * The block was for another allocation, or was freed and the fallback
	 * taken.
	 */
	if (vc_cut.last && vc_cut.last != head)
		vc_frames_clear(vc_cut.last, 1UL << vc_cut.order);
	for (i = 0; i < vcompound_nr_pages(head); i++)
		vc_frames_set(compound_nth_page(head, i), 1);
}

bool vc_frame_is_held(struct page *page)
{
	return test_bit(page_to_pfn(page), vc_frames);
}

/* True if the block that @buf was trimmed from was recorded. */
bool vc_cut_was_seen(const struct vc_buf *buf)
{
	return vc_cut.last == buf->head && vc_cut.order == get_order(buf->size);
}

unsigned long vc_frames_held(void)
{
	return bitmap_weight(vc_frames, vc_nr_frames);
}

static int vc_frames_start(void)
{
	int err;

	vc_nr_frames = max_pfn;
	vc_frames = kvcalloc(BITS_TO_LONGS(vc_nr_frames), sizeof(long), GFP_KERNEL);
	if (!vc_frames)
		return -ENOMEM;
	err = register_trace_mm_page_alloc(vc_probe_taken, NULL);
	return err ?: register_trace_mm_page_free(vc_probe_freed, NULL);
}

static void vc_frames_stop(void)
{
	unregister_trace_mm_page_alloc(vc_probe_taken, NULL);
	unregister_trace_mm_page_free(vc_probe_freed, NULL);
	tracepoint_synchronize_unregister();
	kvfree(vc_frames);
}

static void vc_expect_frames(struct kunit *test, unsigned long nr)
{
	KUNIT_EXPECT_EQ(test, vc_frames_held(), nr);
}

static void vc_frames_forget(void)
{
	bitmap_zero(vc_frames, vc_nr_frames);
}
#else
static void vc_expect_cut(unsigned int order) {}
static int vc_frames_start(void) { return 0; }
static void vc_frames_stop(void) {}
static void vc_expect_frames(struct kunit *test, unsigned long nr) {}
static void vc_frames_forget(void) {}
#endif

/* Allocation functions return a page or an address. */
void vc_note_result(unsigned long result, bool is_page)
{
	if (is_page)
		vc_note_page((struct page *)result);
	else
		vc_note_page(result ? vcompound_head_page((void *)result) : NULL);
}

#ifdef CONFIG_MEM_ALLOC_PROFILING
struct alloc_tag *vc_tag(void)
{
	DEFINE_ALLOC_TAG(tag);

	return &tag;
}

static struct alloc_tag_counters vc_leaked;

struct alloc_tag_counters vc_held(void)
{
	struct alloc_tag_counters held = alloc_tag_read(vc_tag());

	held.bytes -= vc_leaked.bytes;
	held.calls -= vc_leaked.calls;
	return held;
}

static void vc_tags_forget(void)
{
	vc_leaked = alloc_tag_read(vc_tag());
}
#else
static void vc_tags_forget(void) {}
#endif

/*
 * Without either count, a test that checks them has nothing to check, and must
 * be skipped.
 */
bool vc_can_see_held(void)
{
	return IS_ENABLED(CONFIG_TRACEPOINTS) || mem_alloc_profiling_enabled();
}

/* Check that the allocations of the test hold @nr pages in total. */
void vc_expect_pages_held(struct kunit *test, unsigned long nr)
{
	vc_expect_frames(test, nr);
	if (!mem_alloc_profiling_enabled())
		return;
	KUNIT_EXPECT_EQ(test, vc_held().bytes, (u64)nr * PAGE_SIZE);
	if (!nr)
		KUNIT_EXPECT_EQ(test, vc_held().calls, 0);
}

/*
 * Check that only @buf is held, with its array of page pointers if it is
 * mapped.
 */
void vc_expect_buf_held(struct kunit *test, const struct vc_buf *buf)
{
	u64 least = (u64)buf->nr * PAGE_SIZE;
	u64 array = 2 * roundup_pow_of_two(buf->nr * sizeof(struct page *)) + 1024;

	if (vcompound_is_contiguous(buf->head)) {
		vc_expect_pages_held(test, buf->nr);
		return;
	}
	vc_expect_frames(test, buf->nr);
	if (mem_alloc_profiling_enabled()) {
		KUNIT_EXPECT_GE(test, vc_held().bytes, least);
		KUNIT_EXPECT_LE(test, vc_held().bytes, least + array);
	}
}

static unsigned int vc_saved_percent;

int vc_suite_init(struct kunit_suite *suite)
{
	vc_saved_percent = vcompound_force(0);
	return vc_frames_start();
}

void vc_suite_exit(struct kunit_suite *suite)
{
	vc_frames_stop();
	vcompound_force(vc_saved_percent);
}

int vc_init(struct kunit *test)
{
	const struct vc_param *param = test->param_value;

	vcompound_drain();
	vcompound_force(param && param->fallback ? 100 : 0);
	return 0;
}

/* A test that leaves something behind fails, and does not affect others. */
void vc_exit(struct kunit *test)
{
	vcompound_force(0);
	vcompound_drain();
	vc_expect_pages_held(test, 0);
	vc_frames_forget();
	vc_tags_forget();
}

/*
 * Make sure that a block of @order is free. A request that may fall back only
 * looks at free blocks, so it would depend on earlier tests.
 */
void vc_make_block(struct kunit *test, unsigned int order)
{
	struct page *page;

	if (order <= PAGE_ALLOC_COSTLY_ORDER || order > MAX_PAGE_ORDER)
		return;
	page = alloc_pages(GFP_KERNEL | __GFP_COMP | __GFP_RETRY_MAYFAIL, order);
	KUNIT_ASSERT_NOT_NULL_MSG(test, page, "no block of order %u can be made", order);
	__free_pages(page, order);
	/* Blocks of a huge page's size are kept in per-CPU lists. */
	if (order == pageblock_order)
		drain_all_pages(NULL);
}

#ifdef CONFIG_TRACEPOINTS
/*
 * Number of free blocks of all zones that anything has taken since this was
 * reset. Expectations about the free lists hold if it is no more than the test
 * took.
 */
atomic_t vc_blocks_taken;

static void vc_probe_block_taken(void *data, struct page *page,
				 unsigned int order, int migratetype,
				 int percpu_refill)
{
	atomic_inc(&vc_blocks_taken);
}

static void vc_probe_block_stolen(void *data, struct page *page, int order,
				  int fallback_order, int migratetype,
				  int fallback_migratetype)
{
	atomic_inc(&vc_blocks_taken);
}

static void vc_blocks_stop(void *unused)
{
	unregister_trace_mm_page_alloc_zone_locked(vc_probe_block_taken, NULL);
	unregister_trace_mm_page_alloc_extfrag(vc_probe_block_stolen, NULL);
	tracepoint_synchronize_unregister();
}

/* Count them until the test ends. */
void vc_blocks_start(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, 0, register_trace_mm_page_alloc_zone_locked(vc_probe_block_taken,
									  NULL));
	KUNIT_ASSERT_EQ(test, 0, register_trace_mm_page_alloc_extfrag(vc_probe_block_stolen,
								      NULL));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vc_blocks_stop, NULL));
}
#endif

/*
 * Check that no page of @buf is followed by its neighbour, as when the fallback
 * is forced.
 */
void vc_expect_scattered(struct kunit *test, const struct vc_buf *buf)
{
	unsigned long i;

	for (i = 1; i < buf->nr; i++)
		KUNIT_EXPECT_NE(test, page_to_pfn(compound_nth_page(buf->head, i)),
				page_to_pfn(compound_nth_page(buf->head, i - 1)) + 1);
}

/* Check that no page of @buf is from another node. */
void vc_expect_node(struct kunit *test, const struct vc_buf *buf, int nid)
{
	unsigned long i;

	for (i = 0; i < buf->nr; i++)
		KUNIT_EXPECT_EQ(test, nid, page_to_nid(compound_nth_page(buf->head, i)));
}

#ifdef CONFIG_NUMA
void vc_set_policy(struct mempolicy *policy)
{
	task_lock(current);
	current->mempolicy = policy;
	task_unlock(current);
}

/*
 * Until vc_set_policy(NULL), requests of the task without a node are served
 * from @nid.
 */
void vc_bind_to_node(int nid)
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

/* And from each node in turn. */
void vc_interleave_nodes(void)
{
	static struct mempolicy policy;

	policy = (struct mempolicy) {
		.refcnt = ATOMIC_INIT(2),
		.mode = MPOL_INTERLEAVE,
		.nodes = node_states[N_MEMORY],
		.home_node = NUMA_NO_NODE,
	};
	vc_set_policy(&policy);
}
#endif

/*
 * True if the area of @buf is gone, and its entries after it. A freed address may
 * have another area.
 */
bool vc_is_unmapped(const struct vc_buf *buf)
{
	struct vm_struct *area = find_vm_area(buf->addr);

	/* The stock keeps areas. */
	return (!area || area != buf->area || (area->flags & VM_UNINITIALIZED)) &&
	       vmalloc_to_page(buf->addr) != buf->head &&
	       vmalloc_to_page(buf->addr + (buf->nr - 1) * PAGE_SIZE) != buf->last;
}

/* Check that nothing is left of the mapping of @buf, if there was one. */
void vc_expect_unmapped(struct kunit *test, const struct vc_buf *buf)
{
	if (!vc_is_mapped(buf))
		return;
	KUNIT_EXPECT_NOT_NULL(test, buf->area);
	KUNIT_EXPECT_TRUE(test, vc_is_unmapped(buf));
	KUNIT_EXPECT_PTR_NE(test, vmalloc_to_page(buf->addr), buf->head);
	KUNIT_EXPECT_PTR_NE(test, vmalloc_to_page(buf->addr + (buf->nr - 1) * PAGE_SIZE),
			    buf->last);
}

/* Wait for it to go away without a drain. Returns true if it has. */
bool vc_expect_unmapped_soon(struct kunit *test, const struct vc_buf *buf)
{
	unsigned long end = jiffies + 10 * HZ;

	while (!vc_is_unmapped(buf) && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	vc_expect_unmapped(test, buf);
	return vc_is_unmapped(buf);
}

/*
 * Bytes
 */

u8 vc_byte(unsigned long i)
{
	return i * 7 + (i >> PAGE_SHIFT) * 31 + 1;
}

void vc_fill(const struct vc_buf *buf)
{
	u8 *bytes = buf->addr;
	unsigned long i;

	for (i = 0; i < buf->size; i++)
		bytes[i] = vc_byte(i);
}

/* Fill page @i only, as filling all would take long. */
void vc_fill_page(const struct vc_buf *buf, unsigned long i)
{
	u8 *bytes = buf->addr;
	size_t j;

	for (j = i * PAGE_SIZE; j < (i + 1) * PAGE_SIZE && j < buf->size; j++)
		bytes[j] = vc_byte(j);
}

bool vc_is_filled(const struct vc_buf *buf)
{
	u8 *bytes = buf->addr;
	unsigned long i;

	for (i = 0; i < buf->size; i++)
		if (bytes[i] != vc_byte(i))
			return false;
	return true;
}

/* The part of page @i that belongs to the allocation, read through @page. */
bool vc_page_is_filled(const struct vc_buf *buf, struct page *page,
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

#if defined(CONFIG_TRACEPOINTS) && defined(CONFIG_VM_EVENT_COUNTERS)
/* Number of requests by other tasks: the counters are global. */
struct vc_others {
	struct task_struct *task;
	atomic_long_t contig, fallback, fail;
};

static struct vc_others vc_others;

static void vc_probe_others(void *data, const struct page *page, size_t size,
			    gfp_t gfp, int nid, const void *caller)
{
	struct vc_others *others = data;

	if (others->task == current)
		return;
	atomic_long_inc(!page ? &others->fail :
			vcompound_is_contiguous(page) ? &others->contig : &others->fallback);
}

static void vc_others_stop(void *others)
{
	unregister_trace_vcompound_alloc(vc_probe_others, others);
	tracepoint_synchronize_unregister();
	vc_others.task = NULL;
}

static void vc_others_start(struct kunit *test)
{
	bool again = vc_others.task;

	vc_others = (struct vc_others) { .task = current };
	if (again)
		return;
	KUNIT_ASSERT_EQ(test, 0, register_trace_vcompound_alloc(vc_probe_others, &vc_others));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vc_others_stop, &vc_others));
}

#define vc_by_others(_what)	atomic_long_read(&vc_others._what)
#else
static void vc_others_start(struct kunit *test) {}
#define vc_by_others(_what)	0
#endif

/* The vmalloc memory of a node, which is exact to the page. */
long vc_node_vmalloc(int nid)
{
	struct pglist_data *pgdat = NODE_DATA(nid);
	long nr = atomic_long_read(&pgdat->vm_stat[NR_VMALLOC]);
#ifdef CONFIG_SMP
	int cpu;

	for_each_online_cpu(cpu)
		nr += per_cpu_ptr(pgdat->per_cpu_nodestats, cpu)->vm_node_stat_diff[NR_VMALLOC];
#endif
	return nr;
}

long vc_nodes_vmalloc(void)
{
	long nr = 0;
	int nid;

	for_each_online_node(nid)
		nr += vc_node_vmalloc(nid);
	return nr;
}

unsigned long *vc_read_events(struct kunit *test)
{
	unsigned long *events = kunit_kcalloc(test, NR_VM_EVENT_ITEMS,
					      sizeof(*events), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, events);
	all_vm_events(events);
	return events;
}

/* A test may call this again. */
unsigned long *vc_events(struct kunit *test)
{
	vc_others_start(test);
	return vc_read_events(test);
}

/*
 * Check the number of events of each kind that the test caused since @before
 * was read.
 */
void vc_expect_events(struct kunit *test, const unsigned long *before,
		      int contig, int fallback, int fail)
{
#ifdef CONFIG_VM_EVENT_COUNTERS
	unsigned long *now = vc_read_events(test);

	KUNIT_EXPECT_EQ(test, now[VCOMPOUND_CONTIG] - before[VCOMPOUND_CONTIG],
			contig + vc_by_others(contig));
	KUNIT_EXPECT_EQ(test, now[VCOMPOUND_FALLBACK] - before[VCOMPOUND_FALLBACK],
			fallback + vc_by_others(fallback));
	KUNIT_EXPECT_EQ(test, now[VCOMPOUND_FAIL] - before[VCOMPOUND_FAIL],
			fail + vc_by_others(fail));
#endif
}

#ifdef CONFIG_TRACEPOINTS
static void vc_probe_alloc(void *data, const struct page *page, size_t size,
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

static void vc_probe_free(void *data, const struct page *page,
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

static void vc_trace_stop_alloc(void *trace)
{
	unregister_trace_vcompound_alloc(vc_probe_alloc, trace);
	tracepoint_synchronize_unregister();
}

static void vc_trace_stop_free(void *trace)
{
	unregister_trace_vcompound_free(vc_probe_free, trace);
	tracepoint_synchronize_unregister();
}

/* Watch the trace events until the test ends. */
struct vc_trace *vc_trace_start(struct kunit *test)
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

/*
 * Check that the last of @calls allocations was @buf, made by the function
 * @caller.
 */
void vc_expect_alloc_traced(struct kunit *test, const struct vc_trace *trace,
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

/* Check that the last of @calls frees was of @buf. */
void vc_expect_free_traced(struct kunit *test, const struct vc_trace *trace,
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

void vc_drop(struct page *page, unsigned int order, enum vc_way way)
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

/* Drop a reference where sleeping and waiting for locks are not allowed. */
void vc_drop_nolock(struct page *page, unsigned int order)
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

/*
 * With PREEMPT_RT the page allocator must be called where preemption is
 * possible, as its locks sleep. Call this before anything is allocated: it
 * skips the test.
 */
void vc_need_context(struct kunit *test, enum vc_context context)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT) &&
	    (context == VC_PREEMPT_OFF || context == VC_IRQ_OFF || context == VC_HARDIRQ))
		kunit_skip(test, "with PREEMPT_RT no page is freed or allocated there");
}

/*
 * Begin a section in which freed allocations cannot be unmapped and no worker
 * of this CPU runs: with interrupts off. With PREEMPT_RT softirqs are off
 * instead, and the task is a real-time task, which workers do not preempt
 * unless it sleeps.
 */
unsigned long vc_atomic_begin(void)
{
	unsigned long flags = 0;

	if (IS_ENABLED(CONFIG_PREEMPT_RT)) {
		sched_set_fifo(current);
		local_bh_disable();
	} else {
		local_irq_save(flags);
	}
	return flags;
}

void vc_atomic_end(unsigned long flags)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT)) {
		local_bh_enable();
		sched_set_normal(current, 0);
	} else {
		local_irq_restore(flags);
	}
}

/* Work to run in another context. */
struct vc_job {
	void (*fn)(void *data);
	void *data;
	struct hrtimer timer;
	struct completion done;
	bool in_hardirq;
	bool in_softirq;
};

static enum hrtimer_restart vc_job_in_timer(struct hrtimer *timer)
{
	struct vc_job *job = container_of(timer, struct vc_job, timer);

	job->in_hardirq = in_hardirq();
	job->in_softirq = in_serving_softirq();
	job->fn(job->data);
	complete(&job->done);
	return HRTIMER_NORESTART;
}

static void vc_in_timer(struct kunit *test, struct vc_job *job, bool hard)
{
	enum hrtimer_mode mode = hard ? HRTIMER_MODE_REL_PINNED :
					HRTIMER_MODE_REL_PINNED_SOFT;

	init_completion(&job->done);
	hrtimer_setup_on_stack(&job->timer, vc_job_in_timer, CLOCK_MONOTONIC, mode);
	hrtimer_start(&job->timer, us_to_ktime(100), mode);
	wait_for_completion(&job->done);
	hrtimer_cancel(&job->timer);
	destroy_hrtimer_on_stack(&job->timer);
	KUNIT_EXPECT_EQ(test, job->in_hardirq, hard);
	/* A hard interrupt can come while a softirq is served. */
	if (!hard && !IS_ENABLED(CONFIG_PREEMPT_RT))
		KUNIT_EXPECT_TRUE(test, job->in_softirq);
}

static long vc_job_on_cpu(void *data)
{
	struct vc_job *job = data;

	job->fn(job->data);
	return 0;
}

void vc_in_context(struct kunit *test, enum vc_context context,
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
		/* With one CPU only, from another task. */
		cpu = cpumask_any_but(cpu_online_mask, raw_smp_processor_id());
		if (cpu >= nr_cpu_ids)
			cpu = raw_smp_processor_id();
		work_on_cpu(cpu, vc_job_on_cpu, &job);
		break;
	case VC_NOT_RUNNING:
		set_current_state(TASK_UNINTERRUPTIBLE);
		fn(data);
		/*
		 * A waiting task must not be woken by this, or miss its wakeup.
		 */
		KUNIT_EXPECT_EQ(test, get_current_state(), TASK_UNINTERRUPTIBLE);
		__set_current_state(TASK_RUNNING);
		break;
	}
}

/*
 * Areas of others
 */

void vc_area_create(struct kunit *test, struct vc_area *area,
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
		/*
		 * Hold the pages, so that they are not reused if they are
		 * freed.
		 */
		get_page(area->pages[i]);
	}
}

/* Check that @area is unchanged, and free it. */
void vc_area_put(struct kunit *test, struct vc_area *area,
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
 * User space
 */

/* A mapping whose fault handler returns a given page. */
struct vc_user {
	struct vm_special_mapping mapping;
	struct page *page;
	bool locked;
};

static vm_fault_t vc_user_fault(const struct vm_special_mapping *mapping,
				struct vm_area_struct *vma,
				struct vm_fault *vmf)
{
	struct vc_user *user = container_of(mapping, struct vc_user, mapping);

	vmf->page = user->page;
	get_page(vmf->page);
	if (!user->locked)
		return 0;
	lock_page(vmf->page);
	return VM_FAULT_LOCKED;
}

/* Returns a number, which KUnit can compare, not a vm_fault_t. */
static u32 vc_user_access(struct vm_area_struct *vma, struct vc_user *user,
			  struct page *page, unsigned int flags)
{
	user->page = page;
	return (__force u32)handle_mm_fault(vma, vma->vm_start, flags, NULL);
}

/*
 * Check that no function can map @page to user space, and that the attempts do
 * not change it. An ordinary page can be mapped.
 */
static void vc_check_user_page(struct kunit *test, struct vm_area_struct *vma,
			       struct vc_user *user, struct page *page,
			       bool ordinary)
{
	unsigned int type = compound_head(page)->page_type;
	u32 fault = ordinary ? 0 : (__force u32)VM_FAULT_SIGBUS;
	unsigned long nr = 1;

	KUNIT_EXPECT_EQ(test, vm_insert_page(vma, vma->vm_start, page),
			ordinary ? 0 : -EINVAL);
	zap_special_vma_range(vma, vma->vm_start, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, vm_insert_pages(vma, vma->vm_start, &page, &nr),
			ordinary ? 0 : -EINVAL);
	KUNIT_EXPECT_EQ(test, nr, ordinary ? 0 : 1);
	zap_special_vma_range(vma, vma->vm_start, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, vc_user_access(vma, user, page, 0), fault);
	zap_special_vma_range(vma, vma->vm_start, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, vc_user_access(vma, user, page, FAULT_FLAG_WRITE),
			fault);
	zap_special_vma_range(vma, vma->vm_start, PAGE_SIZE);

	/* A page that the handler returns locked is unlocked. */
	user->locked = true;
	KUNIT_EXPECT_EQ(test, vc_user_access(vma, user, page, 0) &
			      (__force u32)VM_FAULT_ERROR, fault);
	user->locked = false;
	zap_special_vma_range(vma, vma->vm_start, PAGE_SIZE);
	KUNIT_EXPECT_TRUE(test, trylock_page(page));
	unlock_page(page);

	KUNIT_EXPECT_EQ(test, compound_head(page)->page_type, type);
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
}

void vc_check_no_user_mapping(struct kunit *test, const struct vc_buf *buf)
{
	struct page *ordinary = alloc_page(GFP_KERNEL);
	struct vc_user user = {
		.mapping = { .name = "vcompound", .fault = vc_user_fault },
	};
	struct vm_area_struct *vma;
	unsigned long addr, i;

	KUNIT_ASSERT_NOT_NULL(test, ordinary);
	KUNIT_ASSERT_EQ(test, 0, kunit_attach_mm());
	mmap_write_lock(current->mm);
	addr = get_unmapped_area(NULL, 0, PAGE_SIZE, 0, 0);
	vma = _install_special_mapping(current->mm, addr, PAGE_SIZE,
				       VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE |
				       VM_MIXEDMAP, &user.mapping);
	if (!IS_ERR(vma)) {
		vc_check_user_page(test, vma, &user, ordinary, true);
		vc_rearm_warnings();
		kunit_warning_suppress(test) {
			for (i = 0; i < buf->nr; i++)
				vc_check_user_page(test, vma, &user,
						   compound_nth_page(buf->head, i), false);
			/* It warns once, but some architectures count each. */
			KUNIT_EXPECT_GE(test, KUNIT_SUPPRESSED_WARNING_COUNT(), 1);
		}
	}
	mmap_write_unlock(current->mm);
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, vma);
	if (!IS_ERR(vma))
		vm_munmap(addr, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, page_count(ordinary), 1);
	__free_page(ordinary);
}

/*
 * Devices
 */

#ifdef CONFIG_HAS_DMA
struct device *vc_dma_device(struct kunit *test)
{
	struct device *dev = kunit_device_register(test, "vcompound");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	if (!dev->dma_mask)
		dev->dma_mask = &dev->coherent_dma_mask;
	if (dma_set_mask_and_coherent(dev, DMA_BIT_MASK(64)))
		kunit_skip(test, "the device cannot do DMA");
	return dev;
}

/*
 * A device can use the address if it is not mapped, and the pages in any case.
 */
void vc_check_dma(struct kunit *test, const struct vc_buf *buf)
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

static int vc_cgroup_control(struct vfsmount *mnt, const char *what)
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

static void vc_memcg_remove(void *data)
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
struct mem_cgroup *vc_memcg_create(struct kunit *test)
{
	struct vc_memcg *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	struct file_system_type *type = get_fs_type("cgroup2");
	struct mem_cgroup *memcg;
	struct dentry *dentry;

	KUNIT_ASSERT_NOT_NULL(test, m);
	if (!type || !cgroup_subsys_on_dfl(memory_cgrp_subsys))
		kunit_skip(test, "no memory controller is available");

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
long vc_charge(struct mem_cgroup *memcg, int item)
{
	css_rstat_flush(&memcg->css);
	return memcg_page_state(memcg, item);
}
#endif

/*
 * KASAN
 */

#ifdef CONFIG_KASAN_GENERIC
bool vc_accessible(const void *addr)
{
	s8 shadow = READ_ONCE(*(s8 *)kasan_mem_to_shadow(addr));
	s8 in_granule = (unsigned long)addr & (BIT(KASAN_SHADOW_SCALE_SHIFT) - 1);

	return !shadow || in_granule < shadow;
}

/* Or the address has no shadow any more. */
bool vc_is_poisoned(const void *addr)
{
	s8 shadow;

	return copy_from_kernel_nofault(&shadow, kasan_mem_to_shadow(addr), 1) || shadow;
}
#endif

/*
 * Kernel files and fault injection
 */

#if defined(CONFIG_DEBUG_FS) || defined(CONFIG_TRACING) || defined(CONFIG_PROC_FS)
static void vc_umount(void *mnt)
{
	kern_unmount(mnt);
}

/* An internal mount of a file system, for the test alone. */
struct vfsmount *vc_mount(struct kunit *test, const char *name)
{
	struct file_system_type *type = get_fs_type(name);
	struct vfsmount *mnt;

	KUNIT_ASSERT_NOT_NULL(test, type);
	mnt = kern_mount(type);
	put_filesystem(type);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mnt);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vc_umount, mnt));
	return mnt;
}

/* Read a file as a string; these files write to user memory only. */
int vc_read_file(struct vfsmount *mnt, const char *name, char *text,
		 size_t size)
{
	unsigned long uaddr;
	struct file *file;
	loff_t pos = 0;
	ssize_t len;

	if (kunit_attach_mm())
		return -ENOMEM;
	uaddr = vm_mmap(NULL, 0, size, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, 0);
	if (IS_ERR_VALUE(uaddr))
		return uaddr;
	file = file_open_root_mnt(mnt, name, O_RDONLY, 0);
	if (IS_ERR(file)) {
		len = PTR_ERR(file);
		goto unmap;
	}

	do {
		len = vfs_read(file, (void __user *)(uaddr + pos), size - 1 - pos, &pos);
	} while (len > 0);
	if (!len && copy_from_user(text, (void __user *)uaddr, pos))
		len = -EFAULT;
	text[len ? 0 : pos] = '\0';
	fput(file);
unmap:
	vm_munmap(uaddr, size);
	return len;
}
#endif

/* Read vmalloc space as /proc/kcore does. */
void *vc_read_kcore(struct kunit *test, const void *addr, size_t size)
{
	void *copy = kunit_kzalloc(test, size, GFP_KERNEL);
	struct iov_iter iter;
	struct kvec kvec;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	kvec = (struct kvec) { copy, size };
	iov_iter_kvec(&iter, ITER_DEST, &kvec, 1, size);
	KUNIT_EXPECT_EQ(test, vread_iter(&iter, addr, size), (long)size);
	return copy;
}

#ifdef CONFIG_DEBUG_FS
/* These files read user memory only. */
int vc_turn(struct vfsmount *mnt, const char *name, const char *value)
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
	/* The whole write succeeds, or an error is returned. */
	if (len >= 0 && len != strlen(value))
		len = -EIO;
unmap:
	vm_munmap(uaddr, PAGE_SIZE);
	return len < 0 ? len : 0;
}
#endif

#if defined(CONFIG_FAILSLAB) && defined(CONFIG_FAIL_PAGE_ALLOC) && \
	defined(CONFIG_FAULT_INJECTION_DEBUG_FS)
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
	/* Single pages fail as long as current->make_it_fail is set. */
	{ "fail_page_alloc/task-filter", "Y", "N" },
	{ "fail_page_alloc/times", "-1", "1" },
	{ "fail_page_alloc/probability", "100", "0" },
};

static void vc_knobs_restore(void *mnt)
{
	int i;

	for (i = ARRAY_SIZE(vc_knobs) - 1; i >= 0; i--)
		vc_turn(mnt, vc_knobs[i].file, vc_knobs[i].later);
}

/* Let any allocation fail that current->fail_nth selects, silently. */
void vc_knobs_set(struct kunit *test)
{
	struct vfsmount *mnt = vc_mount(test, "debugfs");
	int i;

	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vc_knobs_restore, mnt));
	for (i = 0; i < ARRAY_SIZE(vc_knobs); i++)
		KUNIT_ASSERT_EQ_MSG(test, 0,
				    vc_turn(mnt, vc_knobs[i].file, vc_knobs[i].now),
				    "%s", vc_knobs[i].file);
}
#endif

/*
 * Allocating and freeing
 */

/* Without looking at the result, which takes a lock. */
bool vc_try_blind(struct vc_buf *buf, bool exact, size_t size, gfp_t gfp, int nid)
{
	unsigned int order = get_order(size);

	buf->exact = exact;
	buf->size = exact ? size : PAGE_SIZE << order;
	buf->nr = PFN_UP(buf->size);
	vc_expect_cut(exact ? order : 0);
	if (exact) {
		buf->addr = vc_hooks(__alloc_vcompound_exact_node_noprof(nid, size, gfp));
		buf->head = buf->addr ? vcompound_to_page(buf->addr) : NULL;
	} else {
		buf->head = vc_hooks(alloc_vcompound_node_noprof(nid, gfp, order));
		buf->addr = buf->head ? vcompound_address(buf->head) : NULL;
	}
	return buf->head;
}

bool vc_try(struct vc_buf *buf, bool exact, size_t size, gfp_t gfp, int nid)
{
	if (!vc_try_blind(buf, exact, size, gfp, nid))
		return false;
	vc_look(buf);
	return true;
}

void vc_get_gfp(struct kunit *test, struct vc_buf *buf, bool exact, size_t size,
		gfp_t gfp)
{
	vc_make_block(test, get_order(size));
	KUNIT_ASSERT_TRUE(test, vc_try(buf, exact, size, gfp, NUMA_NO_NODE));
}

/* With the outcome that the parameter of the test requests. */
void vc_get(struct kunit *test, struct vc_buf *buf, size_t size)
{
	const struct vc_param *param = test->param_value;

	vc_get_gfp(test, buf, param->exact, size, GFP_KERNEL);
	KUNIT_ASSERT_EQ(test, vcompound_is_contiguous(buf->head),
			!param->fallback || buf->nr == 1);
}

void vc_free(struct vc_buf *buf)
{
	if (buf->exact)
		__free_vcompound(buf->addr);
	else
		free_vcompound(buf->head);
}

/* Free @buf and check that nothing is left of it. */
void vc_put(struct kunit *test, struct vc_buf *buf)
{
	vc_free(buf);
	vcompound_drain();
	vc_expect_pages_held(test, 0);
	vc_expect_unmapped(test, buf);
}

/*
 * Checking
 */

/*
 * The generic functions return the same; with CONFIG_VFALLBACK also for mapped
 * allocations.
 */
static void vc_check_others(struct kunit *test, const struct vc_buf *buf,
			    struct page *page, void *addr, bool mapped)
{
	/* Pages of a contiguous exact-size allocation have no common head. */
	struct page *head = mapped || !buf->exact ? buf->head : page;

	if (mapped && !IS_ENABLED(CONFIG_VFALLBACK))
		return;
	KUNIT_EXPECT_PTR_EQ(test, page_address(page), addr);
	KUNIT_EXPECT_PTR_EQ(test, virt_to_head_page(addr), head);
	KUNIT_EXPECT_PTR_EQ(test, virt_to_head_page(addr + PAGE_SIZE / 2 + 1), head);
	KUNIT_EXPECT_PTR_EQ(test, virt_to_head_page(addr + PAGE_SIZE - 1), head);
}

static void vc_check_page(struct kunit *test, const struct vc_buf *buf,
			  unsigned long i, bool mapped)
{
	struct page *page = compound_nth_page(buf->head, i);
	void *addr = buf->addr + i * PAGE_SIZE;

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_PTR_EQ(test, vcompound_address(page), addr);
	KUNIT_EXPECT_PTR_EQ(test, vmalloc_address(page), mapped ? addr : NULL);
	KUNIT_EXPECT_PTR_EQ(test, vcompound_to_page(addr), page);
	KUNIT_EXPECT_PTR_EQ(test, vcompound_to_page(addr + PAGE_SIZE - 1), page);
	KUNIT_EXPECT_PTR_EQ(test, vcompound_head_page(addr), buf->head);
	KUNIT_EXPECT_PTR_EQ(test, vcompound_head_page(addr + PAGE_SIZE / 2 + 1),
			    buf->head);

	if (!mapped && !buf->exact && buf->nr > 1) {
		KUNIT_EXPECT_EQ(test, PageHead(page), !i);
		KUNIT_EXPECT_EQ(test, !!PageTail(page), !!i);
		KUNIT_EXPECT_PTR_EQ(test, compound_head(page), buf->head);
	} else {
		KUNIT_EXPECT_FALSE(test, PageHead(page));
		KUNIT_EXPECT_FALSE(test, PageTail(page));
	}
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	KUNIT_EXPECT_FALSE(test, PageReserved(page));
	KUNIT_EXPECT_FALSE(test, PageHighMem(page));
	KUNIT_EXPECT_EQ(test, !!PageVcompound(page), mapped || buf->exact || !i);

	if (mapped) {
		/* kmemleak must not take it for a reference to the area. */
		KUNIT_EXPECT_EQ(test, page->private, ~(unsigned long)addr);
	} else {
		KUNIT_EXPECT_EQ(test, page_to_pfn(page),
				page_to_pfn(buf->head) + i);
	}
	vc_check_others(test, buf, page, addr, mapped);
}

/* Check everything that is true of any allocation. */
void vc_check(struct kunit *test, const struct vc_buf *buf, bool mapped)
{
	unsigned long i;

	KUNIT_ASSERT_NOT_NULL(test, buf->head);
	KUNIT_ASSERT_NOT_NULL(test, buf->addr);
	KUNIT_EXPECT_TRUE(test, PAGE_ALIGNED(buf->addr));
	if (!buf->exact)
		KUNIT_EXPECT_TRUE(test, IS_ALIGNED((unsigned long)buf->addr, buf->size));
	KUNIT_EXPECT_EQ(test, vcompound_nr_pages(buf->head), buf->nr);
	KUNIT_ASSERT_EQ(test, vcompound_is_contiguous(buf->head), !mapped);
	KUNIT_EXPECT_EQ(test, is_vmalloc_addr(buf->addr), mapped);
	KUNIT_EXPECT_EQ(test, !!virt_addr_valid(buf->addr), !mapped);
	KUNIT_EXPECT_PTR_EQ(test, compound_nth_page(buf->head, 0), buf->head);

	for (i = 0; i < buf->nr; i++)
		vc_check_page(test, buf, i, mapped);

	if (mapped) {
		struct vm_struct *area = find_vm_area(buf->addr);

		KUNIT_ASSERT_NOT_NULL(test, area);
		KUNIT_EXPECT_PTR_EQ(test, area->addr, buf->addr);
		KUNIT_EXPECT_EQ(test, area->nr_pages, buf->nr);
		KUNIT_EXPECT_TRUE(test, area->flags & VM_VCOMPOUND);
		KUNIT_EXPECT_NULL(test, vmalloc_to_page(buf->addr +
							buf->nr * PAGE_SIZE));
	} else {
		unsigned long next = page_to_pfn(buf->head) + buf->nr;

		if (pfn_valid(next))
			KUNIT_EXPECT_PTR_NE(test,
					    vcompound_head_page(page_address(pfn_to_page(next))),
					    buf->head);
	}
}

/* Check that @buf is unchanged. */
void vc_expect_alive(struct kunit *test, const struct vc_buf *buf, bool mapped)
{
	vcompound_drain();
	KUNIT_EXPECT_TRUE(test, vc_is_filled(buf));
	vc_check(test, buf, mapped);
	vc_expect_buf_held(test, buf);
}

/*
 * Check that @page, once part of @buf, is an ordinary page with its bytes
 * unchanged.
 */
void vc_expect_ordinary(struct kunit *test, const struct vc_buf *buf,
			struct page *page, unsigned long i)
{
	KUNIT_EXPECT_FALSE(test, PageVcompound(page));
	KUNIT_EXPECT_FALSE(test, page_has_type(page));
	KUNIT_EXPECT_EQ(test, page->private, 0UL);
	KUNIT_EXPECT_NULL(test, vmalloc_address(page));
	KUNIT_EXPECT_PTR_EQ(test, vcompound_address(page), page_address(page));
	KUNIT_EXPECT_PTR_EQ(test, vcompound_head_page(page_address(page)),
			    compound_head(page));
	KUNIT_EXPECT_TRUE(test, vc_page_is_filled(buf, page, i));
}

/*
 * Ways to free pages, and charges
 */

#ifdef CONFIG_MEM_ALLOC_PROFILING
static void vc_tags_on(void *unused)
{
	static_branch_enable(&mem_alloc_profiling_key);
}

/* Until the end of the test, allocations have no tag. */
void vc_tags_off(struct kunit *test)
{
	if (!mem_alloc_profiling_enabled())
		return;
	static_branch_disable(&mem_alloc_profiling_key);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vc_tags_on, NULL));
}
#endif

#ifdef CONFIG_MEMCG
bool vc_try_charged_node(struct vc_buf *buf, bool exact, size_t size, gfp_t gfp,
			 struct mem_cgroup *memcg, int nid)
{
	struct mem_cgroup *old = set_active_memcg(memcg);
	bool got = vc_try(buf, exact, size, gfp, nid);

	set_active_memcg(old);
	return got;
}

bool vc_try_charged(struct vc_buf *buf, bool exact, size_t size, gfp_t gfp,
		    struct mem_cgroup *memcg)
{
	return vc_try_charged_node(buf, exact, size, gfp, memcg, NUMA_NO_NODE);
}

static void vc_checks_on(void *unused)
{
	static_branch_enable(&check_pages_enabled);
}

/*
 * If the parameter requests it, pages are not checked when they are freed,
 * until the test ends.
 */
void vc_checks_off(struct kunit *test)
{
	const struct vc_param *param = test->param_value;

	if (!param->kind || !static_key_enabled(&check_pages_enabled))
		return;
	static_branch_disable(&check_pages_enabled);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vc_checks_on, NULL));
}
#endif
