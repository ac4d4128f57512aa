// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for virtual compound pages
 *
 * They check the rules of Documentation/mm/vcompound.rst, with contiguous pages
 * and with the fallback forced: each test runs once for either outcome unless
 * its name says otherwise.
 */
#include <kunit/static_stub.h>
#include <kunit/test-bug.h>
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/gfp.h>
#include <linux/kallsyms.h>
#include <linux/kasan.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/nodemask.h>
#include <linux/page_owner.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/trace.h>
#include <linux/trace_events.h>
#include <linux/uaccess.h>
#include <linux/vcompound.h>
#include <linux/vmalloc.h>
#include <linux/vmstat.h>

#include <trace/events/kmem.h>

#include "../mm_init.h"
#include "../vcompound.h"
#include "vcompound_kunit.h"

/*
 * Allocating
 */

static bool vc_try(struct vc_buf *buf, bool exact, size_t size, gfp_t gfp,
		   int nid)
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
	if (buf->head)
		vc_look(buf);
	return buf->head;
}

static void vc_get_gfp(struct kunit *test, struct vc_buf *buf, bool exact,
		       size_t size, gfp_t gfp)
{
	vc_make_block(test, get_order(size));
	KUNIT_ASSERT_TRUE(test, vc_try(buf, exact, size, gfp, NUMA_NO_NODE));
}

/* With the outcome that the parameter of the test requests. */
static void vc_get(struct kunit *test, struct vc_buf *buf, size_t size)
{
	const struct vc_param *param = test->param_value;

	vc_get_gfp(test, buf, param->exact, size, GFP_KERNEL);
	KUNIT_ASSERT_EQ(test, vcompound_is_contiguous(buf->head),
			!param->fallback || buf->nr == 1);
}

static void vc_free(struct vc_buf *buf)
{
	if (buf->exact)
		__free_vcompound(buf->addr);
	else
		free_vcompound(buf->head);
}

/* Free @buf and check that nothing is left of it. */
static void vc_put(struct kunit *test, struct vc_buf *buf)
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
static void vc_check(struct kunit *test, const struct vc_buf *buf, bool mapped)
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
static void vc_expect_alive(struct kunit *test, const struct vc_buf *buf,
			    bool mapped)
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
static void vc_expect_ordinary(struct kunit *test, const struct vc_buf *buf,
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
 * The API
 */

enum vc_call {
	VC_PAGE, VC_PAGE_NODE, VC_ADDR, VC_ADDR_NODE, VC_EXACT, VC_EXACT_NODE,
};

static const struct vc_param vc_calls[] = {
	{ "alloc_vcompound", .kind = VC_PAGE },
	{ "alloc_vcompound_node", .kind = VC_PAGE_NODE },
	{ "__alloc_vcompound", .kind = VC_ADDR },
	{ "__alloc_vcompound_node", .kind = VC_ADDR_NODE },
	{ "__alloc_vcompound_exact", .kind = VC_EXACT },
	{ "__alloc_vcompound_exact_node", .kind = VC_EXACT_NODE },
	{}
};

VC_GEN_PARAMS(vc_calls)

/* Inlined, so that the test is recorded as the caller. */
static __always_inline void vc_call(struct kunit *test, struct vc_buf *buf,
				    enum vc_call call, gfp_t gfp)
{
	int nid = first_memory_node;

	*buf = (struct vc_buf) { .exact = call >= VC_EXACT };
	buf->nr = buf->exact ? 5 : 8;
	buf->size = buf->nr * PAGE_SIZE;

	switch (call) {
	case VC_PAGE:
		buf->head = alloc_vcompound(gfp, 3);
		break;
	case VC_PAGE_NODE:
		buf->head = alloc_vcompound_node(nid, gfp, 3);
		break;
	case VC_ADDR:
		buf->addr = __alloc_vcompound(gfp, 3);
		break;
	case VC_ADDR_NODE:
		buf->addr = __alloc_vcompound_node(nid, gfp, 3);
		break;
	case VC_EXACT:
		buf->addr = __alloc_vcompound_exact(buf->size, gfp);
		break;
	case VC_EXACT_NODE:
		buf->addr = __alloc_vcompound_exact_node(nid, buf->size, gfp);
		break;
	}
	if (buf->head) {
		buf->addr = vcompound_address(buf->head);
	} else {
		KUNIT_ASSERT_NOT_NULL(test, buf->addr);
		buf->head = vcompound_head_page(buf->addr);
	}
	vc_note_page(buf->head);
	vc_look(buf);
}

static void test_calls(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf buf;

	vc_call(test, &buf, param->kind, GFP_KERNEL);
	vc_check(test, &buf, param->fallback);
	vc_fill(&buf);
	KUNIT_EXPECT_TRUE(test, vc_is_filled(&buf));

	/* Either function frees the allocation of any function. */
	if (param->kind & 1)
		free_vcompound(buf.head);
	else
		__free_vcompound(buf.addr);
	vcompound_drain();
	vc_expect_unmapped(test, &buf);
}

static const struct vc_param vc_outcomes[] = {
	{ "" },
	{}
};

VC_GEN_PARAMS(vc_outcomes)

static const struct vc_param vc_families[] = {
	{ "" },
	{}
};

VC_GEN_PARAMS_FAMILIES(vc_families)

static const struct vc_param vc_fallback[] = {
	{ "fallback", .one_outcome = true, .fallback = true },
	{}
};

VC_GEN_PARAMS_FAMILIES(vc_fallback)

static void test_free_null(struct kunit *test)
{
	free_vcompound(NULL);
	__free_vcompound(NULL);
	vcompound_drain();
	vc_expect_pages_held(test, 0);
}

static const void *vc_orders_gen_params(struct kunit *test, const void *prev,
					char *desc)
{
	static struct vc_param params[2 * (MAX_PAGE_ORDER + 1)];
	struct vc_param *next = prev ? (struct vc_param *)prev + 1 : params;
	int i = next - params;

	if (i == ARRAY_SIZE(params))
		return NULL;
	next->fallback = i & 1;
	next->size = PAGE_SIZE << (i / 2);
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "order %d %s", i / 2,
		 next->fallback ? "fallback" : "contiguous");
	return next;
}

static const size_t vc_byte_sizes[] = {
	1, 7, PAGE_SIZE - 1, PAGE_SIZE + 1, 2 * PAGE_SIZE - 8,
	3 * PAGE_SIZE + 13, 5 * PAGE_SIZE - 1, 16 * PAGE_SIZE + 100,
	32 * PAGE_SIZE + 1, 65 * PAGE_SIZE + 5, 300 * PAGE_SIZE - 3,
};

static const void *vc_sizes_gen_params(struct kunit *test, const void *prev,
				       char *desc)
{
	static struct vc_param params[2 * (33 + ARRAY_SIZE(vc_byte_sizes))];
	struct vc_param *next = prev ? (struct vc_param *)prev + 1 : params;
	int i = next - params;

	if (i == ARRAY_SIZE(params))
		return NULL;
	next->exact = true;
	next->fallback = i & 1;
	if (i < 2 * 33)
		next->size = (i / 2 + 1) * PAGE_SIZE;
	else
		next->size = vc_byte_sizes[i / 2 - 33];
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%zu bytes %s", next->size,
		 next->fallback ? "fallback" : "contiguous");
	return next;
}

/*
 * All properties of an allocation of some size, which takes no more pages than
 * it needs.
 */
static void vc_check_one(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf buf;
	unsigned long i;

	vc_get(test, &buf, param->size);
	vc_check(test, &buf, param->fallback && buf.nr > 1);
	vc_expect_buf_held(test, &buf);
	if (param->fallback)
		vc_expect_scattered(test, &buf);

	/* Written by address, read by page. */
	vc_fill(&buf);
	for (i = 0; i < buf.nr; i++)
		KUNIT_EXPECT_TRUE(test,
				  vc_page_is_filled(&buf, compound_nth_page(buf.head, i), i));

	/* And the other way round. */
	for (i = 0; i < buf.nr; i++) {
		u8 *bytes = kmap_local_page(compound_nth_page(buf.head, i));

		bytes[0] = ~vc_byte(i * PAGE_SIZE);
		kunmap_local(bytes);
	}
	for (i = 0; i < buf.nr; i++) {
		u8 *bytes = buf.addr + i * PAGE_SIZE;

		KUNIT_EXPECT_EQ(test, bytes[0], (u8)~vc_byte(i * PAGE_SIZE));
		bytes[0] = vc_byte(i * PAGE_SIZE);
	}
	KUNIT_EXPECT_TRUE(test, vc_is_filled(&buf));
	vc_put(test, &buf);
}

static void test_orders(struct kunit *test)
{
	vc_check_one(test);
}

static void test_exact_sizes(struct kunit *test)
{
	vc_check_one(test);
}

/*
 * How many chunks that have to be split a task allocated, and the order of the
 * largest one.
 */
struct vc_chunks {
	struct task_struct *task;
	int asked;
	unsigned int largest;
};

#ifdef CONFIG_TRACEPOINTS
static void vc_probe_chunk(void *data, struct page *page, unsigned int order,
			   gfp_t gfp, int migratetype)
{
	struct vc_chunks *chunks = data;

	/*
	 * Compound pages are not split: those of slab, or a contiguous
	 * allocation. The stack depot allocates with __GFP_NORETRY.
	 */
	if (chunks->task != current || !order ||
	    (gfp & (__GFP_COMP | __GFP_NORETRY)))
		return;
	chunks->asked++;
	if (page)
		chunks->largest = max(chunks->largest, order);
}

static void vc_chunks_stop(void *chunks)
{
	unregister_trace_mm_page_alloc(vc_probe_chunk, chunks);
	tracepoint_synchronize_unregister();
}
#endif

/* Count them until the test ends. */
static struct vc_chunks *vc_chunks_start(struct kunit *test)
{
	struct vc_chunks *chunks = kunit_kzalloc(test, sizeof(*chunks), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, chunks);
	chunks->task = current;
#ifdef CONFIG_TRACEPOINTS
	KUNIT_ASSERT_EQ(test, 0, register_trace_mm_page_alloc(vc_probe_chunk, chunks));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vc_chunks_stop, chunks));
#endif
	return chunks;
}

/*
 * The longest run of pages of @buf that are neighbours in memory and in the
 * allocation.
 */
static unsigned long vc_longest_run(const struct vc_buf *buf)
{
	unsigned long i, run = 1, longest = 1;

	for (i = 1; i < buf->nr; i++) {
		unsigned long pfn = page_to_pfn(compound_nth_page(buf->head, i));

		run = pfn == page_to_pfn(compound_nth_page(buf->head, i - 1)) + 1 ? run + 1 : 1;
		longest = max(longest, run);
	}
	return longest;
}

static const struct vc_param vc_above_max_order[] = {
	{ "plain" },
	{ "zeroed", .gfp = __GFP_ZERO },
	{ "comp", .gfp = __GFP_COMP },
	{}
};

VC_GEN_PARAMS(vc_above_max_order)

static void test_above_max_order(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_chunks *chunks = vc_chunks_start(test);
	struct vc_buf buf;

	vc_get_gfp(test, &buf, true, (MAX_ORDER_NR_PAGES + 1) * PAGE_SIZE - 9,
		   GFP_KERNEL | param->gfp);
	vc_check(test, &buf, true);
	vc_expect_buf_held(test, &buf);
	/*
	 * If it is mapped from chunks, the array of its pages is of order 2 at
	 * most.
	 */
	if (IS_ENABLED(CONFIG_TRACEPOINTS))
		KUNIT_EXPECT_GT(test, chunks->largest, 2U);
	if (param->fallback)
		vc_expect_scattered(test, &buf);
	else
		KUNIT_EXPECT_GE(test, vc_longest_run(&buf), 1UL << chunks->largest);
	if (param->gfp & __GFP_ZERO)
		KUNIT_EXPECT_NULL(test, memchr_inv(buf.addr, 0, buf.size));
	vc_fill(&buf);
	KUNIT_EXPECT_TRUE(test, vc_is_filled(&buf));
	vc_put(test, &buf);
}

#ifdef CONFIG_TRACEPOINTS
static const struct vc_param vc_single[] = {
	{ "forced", .one_outcome = true, .fallback = true },
#ifdef CONFIG_FAIL_PAGE_ALLOC
	{ "failed", .one_outcome = true, .kind = 1 },
#endif
	{}
};

VC_GEN_PARAMS_FAMILIES(vc_single)

/*
 * A request that found no block is mapped from single pages, without trying
 * smaller orders. An attempt that is made to fail does not trigger the event.
 */
static void test_single_pages(struct kunit *test)
{
	static const int sizes[] = { 2, 3, 4, 16, 33, 64, 256, MAX_ORDER_NR_PAGES };
	const struct vc_param *param = test->param_value;
	struct vc_chunks *chunks = vc_chunks_start(test);
	int i, arrays = 0;
	struct vc_buf buf;
	bool got;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
#ifdef CONFIG_FAULT_INJECTION
		current->fail_nth = param->kind;
#endif
		got = vc_try(&buf, param->exact, sizes[i] * PAGE_SIZE, GFP_KERNEL,
			     NUMA_NO_NODE);
#ifdef CONFIG_FAULT_INJECTION
		current->fail_nth = 0;
#endif
		KUNIT_ASSERT_TRUE(test, got);
		vc_check(test, &buf, true);
		/*
		 * vmalloc() allocates an array of pointers that does not fit in
		 * a page.
		 */
		arrays += sizes[i] > PAGE_SIZE / sizeof(struct page *);
		KUNIT_EXPECT_LE(test, chunks->asked, arrays);
		vc_put(test, &buf);
	}
}
#endif

#ifdef CONFIG_TRACEPOINTS
/*
 * vmalloc() is unchanged: it requests blocks, and leaves their pages in order.
 */
static void test_vmalloc_chunks(struct kunit *test)
{
	struct vc_chunks *chunks = vc_chunks_start(test);
	const int nr = 64;
	int i, ordered = 0;
	void *addr;

	vc_make_block(test, ilog2(nr));
	addr = vmalloc(nr * PAGE_SIZE);
	KUNIT_ASSERT_NOT_NULL(test, addr);
	KUNIT_EXPECT_GT(test, chunks->largest, 0U);
	for (i = 1; i < nr; i++)
		ordered += vmalloc_to_pfn(addr + i * PAGE_SIZE) ==
			   vmalloc_to_pfn(addr + (i - 1) * PAGE_SIZE) + 1;
	KUNIT_EXPECT_GE(test, ordered, (1 << chunks->largest) - 1);
	vfree(addr);
}
#endif

/* A single page is never mapped, even if the fallback is forced. */
static void test_one_page(struct kunit *test)
{
	static const size_t sizes[] = { 1, PAGE_SIZE - 1, PAGE_SIZE };
	struct vc_buf buf;
	int i;

	for (i = 0; i < 2 * ARRAY_SIZE(sizes); i++) {
		vc_get_gfp(test, &buf, i & 1, sizes[i / 2], GFP_KERNEL);
		vc_check(test, &buf, false);
		vc_expect_buf_held(test, &buf);
		KUNIT_EXPECT_FALSE(test, PageCompound(buf.head));
		vc_put(test, &buf);
	}
}

/*
 * A contiguous exact-size allocation consists of separate pages, a by-order one
 * is one compound page.
 */
static void test_contiguous_kinds(struct kunit *test)
{
	struct vc_buf buf;
	int i;

	vc_get_gfp(test, &buf, true, 8 * PAGE_SIZE, GFP_KERNEL);
	for (i = 0; i < 8; i++) {
		KUNIT_EXPECT_FALSE(test, PageCompound(buf.head + i));
		KUNIT_EXPECT_EQ(test, page_ref_count(buf.head + i), 1);
	}
	vc_put(test, &buf);

	vc_get_gfp(test, &buf, false, 8 * PAGE_SIZE, GFP_KERNEL);
	KUNIT_EXPECT_TRUE(test, PageHead(buf.head));
	KUNIT_EXPECT_EQ(test, compound_order(buf.head), 3U);
	KUNIT_EXPECT_EQ(test, page_ref_count(buf.head), 1);
	for (i = 1; i < 8; i++) {
		KUNIT_EXPECT_TRUE(test, PageTail(buf.head + i));
		KUNIT_EXPECT_EQ(test, page_ref_count(buf.head + i), 0);
	}
	vc_put(test, &buf);
}

/* The lookup functions are right about other pages, too. */
static void test_other_pages(struct kunit *test)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, 2);
	void *addr;

	KUNIT_ASSERT_NOT_NULL(test, page);
	addr = page_address(page);
	KUNIT_EXPECT_NULL(test, vmalloc_address(page));
	KUNIT_EXPECT_PTR_EQ(test, vcompound_address(page), addr);
	KUNIT_EXPECT_PTR_EQ(test, vcompound_to_page(addr + PAGE_SIZE), page + 1);
	KUNIT_EXPECT_PTR_EQ(test, vcompound_head_page(addr + 2 * PAGE_SIZE + 1), page);
	KUNIT_EXPECT_PTR_EQ(test, compound_nth_page(page, 3), page + 3);
	KUNIT_EXPECT_EQ(test, vcompound_nr_pages(page), 4UL);
	KUNIT_EXPECT_TRUE(test, vcompound_is_contiguous(page));
	/*
	 * page->private, which stores the mapped address, holds data of their
	 * owner.
	 */
	set_page_private(page, 0x2a2a);
	KUNIT_EXPECT_NULL(test, vmalloc_address(page));
	KUNIT_EXPECT_PTR_EQ(test, vcompound_address(page), addr);
	set_page_private(page, 0);
	__free_pages(page, 2);

	addr = vmalloc(2 * PAGE_SIZE);
	KUNIT_ASSERT_NOT_NULL(test, addr);
	page = vmalloc_to_page(addr);
	KUNIT_EXPECT_PTR_EQ(test, vcompound_to_page(addr), page);
	KUNIT_EXPECT_PTR_EQ(test, vcompound_head_page(addr + 5), page);
	KUNIT_EXPECT_NULL(test, vmalloc_address(page));
	vfree(addr);
	KUNIT_EXPECT_NULL(test, vcompound_to_page(addr));
	KUNIT_EXPECT_NULL(test, vcompound_head_page(addr));
}

/*
 * A page whose allocation is being freed still has its type, but no address,
 * and has no head.
 */
static void test_ending(struct kunit *test)
{
	struct page *page = alloc_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	page->private = 0;
	page->page_type = vcompound_type(3);
	KUNIT_EXPECT_NULL(test, vmalloc_address(page));
	KUNIT_EXPECT_PTR_EQ(test, vcompound_head_page(lowmem_page_address(page)), page);
	page->page_type = UINT_MAX;
	__free_page(page);
}

#ifdef CONFIG_DEBUG_VM
/* There is no page after the last one. */
static void test_nth_beyond(struct kunit *test)
{
	struct vc_buf buf;

	vc_get(test, &buf, 5 * PAGE_SIZE);
	vc_rearm_warnings();
	kunit_warning_suppress(test) {
		KUNIT_EXPECT_NOT_NULL(test, compound_nth_page(buf.head, buf.nr - 1));
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 0);
		compound_nth_page(buf.head, buf.nr);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	vc_put(test, &buf);
}
#endif

/* Allocate blocks of two pages, and free the first page of each. */
static void vc_free_even_pages(struct kunit *test, struct list_head *odd, int nr)
{
	struct page *page;

	while (nr--) {
		page = alloc_pages(GFP_KERNEL, 1);
		KUNIT_ASSERT_NOT_NULL(test, page);
		split_page(page, 1);
		list_add(&page[1].lru, odd);
		__free_page(page);
	}
}

/*
 * The page after a mapped page belongs to another user. To find such a pair,
 * look where a block may begin, at every other page: these are freed first, so
 * that the allocation takes them.
 */
static void test_neighbours(struct kunit *test)
{
	struct page *page, *next, *after, *found;
	int looked = 0, tries;
	struct vc_buf buf;
	unsigned long i;
	LIST_HEAD(odd);

	for (tries = 0; tries < 20 && !looked; tries++) {
		vc_free_even_pages(test, &odd, 64);
		vc_get(test, &buf, 16 * PAGE_SIZE);
		list_for_each_entry(after, &odd, lru) {
			for (i = 0; i < buf.nr; i++) {
				if (compound_nth_page(buf.head, i) + 1 != after)
					continue;
				/*
				 * An index of 1 is no greater than the
				 * distance.
				 */
				looked += i != 1;
				found = vcompound_head_page(lowmem_page_address(after));
				KUNIT_EXPECT_PTR_EQ(test, found, after);
			}
		}
		vc_put(test, &buf);
	}
	KUNIT_EXPECT_GT(test, looked, 0);
	list_for_each_entry_safe(page, next, &odd, lru)
		__free_page(page);
}

/*
 * A non-compound block is freed while a reference to its first page is held:
 * all other pages are free.
 */
static void test_free_pages_behind(struct kunit *test)
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
static void test_other_type(struct kunit *test)
{
	struct page *page = alloc_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	/* A type that nothing else uses while the suite runs. */
	__SetPageOffline(page);
	__free_page(page);
	KUNIT_EXPECT_FALSE(test, PageOffline(page));
}

#ifdef CONFIG_DEBUG_FS
static const struct {
	const char *word;
	int err;
	unsigned int percent;
} vc_words[] = {
	{ "always", 0, 100 },
	{ "off", 0, 0 },
	{ "prob=37", 0, 37 },
	{ "prob=0", 0, 0 },
	{ "prob=100", 0, 100 },
	{ " prob=8\n", 0, 8 },
	{ "always         ", 0, 100 },
	{ "always          ", -EINVAL },
	{ "prob=0000000004", 0, 4 },
	{ "prob=00000000004", -EINVAL },
	{ "prob=101", -EINVAL },
	{ "prob=-1", -EINVAL },
	{ "prob=4x", -EINVAL },
	{ "prob=0x10", -EINVAL },
	{ "prob=", -EINVAL },
	{ "prob", -EINVAL },
	{ "ALWAYS", -EINVAL },
	{ "frob=7", -EINVAL },
	{ "always,off", -EINVAL },
	{ "sometimes", -EINVAL },
	{ "\n", -EINVAL },
};

/* The file reports the switch in the form that it accepts. */
static void vc_expect_switch(struct kunit *test, struct vfsmount *mnt, unsigned int percent)
{
	char text[32], expected[32];

	if (percent == 100)
		strscpy(expected, "always\n");
	else if (!percent)
		strscpy(expected, "off\n");
	else
		snprintf(expected, sizeof(expected), "prob=%u\n", percent);
	KUNIT_EXPECT_EQ(test, 0, vc_read_file(mnt, "vfallback", text, sizeof(text)));
	KUNIT_EXPECT_STREQ(test, text, expected);
}

/*
 * The words that the boot parameter and the debugfs file accept, and their
 * length.
 */
static void test_switch(struct kunit *test)
{
	struct vfsmount *mnt = vc_mount(test, "debugfs");
	struct file *file;
	loff_t pos = 0;
	int i, err;

	for (i = 0; i < ARRAY_SIZE(vc_words); i++) {
		vcompound_force(55);
		err = vc_turn(mnt, "vfallback", vc_words[i].word);
		KUNIT_EXPECT_EQ_MSG(test, err, vc_words[i].err, "\"%s\"", vc_words[i].word);
		vc_expect_switch(test, mnt, err ? 55 : vc_words[i].percent);
		KUNIT_EXPECT_EQ_MSG(test, vcompound_force(0), err ? 55 : vc_words[i].percent,
				    "\"%s\"", vc_words[i].word);
	}

	/* A write that cannot be parsed has no effect. */
	vcompound_force(55);
	file = file_open_root_mnt(mnt, "vfallback", O_WRONLY, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_EQ(test, vfs_write(file, (void __user *)8, 6, &pos), -EFAULT);
	fput(file);
	KUNIT_EXPECT_EQ(test, vcompound_force(0), 55U);
}
#endif

#ifdef CONFIG_VFALLBACK_ALWAYS
/*
 * With a percentage between 0 and 100, some of many requests fall back and some
 * do not.
 */
static void test_chance(struct kunit *test)
{
	int i, mapped = 0;
	struct vc_buf buf;

	vcompound_force(200);
	KUNIT_EXPECT_EQ(test, vcompound_force(50), 100U);
	for (i = 0; i < 128; i++) {
		vc_get_gfp(test, &buf, i & 1, 2 * PAGE_SIZE, GFP_KERNEL);
		mapped += vc_is_mapped(&buf);
		vc_put(test, &buf);
	}
	KUNIT_EXPECT_GT(test, mapped, 0);
	KUNIT_EXPECT_LT(test, mapped, 128);
}
#endif

/* Several allocations side by side are independent. */
static void test_many(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf *bufs;
	int i;

	bufs = kunit_kcalloc(test, 32, sizeof(*bufs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, bufs);
	for (i = 0; i < 32; i++) {
		vc_get_gfp(test, &bufs[i], param->exact, (i + 1) * PAGE_SIZE - i,
			   GFP_KERNEL);
		memset(bufs[i].addr, i, bufs[i].size);
	}
	for (i = 0; i < 32; i++) {
		KUNIT_EXPECT_NULL(test, memchr_inv(bufs[i].addr, i, bufs[i].size));
		vc_check(test, &bufs[i], param->fallback && bufs[i].nr > 1);
	}
	for (i = 0; i < 32; i += 2)
		vc_free(&bufs[i]);
	vcompound_drain();
	for (i = 1; i < 32; i += 2) {
		KUNIT_EXPECT_NULL(test, memchr_inv(bufs[i].addr, i, bufs[i].size));
		vc_free(&bufs[i]);
	}
	vcompound_drain();
	vc_expect_pages_held(test, 0);
}

static const struct vc_param vc_zero[] = {
	{ "1 page", .size = PAGE_SIZE },
	{ "4 pages", .size = 4 * PAGE_SIZE },
	{ "13 pages", .size = 13 * PAGE_SIZE },
	{ "64 pages", .size = 64 * PAGE_SIZE },
	{ "bytes", .one_family = true, .exact = true, .size = 9 * PAGE_SIZE - 77 },
	{}
};

VC_GEN_PARAMS_FAMILIES(vc_zero)

static void test_zero(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf bufs[8];
	int round, i;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < ARRAY_SIZE(bufs); i++) {
			vc_get(test, &bufs[i], param->size);
			memset(bufs[i].addr, 0xa5, bufs[i].size);
		}
		for (i = 0; i < ARRAY_SIZE(bufs); i++)
			vc_free(&bufs[i]);
		vcompound_drain();

		for (i = 0; i < ARRAY_SIZE(bufs); i++) {
			vc_get_gfp(test, &bufs[i], param->exact, param->size,
				   GFP_KERNEL | __GFP_ZERO);
			KUNIT_EXPECT_NULL(test, memchr_inv(bufs[i].addr, 0,
							   bufs[i].size));
			memset(bufs[i].addr, 0x5a, bufs[i].size);
		}
		for (i = 0; i < ARRAY_SIZE(bufs); i++)
			vc_free(&bufs[i]);
		vcompound_drain();
	}
	vc_expect_pages_held(test, 0);
}

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
static void test_vmallocinfo(struct kunit *test)
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

#ifdef CONFIG_MEM_ALLOC_PROFILING
static void vc_tags_on(void *unused)
{
	static_branch_enable(&mem_alloc_profiling_key);
}

/* Until the end of the test, allocations have no tag. */
static void vc_tags_off(struct kunit *test)
{
	if (!mem_alloc_profiling_enabled())
		return;
	static_branch_disable(&mem_alloc_profiling_key);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vc_tags_on, NULL));
}
#else
static void vc_tags_off(struct kunit *test) {}
#endif

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

static void test_no_leak(struct kunit *test)
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
static void test_held_is_seen(struct kunit *test)
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

/*
 * References
 */

static const struct vc_param vc_ref[] = {
	{ "head", .kind = 0 },
	{ "second", .kind = 1 },
	{ "middle", .kind = 9 },
	{ "last", .kind = 15 },
	{}
};

VC_GEN_PARAMS_FAMILIES(vc_ref)

/* The allocation is freed first: the held page stays, and the rest is freed. */
static void test_ref_dropped_after(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	bool compound = !param->exact && !param->fallback;
	struct page *page;
	struct vc_buf buf;

	vc_get(test, &buf, 16 * PAGE_SIZE);
	vc_fill(&buf);
	page = compound_nth_page(buf.head, param->kind);
	get_page(page);
	KUNIT_EXPECT_EQ(test, page_count(page), 2);

	vc_free(&buf);
	vcompound_drain();
	vc_expect_unmapped(test, &buf);
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	vc_expect_ordinary(test, &buf, page, param->kind);
	KUNIT_EXPECT_EQ(test, !!PageCompound(page), compound);
	vc_expect_pages_held(test, compound ? 16 : 1);

	put_page(page);
	vc_expect_pages_held(test, 0);
}

/* The reference is dropped first, which has no effect. */
static void test_ref_dropped_before(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct page *page;
	struct vc_buf buf;

	vc_get(test, &buf, 16 * PAGE_SIZE);
	vc_fill(&buf);
	page = compound_nth_page(buf.head, param->kind);
	get_page(page);
	put_page(page);
	vc_expect_alive(test, &buf, param->fallback);
	vc_put(test, &buf);
}

/* Many holders: some drop their references before the free, some after. */
static void test_ref_mixed(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	bool compound = !param->exact && !param->fallback;
	struct page *pages[16];
	struct vc_buf buf;
	int i;

	vc_get(test, &buf, 16 * PAGE_SIZE);
	vc_fill(&buf);
	for (i = 0; i < 16; i++) {
		pages[i] = compound_nth_page(buf.head, i);
		get_page(pages[i]);
		get_page(pages[i]);
	}
	for (i = 0; i < 16; i++)
		put_page(pages[i]);
	for (i = 0; i < 16; i += 2)
		put_page(pages[i]);

	vc_free(&buf);
	vcompound_drain();
	vc_expect_pages_held(test, compound ? 16 : 8);
	for (i = 1; i < 16; i += 2) {
		vc_expect_ordinary(test, &buf, pages[i], i);
		KUNIT_EXPECT_EQ(test, page_count(pages[i]), compound ? 8 : 1);
	}

	/* All ways to drop a reference are equivalent. */
	put_page(pages[1]);
	folio_put(page_folio(pages[3]));
	release_pages(&pages[5], 1);
	release_pages(&pages[7], 1);
	__free_pages(compound_head(pages[9]), compound ? 4 : 0);
	__free_pages(compound_head(pages[11]), compound ? 4 : 0);
	put_page(pages[13]);
	vc_expect_pages_held(test, compound ? 16 : 1);
	KUNIT_EXPECT_TRUE(test, vc_page_is_filled(&buf, pages[15], 15));
	put_page(pages[15]);
	vc_expect_pages_held(test, 0);
}

/* Reads a page by its own address while others free the allocation. */
struct vc_reader {
	struct page *page;
	unsigned long i;
	struct completion ready;
	int wrong;
};

static void vc_read(struct vc_reader *reader, const u8 *bytes)
{
	unsigned int offset;
	u8 byte;

	for (offset = 0; offset < PAGE_SIZE; offset += PAGE_SIZE / 4)
		if (copy_from_kernel_nofault(&byte, bytes + offset, 1) ||
		    byte != vc_byte(reader->i * PAGE_SIZE + offset))
			reader->wrong++;
}

static int vc_read_until_stopped(void *data)
{
	struct vc_reader *reader = data;
	const u8 *before = kmap_local_page(reader->page), *now;
	bool last;

	do {
		last = kthread_should_stop();
		now = kmap_local_page(reader->page);
		vc_read(reader, before);
		vc_read(reader, now);
		kunmap_local(now);
		complete(&reader->ready);
		cond_resched();
	} while (!last);
	kunmap_local(before);
	return 0;
}

/* A holder of a page may go on to read it after the allocation is freed. */
static void test_ref_read(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	bool compound = !param->exact && !param->fallback;
	struct vc_reader reader = {};
	struct task_struct *task;
	struct vc_buf buf;
	int round;

	for (round = 0; round < 32; round++) {
		vc_get(test, &buf, 8 * PAGE_SIZE);
		vc_fill(&buf);
		reader.i = round % buf.nr;
		reader.page = compound_nth_page(buf.head, reader.i);
		get_page(reader.page);
		init_completion(&reader.ready);
		task = kthread_run(vc_read_until_stopped, &reader, "vcompound_read");
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
		wait_for_completion(&reader.ready);

		vc_free(&buf);
		vcompound_drain();
		/* The address is still there to be read until it is purged. */
		vm_unmap_aliases();
		kthread_stop(task);
		KUNIT_EXPECT_EQ(test, reader.wrong, 0);
		vc_expect_pages_held(test, compound ? buf.nr : 1);
		put_page(reader.page);
		vc_expect_pages_held(test, 0);
	}
}

/*
 * A page that stays allocated has no trace of the area in it, nor of the list
 * of deferred frees, which runs through the heads.
 */
static void test_ref_lru(struct kunit *test)
{
	struct vc_buf bufs[2];
	unsigned long flags;
	struct page *page;
	int round, i;

	for (round = 0; round < 2; round++) {
		for (i = 0; i < 2; i++) {
			vc_get(test, &bufs[i], 8 * PAGE_SIZE);
			get_page(bufs[i].head);
			get_page(bufs[i].last);
		}
		if (round)
			flags = vc_atomic_begin();
		for (i = 0; i < 2; i++)
			vc_free(&bufs[i]);
		if (round)
			vc_atomic_end(flags);
		vcompound_drain();
		for (i = 0; i < 4; i++) {
			page = i & 1 ? bufs[i / 2].last : bufs[i / 2].head;
			KUNIT_EXPECT_EQ(test, atomic_read(&page->_mapcount), -1);
			KUNIT_EXPECT_EQ(test, page->private, 0UL);
		}
		for (i = 0; i < 2; i++) {
			page = bufs[i].head;
			KUNIT_EXPECT_NULL(test, page->lru.prev);
			if (round)
				KUNIT_EXPECT_NULL(test, page->lru.next);
			put_page(page);
			put_page(bufs[i].last);
		}
		vc_expect_pages_held(test, 0);
	}
}

/*
 * A page that stays allocated belongs to its holder alone, and may become part
 * of a new allocation after that.
 */
static void test_ref_reuse(struct kunit *test)
{
	struct vc_buf old, new[16];
	struct page *page;
	int i, j;

	vc_get(test, &old, 8 * PAGE_SIZE);
	vc_fill(&old);
	page = compound_nth_page(old.head, 3);
	get_page(page);
	vc_free(&old);
	vcompound_drain();

	for (i = 0; i < ARRAY_SIZE(new); i++) {
		vc_get(test, &new[i], 8 * PAGE_SIZE);
		for (j = 0; j < 8; j++)
			KUNIT_EXPECT_PTR_NE(test, page,
					    compound_nth_page(new[i].head, j));
		memset(new[i].addr, 0xee, new[i].size);
	}
	KUNIT_EXPECT_TRUE(test, vc_page_is_filled(&old, page, 3));
	put_page(page);
	for (i = 0; i < ARRAY_SIZE(new); i++)
		vc_free(&new[i]);
	vcompound_drain();
	vc_expect_pages_held(test, 0);
}

/*
 * Contexts of freeing
 */

VC_GEN_PARAMS_FAMILIES(vc_contexts)

static void vc_free_job(void *buf)
{
	vc_free(buf);
}

static void test_free_context(struct kunit *test)
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
		/* A caller that may sleep unmaps at once. */
		if (param->kind == VC_TASK && IS_ENABLED(CONFIG_PREEMPT_COUNT))
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
/* A page, and whether it was mapped when it was freed. */
struct vc_leaving {
	struct page *page;
	const void *addr;
	int freed;
	int mapped;
};

static void vc_probe_leaving(void *data, struct page *page, unsigned int order)
{
	struct vc_leaving *leaving = data;

	if (page != leaving->page)
		return;
	leaving->freed++;
	leaving->mapped += vmalloc_to_page(leaving->addr) == page;
}

/* A page is unmapped before others can allocate it. */
static void test_unmapped_first(struct kunit *test)
{
	struct vc_leaving leaving = {};
	struct vc_buf buf;

	vc_get(test, &buf, 5 * PAGE_SIZE);
	leaving.page = compound_nth_page(buf.head, 2);
	leaving.addr = buf.addr + 2 * PAGE_SIZE;
	KUNIT_ASSERT_EQ(test, 0, register_trace_mm_page_free(vc_probe_leaving, &leaving));
	vc_free(&buf);
	vcompound_drain();
	unregister_trace_mm_page_free(vc_probe_leaving, &leaving);
	tracepoint_synchronize_unregister();
	KUNIT_EXPECT_GE(test, leaving.freed, 1);
	KUNIT_EXPECT_EQ(test, leaving.mapped, 0);
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
static void test_resched(struct kunit *test)
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
static void test_free_deferred(struct kunit *test)
{
	unsigned long flags;
	struct vc_buf buf;
	int i;

	for (i = 0; i < 3; i++) {
		vc_get(test, &buf, 3 * PAGE_SIZE);
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
static void test_free_not_running(struct kunit *test)
{
	struct vc_trace *trace = vc_trace_start(test);
	unsigned int state;
	struct vc_buf buf;

	vc_get(test, &buf, 3 * PAGE_SIZE);
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
static void test_drain_many(struct kunit *test)
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
static void test_slow_unmap(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_slow *slow = kunit_kzalloc(test, sizeof(*slow), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, slow);
	test->priv = slow;
	init_completion(&slow->started);
	init_completion(&slow->drained);
	vc_get(test, &slow->first, 5 * PAGE_SIZE);
	vc_get_gfp(test, &slow->other, param->exact, 5 * PAGE_SIZE, GFP_KERNEL);
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

VC_GEN_PARAMS_FAMILIES(vc_requests)

static void test_request_unmaps(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf bufs[4], buf;
	unsigned long flags;
	long nr_deferred;
	int i;

	vcompound_force(100);
	for (i = 0; i < ARRAY_SIZE(bufs); i++)
		vc_get_gfp(test, &bufs[i], param->exact, 5 * PAGE_SIZE, GFP_KERNEL);
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

VC_GEN_PARAMS_FAMILIES(vc_drainers)

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

static void test_drain_anywhere(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	unsigned int wq_flags = WQ_UNBOUND;
	struct workqueue_struct *wq;
	struct vc_drain_work w = { .test = test };
	struct vc_buf buf;
	unsigned int noreclaim;

	vc_get(test, &buf, 5 * PAGE_SIZE);
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
static void test_busy_cpu(struct kunit *test)
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
	vc_get(test, &busy_buf, 5 * PAGE_SIZE);
	for (i = 0; i < ARRAY_SIZE(bufs); i++)
		vc_get_gfp(test, &bufs[i], param->exact, 5 * PAGE_SIZE, GFP_KERNEL);

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

/*
 * User space
 */

static void test_user(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf buf;

	vc_get(test, &buf, 8 * PAGE_SIZE);
	vc_fill(&buf);
	vc_check_no_user_mapping(test, &buf);
	vc_expect_alive(test, &buf, param->fallback);
	vc_put(test, &buf);
}

#ifdef CONFIG_DEBUG_VM
/* Other ways to count a mapping are reported where they are checked. */
static const struct vc_param vc_rmap[] = { { "", .exact = true }, {} };

VC_GEN_PARAMS(vc_rmap)

static void test_rmap(struct kunit *test)
{
	struct vm_area_struct vma = {};
	struct page *page;
	unsigned int type;
	struct vc_buf buf;
	unsigned long i;

	vc_get(test, &buf, 4 * PAGE_SIZE);
	for (i = 0; i < buf.nr; i++) {
		page = compound_nth_page(buf.head, i);
		type = page->page_type;
		kunit_warning_suppress(test) {
			folio_add_file_rmap_pte(page_folio(page), page, &vma);
			KUNIT_EXPECT_GE(test, KUNIT_SUPPRESSED_WARNING_COUNT(), 1);
		}
		/* The mapping is counted all the same. */
		page->page_type = type;
	}
	vc_put(test, &buf);
}
#endif

/*
 * Requests and flags
 */

/* A caller that may not block never falls back, forced or not. */
static const struct vc_param vc_atomic[] = {
	{ "GFP_NOWAIT", .gfp = GFP_NOWAIT },
	{ "GFP_ATOMIC", .gfp = GFP_ATOMIC },
	{ "no flags", .gfp = __GFP_NOWARN },
	{}
};

VC_GEN_PARAMS_FAMILIES(vc_atomic)

static void test_atomic(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	unsigned long *events = vc_events(test);
	struct vc_buf buf;
	unsigned long flags;
	bool got;
	int i;

	for (i = 0; i < 8; i++) {
		flags = vc_atomic_begin();
		got = vc_try(&buf, param->exact, 3 * PAGE_SIZE, param->gfp,
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
static void test_atomic_above_max(struct kunit *test)
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
static void test_exact_hardirq(struct kunit *test)
{
	struct page *block, *page = NULL, *freed = NULL;

	vc_need_context(test, VC_HARDIRQ);
#ifdef CONFIG_PAGE_OWNER
	if (static_branch_unlikely(&page_owner_inited))
		kunit_skip(test, "page_owner takes such a lock itself");
#endif
	block = alloc_pages(GFP_KERNEL, 2);
	KUNIT_ASSERT_NOT_NULL(test, block);
	__free_pages(block, 2);

	KUNIT_ASSERT_EQ(test, 0, register_trace_mm_page_free(vc_probe_hardirq_freed, &freed));
	vc_in_context(test, VC_HARDIRQ, vc_try_trimmed, &page);
	unregister_trace_mm_page_free(vc_probe_hardirq_freed, &freed);
	tracepoint_synchronize_unregister();
	KUNIT_ASSERT_NOT_NULL(test, page);
	/* The rest of the block. */
	KUNIT_EXPECT_PTR_EQ(test, freed, page + 3);
	free_pages_trimmed(page, 3);
}
#endif

static void test_events(struct kunit *test)
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
static void test_trace(struct kunit *test)
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
			      param->fallback && !IS_ENABLED(CONFIG_PREEMPT_COUNT));

	vc_call(test, &buf, param->kind, GFP_NOIO | __GFP_ZERO);
	vc_expect_alloc_traced(test, trace, 2, &buf, GFP_NOIO | __GFP_ZERO, nid, __func__);
	flags = vc_atomic_begin();
	vc_free(&buf);
	vc_atomic_end(flags);
	vc_expect_free_traced(test, trace, 2, &buf, param->fallback);

#ifdef CONFIG_FAIL_PAGE_ALLOC
	current->fail_nth = 1;
	KUNIT_EXPECT_FALSE(test, vc_try(&buf, buf.exact, 5 * PAGE_SIZE,
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
static void test_trace_lines(struct kunit *test)
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
						     GFP_NOWAIT | __GFP_NOWARN, 4));
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
		 PAGE_SIZE << 4);
	if (IS_ENABLED(CONFIG_FAIL_PAGE_ALLOC))
		vc_expect_word(test, text, line);
	snprintf(line, sizeof(line), " addr=%p size=%zu result=%s", NULL, buf.size, result);
	KUNIT_EXPECT_NULL(test, strstr(text, line));
	snprintf(line, sizeof(line), " addr=%p nr_pages=", NULL);
	KUNIT_EXPECT_NULL(test, strstr(text, line));
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

VC_GEN_PARAMS_FAMILIES(vc_gfp)

static void test_gfp(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf buf;

	vc_get_gfp(test, &buf, param->exact, 11 * PAGE_SIZE, param->gfp);
	vc_check(test, &buf, param->fallback);
	vc_fill(&buf);
	KUNIT_EXPECT_TRUE(test, vc_is_filled(&buf));
	vc_expect_buf_held(test, &buf);
	vc_put(test, &buf);
}

static const struct vc_param vc_cleared[] = {
	{ "__GFP_HIGHMEM", .gfp = GFP_KERNEL | __GFP_HIGHMEM },
	{ "__GFP_MOVABLE", .gfp = GFP_KERNEL | __GFP_MOVABLE },
	{ "both", .gfp = GFP_HIGHUSER_MOVABLE },
	{ "one page", .one_family = true, .gfp = GFP_KERNEL | __GFP_HIGHMEM, .size = PAGE_SIZE },
	{}
};

VC_GEN_PARAMS_FAMILIES(vc_cleared)

static void test_cleared_flags(struct kunit *test)
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

static void test_nofail_atomic(struct kunit *test)
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
	vc_check(test, &buf, false);
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

VC_GEN_PARAMS_FAMILIES(vc_zone)

static void test_zone(struct kunit *test)
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

VC_GEN_PARAMS(vc_impossible)

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

static void test_impossible(struct kunit *test)
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

VC_GEN_PARAMS_FAMILIES(vc_no_space)

/*
 * No address range is available for a mapping: NULL, and nothing is left
 * behind.
 */
static void test_no_space(struct kunit *test)
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

/*
 * Nodes
 */

/*
 * Each node in turn. Requests for a node without memory are served by the
 * others.
 */
static void test_nodes(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf buf;
	int nid;

	for_each_online_node(nid) {
		KUNIT_ASSERT_TRUE(test, vc_try(&buf, param->exact, 13 * PAGE_SIZE,
					       GFP_KERNEL, nid));
		vc_check(test, &buf, param->fallback);
		if (node_state(nid, N_MEMORY))
			vc_expect_node(test, &buf, nid);
		vc_put(test, &buf);
	}
}

/* Each mapped page counts for its own node, as long as it is mapped. */
static void test_node_vmalloc(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	long *before = kunit_kcalloc(test, nr_node_ids, sizeof(*before), GFP_KERNEL);
	long *pages = kunit_kcalloc(test, nr_node_ids, sizeof(*pages), GFP_KERNEL);
	struct vc_buf *bufs = kunit_kcalloc(test, VC_NODE_BUFS, sizeof(*bufs), GFP_KERNEL);
	int i, nid, tries;
	unsigned long j;
	bool same;

	KUNIT_ASSERT_TRUE(test, before && pages && bufs);
	for (tries = 0; tries < VC_NODE_TRIES; tries++) {
		for_each_online_node(nid) {
			before[nid] = vc_node_vmalloc(nid);
			pages[nid] = 0;
		}
#ifdef CONFIG_NUMA
		/* So that an allocation has pages of each. */
		vc_interleave_nodes();
#endif
		for (i = 0; i < VC_NODE_BUFS; i++)
			if (!vc_try(&bufs[i], param->exact, 8 * PAGE_SIZE, GFP_KERNEL,
				    NUMA_NO_NODE))
				break;
#ifdef CONFIG_NUMA
		vc_set_policy(NULL);
#endif
		KUNIT_ASSERT_EQ(test, i, VC_NODE_BUFS);

		for (i = 0; i < VC_NODE_BUFS; i++)
			for (j = 0; j < bufs[i].nr && param->fallback; j++)
				pages[page_to_nid(compound_nth_page(bufs[i].head, j))]++;
		same = true;
		for_each_online_node(nid)
			same &= vc_node_vmalloc(nid) == before[nid] + pages[nid];

		for (i = 0; i < VC_NODE_BUFS; i++)
			vc_free(&bufs[i]);
		vcompound_drain();
		for_each_online_node(nid)
			same &= vc_node_vmalloc(nid) == before[nid];
		if (same)
			return;
		rcu_barrier();
	}
	KUNIT_FAIL(test, "no try counted what it mapped and nothing afterwards\n");
}

#ifdef CONFIG_NUMA
/*
 * A node that cannot serve a request, because it has no such zone or is not in
 * the cpuset of the task, does not cause a fallback: another node serves it,
 * the same one that serves alloc_pages_node().
 */
enum vc_cannot { VC_NO_ZONE, VC_NO_CPUSET };

static const struct vc_param vc_cannot_serve[] = {
	{ "GFP_DMA", .one_outcome = true, .gfp = GFP_KERNEL | GFP_DMA, .kind = VC_NO_ZONE },
	{ "GFP_DMA32", .one_outcome = true, .gfp = GFP_KERNEL | GFP_DMA32, .kind = VC_NO_ZONE },
	{ "retry", .one_outcome = true, .gfp = GFP_KERNEL | GFP_DMA | __GFP_RETRY_MAYFAIL,
	  .kind = VC_NO_ZONE },
#ifdef CONFIG_CPUSETS
	{ "cpuset", .one_outcome = true, .gfp = GFP_KERNEL, .kind = VC_NO_CPUSET },
#endif
	{}
};

VC_GEN_PARAMS_FAMILIES(vc_cannot_serve)

/* Limit the task to memory of one node, or to all again. */
static void vc_set_cpuset(bool one)
{
#ifdef CONFIG_CPUSETS
	static nodemask_t before;

	if (one) {
		before = current->mems_allowed;
		cpuset_inc();
		set_mems_allowed(nodemask_of_node(first_memory_node));
	} else {
		set_mems_allowed(before);
		cpuset_dec();
	}
#endif
}

static void test_node_cannot_serve(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct page *page;
	struct vc_buf buf;
	int nid, served;

	if (num_node_state(N_MEMORY) < 2)
		kunit_skip(test, "there is one node only");
	if (param->kind == VC_NO_CPUSET)
		vc_set_cpuset(true);
	for_each_node_state(nid, N_MEMORY) {
		page = alloc_pages_node(nid, param->gfp, 3);
		served = page ? page_to_nid(page) : NUMA_NO_NODE;
		if (page)
			__free_pages(page, 3);
		if (!vc_try(&buf, param->exact, 7 * PAGE_SIZE, param->gfp, nid)) {
			KUNIT_FAIL(test, "node %d: no memory", nid);
			continue;
		}
		KUNIT_EXPECT_EQ(test, vcompound_is_contiguous(buf.head), !!page);
		if (page)
			KUNIT_EXPECT_EQ(test, page_to_nid(buf.head), served);
		vc_put(test, &buf);
	}
	if (param->kind == VC_NO_CPUSET)
		vc_set_cpuset(false);
}

/* The node that the test uses up, which does not run the kernel. */
static int vc_spare_node(struct kunit *test)
{
	int nid, last = NUMA_NO_NODE;

	if (num_node_state(N_MEMORY) < 2)
		kunit_skip(test, "there is one node only");
	for_each_node_state(nid, N_MEMORY)
		last = nid;
	return last;
}

/* Without a node, the memory policy of the task applies. */
static void test_node_policy(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf buf;
	bool got;
	int nid;

	vc_spare_node(test);
	for_each_node_state(nid, N_MEMORY) {
		vc_bind_to_node(nid);
		got = vc_try(&buf, param->exact, 13 * PAGE_SIZE, GFP_KERNEL, NUMA_NO_NODE);
		vc_set_policy(NULL);

		KUNIT_ASSERT_TRUE(test, got);
		vc_check(test, &buf, param->fallback);
		vc_expect_node(test, &buf, nid);
		vc_put(test, &buf);
	}
}

/* Memory that is taken from a node, so that little is left. */
struct vc_hog {
	int nid;
	struct list_head blocks;
};

static void vc_hog_keep(struct vc_hog *hog, struct page *page, unsigned int order)
{
	set_page_private(page, order);
	list_add(&page->lru, &hog->blocks);
}

static struct page *vc_hog_get(struct vc_hog *hog, unsigned int order)
{
	return alloc_pages_node(hog->nid, GFP_NOWAIT | __GFP_THISNODE | __GFP_NOWARN, order);
}

/* Take all available memory, down to blocks of order @least. */
static void vc_hog_take(struct vc_hog *hog, int least)
{
	struct page *page;
	int order;

	drain_all_pages(NULL);
	for (order = MAX_PAGE_ORDER; order >= least; order--)
		while ((page = vc_hog_get(hog, order)))
			vc_hog_keep(hog, page, order);
}

static void vc_hog_free(void *data)
{
	struct vc_hog *hog = data;
	struct page *page, *next;

	list_for_each_entry_safe(page, next, &hog->blocks, lru) {
		unsigned int order = page_private(page);

		set_page_private(page, 0);
		__free_pages(page, order);
	}
}

static struct vc_hog *vc_hog_create(struct kunit *test)
{
	struct vc_hog *hog = kunit_kzalloc(test, sizeof(*hog), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, hog);
	hog->nid = vc_spare_node(test);
	INIT_LIST_HEAD(&hog->blocks);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vc_hog_free, hog));
	return hog;
}

/* Leave enough single pages free, none next to another free one. */
static void vc_hog_fragment(struct kunit *test, struct vc_hog *hog)
{
	unsigned long nr_free = 0, nr = 4096;
	struct page *page, *next;
	struct zone *zone;
	LIST_HEAD(blocks);
	int i;

	for_each_populated_zone(zone)
		nr += 2 * high_wmark_pages(zone);

	vc_hog_take(hog, 0);
	list_for_each_entry_safe(page, next, &hog->blocks, lru)
		if (page_private(page) == MAX_PAGE_ORDER)
			list_move(&page->lru, &blocks);
	list_for_each_entry_safe(page, next, &blocks, lru) {
		list_del(&page->lru);
		if (nr_free >= nr) {
			vc_hog_keep(hog, page, MAX_PAGE_ORDER);
			continue;
		}
		split_page(page, MAX_PAGE_ORDER);
		for (i = 0; i < MAX_ORDER_NR_PAGES; i += 2) {
			set_page_private(page + i + 1, 0);
			vc_hog_keep(hog, page + i, 0);
			__free_page(page + i + 1);
			nr_free++;
		}
	}
	KUNIT_ASSERT_GE(test, nr_free, nr);
	/* The reserve could be used now. */
	vc_hog_take(hog, 1);
}

static unsigned long vc_pages_elsewhere(const struct vc_buf *buf, int nid)
{
	unsigned long i, nr = 0;

	for (i = 0; i < buf->nr; i++)
		nr += page_to_nid(compound_nth_page(buf->head, i)) != nid;
	return nr;
}

/*
 * Get a mapped allocation. Others free blocks of the node now and then, which
 * are taken first.
 */
static void vc_hog_get_mapped(struct kunit *test, struct vc_hog *hog,
			      struct vc_buf *buf, bool exact, gfp_t gfp)
{
	int tries;

	for (tries = 0; tries < 100; tries++) {
		vc_hog_take(hog, 1);
		KUNIT_ASSERT_TRUE(test, vc_try(buf, exact, 13 * PAGE_SIZE, gfp, hog->nid));
		if (!vcompound_is_contiguous(buf->head))
			break;
		KUNIT_EXPECT_EQ(test, page_to_nid(buf->head), hog->nid);
		vc_put(test, buf);
	}
	vc_check(test, buf, true);
}

/* Single pages of the node are preferred to contiguous ones of another. */
static void test_node_fragmented(struct kunit *test)
{
	struct vc_hog *hog = vc_hog_create(test);
	struct vc_buf buf;
	int exact;

	/* This is slow, so do it once for all requests. */
	vc_hog_fragment(test, hog);
	for (exact = 0; exact < 2; exact++) {
		vc_hog_get_mapped(test, hog, &buf, exact, GFP_KERNEL | __GFP_THISNODE);
		KUNIT_EXPECT_EQ(test, vc_pages_elsewhere(&buf, hog->nid), 0);
		vc_put(test, &buf);

		/*
		 * If a node is only preferred, the page allocator passes over
		 * it while its kswapd is awake.
		 */
		vc_hog_get_mapped(test, hog, &buf, exact, GFP_KERNEL);
		vc_put(test, &buf);
	}
}

/* Single pages of another node, when there is nothing left on this one. */
static void test_node_exhausted(struct kunit *test)
{
	struct vc_hog *hog = vc_hog_create(test);
	struct vc_buf buf;
	int exact, tries;

	for (exact = 0; exact < 2; exact++) {
		unsigned long elsewhere = 0;

		/* Reclaim may find some there, until all of it is taken. */
		for (tries = 0; tries < 100 && !elsewhere; tries++) {
			vc_hog_take(hog, 0);
			KUNIT_ASSERT_TRUE(test, vc_try(&buf, exact, 13 * PAGE_SIZE,
						       GFP_KERNEL, hog->nid));
			elsewhere = vc_pages_elsewhere(&buf, hog->nid);
			if (elsewhere)
				vc_check(test, &buf, true);
			vc_put(test, &buf);
		}
		KUNIT_EXPECT_GT(test, elsewhere, 0);

		/* Reclaim may find some there, but never elsewhere. */
		vc_hog_take(hog, 0);
		if (vc_try(&buf, exact, 200 * PAGE_SIZE, GFP_KERNEL | __GFP_THISNODE |
			   __GFP_NORETRY | __GFP_NOWARN, hog->nid)) {
			KUNIT_EXPECT_EQ(test, vc_pages_elsewhere(&buf, hog->nid), 0);
			vc_put(test, &buf);
		}
		vcompound_drain();
		vc_expect_pages_held(test, 0);
	}
}
#endif

/*
 * Wrong frees
 */

enum vc_bad {
	VC_BAD_TWICE, VC_BAD_TWICE_PAGE, VC_BAD_TWICE_DEFERRED,
	VC_BAD_TWICE_HELD, VC_BAD_PAGE, VC_BAD_LAST_PAGE, VC_BAD_ADDR_PAGE,
	VC_BAD_ADDR_BYTE, VC_BAD_ADDR_MIDDLE, VC_BAD_ALIAS, VC_BAD_DIRECT_MAP,
	VC_BAD_BEYOND,
};

static const struct vc_param vc_bad[] = {
	{ "twice", .kind = VC_BAD_TWICE },
	{ "twice by page", .kind = VC_BAD_TWICE_PAGE },
	{ "twice deferred", .kind = VC_BAD_TWICE_DEFERRED },
	{ "twice held", .kind = VC_BAD_TWICE_HELD },
	{ "second page", .kind = VC_BAD_PAGE },
	{ "last page", .kind = VC_BAD_LAST_PAGE },
	{ "second page address", .kind = VC_BAD_ADDR_PAGE },
	{ "second byte", .kind = VC_BAD_ADDR_BYTE },
	{ "middle byte", .kind = VC_BAD_ADDR_MIDDLE },
	{ "vmap alias", .kind = VC_BAD_ALIAS },
	{ "beyond the end", .one_outcome = true, .fallback = true,
	  .kind = VC_BAD_BEYOND },
	{ "direct map address of a mapped head", .one_family = true, .kind = VC_BAD_DIRECT_MAP },
	{}
};

VC_GEN_PARAMS_FAMILIES(vc_bad)

/* Free @buf once correctly and once more, which must be reported. */
static void vc_free_twice(struct kunit *test, struct vc_buf *buf, enum vc_bad kind)
{
	unsigned long flags;

	switch (kind) {
	case VC_BAD_TWICE:
		__free_vcompound(buf->addr);
		vcompound_drain();
		__free_vcompound(buf->addr);
		break;
	case VC_BAD_TWICE_PAGE:
		free_vcompound(buf->head);
		vcompound_drain();
		free_vcompound(buf->head);
		break;
	case VC_BAD_TWICE_DEFERRED:
		flags = vc_atomic_begin();
		__free_vcompound(buf->addr);
		__free_vcompound(buf->addr);
		vc_atomic_end(flags);
		break;
	default:
		get_page(buf->head);
		free_vcompound(buf->head);
		vcompound_drain();
		free_vcompound(buf->head);
		KUNIT_EXPECT_EQ(test, page_count(buf->head), 1);
		vc_expect_ordinary(test, buf, buf->head, 0);
		put_page(buf->head);
		break;
	}
}

static void vc_free_wrongly(struct kunit *test, struct vc_buf *buf, enum vc_bad kind)
{
	struct page *pages[8];
	void *alias;
	int i;

	switch (kind) {
	case VC_BAD_PAGE:
		free_vcompound(compound_nth_page(buf->head, 1));
		break;
	case VC_BAD_LAST_PAGE:
		free_vcompound(compound_nth_page(buf->head, buf->nr - 1));
		break;
	case VC_BAD_ADDR_PAGE:
		__free_vcompound(buf->addr + PAGE_SIZE);
		break;
	case VC_BAD_ADDR_BYTE:
		__free_vcompound(buf->addr + 1);
		break;
	case VC_BAD_ADDR_MIDDLE:
		__free_vcompound(buf->addr + buf->nr * PAGE_SIZE / 2 + 3);
		break;
	case VC_BAD_ALIAS:
		for (i = 0; i < 8; i++)
			pages[i] = compound_nth_page(buf->head, i);
		alias = vmap(pages, 8, VM_MAP, PAGE_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, alias);
		__free_vcompound(alias);
		KUNIT_EXPECT_NOT_NULL(test, find_vm_area(alias));
		vunmap(alias);
		break;
	case VC_BAD_DIRECT_MAP:
		if (is_vmalloc_addr(buf->addr))
			__free_vcompound(lowmem_page_address(buf->head));
		else
			__free_vcompound(lowmem_page_address(buf->head) + PAGE_SIZE);
		break;
	default:
		__free_vcompound(buf->addr + buf->nr * PAGE_SIZE);
		break;
	}
}

static void test_bad_free(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf buf, next;

	vc_get(test, &buf, 8 * PAGE_SIZE);
	vc_fill(&buf);

	if (param->kind <= VC_BAD_TWICE_HELD) {
		kunit_warning_suppress(test) {
			vc_free_twice(test, &buf, param->kind);
			KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
		}
		vcompound_drain();
		vc_expect_pages_held(test, 0);
	} else {
		kunit_warning_suppress(test) {
			vc_free_wrongly(test, &buf, param->kind);
			KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
		}
		vc_expect_alive(test, &buf, param->fallback);
		vc_put(test, &buf);
	}

	/* Everything still works. */
	vc_get(test, &next, 8 * PAGE_SIZE);
	vc_check(test, &next, param->fallback);
	vc_put(test, &next);
}

/* The type bits of @page as a free function reads them. */
static unsigned int vc_bits(const struct page *page)
{
	return PageVcompound(page) ? page->page_type & ~vcompound_type(0) : 0;
}

/* A warning gives the reason, not only that something is wrong. */
static void test_bad_free_reason(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	const char *freed, *held, *gone, *object;
	unsigned long i, flags;
	struct page *page;
	struct vc_buf buf;
	unsigned int bits;

	vc_get(test, &buf, 8 * PAGE_SIZE);
	vc_expect_word(test, vcompound_why_not_freed(NULL, 0, buf.addr), "mapped there");
	for (i = 1; i < buf.nr; i++) {
		page = compound_nth_page(buf.head, i);
		vc_expect_word(test, vcompound_why_not_freed(page, vc_bits(page),
							     vcompound_address(page)),
			       "not the start");
	}
	bits = vc_bits(buf.head);
	vc_expect_word(test, vcompound_why_not_freed(buf.head, bits, buf.addr + 1),
		       "not the start");

	get_page(buf.head);
	flags = vc_atomic_begin();
	vc_free(&buf);
	/* The type as read before freeing began, or after. */
	if (param->fallback)
		bits = vc_bits(buf.head);
	freed = vcompound_why_not_freed(buf.head, bits, buf.addr);
	vc_atomic_end(flags);
	vc_expect_word(test, freed, "being freed");

	vcompound_drain();
	held = vcompound_why_not_freed(buf.head, 0, lowmem_page_address(buf.head));
	vc_expect_word(test, held, "alloc_vcompound()");
	flags = vc_atomic_begin();
	put_page(buf.head);
	gone = vcompound_why_not_freed(buf.head, 0, lowmem_page_address(buf.head));
	vc_atomic_end(flags);
	vc_expect_word(test, gone, "already free");

	/* A slab page is not free, although its reference count is 0. */
	object = kunit_kzalloc(test, 64, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, object);
	vc_expect_word(test, vcompound_why_not_freed(virt_to_head_page(object), 0, object),
		       "alloc_vcompound()");
}

/* A block of the largest order is in no per-CPU list, and does not merge. */
static void test_bad_free_block(struct kunit *test)
{
	bool in_list = false;
	const char *gone;
	unsigned long flags;
	struct page *page;
	int tries;

	for (tries = 0; tries < 10 && !in_list; tries++) {
		vc_make_block(test, MAX_PAGE_ORDER);
		page = alloc_pages(GFP_KERNEL, MAX_PAGE_ORDER);
		KUNIT_ASSERT_NOT_NULL(test, page);
		flags = vc_atomic_begin();
		__free_pages(page, MAX_PAGE_ORDER);
		gone = vcompound_why_not_freed(page, 0, lowmem_page_address(page));
		in_list = PageBuddy(page);
		vc_atomic_end(flags);
		if (in_list)
			vc_expect_word(test, gone, "already free");
	}
	KUNIT_EXPECT_TRUE(test, in_list);
}

enum vc_foreign {
	VC_KMALLOC, VC_KMALLOC_LARGE, VC_PAGES, VC_PAGES_PAGE,
	VC_STACK, VC_STATIC, VC_NOWHERE, VC_LOW,
};

static const struct vc_param vc_foreign[] = {
	{ "kmalloc", .one_outcome = true, .kind = VC_KMALLOC },
	{ "large kmalloc", .one_outcome = true, .kind = VC_KMALLOC_LARGE },
	{ "alloc_pages address", .one_outcome = true, .kind = VC_PAGES },
	{ "alloc_pages page", .one_outcome = true, .kind = VC_PAGES_PAGE },
	{ "stack", .one_outcome = true, .kind = VC_STACK },
	{ "static data", .one_outcome = true, .kind = VC_STATIC },
	{ "unmapped vmalloc space", .one_outcome = true, .kind = VC_NOWHERE },
	{ "low address", .one_outcome = true, .kind = VC_LOW },
	{}
};

VC_GEN_PARAMS(vc_foreign)

static void test_foreign_free(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	static char in_data[64] = "data";
	char on_stack[64] = "stack";
	struct page *page = NULL;
	void *addr = NULL;

	switch ((enum vc_foreign)param->kind) {
	case VC_KMALLOC:
		addr = kmalloc(64, GFP_KERNEL);
		break;
	case VC_KMALLOC_LARGE:
		addr = kmalloc(8 * PAGE_SIZE, GFP_KERNEL);
		break;
	case VC_PAGES:
	case VC_PAGES_PAGE:
		page = alloc_pages(GFP_KERNEL, 1);
		addr = page ? page_address(page) : NULL;
		break;
	case VC_STACK:
		addr = on_stack;
		break;
	case VC_STATIC:
		addr = in_data;
		break;
	case VC_NOWHERE:
		addr = (void *)VMALLOC_END - 16 * PAGE_SIZE;
		break;
	case VC_LOW:
		addr = (void *)64;
		break;
	}
	KUNIT_ASSERT_NOT_NULL(test, addr);
	if (param->kind < VC_STACK)
		memset(addr, 0x77, 64);

	kunit_warning_suppress(test) {
		if (param->kind == VC_PAGES_PAGE)
			free_vcompound(page);
		else
			__free_vcompound(addr);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}

	if (param->kind < VC_STACK)
		KUNIT_EXPECT_NULL(test, memchr_inv(addr, 0x77, 64));
	if (page) {
		KUNIT_EXPECT_EQ(test, page_count(page), 1);
		__free_pages(page, 1);
	} else if (param->kind <= VC_KMALLOC_LARGE) {
		kfree(addr);
	}
}

VC_GEN_PARAMS(vc_areas)

static void test_foreign_area(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_area area;

	vc_area_create(test, &area, param->kind);
	kunit_warning_suppress(test) {
		__free_vcompound(area.addr);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
		if (area.pages[0])
			free_vcompound(area.pages[0]);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, area.pages[0] ? 2 : 1);
	}
	vcompound_drain();
	vc_area_put(test, &area, param->kind);
}

enum vc_vmalloc_call {
	VC_VFREE, VC_VUNMAP, VC_VREALLOC_MORE, VC_VREALLOC_LESS, VC_VREALLOC_NONE,
};

static const struct vc_param vc_vmalloc_calls[] = {
	{ "vfree", .one_outcome = true, .fallback = true, .kind = VC_VFREE },
	{ "vunmap", .one_outcome = true, .fallback = true, .kind = VC_VUNMAP },
	{ "vrealloc to more", .one_outcome = true, .fallback = true,
	  .kind = VC_VREALLOC_MORE },
	{ "vrealloc to less", .one_outcome = true, .fallback = true,
	  .kind = VC_VREALLOC_LESS },
	{ "vrealloc to nothing", .one_outcome = true, .fallback = true,
	  .kind = VC_VREALLOC_NONE },
	{}
};

VC_GEN_PARAMS_FAMILIES(vc_vmalloc_calls)

/*
 * The functions for vmalloc() memory refuse a mapped allocation, with a
 * warning, and leave it alone.
 */
static void test_vfree(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	void *other = NULL;
	struct vc_buf buf;

	vc_get(test, &buf, 5 * PAGE_SIZE);
	vc_fill(&buf);
	kunit_warning_suppress(test) {
		switch ((enum vc_vmalloc_call)param->kind) {
		case VC_VFREE:
			vfree(buf.addr);
			break;
		case VC_VUNMAP:
			vunmap(buf.addr);
			break;
		case VC_VREALLOC_MORE:
			other = vrealloc(buf.addr, buf.size + PAGE_SIZE, GFP_KERNEL);
			break;
		case VC_VREALLOC_LESS:
			other = vrealloc(buf.addr, PAGE_SIZE, GFP_KERNEL);
			break;
		case VC_VREALLOC_NONE:
			other = vrealloc(buf.addr, 0, GFP_KERNEL);
			break;
		}
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	KUNIT_EXPECT_NULL(test, other);
	vc_expect_alive(test, &buf, true);
	vc_put(test, &buf);
}

/* Drop the reference that belongs to the allocation. */
static const struct vc_param vc_over_put[] = {
	{ "put_page", .kind = VC_PUT_PAGE },
	{ "folio_put", .kind = VC_FOLIO_PUT },
	{ "release_pages", .kind = VC_RELEASE_PAGES },
	{ "__free_page", .kind = VC_FREE_PAGES },
	{ "__free_pages", .kind = VC_FREE_PAGES, .order = 3 },
	{ "free_pages", .kind = VC_FREE_PAGES_ADDR, .order = 3 },
	{}
};

VC_GEN_PARAMS_FAMILIES(vc_over_put)

static void test_over_put_head(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf buf;

	vc_get(test, &buf, 8 * PAGE_SIZE);
	vc_fill(&buf);
	kunit_warning_suppress(test) {
		vc_drop(buf.head, param->order, param->kind);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	vc_expect_alive(test, &buf, param->fallback);
	vc_put(test, &buf);
}

/*
 * In any context: the page is left alone, and not reported where that is not
 * allowed.
 */
static void test_over_put_nolock(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf buf;

	vc_get(test, &buf, 8 * PAGE_SIZE);
	vc_fill(&buf);
	kunit_warning_suppress(test) {
		vc_drop_nolock(buf.head, 0);
		vc_drop_nolock(buf.head, 3);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 0);
	}
	vc_expect_alive(test, &buf, param->fallback);
	vc_put(test, &buf);
}

/* Of any page. The pages of a compound page share the reference of the head. */
static void test_over_put_other(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf buf;
	unsigned long i;

	vc_get(test, &buf, 8 * PAGE_SIZE);
	vc_fill(&buf);
	for (i = 1; i < buf.nr; i++) {
		kunit_warning_suppress(test) {
			vc_drop(compound_head(compound_nth_page(buf.head, i)),
				param->order, param->kind);
			KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
		}
	}
	vc_expect_alive(test, &buf, param->fallback);
	vc_put(test, &buf);
}

/* Two tasks free the same allocation at the same time: one is reported. */
struct vc_racer {
	struct kunit *test;
	void **slot;
	atomic_t *ready;
	bool spin;
	int shift;
	int rounds;
	int warnings;
	struct completion done;
};

/* Wait until there have been @arrivals arrivals. */
static void vc_race_meet(struct vc_racer *racer, int arrivals)
{
	int spin = 0;

	atomic_inc(racer->ready);
	while (atomic_read(racer->ready) < arrivals) {
		/*
		 * The other task may be kept from running by one that waits for
		 * this CPU.
		 */
		if (racer->spin && ++spin % 4096)
			cpu_relax();
		else
			cond_resched();
	}
}

static int vc_race(void *data)
{
	struct vc_racer *racer = data;
	int i, delay;

	kunit_warning_suppress(racer->test) {
		for (i = 0; i < racer->rounds; i++) {
			/* Two arrivals start a round, two more end it. */
			vc_race_meet(racer, 4 * i + 2);
			/* Vary which one is first, and by how much. */
			for (delay = (i >> racer->shift) % 32; racer->spin && delay; delay--)
				cpu_relax();
			__free_vcompound(racer->slot[i]);
			vc_race_meet(racer, 4 * i + 4);
			cond_resched();
		}
		racer->warnings = KUNIT_SUPPRESSED_WARNING_COUNT();
	}
	complete(&racer->done);
	return 0;
}

static void test_free_race(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	const int rounds = num_online_cpus() > 1 ? 512 : 20;
	struct task_struct *task[2];
	struct vc_racer racer[2];
	atomic_t ready = ATOMIC_INIT(0);
	struct vc_buf buf;
	void **slot;
	int i;

	slot = kunit_kcalloc(test, rounds, sizeof(*slot), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, slot);
	for (i = 0; i < rounds; i++) {
		vc_get_gfp(test, &buf, param->exact, 2 * PAGE_SIZE, GFP_KERNEL);
		slot[i] = buf.addr;
	}

	for (i = 0; i < 2; i++) {
		racer[i] = (struct vc_racer) {
			.test = test, .slot = slot, .ready = &ready,
			.spin = num_online_cpus() > 1, .shift = 5 * i,
			.rounds = rounds,
		};
		init_completion(&racer[i].done);
		task[i] = kthread_create(vc_race, &racer[i], "vcompound_race/%d", i);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task[i]);
		if (i < num_online_cpus())
			set_cpus_allowed_ptr(task[i], cpumask_of(i));
	}
	for (i = 0; i < 2; i++)
		wake_up_process(task[i]);
	for (i = 0; i < 2; i++)
		wait_for_completion(&racer[i].done);

	KUNIT_EXPECT_EQ(test, racer[0].warnings + racer[1].warnings, rounds);
	vcompound_drain();
	vc_expect_pages_held(test, 0);
}

/*
 * Memory debugging and accounting
 */

/*
 * Copies to and from user space that cross page boundaries, under hardened
 * usercopy.
 */
static void test_usercopy(struct kunit *test)
{
	const size_t size = 9 * PAGE_SIZE - 100;
	unsigned long uaddr;
	struct vc_buf buf;
	size_t off;

	uaddr = kunit_vm_mmap(test, NULL, 0, 9 * PAGE_SIZE, PROT_READ | PROT_WRITE,
			      MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_NE(test, uaddr, 0UL);

	vc_get(test, &buf, size);
	vc_fill(&buf);
	KUNIT_EXPECT_EQ(test, 0UL,
			copy_to_user((void __user *)uaddr, buf.addr, size));
	memset(buf.addr, 0, size);
	KUNIT_EXPECT_EQ(test, 0UL,
			copy_from_user(buf.addr, (void __user *)uaddr, size));
	KUNIT_EXPECT_TRUE(test, vc_is_filled(&buf) || !buf.exact);

	/* Short ones over each boundary. */
	for (off = PAGE_SIZE - 9; off + 18 < size; off += PAGE_SIZE) {
		KUNIT_EXPECT_EQ(test, 0UL,
				copy_to_user((void __user *)uaddr, buf.addr + off, 18));
		KUNIT_EXPECT_EQ(test, 0UL,
				copy_from_user(buf.addr + off, (void __user *)uaddr, 18));
	}
	for (off = 0; off < size; off++)
		if (((u8 *)buf.addr)[off] != vc_byte(off))
			break;
	KUNIT_EXPECT_EQ(test, off, size);
	vc_put(test, &buf);
}

#ifdef CONFIG_HAS_DMA
static void test_dma_map(struct kunit *test)
{
	struct vc_buf buf;

	vc_get(test, &buf, 8 * PAGE_SIZE);
	vc_check_dma(test, &buf);
	vc_put(test, &buf);
}
#endif

#ifdef CONFIG_KASAN_GENERIC
static bool vc_accessible(const void *addr)
{
	s8 shadow = READ_ONCE(*(s8 *)kasan_mem_to_shadow(addr));
	s8 in_granule = (unsigned long)addr & (BIT(KASAN_SHADOW_SCALE_SHIFT) - 1);

	return !shadow || in_granule < shadow;
}

static const size_t vc_redzone_sizes[] = {
	1, 13, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 3 * PAGE_SIZE - 5,
	3 * PAGE_SIZE, 7 * PAGE_SIZE + 8, 9 * PAGE_SIZE + 777,
};

/* Or the address has no shadow any more. */
static bool vc_is_poisoned(const void *addr)
{
	s8 shadow;

	return copy_from_kernel_nofault(&shadow, kasan_mem_to_shadow(addr), 1) || shadow;
}

/*
 * The address may have been reused by the time of the check, so try a few
 * times.
 */
static void vc_expect_freed_area_poisoned(struct kunit *test, bool exact)
{
	bool poisoned, unused = false;
	struct vc_buf buf;
	int tries;

	for (tries = 0; tries < 10 && !unused; tries++) {
		vc_get_gfp(test, &buf, exact, 2 * PAGE_SIZE, GFP_KERNEL);
		vc_free(&buf);
		vcompound_drain();
		poisoned = vc_is_poisoned(buf.addr) && vc_is_poisoned(buf.addr + PAGE_SIZE);
		unused = !find_vm_area(buf.addr);
		if (unused)
			KUNIT_EXPECT_TRUE(test, poisoned);
	}
	KUNIT_EXPECT_TRUE(test, unused);
}

static void test_kasan(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	unsigned long flags;
	struct page *page;
	struct vc_buf buf;
	bool poisoned;
	size_t off;
	void *tail;
	int i;

	if (param->fallback && !IS_ENABLED(CONFIG_KASAN_VMALLOC))
		kunit_skip(test, "vmalloc space is not watched");

	for (i = 0; i < ARRAY_SIZE(vc_redzone_sizes); i++) {
		vc_get_gfp(test, &buf, true, vc_redzone_sizes[i], GFP_KERNEL);
		for (off = 0; off < buf.size; off++)
			if (!vc_accessible(buf.addr + off))
				break;
		KUNIT_EXPECT_EQ(test, off, buf.size);
		for (; off < buf.nr * PAGE_SIZE; off++)
			if (vc_accessible(buf.addr + off))
				break;
		KUNIT_EXPECT_EQ(test, off, buf.nr * PAGE_SIZE);

		/* A holder of a reference may access the whole page. */
		page = compound_nth_page(buf.head, buf.nr - 1);
		get_page(page);
		vc_free(&buf);
		vcompound_drain();
		tail = page_address(page);
		for (off = 0; off < PAGE_SIZE; off++)
			if (!vc_accessible(tail + off))
				break;
		KUNIT_EXPECT_EQ(test, off, PAGE_SIZE);
		put_page(page);
		vc_expect_pages_held(test, 0);
	}

	/* Freed memory must not be accessed. */
	if (param->fallback) {
		vc_expect_freed_area_poisoned(test, param->exact);
		return;
	}
	vc_get_gfp(test, &buf, param->exact, 2 * PAGE_SIZE, GFP_KERNEL);
	/*
	 * This CPU keeps the pages for the next request, which is not allowed
	 * to run.
	 */
	flags = vc_atomic_begin();
	vc_free(&buf);
	poisoned = vc_is_poisoned(buf.addr) && vc_is_poisoned(buf.addr + PAGE_SIZE);
	vc_atomic_end(flags);
	KUNIT_EXPECT_TRUE(test, poisoned);
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

static bool vc_try_charged_node(struct vc_buf *buf, bool exact, size_t size,
				gfp_t gfp, struct mem_cgroup *memcg, int nid)
{
	struct mem_cgroup *old = set_active_memcg(memcg);
	bool got = vc_try(buf, exact, size, gfp, nid);

	set_active_memcg(old);
	return got;
}

static bool vc_try_charged(struct vc_buf *buf, bool exact, size_t size,
			   gfp_t gfp, struct mem_cgroup *memcg)
{
	return vc_try_charged_node(buf, exact, size, gfp, memcg, NUMA_NO_NODE);
}

static void test_memcg(struct kunit *test)
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
static void test_memcg_vmalloc(struct kunit *test)
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
static void test_memcg_over_put(struct kunit *test)
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

static const struct vc_param vc_checks[] = {
	{ "checked as elsewhere", .one_outcome = true },
	{ "not checked", .one_outcome = true, .kind = 1 },
	{}
};

VC_GEN_PARAMS(vc_checks)

static void vc_checks_on(void *unused)
{
	static_branch_enable(&check_pages_enabled);
}

/*
 * If the parameter requests it, pages are not checked when they are freed,
 * until the test ends.
 */
static void vc_checks_off(struct kunit *test)
{
	const struct vc_param *param = test->param_value;

	if (!param->kind || !static_key_enabled(&check_pages_enabled))
		return;
	static_branch_disable(&check_pages_enabled);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vc_checks_on, NULL));
}

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
static void test_exact_blocks(struct kunit *test)
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
static void test_exact_merges(struct kunit *test)
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

VC_GEN_PARAMS(vc_rests)

/*
 * If others have allocated the rest of a block, it stays theirs: all of it, or
 * all but its first page, which is free like the whole was before. Others may
 * take that page or split the rest first. Then the test tries again, and does
 * not pass without.
 */
static void test_exact_rest_taken(struct kunit *test)
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
static void test_exact_bad_page(struct kunit *test)
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
static void test_exact_above_pageblock(struct kunit *test)
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

static const struct vc_param vc_tags[] = {
	{ "" },
	{ "not checked", .kind = 1 },
	{}
};

VC_GEN_PARAMS(vc_tags)

/*
 * Each page has its tag, no matter which block it was trimmed from, and loses
 * it when it is freed.
 */
static void test_tags_page_by_page(struct kunit *test)
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

#if defined(CONFIG_TRACEPOINTS) && defined(CONFIG_VM_EVENT_COUNTERS)
/*
 * Freed pages are counted: those of the allocation, the rest of their block,
 * and held pages.
 */
static void test_pgfree(struct kunit *test)
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

VC_GEN_PARAMS_FAMILIES(vc_askers)

/*
 * The attempt to get contiguous pages makes no extra effort unless
 * __GFP_RETRY_MAYFAIL is given. The fallback uses the flags of the caller.
 * Accounted pages are requested one by one, so each is seen.
 */
static void test_asks(struct kunit *test)
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

VC_GEN_PARAMS_FAMILIES(vc_killed)

static void test_killed(struct kunit *test)
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

/* A full cgroup: NULL, and nothing is left behind. */
static void test_memcg_full(struct kunit *test)
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

#ifdef CONFIG_FAULT_INJECTION
/* The first attempt fails: a fallback that is not forced. */
#ifdef CONFIG_FAIL_PAGE_ALLOC
static const struct vc_param vc_real[] = {
	{ "GFP_KERNEL", .one_outcome = true, .gfp = GFP_KERNEL },
	{ "nofail", .one_outcome = true, .gfp = GFP_KERNEL | __GFP_NOFAIL },
	{ "node", .one_outcome = true, .gfp = GFP_KERNEL, .kind = 1 },
	{}
};

VC_GEN_PARAMS_FAMILIES(vc_real)

static void test_real_fallback(struct kunit *test)
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

VC_GEN_PARAMS_FAMILIES(vc_fail)

static void test_atomic_fails(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	unsigned long *events = vc_events(test);
	struct vc_buf buf;
	bool got = false;

	vc_rearm_warnings();
	kunit_warning_suppress(test) {
		current->fail_nth = 1;
		got = vc_try(&buf, param->exact, 8 * PAGE_SIZE, param->gfp, NUMA_NO_NODE);
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

VC_GEN_PARAMS_FAMILIES(vc_nth)

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

	return nth + (IS_ENABLED(CONFIG_KASAN) && nth > ends && nth + step + ends < made ? step : 1);
}

/*
 * Fail each allocation in turn, until there is none left to fail. Now and then
 * the slab allocator and KASAN allocate for themselves, which can fail
 * silently. The next request finds that done, so its own allocation fails.
 */
static void test_fail_nth(struct kunit *test)
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
	 * unless it must not fail.
	 */
	if (!param->fallback)
		KUNIT_EXPECT_GE(test, nth, 2U);
	if (!(param->gfp & __GFP_NOFAIL) &&
	    (param->fallback || param->size > MAX_ORDER_NR_PAGES * PAGE_SIZE)) {
		KUNIT_EXPECT_GE(test, nth, 4U);
		KUNIT_EXPECT_GE(test, refused, 2U);
	}
}
#endif
#endif

#ifdef CONFIG_MEMORY_FAILURE
/*
 * A poisoned page stays with its owner, and keeps its reference when it is
 * unpoisoned.
 */
static void test_memory_failure(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct page *page;
	unsigned long pfn, i;
	struct vc_buf buf;

	vc_get(test, &buf, 4 * PAGE_SIZE);
	vc_fill(&buf);
	for (i = 0; i < buf.nr; i++) {
		page = compound_nth_page(buf.head, i);
		pfn = page_to_pfn(page);
		KUNIT_EXPECT_EQ(test, memory_failure(pfn, MF_SW_SIMULATED), -EBUSY);
		KUNIT_EXPECT_TRUE(test, PageHWPoison(page));
		KUNIT_EXPECT_EQ(test, unpoison_memory(pfn), -EBUSY);
		vc_expect_alive(test, &buf, param->fallback);
		if (TestClearPageHWPoison(page))
			num_poisoned_pages_sub(pfn, 1);
	}
	vc_put(test, &buf);
	vcompound_drain();
	vc_expect_pages_held(test, 0);
}
#endif

/*
 * A reference to a vcompound head is one reference, no matter which order is
 * passed. This test is last: if it fails, pages of others are freed.
 */
static void test_free_pages_ref(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf buf;

	vc_get(test, &buf, 8 * PAGE_SIZE);
	vc_fill(&buf);
	get_page(buf.head);
	get_page(buf.head);
	__free_pages(buf.head, 3);
	KUNIT_EXPECT_EQ(test, page_count(buf.head), 2);
	vc_expect_buf_held(test, &buf);
	__free_pages(buf.head, 3);
	vc_expect_alive(test, &buf, param->fallback);
	vc_put(test, &buf);
}

static struct kunit_case vcompound_test_cases[] = {
	KUNIT_CASE_PARAM(test_calls, vc_calls_gen_params),
	KUNIT_CASE(test_free_null),
	KUNIT_CASE_PARAM(test_orders, vc_orders_gen_params),
	KUNIT_CASE_PARAM(test_exact_sizes, vc_sizes_gen_params),
	KUNIT_CASE_PARAM(test_above_max_order, vc_above_max_order_gen_params),
#ifdef CONFIG_TRACEPOINTS
	KUNIT_CASE_PARAM(test_single_pages, vc_single_gen_params),
#endif
#ifdef CONFIG_TRACEPOINTS
	KUNIT_CASE_PARAM(test_vmalloc_chunks, vc_outcomes_gen_params),
#endif
	KUNIT_CASE_PARAM(test_one_page, vc_outcomes_gen_params),
	KUNIT_CASE(test_contiguous_kinds),
	KUNIT_CASE(test_other_pages),
	KUNIT_CASE(test_ending),
#ifdef CONFIG_DEBUG_VM
	KUNIT_CASE_PARAM(test_nth_beyond, vc_families_gen_params),
#endif
	KUNIT_CASE_PARAM(test_neighbours, vc_fallback_gen_params),
	KUNIT_CASE(test_free_pages_behind),
	KUNIT_CASE(test_other_type),
#ifdef CONFIG_DEBUG_FS
	KUNIT_CASE(test_switch),
#endif
#ifdef CONFIG_VFALLBACK_ALWAYS
	KUNIT_CASE(test_chance),
#endif
	KUNIT_CASE_PARAM(test_many, vc_families_gen_params),
	KUNIT_CASE_PARAM(test_zero, vc_zero_gen_params),
	KUNIT_CASE(test_vmallocinfo),
	KUNIT_CASE_PARAM(test_no_leak, vc_families_gen_params),
	KUNIT_CASE_PARAM(test_held_is_seen, vc_families_gen_params),
	KUNIT_CASE_PARAM(test_ref_dropped_after, vc_ref_gen_params),
	KUNIT_CASE_PARAM(test_ref_dropped_before, vc_ref_gen_params),
	KUNIT_CASE_PARAM(test_ref_mixed, vc_families_gen_params),
	KUNIT_CASE_PARAM(test_ref_read, vc_families_gen_params),
	KUNIT_CASE_PARAM(test_ref_lru, vc_fallback_gen_params),
	KUNIT_CASE_PARAM(test_ref_reuse, vc_families_gen_params),
	KUNIT_CASE_PARAM(test_free_context, vc_contexts_gen_params),
#ifdef CONFIG_TRACEPOINTS
	KUNIT_CASE_PARAM(test_unmapped_first, vc_fallback_gen_params),
#if !defined(CONFIG_PREEMPTION) && defined(CONFIG_PREEMPT_COUNT)
	KUNIT_CASE_PARAM(test_resched, vc_fallback_gen_params),
#endif
#endif
	KUNIT_CASE_PARAM(test_free_deferred, vc_fallback_gen_params),
#ifdef CONFIG_TRACEPOINTS
	KUNIT_CASE_PARAM(test_free_not_running, vc_fallback_gen_params),
#endif
	KUNIT_CASE_PARAM(test_drain_many, vc_families_gen_params),
	KUNIT_CASE_PARAM(test_slow_unmap, vc_fallback_gen_params),
	KUNIT_CASE_PARAM(test_request_unmaps, vc_requests_gen_params),
	KUNIT_CASE_PARAM(test_drain_anywhere, vc_drainers_gen_params),
#ifdef CONFIG_SMP
	KUNIT_CASE_PARAM(test_busy_cpu, vc_fallback_gen_params),
#endif
	KUNIT_CASE_PARAM(test_user, vc_families_gen_params),
#ifdef CONFIG_DEBUG_VM
	KUNIT_CASE_PARAM(test_rmap, vc_rmap_gen_params),
#endif
	KUNIT_CASE_PARAM(test_atomic, vc_atomic_gen_params),
	KUNIT_CASE(test_atomic_above_max),
#ifdef CONFIG_TRACEPOINTS
	KUNIT_CASE(test_exact_hardirq),
#endif
	KUNIT_CASE_PARAM(test_events, vc_families_gen_params),
#ifdef CONFIG_TRACEPOINTS
	KUNIT_CASE_PARAM(test_trace, vc_calls_gen_params),
#endif
#ifdef CONFIG_TRACING
	KUNIT_CASE_PARAM(test_trace_lines, vc_families_gen_params),
#endif
	KUNIT_CASE_PARAM(test_gfp, vc_gfp_gen_params),
	KUNIT_CASE_PARAM(test_cleared_flags, vc_cleared_gen_params),
	KUNIT_CASE_PARAM(test_nofail_atomic, vc_families_gen_params),
#if defined(CONFIG_ZONE_DMA) || defined(CONFIG_ZONE_DMA32)
	KUNIT_CASE_PARAM(test_zone, vc_zone_gen_params),
#endif
	KUNIT_CASE_PARAM(test_impossible, vc_impossible_gen_params),
#ifndef CONFIG_KASAN_VMALLOC
	KUNIT_CASE_PARAM(test_no_space, vc_no_space_gen_params),
#endif
	KUNIT_CASE_PARAM(test_nodes, vc_families_gen_params),
	KUNIT_CASE_PARAM(test_node_vmalloc, vc_families_gen_params),
#ifdef CONFIG_NUMA
	KUNIT_CASE_PARAM(test_node_cannot_serve, vc_cannot_serve_gen_params),
	KUNIT_CASE_PARAM(test_node_policy, vc_families_gen_params),
	KUNIT_CASE_SLOW(test_node_fragmented),
	KUNIT_CASE_SLOW(test_node_exhausted),
#endif
	KUNIT_CASE_PARAM(test_bad_free, vc_bad_gen_params),
	KUNIT_CASE_PARAM(test_bad_free_reason, vc_families_gen_params),
	KUNIT_CASE(test_bad_free_block),
	KUNIT_CASE_PARAM(test_foreign_free, vc_foreign_gen_params),
	KUNIT_CASE_PARAM(test_foreign_area, vc_areas_gen_params),
	KUNIT_CASE_PARAM(test_vfree, vc_vmalloc_calls_gen_params),
	KUNIT_CASE_PARAM(test_over_put_head, vc_over_put_gen_params),
	KUNIT_CASE_PARAM(test_over_put_nolock, vc_families_gen_params),
	KUNIT_CASE_PARAM(test_over_put_other, vc_over_put_gen_params),
	KUNIT_CASE_PARAM(test_free_race, vc_families_gen_params),
	KUNIT_CASE_PARAM(test_usercopy, vc_families_gen_params),
#ifdef CONFIG_HAS_DMA
	KUNIT_CASE_PARAM(test_dma_map, vc_families_gen_params),
#endif
#ifdef CONFIG_KASAN_GENERIC
	KUNIT_CASE_PARAM(test_kasan, vc_families_gen_params),
#endif
#ifdef CONFIG_MEMCG
	KUNIT_CASE_PARAM(test_memcg, vc_families_gen_params),
	KUNIT_CASE_PARAM(test_memcg_vmalloc, vc_families_gen_params),
	KUNIT_CASE_PARAM(test_exact_blocks, vc_checks_gen_params),
#ifdef CONFIG_TRACEPOINTS
	KUNIT_CASE(test_exact_merges),
#endif
#if defined(CONFIG_TRACEPOINTS) && defined(CONFIG_VM_EVENT_COUNTERS)
	KUNIT_CASE_PARAM(test_exact_bad_page, vc_checks_gen_params),
#endif
	KUNIT_CASE_PARAM(test_exact_rest_taken, vc_rests_gen_params),
	KUNIT_CASE(test_exact_above_pageblock),
	KUNIT_CASE_PARAM(test_tags_page_by_page, vc_tags_gen_params),
#if defined(CONFIG_TRACEPOINTS) && defined(CONFIG_VM_EVENT_COUNTERS)
	KUNIT_CASE_PARAM(test_pgfree, vc_families_gen_params),
#endif
#ifdef CONFIG_TRACEPOINTS
	KUNIT_CASE_PARAM(test_asks, vc_askers_gen_params),
#endif
	KUNIT_CASE_PARAM(test_killed, vc_killed_gen_params),
	KUNIT_CASE_PARAM(test_memcg_full, vc_families_gen_params),
	KUNIT_CASE_PARAM(test_memcg_over_put, vc_over_put_gen_params),
#endif
#ifdef CONFIG_FAIL_PAGE_ALLOC
	KUNIT_CASE_PARAM(test_real_fallback, vc_real_gen_params),
	KUNIT_CASE_PARAM(test_atomic_fails, vc_fail_gen_params),
#ifdef VC_FAIL_NTH
	KUNIT_CASE_PARAM(test_fail_nth, vc_nth_gen_params),
#endif
#endif
#ifdef CONFIG_MEMORY_FAILURE
	KUNIT_CASE_PARAM(test_memory_failure, vc_families_gen_params),
#endif
	KUNIT_CASE_PARAM(test_free_pages_ref, vc_families_gen_params),
	{}
};

static struct kunit_suite vcompound_test_suite = {
	.name = "vcompound",
	.suite_init = vc_suite_init,
	.suite_exit = vc_suite_exit,
	.init = vc_init,
	.exit = vc_exit,
	.test_cases = vcompound_test_cases,
};

kunit_test_suite(vcompound_test_suite);

MODULE_DESCRIPTION("KUnit tests for virtual compound pages");
MODULE_LICENSE("GPL");
