// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for __GFP_VFALLBACK
 *
 * They check the rules of Documentation/mm/vcompound.rst about the flag: the
 * allocations of alloc_pages() with contiguous pages and with the fallback
 * forced, every way to free them, the results of page_address() and
 * virt_to_head_page(), and that callers that need contiguous memory get no
 * other.
 */
#include <kunit/device.h>
#include <kunit/test.h>
#include <linux/async_tx.h>
#include <linux/bio.h>
#include <linux/bvec.h>
#include <linux/dma-mapping.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/kthread.h>
#include <linux/memcontrol.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/pipe_fs_i.h>
#include <linux/scatterlist.h>
#include <linux/set_memory.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/vcompound.h>
#include <linux/vmalloc.h>
#include <linux/vmstat.h>
#include <crypto/scatterwalk.h>
#ifdef CONFIG_NET
#include <net/sock.h>
#endif
#ifdef CONFIG_PAGE_POOL
#include <net/page_pool/helpers.h>
#endif

#include <trace/events/workqueue.h>

#include "../vcompound.h"
#include "vcompound_kunit.h"

/* The order of allocations whose order does not matter. */
#define VF_ORDER	3
#define VF_NR		BIT(VF_ORDER)

static const struct vc_param vf_outcomes[] = { { "" }, {} };

VC_GEN_PARAMS(vf_outcomes)

/*
 * Allocating and freeing
 */

static void vf_set(struct kunit *test, struct vc_buf *buf, struct page *head,
		   unsigned int order)
{
	KUNIT_ASSERT_NOT_NULL(test, head);
	*buf = (struct vc_buf) {
		.head = head,
		.addr = page_address(head),
		.nr = BIT(order),
		.size = PAGE_SIZE << order,
	};
	vc_look(buf);
}

static void vf_get_gfp(struct kunit *test, struct vc_buf *buf,
		       unsigned int order, gfp_t gfp)
{
	vf_set(test, buf, vc_hooks(alloc_pages_noprof(gfp, order)), order);
}

/* With the outcome that the parameter of the test requests. */
static void vf_get(struct kunit *test, struct vc_buf *buf, unsigned int order)
{
	const struct vc_param *param = test->param_value;

	vc_make_block(test, order);
	vf_get_gfp(test, buf, order, GFP_VFALLBACK);
	KUNIT_ASSERT_EQ(test, vc_is_mapped(buf), param->fallback && order);
	if (vc_is_mapped(buf))
		vc_expect_scattered(test, buf);
}

static const struct vc_param vf_ways[] = {
	{ "__free_pages", .kind = VC_FREE_PAGES },
	{ "free_pages", .kind = VC_FREE_PAGES_ADDR },
	{ "put_page", .kind = VC_PUT_PAGE },
	{ "folio_put", .kind = VC_FOLIO_PUT },
	{ "release_pages", .kind = VC_RELEASE_PAGES },
	{}
};

VC_GEN_PARAMS(vf_ways)

static void vf_drop(struct vc_buf *buf, enum vc_way way)
{
	vc_drop(buf->head, get_order(buf->size), way);
}

/*
 * Check that nothing is left of @buf, except @nr pages that are held elsewhere.
 */
static void vf_expect_ended(struct kunit *test, const struct vc_buf *buf,
			    unsigned long nr)
{
	vcompound_drain();
	vc_expect_pages_held(test, nr);
	vc_expect_unmapped(test, buf);
}

static void vf_put(struct kunit *test, struct vc_buf *buf)
{
	vf_drop(buf, VC_FREE_PAGES);
	vf_expect_ended(test, buf, 0);
}

/*
 * Checking
 */

static void vf_check_mapped(struct kunit *test, const struct vc_buf *buf,
			    unsigned long i)
{
	struct page *page = compound_nth_page(buf->head, i);

	KUNIT_EXPECT_TRUE(test, PageVcompound(page));
	KUNIT_EXPECT_FALSE(test, PageCompound(page));
	KUNIT_EXPECT_PTR_EQ(test, compound_head(page), page);
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	KUNIT_EXPECT_PTR_NE(test, lowmem_page_address(page), page_address(page));
	KUNIT_EXPECT_PTR_NE(test, page_to_virt(page), page_address(page));
	KUNIT_EXPECT_PTR_EQ(test, vmalloc_to_page(page_address(page)), page);
	/* The direct map leads to the page, not to its allocation. */
	KUNIT_EXPECT_PTR_EQ(test, virt_to_head_page(lowmem_page_address(page)), page);
}

static void vf_check_contiguous(struct kunit *test, const struct vc_buf *buf,
				unsigned long i)
{
	struct page *page = buf->head + i;

	KUNIT_EXPECT_EQ(test, !!PageVcompound(page), !i);
	KUNIT_EXPECT_PTR_EQ(test, compound_head(page), buf->head);
	KUNIT_EXPECT_EQ(test, !!PageTail(page), !!i);
	KUNIT_EXPECT_EQ(test, page_ref_count(page), !i);
	KUNIT_EXPECT_PTR_EQ(test, page_to_virt(page), page_address(page));
}

static void vf_check(struct kunit *test, const struct vc_buf *buf)
{
	static const unsigned int offsets[] = { 0, 1, PAGE_SIZE / 2 + 1, PAGE_SIZE - 1 };
	unsigned int order = vc_is_mapped(buf) ? 0 : get_order(buf->size);
	unsigned long i, j;

	KUNIT_EXPECT_TRUE(test, IS_ALIGNED((unsigned long)buf->addr, buf->size));
	KUNIT_EXPECT_EQ(test, !!PageHead(buf->head), !!order);
	KUNIT_EXPECT_EQ(test, compound_order(buf->head), order);
	KUNIT_EXPECT_EQ(test, vcompound_nr_pages(buf->head), buf->nr);
	KUNIT_EXPECT_EQ(test, vcompound_is_contiguous(buf->head), !vc_is_mapped(buf));
	KUNIT_EXPECT_EQ(test, !!find_vm_area(buf->addr), vc_is_mapped(buf));

	for (i = 0; i < buf->nr; i++) {
		struct page *page = compound_nth_page(buf->head, i);
		void *addr = buf->addr + i * PAGE_SIZE;

		KUNIT_ASSERT_NOT_NULL(test, page);
		KUNIT_EXPECT_PTR_EQ(test, page_address(page), addr);
		KUNIT_EXPECT_PTR_EQ(test, vcompound_address(page), addr);
		for (j = 0; j < ARRAY_SIZE(offsets); j++)
			KUNIT_EXPECT_PTR_EQ(test, virt_to_head_page(addr + offsets[j]),
					    buf->head);
		if (vc_is_mapped(buf))
			vf_check_mapped(test, buf, i);
		else
			vf_check_contiguous(test, buf, i);
	}
}

/* Check that @buf is unchanged since it was filled. */
static void vf_expect_alive(struct kunit *test, const struct vc_buf *buf)
{
	unsigned long i;

	vcompound_drain();
	vf_check(test, buf);
	for (i = 0; i < buf->nr; i++)
		KUNIT_EXPECT_TRUE(test, vc_page_is_filled(buf, compound_nth_page(buf->head, i), i));
	vc_expect_buf_held(test, buf);
}

/*
 * Allocations
 */

static const struct vc_param vf_orders[] = {
	{ "order 0", .order = 0 },
	{ "order 1", .order = 1 },
	{ "order 2", .order = 2 },
	{ "order 3", .order = 3 },
	{ "order 5", .order = 5 },
	{ "order 8", .order = 8 },
	{ "max order", .order = MAX_PAGE_ORDER },
	{}
};

VC_GEN_PARAMS(vf_orders)

/*
 * Written by address, read through each page, and the other way round, across
 * their ends.
 */
static void test_orders(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf buf;
	unsigned long i;

	vf_get(test, &buf, param->order);
	vf_check(test, &buf);
	vc_fill(&buf);
	vf_expect_alive(test, &buf);

	for (i = 0; i < buf.nr; i++)
		memset(lowmem_page_address(compound_nth_page(buf.head, i)), i + 1, PAGE_SIZE);
	for (i = 1; i < buf.nr; i++) {
		u16 word;

		memcpy(&word, buf.addr + i * PAGE_SIZE - 1, sizeof(word));
		KUNIT_EXPECT_EQ(test, le16_to_cpu((__force __le16)word),
				(u16)((u8)(i + 1) << 8 | (u8)i));
	}
	vf_put(test, &buf);
}

enum vf_call {
	VF_PAGES, VF_NODE, VF_NO_NODE, VF_GET_FREE,
};

static const struct vc_param vf_calls[] = {
	{ "alloc_pages", .kind = VF_PAGES },
	{ "alloc_pages comp", .kind = VF_PAGES, .gfp = __GFP_COMP },
	{ "alloc_pages zero", .kind = VF_PAGES, .gfp = __GFP_ZERO },
	{ "alloc_pages nofail", .kind = VF_PAGES, .gfp = __GFP_NOFAIL },
	{ "alloc_pages retry", .kind = VF_PAGES, .gfp = __GFP_RETRY_MAYFAIL },
	{ "alloc_pages_node", .kind = VF_NODE },
	{ "alloc_pages_node zero", .kind = VF_NODE, .gfp = __GFP_ZERO },
	{ "alloc_pages_node no node", .kind = VF_NO_NODE },
	{ "__get_free_pages", .kind = VF_GET_FREE },
	{ "__get_free_pages zero", .kind = VF_GET_FREE, .gfp = __GFP_ZERO },
	{ "__get_free_pages highmem", .kind = VF_GET_FREE, .gfp = __GFP_HIGHMEM },
	{}
};

VC_GEN_PARAMS(vf_calls)

static void test_calls(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	gfp_t gfp = GFP_VFALLBACK | param->gfp;
	int nid = first_memory_node;
	struct page *head = NULL;
	unsigned long addr;
	struct vc_buf buf;
	int round;

	for (round = 0; round < 4; round++) {
		switch ((enum vf_call)param->kind) {
		case VF_PAGES:
			head = vc_hooks(alloc_pages_noprof(gfp, VF_ORDER));
			break;
		case VF_NODE:
			head = vc_hooks(alloc_pages_node_noprof(nid, gfp, VF_ORDER));
			break;
		case VF_NO_NODE:
			head = vc_hooks(alloc_pages_node_noprof(NUMA_NO_NODE, gfp, VF_ORDER));
			break;
		default:
			addr = vc_hooks(get_free_pages_noprof(gfp, VF_ORDER));
			KUNIT_ASSERT_NE(test, addr, 0);
			head = virt_to_head_page((void *)addr);
			KUNIT_EXPECT_PTR_EQ(test, page_address(head), (void *)addr);
			break;
		}
		vf_set(test, &buf, head, VF_ORDER);
		KUNIT_EXPECT_EQ(test, vc_is_mapped(&buf), param->fallback);
		vf_check(test, &buf);
		if (param->gfp & __GFP_ZERO)
			KUNIT_EXPECT_NULL(test, memchr_inv(buf.addr, 0, buf.nr * PAGE_SIZE));
		vc_fill(&buf);
		vf_expect_alive(test, &buf);
		vf_put(test, &buf);
	}
}

/* A single page is never mapped, even if the fallback is forced. */
static void test_one_page(struct kunit *test)
{
	unsigned long addr;
	struct vc_buf buf;

	addr = vc_hooks(get_zeroed_page_noprof(GFP_VFALLBACK));
	KUNIT_ASSERT_NE(test, addr, 0);
	vf_set(test, &buf, virt_to_page((void *)addr), 0);
	KUNIT_EXPECT_FALSE(test, vc_is_mapped(&buf));
	KUNIT_EXPECT_FALSE(test, PageCompound(buf.head));
	KUNIT_EXPECT_NULL(test, memchr_inv(buf.addr, 0, PAGE_SIZE));
	vf_check(test, &buf);
	vc_expect_pages_held(test, 1);
	free_page(addr);
	vc_expect_pages_held(test, 0);

	vf_get_gfp(test, &buf, 0, GFP_VFALLBACK | __GFP_COMP);
	KUNIT_EXPECT_FALSE(test, PageCompound(buf.head));
	vf_check(test, &buf);
	__free_page(buf.head);
	vc_expect_pages_held(test, 0);
}

/* The hooks do not affect memory of other kinds. */
static void test_other_memory(struct kunit *test)
{
	static char bytes[64];
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, 2);
	void *in_data = bytes;
	void *large = kmalloc(4 * PAGE_SIZE, GFP_KERNEL);
	void *small = kmalloc(64, GFP_KERNEL);
	void *area = vmalloc(3 * PAGE_SIZE);
	int i;

	KUNIT_ASSERT_TRUE(test, page && large && small && area);
	KUNIT_EXPECT_PTR_EQ(test, page_address(page + 1), lowmem_page_address(page + 1));
	KUNIT_EXPECT_PTR_EQ(test, virt_to_head_page(page_address(page) + 3 * PAGE_SIZE + 7), page);
	KUNIT_EXPECT_PTR_EQ(test, virt_to_head_page(large + 2 * PAGE_SIZE), virt_to_page(large));
	KUNIT_EXPECT_PTR_EQ(test, virt_to_head_page(small + 5), compound_head(virt_to_page(small)));
	KUNIT_EXPECT_TRUE(test, PageSlab(virt_to_head_page(small)));
	KUNIT_EXPECT_PTR_EQ(test, virt_to_folio(page_address(page) + 3 * PAGE_SIZE + 7),
			    page_folio(page));
	KUNIT_EXPECT_PTR_EQ(test, virt_to_folio(small + 5), page_folio(virt_to_page(small)));
	if (virt_addr_valid(in_data)) {
		KUNIT_EXPECT_PTR_EQ(test, virt_to_head_page(in_data),
				    compound_head(virt_to_page(in_data)));
		KUNIT_EXPECT_PTR_EQ(test, virt_to_folio(in_data),
				    page_folio(virt_to_page(in_data)));
		KUNIT_EXPECT_PTR_EQ(test, virt_to_ptdesc(in_data),
				    page_ptdesc(virt_to_page(in_data)));
	}
	for (i = 0; i < 3; i++) {
		struct page *mapped = vmalloc_to_page(area + i * PAGE_SIZE);

		/*
		 * Such a page has its direct-map address, as without the flag.
		 */
		KUNIT_EXPECT_PTR_EQ(test, page_address(mapped), lowmem_page_address(mapped));
		KUNIT_EXPECT_PTR_EQ(test, virt_to_head_page(page_address(mapped)), mapped);
		KUNIT_EXPECT_PTR_EQ(test, virt_to_folio(area + i * PAGE_SIZE + 9),
				    page_folio(mapped));
	}
	vfree(area);
	kfree(small);
	kfree(large);
	__free_pages(page, 2);
}

/*
 * Freeing
 */

/* The last reference frees it, no matter which function drops it. */
static void test_put(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	unsigned int order;
	struct vc_buf buf;

	for (order = 0; order < 6; order++) {
		vf_get(test, &buf, order);
		vc_fill(&buf);
		vf_drop(&buf, param->kind);
		vf_expect_ended(test, &buf, 0);

		vf_get(test, &buf, order);
		vc_fill(&buf);
		get_page(buf.head);
		vf_drop(&buf, param->kind);
		KUNIT_EXPECT_EQ(test, page_count(buf.head), 1);
		vf_expect_alive(test, &buf);
		vf_drop(&buf, param->kind);
		vf_expect_ended(test, &buf, 0);
	}
}

/* Two holders that each free it: each pair of functions, in turn. */
static void test_two_holders(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf buf;
	enum vc_way way;

	for (way = 0; way < VC_NR_WAYS; way++) {
		vf_get(test, &buf, VF_ORDER);
		vc_fill(&buf);
		get_page(buf.head);
		vf_drop(&buf, param->kind);
		vf_expect_alive(test, &buf);
		vf_drop(&buf, way);
		vf_expect_ended(test, &buf, 0);
	}
}

static const struct vc_param vf_fallback[] = {
	{ "fallback", .one_outcome = true, .fallback = true },
	{}
};

VC_GEN_PARAMS(vf_fallback)

/* One reference to the head, no matter which order is passed. */
static void test_wrong_order(struct kunit *test)
{
	struct vc_buf buf;
	unsigned int order;

	for (order = 0; order < 6; order++) {
		vf_get(test, &buf, VF_ORDER);
		vc_fill(&buf);
		get_page(buf.head);
		__free_pages(buf.head, order);
		vf_expect_alive(test, &buf);
		__free_pages(buf.head, 5 - order);
		vf_expect_ended(test, &buf, 0);
	}
}

/* By any address inside, which is how page fragments are freed. */
static void test_page_frag(struct kunit *test)
{
	struct vc_buf buf;

	vf_get(test, &buf, VF_ORDER);
	vc_fill(&buf);
	get_page(buf.head);
	page_frag_free(buf.addr + 5 * PAGE_SIZE + 7);
	KUNIT_EXPECT_EQ(test, page_count(buf.head), 1);
	vf_expect_alive(test, &buf);
	page_frag_free(buf.addr + buf.size - 1);
	vf_expect_ended(test, &buf, 0);

	/* An allocation without the flag is not freed like that. */
	vf_set(test, &buf, vc_hooks(alloc_vcompound_node_noprof(NUMA_NO_NODE, GFP_KERNEL,
								VF_ORDER)), VF_ORDER);
	vc_fill(&buf);
	kunit_warning_suppress(test) {
		page_frag_free(buf.addr + 3 * PAGE_SIZE);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	vcompound_drain();
	KUNIT_EXPECT_EQ(test, page_count(buf.head), 1);
	KUNIT_EXPECT_TRUE(test, vc_is_filled(&buf));
	vc_expect_buf_held(test, &buf);
	free_vcompound(buf.head);
	vf_expect_ended(test, &buf, 0);
}

/*
 * Reads addresses of held pages while the allocation is freed: each is the
 * mapped one or the one in the direct map.
 */
struct vf_looker {
	struct page *pages[VF_NR];
	void *addr;
	struct completion ready;
	unsigned long mapped, direct, wrong;
};

static void vf_look(struct vf_looker *looker, unsigned long i)
{
	void *mapped = looker->addr + i * PAGE_SIZE;
	void *addr = page_address(looker->pages[i]);

	if (addr == mapped)
		looker->mapped++;
	else if (addr == lowmem_page_address(looker->pages[i]))
		looker->direct++;
	else
		looker->wrong++;
	addr = vmalloc_address(looker->pages[i]);
	if (addr && addr != mapped)
		looker->wrong++;
}

static int vf_look_until_stopped(void *data)
{
	struct vf_looker *looker = data;
	unsigned long i;
	bool last;

	do {
		last = kthread_should_stop();
		for (i = 0; i < VF_NR; i++)
			vf_look(looker, i);
		complete(&looker->ready);
		cond_resched();
	} while (!last);
	return 0;
}

static void test_page_address_ends(struct kunit *test)
{
	struct vf_looker *looker = kunit_kzalloc(test, sizeof(*looker), GFP_KERNEL);
	struct task_struct *task;
	struct vc_buf buf;
	int round, i;

	KUNIT_ASSERT_NOT_NULL(test, looker);
	for (round = 0; round < 64; round++) {
		vf_get(test, &buf, VF_ORDER);
		*looker = (struct vf_looker) { .addr = buf.addr };
		for (i = 0; i < VF_NR; i++) {
			looker->pages[i] = compound_nth_page(buf.head, i);
			get_page(looker->pages[i]);
		}
		init_completion(&looker->ready);
		task = kthread_run(vf_look_until_stopped, looker, "vfallback_look");
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
		wait_for_completion(&looker->ready);

		put_page(buf.head);
		put_page(buf.head);
		vcompound_drain();
		kthread_stop(task);
		KUNIT_EXPECT_GE(test, looker->mapped, VF_NR);
		KUNIT_EXPECT_GE(test, looker->direct, VF_NR);
		KUNIT_EXPECT_EQ(test, looker->wrong, 0UL);
		for (i = 1; i < VF_NR; i++)
			put_page(looker->pages[i]);
		vf_expect_ended(test, &buf, 0);
	}

	/* In between, the page still has its type, but no address. */
	vf_get(test, &buf, VF_ORDER);
	for (i = 0; i < VF_NR; i++) {
		struct page *page = compound_nth_page(buf.head, i);
		unsigned long private = page->private;

		page->private = 0;
		KUNIT_EXPECT_NULL(test, vmalloc_address(page));
		KUNIT_EXPECT_PTR_EQ(test, page_address(page), lowmem_page_address(page));
		KUNIT_EXPECT_PTR_EQ(test, vcompound_address(page), lowmem_page_address(page));
		/* Its index leads to the head only by the mapped address. */
		KUNIT_EXPECT_PTR_EQ(test, vcompound_head_page(lowmem_page_address(page)), page);
		page->private = private;
	}
	vf_put(test, &buf);
}

static const struct vc_param vf_refs[] = {
	{ "second", .kind = 1 },
	{ "middle", .kind = VF_NR / 2 },
	{ "last", .kind = VF_NR - 1 },
	{}
};

VC_GEN_PARAMS(vf_refs)

/*
 * A page that is not the head: a single page in a fallback, part of the whole
 * if contiguous.
 */
static void test_ref_other(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	unsigned long left = param->fallback ? 1 : VF_NR;
	struct page *page;
	struct vc_buf buf;
	enum vc_way way;

	for (way = 0; way < VC_NR_WAYS; way++) {
		vf_get(test, &buf, VF_ORDER);
		vc_fill(&buf);
		page = compound_nth_page(buf.head, param->kind);

		/* Dropped before the free, it has no effect. */
		get_page(page);
		put_page(page);
		vf_expect_alive(test, &buf);

		get_page(page);
		KUNIT_EXPECT_EQ(test, page_count(page), 2);
		vf_drop(&buf, way);
		vf_expect_ended(test, &buf, left);
		KUNIT_EXPECT_FALSE(test, page_has_type(page));
		KUNIT_EXPECT_EQ(test, page_count(page), 1);
		KUNIT_EXPECT_EQ(test, !!PageCompound(page), !param->fallback);
		KUNIT_EXPECT_PTR_EQ(test, page_address(page), lowmem_page_address(page));
		KUNIT_EXPECT_PTR_EQ(test, virt_to_head_page(page_address(page)),
				    compound_head(page));
		KUNIT_EXPECT_TRUE(test, vc_page_is_filled(&buf, page, param->kind));
		if (param->fallback) {
			KUNIT_EXPECT_EQ(test, page->private, 0UL);
			vc_drop(page, 0, way);
		} else {
			put_page(page);
		}
		vc_expect_pages_held(test, 0);
	}
}

/* A reference that is dropped in another context. */
struct vf_ref {
	struct vc_buf *buf;
	enum vc_way way;
};

static void vf_drop_job(void *data)
{
	struct vf_ref *ref = data;

	vf_drop(ref->buf, ref->way);
}

VC_GEN_PARAMS(vc_contexts)

static void test_context(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct page *page;
	struct vf_ref ref;
	struct vc_buf buf;
	enum vc_way way;

	vc_need_context(test, param->kind);
	for (way = 0; way < VC_NR_WAYS; way++) {
		vf_get(test, &buf, VF_ORDER);
		vc_fill(&buf);
		ref = (struct vf_ref) { &buf, way };
		page = compound_nth_page(buf.head, 5);
		get_page(page);
		vc_in_context(test, param->kind, vf_drop_job, &ref);
		vf_expect_ended(test, &buf, param->fallback ? 1 : VF_NR);
		KUNIT_EXPECT_TRUE(test, vc_page_is_filled(&buf, page, 5));
		put_page(page);
		vc_expect_pages_held(test, 0);
	}
}

#ifdef CONFIG_TRACEPOINTS
/* Work that a task queues, which takes locks. */
struct vf_queued {
	struct task_struct *task;
	int nr;
};

static void vf_probe_queued(void *data, int cpu, struct pool_workqueue *pwq,
			    struct work_struct *work)
{
	struct vf_queued *queued = data;

	if (in_task() && current == queued->task)
		queued->nr++;
}

/* Check that a reference is dropped without queueing such work. */
static void test_free_pages_nolock_work(struct kunit *test)
{
	struct vf_queued queued = {};
	struct vc_buf buf;

	vf_get(test, &buf, VF_ORDER);
	KUNIT_ASSERT_EQ(test, 0, register_trace_workqueue_queue_work(vf_probe_queued, &queued));
	queued.task = current;
	vc_drop_nolock(buf.head, VF_ORDER);
	queued.task = NULL;
	unregister_trace_workqueue_queue_work(vf_probe_queued, &queued);
	tracepoint_synchronize_unregister();
	KUNIT_EXPECT_EQ(test, queued.nr, 0);
	vf_expect_ended(test, &buf, 0);
}
#endif

/*
 * In a context that may not wait for locks: one reference, and a worker does
 * the rest.
 */
static void test_free_pages_nolock(struct kunit *test)
{
	unsigned int order;
	struct vc_buf buf;

	for (order = 0; order < 6; order++) {
		vf_get(test, &buf, order);
		vc_fill(&buf);
		get_page(buf.head);
		kunit_warning_suppress(test) {
			vc_drop_nolock(buf.head, order);
			vf_expect_alive(test, &buf);
			vc_drop_nolock(buf.head, order);
			KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 0);
		}
		if (vc_is_mapped(&buf))
			vc_expect_unmapped_soon(test, &buf);
		vf_expect_ended(test, &buf, 0);
	}
}

/* A held page stays allocated, as after any other free. */
static void test_free_pages_nolock_held(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct page *page;
	struct vc_buf buf;

	vf_get(test, &buf, VF_ORDER);
	vc_fill(&buf);
	page = compound_nth_page(buf.head, 2);
	get_page(page);
	vc_drop_nolock(buf.head, VF_ORDER);
	vf_expect_ended(test, &buf, param->fallback ? 1 : VF_NR);
	KUNIT_EXPECT_FALSE(test, page_has_type(page));
	KUNIT_EXPECT_TRUE(test, vc_page_is_filled(&buf, page, 2));
	page = compound_head(page);
	vc_drop_nolock(page, compound_order(page));
	vc_expect_pages_held(test, 0);
}

/*
 * Requests
 */

static const struct vc_param vf_atomic[] = {
	{ "GFP_ATOMIC", .gfp = GFP_ATOMIC },
	{ "GFP_NOWAIT", .gfp = GFP_NOWAIT },
	{}
};

VC_GEN_PARAMS(vf_atomic)

/* A caller that may not block falls back only with CONFIG_VCOMPOUND_ATOMIC. */
static void test_atomic(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct page *page[2];
	unsigned long flags;
	struct vc_buf buf;
	int i;

	flags = vc_atomic_begin();
	page[0] = vc_hooks(alloc_pages_noprof(param->gfp | __GFP_VFALLBACK, VF_ORDER));
	page[1] = vc_hooks(alloc_pages_node_noprof(numa_mem_id(), param->gfp | __GFP_VFALLBACK,
						   VF_ORDER));
	vc_atomic_end(flags);
	for (i = 0; i < 2; i++) {
		vf_set(test, &buf, page[i], VF_ORDER);
		KUNIT_EXPECT_EQ(test, vc_is_mapped(&buf),
				IS_ENABLED(CONFIG_VCOMPOUND_ATOMIC) && param->fallback);
		vf_check(test, &buf);
		vf_drop(&buf, VC_FREE_PAGES);
	}
	vf_expect_ended(test, &buf, 0);
}

#ifdef CONFIG_MEMCG
/* The pages count as vmalloc memory of their node, the head like the others. */
static void test_node_vmalloc(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct mem_cgroup *memcg = vc_memcg_create(test), *old;
	struct page *heads[VC_NODE_BUFS];
	unsigned long flags;
	int i, tries;

	for (tries = 0; tries < VC_NODE_TRIES; tries++) {
		long before, mapped, after;

		before = vc_nodes_vmalloc();
		old = set_active_memcg(memcg);
		for (i = 0; i < VC_NODE_BUFS; i++) {
			heads[i] = vc_hooks(alloc_pages_noprof(GFP_VFALLBACK | __GFP_ACCOUNT, 1));
			if (!heads[i])
				break;
		}
		set_active_memcg(old);
		KUNIT_ASSERT_EQ(test, i, VC_NODE_BUFS);
		mapped = vc_nodes_vmalloc() - before;

		/* At once, and by a worker. */
		for (i = 0; i < VC_NODE_BUFS / 2; i++)
			put_page(heads[i]);
		flags = vc_atomic_begin();
		for (; i < VC_NODE_BUFS; i++)
			put_page(heads[i]);
		vc_atomic_end(flags);
		vcompound_drain();
		after = vc_nodes_vmalloc() - before;
		if (mapped == (param->fallback ? 2 * VC_NODE_BUFS : 0) && !after)
			return;
		kunit_info(test, "%ld pages counted, %ld of them still\n", mapped, after);
		rcu_barrier();
	}
	KUNIT_FAIL(test, "no try counted %d pages and none afterwards\n",
		   param->fallback ? 2 * VC_NODE_BUFS : 0);
}
#endif

static void test_events(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	unsigned long *events = vc_events(test);
	struct vc_buf buf;
	enum vc_way way;

	for (way = 0; way < VC_NR_WAYS; way++) {
		vf_get(test, &buf, VF_ORDER);
		vf_drop(&buf, way);
	}
	vf_get_gfp(test, &buf, VF_ORDER, GFP_KERNEL | __GFP_COMP);
	vf_drop(&buf, VC_FREE_PAGES);
	vcompound_drain();
	vc_expect_events(test, events, param->fallback ? 0 : VC_NR_WAYS,
			 param->fallback ? VC_NR_WAYS : 0, 0);
}

#ifdef CONFIG_TRACEPOINTS
/* Freeing is traced in both outcomes. */
static void test_trace(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_trace *trace = vc_trace_start(test);
	const bool mapped = param->fallback;
	/* With one node, alloc_pages() requests that node. */
	int nid = IS_ENABLED(CONFIG_NUMA) ? NUMA_NO_NODE : numa_node_id();
	unsigned long flags;
	struct vc_buf buf;

	vf_set(test, &buf, vc_hooks(alloc_pages_noprof(GFP_VFALLBACK, VF_ORDER)), VF_ORDER);
	vc_expect_alloc_traced(test, trace, 1, &buf, GFP_KERNEL, nid, __func__);
	vf_drop(&buf, param->kind);
	vc_expect_free_traced(test, trace, 1, &buf,
			      mapped && VC_PUTS_LATER);

	vf_set(test, &buf, vc_hooks(alloc_pages_node_noprof(first_memory_node,
							    GFP_VFALLBACK | __GFP_ZERO,
							    VF_ORDER)), VF_ORDER);
	vc_expect_alloc_traced(test, trace, 2, &buf, GFP_KERNEL | __GFP_ZERO, first_memory_node,
			       __func__);
	flags = vc_atomic_begin();
	vf_drop(&buf, param->kind);
	vc_atomic_end(flags);
	vc_expect_free_traced(test, trace, 2, &buf, mapped);

	vf_get(test, &buf, VF_ORDER);
	vc_drop_nolock(buf.head, VF_ORDER);
	vc_expect_free_traced(test, trace, 3, &buf, mapped);

	KUNIT_EXPECT_EQ(test, trace->alloc.calls, 3);
	KUNIT_EXPECT_EQ(test, trace->free.calls, 3);
	vf_expect_ended(test, &buf, 0);
}
#endif

static const struct vc_param vf_node_flags[] = {
	{ "preferred" },
	{ "only", .gfp = __GFP_THISNODE },
	{}
};

VC_GEN_PARAMS(vf_node_flags)

/* Each node in turn; most machines have only one. */
static void test_nodes(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf buf;
	int nid;

	for_each_node_state(nid, N_MEMORY) {
		vf_set(test, &buf, vc_hooks(alloc_pages_node_noprof(nid,
								    GFP_VFALLBACK | param->gfp,
								    VF_ORDER)), VF_ORDER);
		KUNIT_EXPECT_EQ(test, vc_is_mapped(&buf), param->fallback);
		vf_check(test, &buf);
		vc_expect_node(test, &buf, nid);
		vf_put(test, &buf);
	}
}

#ifdef CONFIG_NUMA
/*
 * alloc_pages() follows the task's policy; alloc_pages_node() without a node
 * uses the nearest one.
 */
static void test_node_policy(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf buf;
	struct page *head;
	int nid, want, i;

	if (num_node_state(N_MEMORY) < 2)
		kunit_skip(test, "there is one node only");
	for_each_node_state(nid, N_MEMORY) {
		for (i = 0; i < 2; i++) {
			migrate_disable();
			vc_bind_to_node(nid);
			if (i)
				head = vc_hooks(alloc_pages_node_noprof(NUMA_NO_NODE, GFP_VFALLBACK,
									VF_ORDER));
			else
				head = vc_hooks(alloc_pages_noprof(GFP_VFALLBACK, VF_ORDER));
			want = i ? numa_mem_id() : nid;
			vc_set_policy(NULL);
			migrate_enable();

			vf_set(test, &buf, head, VF_ORDER);
			KUNIT_EXPECT_EQ(test, vc_is_mapped(&buf), param->fallback);
			vc_expect_node(test, &buf, want);
			vf_put(test, &buf);
		}
	}
}
#endif

static const struct vc_param vf_impossible[] = {
	{ "order above", .order = MAX_PAGE_ORDER + 1, .gfp = GFP_VFALLBACK },
	{ "order huge", .order = BITS_PER_LONG - PAGE_SHIFT, .gfp = GFP_VFALLBACK },
	{ "order max", .order = UINT_MAX, .gfp = GFP_VFALLBACK },
	{ "comp", .order = MAX_PAGE_ORDER + 1, .gfp = GFP_VFALLBACK | __GFP_COMP },
	{ "atomic", .order = MAX_PAGE_ORDER + 1, .gfp = GFP_ATOMIC | __GFP_VFALLBACK },
	{ "nofail", .order = MAX_PAGE_ORDER + 1, .gfp = GFP_VFALLBACK | __GFP_NOFAIL },
	{}
};

VC_GEN_PARAMS(vf_impossible)

static void test_impossible(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	unsigned int order = param->order;
	gfp_t gfp = param->gfp;

	OPTIMIZER_HIDE_VAR(order);
	vc_rearm_warnings();
	kunit_warning_suppress(test) {
		KUNIT_EXPECT_NULL(test, alloc_pages(gfp | __GFP_NOWARN, order));
		KUNIT_EXPECT_EQ(test, __get_free_pages(gfp | __GFP_NOWARN, order), 0);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 0);
		KUNIT_EXPECT_NULL(test, alloc_pages_node(numa_mem_id(), gfp, order));
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
}

static const struct vc_param vf_ignored[] = {
	{ "highmem", .gfp = GFP_VFALLBACK | __GFP_HIGHMEM },
	{ "movable", .gfp = GFP_VFALLBACK | __GFP_MOVABLE },
	{ "both", .gfp = GFP_HIGHUSER_MOVABLE | __GFP_VFALLBACK },
	{}
};

VC_GEN_PARAMS(vf_ignored)

static void test_ignored_flags(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct page *page = NULL;
	struct vc_buf buf;
	unsigned long i;

	vc_rearm_warnings();
	kunit_warning_suppress(test) {
		page = vc_hooks(alloc_pages_noprof(param->gfp, VF_ORDER));
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	vf_set(test, &buf, page, VF_ORDER);
	KUNIT_EXPECT_EQ(test, vc_is_mapped(&buf), param->fallback);
	vf_check(test, &buf);
	for (i = 0; i < buf.nr; i++)
		KUNIT_EXPECT_NE(test, (int)ZONE_MOVABLE,
				(int)page_zonenum(compound_nth_page(buf.head, i)));
	vf_put(test, &buf);
}

/*
 * Errors of the caller
 */

/* free_vcompound() refuses a GFP_VFALLBACK allocation. */
static void test_free_vcompound(struct kunit *test)
{
	struct vc_buf buf;

	vf_get(test, &buf, VF_ORDER);
	vc_fill(&buf);
	if (vc_is_mapped(&buf))
		vc_expect_word(test, vcompound_why_not_freed(buf.head, buf.head->page_type &
							     ~vcompound_type(0), buf.addr),
			       "GFP_VFALLBACK");
	kunit_warning_suppress(test) {
		free_vcompound(buf.head);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
		__free_vcompound(buf.addr);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 2);
		__free_vcompound(buf.addr + PAGE_SIZE);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 3);
	}
	vf_expect_alive(test, &buf);
	vf_put(test, &buf);
}

/*
 * And an allocation of alloc_vcompound() is not freed by dropping a reference.
 */
static void test_put_vcompound(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf buf;

	vf_set(test, &buf, vc_hooks(alloc_vcompound_node_noprof(NUMA_NO_NODE, GFP_KERNEL,
								VF_ORDER)), VF_ORDER);
	kunit_warning_suppress(test) {
		vf_drop(&buf, param->kind);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	vcompound_drain();
	KUNIT_EXPECT_EQ(test, page_count(buf.head), 1);
	KUNIT_EXPECT_EQ(test, vcompound_nr_pages(buf.head), VF_NR);
	KUNIT_EXPECT_EQ(test, vc_is_mapped(&buf), param->fallback);
	vc_expect_buf_held(test, &buf);
	free_vcompound(buf.head);
	vf_expect_ended(test, &buf, 0);
}

/* No page is mapped to user space, in either outcome. */
static void test_user(struct kunit *test)
{
	struct vc_buf buf;

	vf_get(test, &buf, VF_ORDER);
	vc_fill(&buf);
	vc_check_no_user_mapping(test, &buf);
	vf_expect_alive(test, &buf);
	vf_put(test, &buf);
}

static const struct vc_param vf_ways_fallback[] = {
	{ "__free_pages", .one_outcome = true, .fallback = true, .kind = VC_FREE_PAGES },
	{ "free_pages", .one_outcome = true, .fallback = true, .kind = VC_FREE_PAGES_ADDR },
	{ "put_page", .one_outcome = true, .fallback = true, .kind = VC_PUT_PAGE },
	{ "folio_put", .one_outcome = true, .fallback = true, .kind = VC_FOLIO_PUT },
	{ "release_pages", .one_outcome = true, .fallback = true, .kind = VC_RELEASE_PAGES },
	{}
};

VC_GEN_PARAMS(vf_ways_fallback)

/* The reference to a page that is not the head belongs to the area. */
static void test_over_put_other(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf buf;
	unsigned int order;

	vf_get(test, &buf, VF_ORDER);
	vc_fill(&buf);
	kunit_warning_suppress(test) {
		for (order = 0; order <= VF_ORDER; order++)
			vc_drop(compound_nth_page(buf.head, 1 + 2 * order), order,
				param->kind);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, VF_ORDER + 1);
	}
	vf_expect_alive(test, &buf);
	vf_put(test, &buf);
}

/*
 * Dropped once too often before the area is unmapped: reported, and unmapped
 * once.
 */
static void test_over_put_deferred(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	unsigned long flags;
	struct vc_buf buf;

	vf_get(test, &buf, VF_ORDER);
	kunit_warning_suppress(test) {
		flags = vc_atomic_begin();
		vf_drop(&buf, param->kind);
		vf_drop(&buf, param->kind);
		vc_atomic_end(flags);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	vf_expect_ended(test, &buf, 0);
}

VC_GEN_PARAMS(vc_areas)

/* free_pages() of another vmalloc area: reported, and left alone. */
static void test_free_pages_foreign(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_area area;

	vc_area_create(test, &area, param->kind);
	kunit_warning_suppress(test) {
		free_pages((unsigned long)area.addr, 0);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
		free_pages((unsigned long)area.addr, 1);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 2);
	}
	vc_area_put(test, &area, param->kind);
}

/*
 * free_pages() of an address that is not the allocation's own, or not its
 * first: reported.
 */
static void test_free_pages_alias(struct kunit *test)
{
	struct page *pages[VF_NR];
	struct vc_buf buf;
	void *alias;
	int i;

	vf_get(test, &buf, VF_ORDER);
	vc_fill(&buf);
	for (i = 0; i < VF_NR; i++)
		pages[i] = compound_nth_page(buf.head, i);
	alias = vmap(pages, VF_NR, VM_MAP, PAGE_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, alias);
	kunit_warning_suppress(test) {
		free_pages((unsigned long)alias, VF_ORDER);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
		free_pages((unsigned long)alias + PAGE_SIZE, 0);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 2);
		free_pages((unsigned long)buf.addr + 8, VF_ORDER);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 3);
		free_pages((unsigned long)buf.addr + PAGE_SIZE + 8, 0);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 4);
	}
	KUNIT_EXPECT_NOT_NULL(test, find_vm_area(alias));
	vunmap(alias);
	vf_expect_alive(test, &buf);
	vf_put(test, &buf);
}

/* free_pages() of an address where nothing is mapped any more: reported. */
static void test_free_pages_ended(struct kunit *test)
{
	struct vc_buf buf;

	vf_get(test, &buf, VF_ORDER);
	vf_put(test, &buf);
	kunit_warning_suppress(test) {
		free_pages((unsigned long)buf.addr, VF_ORDER);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	vf_expect_ended(test, &buf, 0);
}

/*
 * Code that forwards flags to an allocation that must be contiguous
 */

enum vf_forward {
	VF_EXACT, VF_EXACT_NID, VF_FOLIO, VF_PAGETABLE, VF_MEMPOOL, VF_VMALLOC,
	VF_KMALLOC, VF_KVMALLOC, VF_KVMALLOC_HUGE, VF_SLAB, VF_SGL, VF_DEV,
};

static const struct vc_param vf_forwards[] = {
	{ "alloc_pages_exact", .one_outcome = true, .fallback = true, .kind = VF_EXACT },
#ifdef CONFIG_MEMORY_HOTPLUG	/* __meminit */
	{ "alloc_pages_exact_nid", .one_outcome = true, .fallback = true, .kind = VF_EXACT_NID },
#endif
	{ "folio_alloc", .one_outcome = true, .fallback = true, .kind = VF_FOLIO },
	{ "pagetable_alloc", .one_outcome = true, .fallback = true, .kind = VF_PAGETABLE },
	{ "mempool_alloc", .one_outcome = true, .fallback = true, .kind = VF_MEMPOOL },
	{ "__vmalloc_node_range", .one_outcome = true, .fallback = true, .kind = VF_VMALLOC },
	{ "large kmalloc", .one_outcome = true, .fallback = true, .kind = VF_KMALLOC },
	{ "kvmalloc", .one_outcome = true, .fallback = true, .kind = VF_KVMALLOC },
	{ "huge kvmalloc", .one_outcome = true, .fallback = true, .kind = VF_KVMALLOC_HUGE },
	{ "kmem_cache_alloc", .one_outcome = true, .fallback = true, .kind = VF_SLAB },
#ifdef CONFIG_SGL_ALLOC
	{ "sgl_alloc_order", .one_outcome = true, .fallback = true, .kind = VF_SGL },
#endif
#ifdef CONFIG_NET
	{ "__dev_alloc_pages", .one_outcome = true, .fallback = true, .kind = VF_DEV },
#endif
	{}
};

VC_GEN_PARAMS(vf_forwards)

static const size_t vf_huge_size = PAGE_SIZE << (MAX_PAGE_ORDER + 1);

/* Required by callees that allocate nothing without it. */
struct vf_giver {
	mempool_t *pool;
	struct kmem_cache *cache;
	struct scatterlist *sgl;
};

#define VF_OBJECT_SIZE	200

static void vf_giver_create(struct kunit *test, struct vf_giver *giver, enum vf_forward kind)
{
	*giver = (struct vf_giver) {};
	if (kind == VF_MEMPOOL) {
		giver->pool = mempool_create_page_pool(1, VF_ORDER);
		KUNIT_ASSERT_NOT_NULL(test, giver->pool);
	} else if (kind == VF_SLAB) {
		/*
		 * Its first object needs a new slab, the only place where the
		 * flag is seen.
		 */
		giver->cache = kmem_cache_create("vfallback_kunit", VF_OBJECT_SIZE, 0,
						 SLAB_NO_MERGE, NULL);
		KUNIT_ASSERT_NOT_NULL(test, giver->cache);
	}
}

static void *vf_forward(enum vf_forward kind, struct vf_giver *giver)
{
	size_t size = VF_NR * PAGE_SIZE;
	struct ptdesc *ptdesc;
	struct folio *folio;
	struct page *page;

	switch (kind) {
	case VF_EXACT:
		return alloc_pages_exact(size - PAGE_SIZE, GFP_VFALLBACK);
#ifdef CONFIG_MEMORY_HOTPLUG
	case VF_EXACT_NID:
		return alloc_pages_exact_nid(numa_mem_id(), size - PAGE_SIZE, GFP_VFALLBACK);
#endif
	case VF_FOLIO:
		folio = folio_alloc(GFP_VFALLBACK, VF_ORDER);
		return folio ? folio_address(folio) : NULL;
	case VF_PAGETABLE:
		ptdesc = pagetable_alloc(GFP_VFALLBACK, VF_ORDER);
		return ptdesc ? ptdesc_address(ptdesc) : NULL;
	case VF_MEMPOOL:
		page = mempool_alloc(giver->pool, GFP_VFALLBACK);
		return page ? page_address(page) : NULL;
#ifdef CONFIG_NET
	case VF_DEV:
		page = __dev_alloc_pages(GFP_VFALLBACK, VF_ORDER);
		return page ? page_address(page) : NULL;
#endif
	case VF_VMALLOC:
		return __vmalloc_node_range(size, 1, VMALLOC_START, VMALLOC_END,
					    GFP_VFALLBACK, PAGE_KERNEL, 0,
					    NUMA_NO_NODE, __builtin_return_address(0));
	case VF_KMALLOC:
		return kmalloc(size, GFP_VFALLBACK);
	case VF_KVMALLOC:
		return kvmalloc(size, GFP_VFALLBACK);
	case VF_SLAB:
		return kmem_cache_alloc(giver->cache, GFP_VFALLBACK);
#ifdef CONFIG_SGL_ALLOC
	case VF_SGL:
		giver->sgl = sgl_alloc_order(size, VF_ORDER, false, GFP_VFALLBACK, NULL);
		return giver->sgl ? sg_virt(giver->sgl) : NULL;
#endif
	default:
		return kvmalloc(vf_huge_size, GFP_VFALLBACK);
	}
}

static void vf_forward_free(enum vf_forward kind, void *addr, struct vf_giver *giver)
{
	switch (kind) {
	case VF_EXACT:
	case VF_EXACT_NID:
		free_pages_exact(addr, (VF_NR - 1) * PAGE_SIZE);
		break;
	case VF_FOLIO:
		folio_put(virt_to_folio(addr));
		break;
	case VF_PAGETABLE:
		pagetable_free(virt_to_ptdesc(addr));
		break;
	case VF_MEMPOOL:
		mempool_free(virt_to_page(addr), giver->pool);
		break;
	case VF_DEV:
		__free_pages(virt_to_page(addr), VF_ORDER);
		break;
	case VF_VMALLOC:
		vfree(addr);
		break;
	case VF_SLAB:
		kmem_cache_free(giver->cache, addr);
		break;
#ifdef CONFIG_SGL_ALLOC
	case VF_SGL:
		sgl_free_order(giver->sgl, VF_ORDER);
		break;
#endif
	default:
		kvfree(addr);
		break;
	}
	mempool_destroy(giver->pool);
	kmem_cache_destroy(giver->cache);
}

static void test_forwards(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	/* A large kvmalloc() calls slab first and vmalloc() then. */
	int nr_warnings = param->kind == VF_KVMALLOC_HUGE ? 2 : 1;
#ifdef CONFIG_TRACEPOINTS
	struct vc_trace *trace = vc_trace_start(test);
#endif
	struct vf_giver giver;
	struct vm_struct *area;
	void *addr = NULL;
	unsigned int i;

	vf_giver_create(test, &giver, param->kind);
	vc_rearm_warnings();
	kunit_warning_suppress(test) {
		addr = vf_forward(param->kind, &giver);
		/* These may need more than one slab. */
		if (param->kind == VF_SLAB || param->kind == VF_SGL)
			KUNIT_EXPECT_GE(test, KUNIT_SUPPRESSED_WARNING_COUNT(), 1);
		else
			KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, nr_warnings);
	}
	KUNIT_ASSERT_NOT_NULL(test, addr);

	area = find_vm_area(addr);
	KUNIT_EXPECT_EQ(test, !!area, param->kind == VF_VMALLOC || param->kind == VF_KVMALLOC_HUGE);
	KUNIT_EXPECT_EQ(test, !!virt_addr_valid(addr), !area);
	KUNIT_EXPECT_FALSE(test, PageVcompound(vcompound_to_page(addr)));
	if (area) {
		KUNIT_EXPECT_FALSE(test, area->flags & VM_VCOMPOUND);
		for (i = 0; i < area->nr_pages; i++)
			KUNIT_EXPECT_FALSE(test, PageVcompound(area->pages[i]));
	}
#ifdef CONFIG_TRACEPOINTS
	/* The flag was removed at the warning. */
	KUNIT_EXPECT_EQ(test, trace->alloc.calls, 0);
#endif
	memset(addr, 0x33, param->kind == VF_SLAB ? VF_OBJECT_SIZE : (VF_NR - 1) * PAGE_SIZE);
	vf_forward_free(param->kind, addr, &giver);
}

/*
 * The functions below alloc_pages() and alloc_pages_node() do not handle the
 * flag.
 */
static void test_below(struct kunit *test)
{
	struct page *page, *pages[2] = {};
	struct folio *folio;
	int nr;

	page = __alloc_pages(GFP_VFALLBACK | __GFP_COMP, VF_ORDER, numa_mem_id(), NULL,
			     ALLOC_DEFAULT);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_FALSE(test, PageVcompound(page));
	KUNIT_EXPECT_EQ(test, compound_order(page), VF_ORDER);
	__free_pages(page, VF_ORDER);

	folio = __folio_alloc(GFP_VFALLBACK, VF_ORDER, numa_mem_id(), NULL);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_FALSE(test, PageVcompound(folio_page(folio, 0)));
	KUNIT_EXPECT_EQ(test, folio_order(folio), VF_ORDER);
	folio_put(folio);

	/* It may allocate less than requested. */
	nr = alloc_pages_bulk(GFP_VFALLBACK, ARRAY_SIZE(pages), pages);
	KUNIT_EXPECT_GT(test, nr, 0);
	while (nr--) {
		KUNIT_EXPECT_FALSE(test, PageVcompound(pages[nr]));
		__free_page(pages[nr]);
	}
}

/*
 * Neighbours in memory become one segment, even from different allocations, so
 * the address of a segment must be the one at which its next page follows.
 */
static void test_segments(struct kunit *test)
{
	struct scatterlist sg;
	struct page *page;
	struct bio_vec bv;
	struct vc_buf buf;
	skb_frag_t frag;
	void *addr;

	vf_get(test, &buf, VF_ORDER);
	page = compound_nth_page(buf.head, 2);
	addr = lowmem_page_address(page) + 8;
	KUNIT_ASSERT_TRUE(test, is_vmalloc_addr(page_address(page)));

	sg_init_table(&sg, 1);
	sg_set_page(&sg, page, PAGE_SIZE - 8, 8);
	KUNIT_EXPECT_PTR_EQ(test, sg_virt(&sg), addr);

	bvec_set_page(&bv, page, PAGE_SIZE - 8, 8);
	KUNIT_EXPECT_PTR_EQ(test, bvec_virt(&bv), addr);

	skb_frag_fill_page_desc(&frag, page, 8, PAGE_SIZE - 8);
	KUNIT_EXPECT_PTR_EQ(test, skb_frag_address(&frag), addr);
	KUNIT_EXPECT_PTR_EQ(test, skb_frag_address_safe(&frag), addr);
	vf_put(test, &buf);
}

/* The folio of a page and its address lead to each other, not to the head. */
static void test_folio(struct kunit *test)
{
	static const unsigned int offsets[] = { 0, 1, PAGE_SIZE - 1 };
	struct vm_struct *area;
	struct vc_buf buf;
	unsigned long i, j;

	vf_get(test, &buf, VF_ORDER);
	for (i = 0; i < buf.nr; i++) {
		struct page *page = compound_nth_page(buf.head, i);
		struct folio *folio = page_folio(page);
		void *addr = buf.addr + i * PAGE_SIZE;

		KUNIT_EXPECT_PTR_EQ(test, folio_page(folio, 0),
				    vc_is_mapped(&buf) ? page : buf.head);
		for (j = 0; j < ARRAY_SIZE(offsets); j++)
			KUNIT_EXPECT_PTR_EQ(test, virt_to_folio(addr + offsets[j]), folio);
		KUNIT_EXPECT_PTR_EQ(test, virt_to_folio(folio_address(folio)), folio);
		KUNIT_EXPECT_PTR_EQ(test, virt_to_folio(lowmem_page_address(page)), folio);
	}

	/*
	 * Dropping a reference by address drops one to the page at the address.
	 */
	get_page(compound_nth_page(buf.head, 3));
	folio_put(virt_to_folio(buf.addr + 3 * PAGE_SIZE + 5));
	KUNIT_EXPECT_EQ(test, page_count(compound_nth_page(buf.head, 3)), 1);
	vf_put(test, &buf);

	/* Reserved addresses where nothing is mapped. */
	area = get_vm_area(PAGE_SIZE, VM_MAP);
	KUNIT_ASSERT_NOT_NULL(test, area);
	for (j = 0; j < ARRAY_SIZE(offsets); j++)
		KUNIT_EXPECT_NULL(test, virt_to_folio(area->addr + offsets[j]));
	free_vm_area(area);
}

/*
 * A page table is never mapped: the conversions from and to a ptdesc use the
 * direct map.
 */
static void test_ptdesc(struct kunit *test)
{
	struct vc_buf buf;
	unsigned long i;

	vf_get(test, &buf, VF_ORDER);
	for (i = 0; i < buf.nr; i++) {
		struct page *page = compound_nth_page(buf.head, i);
		struct ptdesc *ptdesc = page_ptdesc(page);

		KUNIT_EXPECT_PTR_EQ(test, ptdesc_address(ptdesc), lowmem_page_address(page));
		KUNIT_EXPECT_PTR_EQ(test, virt_to_ptdesc(ptdesc_address(ptdesc)), ptdesc);
	}

	/* A mapped address is refused, with a warning that names it. */
	if (vc_is_mapped(&buf)) {
		vc_rearm_warnings();
		kunit_warning_suppress(test) {
			KUNIT_EXPECT_NULL(test, virt_to_ptdesc(buf.addr));
			KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
		}
	}
	vf_put(test, &buf);
}

#if IS_BUILTIN(CONFIG_ASYNC_RAID6_RECOV)
#define VF_DISKS	5	/* three of data, P and Q */

static void vf_raid_fill(struct page **blocks)
{
	int i;

	for (i = 0; i < VF_DISKS; i++)
		memset(lowmem_page_address(blocks[i]), 3 << i, PAGE_SIZE);
}

static void vf_expect_data(struct kunit *test, struct page **blocks)
{
	int i;

	for (i = 0; i < VF_DISKS - 2; i++)
		KUNIT_EXPECT_NULL(test, memchr_inv(lowmem_page_address(blocks[i]), 3 << i,
						   PAGE_SIZE));
}

/*
 * async_tx only has references to the pages that raid5 passes to it, so it must
 * read and write them by an address that stays valid when the mapping is gone.
 * The test removes the mapping first and maps other pages in its place, to
 * catch accesses through it.
 */
static void test_async_tx(struct kunit *test)
{
	struct page *pages[VF_NR], *others[VF_NR], *work[VF_DISKS], *spare;
	struct page *blocks[VF_DISKS];
	enum sum_check_flags result;
	unsigned int offsets[VF_DISKS] = {};
	struct async_submit_ctl submit;
	addr_conv_t scribble[VF_DISKS];
	unsigned long start, end;
	struct vc_buf buf;
	int i;

	for (i = 0; i < VF_NR; i++) {
		others[i] = alloc_page(GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, others[i]);
	}
	vf_get(test, &buf, VF_ORDER);
	start = (unsigned long)buf.addr;
	end = start + buf.size;
	for (i = 0; i < VF_NR; i++)
		pages[i] = compound_nth_page(buf.head, i);
	memcpy(blocks, pages, sizeof(blocks));
	spare = pages[VF_DISKS];
	KUNIT_ASSERT_TRUE(test, is_vmalloc_addr(page_address(spare)));
	vunmap_range(start, end);
	KUNIT_ASSERT_EQ(test, vmap_pages_range(start, end, PAGE_KERNEL, others, PAGE_SHIFT),
			0);
	memset(buf.addr, 0x5a, buf.size);

	/* XOR, and checking if the sum of all is zero */
	vf_raid_fill(blocks);
	init_async_submit(&submit, ASYNC_TX_XOR_ZERO_DST, NULL, NULL, NULL, scribble);
	async_xor(spare, blocks, 0, 3, PAGE_SIZE, &submit);
	KUNIT_EXPECT_NULL(test, memchr_inv(lowmem_page_address(spare), 3 ^ 6 ^ 12, PAGE_SIZE));
	memcpy(work, blocks, sizeof(work));
	work[3] = work[0];
	work[0] = spare;
	init_async_submit(&submit, 0, NULL, NULL, NULL, scribble);
	async_xor_val_offs(spare, 0, work, offsets, 4, PAGE_SIZE, &result, &submit);
	KUNIT_EXPECT_EQ(test, (int)result, 0);
	memset(lowmem_page_address(spare) + PAGE_SIZE - 1, 1, 1);
	async_xor_val_offs(spare, 0, work, offsets, 4, PAGE_SIZE, &result, &submit);
	KUNIT_EXPECT_EQ(test, (int)result, (int)SUM_CHECK_P_RESULT);

	/* both syndromes, then two disks and one disk of data lost */
	init_async_submit(&submit, 0, NULL, NULL, NULL, scribble);
	async_gen_syndrome(blocks, offsets, VF_DISKS, PAGE_SIZE, &submit);
	KUNIT_EXPECT_NULL(test, memchr_inv(lowmem_page_address(blocks[3]), 3 ^ 6 ^ 12,
					   PAGE_SIZE));
	result = SUM_CHECK_P_RESULT | SUM_CHECK_Q_RESULT;
	async_syndrome_val(blocks, offsets, VF_DISKS, PAGE_SIZE, &result, spare, 0, &submit);
	KUNIT_EXPECT_EQ(test, (int)result, 0);
	memset(lowmem_page_address(blocks[0]), 0x55, PAGE_SIZE);
	memset(lowmem_page_address(blocks[2]), 0x55, PAGE_SIZE);
	async_raid6_2data_recov(VF_DISKS, PAGE_SIZE, 0, 2, blocks, offsets, &submit);
	vf_expect_data(test, blocks);
	memset(lowmem_page_address(blocks[1]), 0x55, PAGE_SIZE);
	memset(lowmem_page_address(blocks[3]), 0x55, PAGE_SIZE);
	async_raid6_datap_recov(VF_DISKS, PAGE_SIZE, 1, blocks, offsets, &submit);
	vf_expect_data(test, blocks);

	for (i = 0; i < VF_DISKS; i++)
		KUNIT_EXPECT_PTR_EQ(test, blocks[i], pages[i]);
	for (i = 0; i < VF_NR; i++)
		KUNIT_EXPECT_NULL(test, memchr_inv(lowmem_page_address(others[i]), 0x5a,
						   PAGE_SIZE));
	vf_put(test, &buf);
	for (i = 0; i < VF_NR; i++)
		__free_page(others[i]);
}
#endif

/*
 * A page in a pipe can be moved to the page cache, where it would get a
 * mapcount, if only its reference count is checked. fuse, which does that,
 * checks the type as well; so each page of an allocation must lead to one.
 */
static void vf_check_pipe(struct kunit *test, struct page *page)
{
	struct pipe_buffer pipe_buf = { .page = page, .len = PAGE_SIZE };
	struct folio *folio = page_folio(page);
	bool stolen = generic_pipe_buf_try_steal(NULL, &pipe_buf);

	KUNIT_EXPECT_TRUE(test, stolen);
	if (stolen)
		unlock_page(page);
	/*
	 * Neither mapcount nor mapping distinguishes it from a page that can be
	 * moved.
	 */
	KUNIT_EXPECT_FALSE(test, folio_mapped(folio));
	KUNIT_EXPECT_NULL(test, folio->mapping);
	KUNIT_EXPECT_TRUE(test, page_has_type(&folio->page));
}

static void test_pipe(struct kunit *test)
{
	static const unsigned int orders[] = { 0, VF_ORDER };
	struct vc_buf buf;
	unsigned long i;
	int j;

	for (j = 0; j < ARRAY_SIZE(orders); j++) {
		vf_get(test, &buf, orders[j]);
		vc_fill(&buf);
		for (i = 0; i < buf.nr; i++)
			vf_check_pipe(test, compound_nth_page(buf.head, i));
		vf_expect_alive(test, &buf);
		vf_put(test, &buf);
	}
}

/* Offset of the data of a request, for drivers that take it as one piece. */
static void test_bio_data(struct kunit *test)
{
	struct bio_vec bv;
	struct vc_buf buf;
	struct bio bio = {
		.bi_opf = REQ_OP_WRITE,
		.bi_io_vec = &bv,
		.bi_vcnt = 1,
		.bi_iter.bi_size = PAGE_SIZE - 24,
	};
	int i;

	vf_get(test, &buf, VF_ORDER);
	for (i = 0; i < VF_NR; i++) {
		struct page *page = compound_nth_page(buf.head, i);

		bvec_set_page(&bv, page, PAGE_SIZE - 24, 24);
		KUNIT_EXPECT_PTR_EQ(test, bio_data(&bio), lowmem_page_address(page) + 24);
	}
	vf_put(test, &buf);
}

static void test_scatterwalk(struct kunit *test)
{
	struct scatter_walk walk;
	struct scatterlist sg;
	struct vc_buf buf;
	int i;

	vf_get(test, &buf, VF_ORDER);
	for (i = 0; i < VF_NR; i++) {
		struct page *page = compound_nth_page(buf.head, i);

		sg_init_table(&sg, 1);
		sg_set_page(&sg, page, PAGE_SIZE - 8, 8);
		scatterwalk_start(&walk, &sg);
		KUNIT_EXPECT_EQ(test, scatterwalk_next(&walk, PAGE_SIZE), PAGE_SIZE - 8);
		KUNIT_EXPECT_PTR_EQ(test, (void *)walk.addr, lowmem_page_address(page) + 8);
		scatterwalk_unmap(&walk);
	}
	vf_put(test, &buf);
}

#if IS_BUILTIN(CONFIG_CRYPTO_ALGAPI2)
/*
 * A segment continues with the next page in memory, not in the mapping. Its
 * first page is marked and mapped as the second page of an allocation; at the
 * mapped address, the following page is another one than in memory.
 */
static void test_memcpy_sglist(struct kunit *test)
{
	const unsigned int size = 2 * PAGE_SIZE;
	struct page *page, *block, *other;
	struct scatterlist from, to;
	void *addr;

	page = alloc_pages(GFP_KERNEL, 1);
	KUNIT_ASSERT_NOT_NULL(test, page);
	split_page(page, 1);
	block = alloc_pages(GFP_KERNEL | __GFP_COMP, 1);
	KUNIT_ASSERT_NOT_NULL(test, block);
	other = alloc_page(GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, other);
	addr = vmap((struct page *[]) { page, other }, 2, VM_MAP, PAGE_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, addr);
	page->page_type = vcompound_type(1);
	set_page_private(page, ~(unsigned long)addr);
	KUNIT_EXPECT_PTR_EQ(test, page_address(page), addr);

	sg_init_table(&from, 1);
	sg_set_page(&from, page, size, 0);
	sg_init_table(&to, 1);
	sg_set_page(&to, block, size, 0);

	memset(addr, 0x5a, size);
	memset(lowmem_page_address(page), 0x17, size);
	memcpy_sglist(&to, &from, size);
	KUNIT_EXPECT_NULL(test, memchr_inv(lowmem_page_address(block), 0x17, size));

	memset(lowmem_page_address(page), 0, size);
	memcpy_sglist(&from, &to, size);
	KUNIT_EXPECT_NULL(test, memchr_inv(lowmem_page_address(page), 0x17, size));
	KUNIT_EXPECT_NULL(test, memchr_inv(lowmem_page_address(other), 0x5a, PAGE_SIZE));

	set_page_private(page, 0);
	page->page_type = UINT_MAX;
	vunmap(addr);
	__free_page(page);
	__free_page(page + 1);
	__free_page(other);
	__free_pages(block, 1);
}
#endif

/* kmap_local_page() maps the page, not the allocation. */
static void test_kmap(struct kunit *test)
{
	struct vc_buf buf;
	void *addr;
	int i;

	vf_get(test, &buf, VF_ORDER);
	for (i = 0; i < VF_NR; i++) {
		struct page *page = compound_nth_page(buf.head, i);
		void *direct = lowmem_page_address(page);

		KUNIT_EXPECT_PTR_EQ(test, kmap(page), direct);
		kunmap(page);
		addr = kmap_local_page(page);
		KUNIT_EXPECT_PTR_EQ(test, addr, direct);
		kunmap_local(addr);
		addr = kmap_local_page_try_from_panic(page);
		KUNIT_EXPECT_PTR_EQ(test, addr, direct);
		addr = kmap_local_folio(page_folio(page), 16);
		KUNIT_EXPECT_PTR_EQ(test, addr, direct + 16);
		kunmap_local(addr);
		addr = kmap_atomic(page);
		kunmap_atomic(addr);
		KUNIT_EXPECT_PTR_EQ(test, addr, direct);
	}
	vf_put(test, &buf);
}

#ifdef CONFIG_ARCH_HAS_SET_DIRECT_MAP
/* A page that is removed from the direct map keeps its mapped address. */
static void test_direct_map(struct kunit *test)
{
	struct vc_buf buf;
	struct page *page;
	u8 *addr;

	vf_get(test, &buf, VF_ORDER);
	page = compound_nth_page(buf.head, 3);
	addr = page_address(page);
	KUNIT_ASSERT_TRUE(test, is_vmalloc_addr(addr));
	memset(addr, 0x66, PAGE_SIZE);

	KUNIT_ASSERT_EQ(test, 0, set_direct_map_invalid_noflush(page));
	KUNIT_EXPECT_FALSE(test, kernel_page_present(page));
	KUNIT_EXPECT_NULL(test, memchr_inv(addr, 0x66, PAGE_SIZE));
	KUNIT_ASSERT_EQ(test, 0, set_direct_map_default_noflush(page));
	KUNIT_EXPECT_TRUE(test, kernel_page_present(page));
	KUNIT_EXPECT_NULL(test, memchr_inv(lowmem_page_address(page), 0x66, PAGE_SIZE));
	vf_put(test, &buf);
}
#endif

static const struct vc_param vf_vcompounds[] = {
	{ "alloc_vcompound", .kind = 0 },
	{ "__alloc_vcompound", .kind = 1 },
	{ "__alloc_vcompound_exact", .kind = 2 },
	{}
};

VC_GEN_PARAMS(vf_vcompounds)

/*
 * Without the flag, these functions allocate as usual: memory that dropping a
 * reference does not free.
 */
static void test_alloc_vcompound(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	const size_t size = VF_NR * PAGE_SIZE;
	struct page *head = NULL;
	struct vc_buf buf;
	void *addr = NULL;

	vc_rearm_warnings();
	kunit_warning_suppress(test) {
		if (param->kind == 0)
			head = vc_hooks(alloc_vcompound_node_noprof(NUMA_NO_NODE, GFP_VFALLBACK,
								    VF_ORDER));
		else if (param->kind == 1)
			addr = vc_hooks(__alloc_vcompound_node_noprof(NUMA_NO_NODE, GFP_VFALLBACK,
								      VF_ORDER));
		else
			addr = vc_hooks(__alloc_vcompound_exact_node_noprof(NUMA_NO_NODE, size,
									    GFP_VFALLBACK));
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	vf_set(test, &buf, head ?: vcompound_head_page(addr), VF_ORDER);
	KUNIT_EXPECT_EQ(test, vc_is_mapped(&buf), param->fallback);
	KUNIT_EXPECT_EQ(test, vcompound_nr_pages(buf.head), VF_NR);
	KUNIT_EXPECT_TRUE(test, PageVcompound(buf.head));
	vc_fill(&buf);

	kunit_warning_suppress(test) {
		put_page(buf.head);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	vcompound_drain();
	KUNIT_EXPECT_EQ(test, vcompound_nr_pages(buf.head), VF_NR);
	KUNIT_EXPECT_TRUE(test, vc_is_filled(&buf));
	vc_expect_buf_held(test, &buf);
	free_vcompound(buf.head);
	vf_expect_ended(test, &buf, 0);
}

#ifdef CONFIG_HAS_DMA
enum vf_dma { VF_DMA_COHERENT, VF_DMA_PAGES, VF_DMA_NONCONTIGUOUS };

static const struct vc_param vf_dmas[] = {
	{ "dma_alloc_coherent", .one_outcome = true, .fallback = true, .kind = VF_DMA_COHERENT },
	{ "dma_alloc_pages", .one_outcome = true, .fallback = true, .kind = VF_DMA_PAGES },
	{ "dma_alloc_noncontiguous", .one_outcome = true, .fallback = true,
	  .kind = VF_DMA_NONCONTIGUOUS },
	{}
};

VC_GEN_PARAMS(vf_dmas)

static void test_dma(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	const enum dma_data_direction dir = DMA_BIDIRECTIONAL;
	struct device *dev = vc_dma_device(test);
	size_t size = VF_NR * PAGE_SIZE;
	struct sg_table *sgt = NULL;
	struct page *page = NULL;
	void *addr = NULL;
	dma_addr_t dma;

	vc_rearm_warnings();
	kunit_warning_suppress(test) {
		if (param->kind == VF_DMA_COHERENT)
			addr = dma_alloc_coherent(dev, size, &dma, GFP_VFALLBACK);
		else if (param->kind == VF_DMA_PAGES)
			page = dma_alloc_pages(dev, size, &dma, dir, GFP_VFALLBACK);
		else
			sgt = dma_alloc_noncontiguous(dev, size, dir, GFP_VFALLBACK, 0);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	KUNIT_ASSERT_TRUE(test, addr || page || sgt);
	if (addr) {
		page = vcompound_to_page(addr);
		KUNIT_EXPECT_FALSE(test, page && PageVcompound(page));
		memset(addr, 0x44, size);
		dma_free_coherent(dev, size, addr, dma);
	} else if (page) {
		KUNIT_EXPECT_FALSE(test, PageVcompound(page));
		memset(page_to_virt(page), 0x44, size);
		dma_free_pages(dev, size, page, dma, dir);
	} else {
		KUNIT_EXPECT_FALSE(test, PageVcompound(sg_page(sgt->sgl)));
		dma_free_noncontiguous(dev, size, sgt, dir);
	}
}
#endif

#ifdef CONFIG_HAS_DMA
static void test_dma_map(struct kunit *test)
{
	struct vc_buf buf;

	vf_get(test, &buf, VF_ORDER);
	vc_check_dma(test, &buf);
	vf_put(test, &buf);
}
#endif

#ifdef CONFIG_PAGE_POOL
static void test_page_pool(struct kunit *test)
{
	struct page_pool_params params = {
		.order = VF_ORDER, .pool_size = 4, .nid = NUMA_NO_NODE,
	};
	struct page_pool *pool = page_pool_create(&params);
	struct page *page = NULL;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pool);
	vc_rearm_warnings();
	kunit_warning_suppress(test) {
		page = page_pool_alloc_pages(pool, GFP_VFALLBACK);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	if (page) {
		KUNIT_EXPECT_FALSE(test, PageVcompound(page));
		KUNIT_EXPECT_EQ(test, compound_order(page), VF_ORDER);
		page_pool_put_full_page(pool, page, false);
	}
	KUNIT_EXPECT_NOT_NULL(test, page);
	page_pool_destroy(pool);
}
#endif

#ifdef CONFIG_NET
/* More data than fits in fragments of single pages. */
static void test_skb(struct kunit *test)
{
	unsigned int i, order = order_base_2(MAX_SKB_FRAGS), size = PAGE_SIZE << order;
	struct sk_buff *skb = alloc_skb(64, GFP_KERNEL);
	int err = -EINVAL;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	for (i = 0; i < 2; i++) {
		struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, order);

		if (!page)
			break;
		memset(page_address(page), 0x10 + i, size);
		skb_add_rx_frag(skb, i, page, 0, size, size);
	}
	vc_rearm_warnings();
	kunit_warning_suppress(test) {
		err = skb_copy_ubufs(skb, GFP_VFALLBACK);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, skb->len, 2 * size);
	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++)
		KUNIT_EXPECT_FALSE(test, PageVcompound(skb_frag_page(&skb_shinfo(skb)->frags[i])));
	for (i = 0; i < 2 * size; i += PAGE_SIZE / 2) {
		u8 byte = 0;

		KUNIT_EXPECT_EQ(test, skb_copy_bits(skb, i, &byte, 1), 0);
		KUNIT_EXPECT_EQ(test, byte, 0x10 + i / size);
	}
	kfree_skb(skb);
}
#endif

#ifdef CONFIG_NET
/* Devices send the packets that are built from these pages. */
static void vf_expect_contiguous(struct kunit *test, struct page *page, unsigned int order)
{
	unsigned int i;

	KUNIT_EXPECT_FALSE(test, PageVcompound(page));
	KUNIT_EXPECT_EQ(test, compound_order(page), order);
	for (i = 0; i < 1U << order; i++) {
		KUNIT_EXPECT_NULL(test, vmalloc_address(page + i));
		KUNIT_EXPECT_PTR_EQ(test, page_address(page + i), lowmem_page_address(page + i));
	}
}

/* The last page is a single one. */
static void test_skb_with_frags(struct kunit *test)
{
	const unsigned int order = PAGE_ALLOC_COSTLY_ORDER, size = PAGE_SIZE << order;
	struct sk_buff *skb = NULL;
	int err = 0, i;

	vc_rearm_warnings();
	kunit_warning_suppress(test) {
		skb = alloc_skb_with_frags(64, size + PAGE_SIZE, order, &err, GFP_VFALLBACK);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_ASSERT_EQ(test, skb_shinfo(skb)->nr_frags, 2);
	for (i = 0; i < 2; i++)
		vf_expect_contiguous(test, skb_frag_page(&skb_shinfo(skb)->frags[i]),
				     i ? 0 : order);
	kfree_skb(skb);
}

/* For a socket, whose flags are used, or for a caller. */
static void vf_frag_refill(struct kunit *test, struct sock *sk)
{
	struct page_frag frag = {};
	bool refilled = false;

	vc_rearm_warnings();
	kunit_warning_suppress(test) {
		refilled = sk ? sk_page_frag_refill(sk, &frag) :
				skb_page_frag_refill(64, &frag, GFP_VFALLBACK);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	KUNIT_ASSERT_TRUE(test, refilled);
	KUNIT_EXPECT_GE(test, frag.size, min(PAGE_SIZE << PAGE_ALLOC_COSTLY_ORDER, SZ_32K));
	vf_expect_contiguous(test, frag.page, get_order(frag.size));
	put_page(frag.page);
}

static void test_page_frag_refill(struct kunit *test)
{
	struct sock *sk = kunit_kzalloc(test, sizeof(*sk), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, sk);
	sk->sk_allocation = GFP_VFALLBACK;
	vf_frag_refill(test, NULL);
	vf_frag_refill(test, sk);
}
#endif

#ifdef CONFIG_MEMCG
/* Charged as long as it is held, by any holder, and not longer. */
static void test_memcg(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	unsigned long left = param->fallback ? 1 : VF_NR;
	struct mem_cgroup *memcg = vc_memcg_create(test), *old;
	long before = vc_charge(memcg, MEMCG_KMEM);
	long vmalloc = vc_charge(memcg, NR_VMALLOC);
	struct page *page;
	struct vc_buf buf;
	int round;

	for (round = 0; round < 4; round++) {
		old = set_active_memcg(memcg);
		page = vc_hooks(alloc_pages_noprof(GFP_VFALLBACK | __GFP_ACCOUNT, VF_ORDER));
		set_active_memcg(old);
		vf_set(test, &buf, page, VF_ORDER);
		KUNIT_EXPECT_EQ(test, vc_is_mapped(&buf), param->fallback);
		vf_check(test, &buf);
		KUNIT_EXPECT_EQ(test, vc_charge(memcg, MEMCG_KMEM), before + (long)VF_NR);
		/*
		 * The head counts for the node only: put_page() removes its
		 * cgroup first.
		 */
		KUNIT_EXPECT_EQ(test, vc_charge(memcg, NR_VMALLOC),
				vmalloc + (param->fallback ? (long)VF_NR - 1 : 0));

		page = compound_nth_page(buf.head, 3);
		get_page(page);
		vf_drop(&buf, param->kind);
		vf_expect_ended(test, &buf, left);
		KUNIT_EXPECT_EQ(test, vc_charge(memcg, MEMCG_KMEM), before + (long)left);
		put_page(page);
		vc_expect_pages_held(test, 0);
		KUNIT_EXPECT_EQ(test, vc_charge(memcg, MEMCG_KMEM), before);
		KUNIT_EXPECT_EQ(test, vc_charge(memcg, NR_VMALLOC), vmalloc);
	}

	/* Not charged without __GFP_ACCOUNT. */
	old = set_active_memcg(memcg);
	page = vc_hooks(alloc_pages_noprof(GFP_VFALLBACK, VF_ORDER));
	set_active_memcg(old);
	vf_set(test, &buf, page, VF_ORDER);
	KUNIT_EXPECT_EQ(test, vc_charge(memcg, MEMCG_KMEM), before);
	vf_put(test, &buf);
}
#endif

#ifdef VC_FAIL_NTH
enum vf_nth { VF_NTH_PAGES, VF_NTH_NODE, VF_NTH_GET_FREE };

static const struct vc_param vf_nth[] = {
	{ "alloc_pages", .kind = VF_NTH_PAGES },
	{ "alloc_pages_node", .kind = VF_NTH_NODE },
	{ "alloc_pages_node only", .kind = VF_NTH_NODE, .gfp = __GFP_THISNODE },
	{ "__get_free_pages zero", .kind = VF_NTH_GET_FREE, .gfp = __GFP_ZERO },
	{ "retry", .kind = VF_NTH_PAGES, .gfp = __GFP_RETRY_MAYFAIL },
	{ "nofail", .kind = VF_NTH_PAGES, .gfp = __GFP_NOFAIL },
	{}
};

VC_GEN_PARAMS(vf_nth)

static struct page *vf_ask(enum vf_nth kind, gfp_t gfp)
{
	unsigned long addr;

	if (kind == VF_NTH_PAGES)
		return vc_hooks(alloc_pages_noprof(gfp, VF_ORDER));
	if (kind == VF_NTH_NODE)
		return vc_hooks(alloc_pages_node_noprof(first_memory_node, gfp, VF_ORDER));
	addr = vc_hooks(get_free_pages_noprof(gfp, VF_ORDER));
	return addr ? virt_to_head_page((void *)addr) : NULL;
}

/* Fail each allocation in turn, until there is none left to fail. */
static void test_fail_nth(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	gfp_t gfp = GFP_VFALLBACK | __GFP_NOWARN | param->gfp;
	unsigned int nth, left = 0;
	struct page *head;
	struct vc_buf buf;

	vc_knobs_set(test);
	for (nth = 1; nth < 300 && !left; nth++) {
		current->fail_nth = nth;
		head = vf_ask(param->kind, gfp);
		left = current->fail_nth;
		current->fail_nth = 0;

		if (left || (gfp & __GFP_NOFAIL))
			KUNIT_EXPECT_NOT_NULL(test, head);
		if (head) {
			vf_set(test, &buf, head, VF_ORDER);
			/*
			 * For a contiguous allocation, only the first can fail.
			 */
			KUNIT_EXPECT_EQ(test, vc_is_mapped(&buf),
					param->fallback || (nth == 1 && !left));
			vf_check(test, &buf);
			vc_fill(&buf);
			vf_expect_alive(test, &buf);
			vf_put(test, &buf);
		}
		vcompound_drain();
		vc_expect_pages_held(test, 0);
		if (READ_ONCE(test->status) == KUNIT_FAILURE)
			break;
	}
	KUNIT_EXPECT_LT(test, nth, 300);
	if (!(gfp & __GFP_NOFAIL))
		KUNIT_EXPECT_GT(test, nth, 2);
}
#endif

static struct kunit_case vfallback_test_cases[] = {
	KUNIT_CASE_PARAM(test_orders, vf_orders_gen_params),
	KUNIT_CASE_PARAM(test_calls, vf_calls_gen_params),
	KUNIT_CASE_PARAM(test_one_page, vf_outcomes_gen_params),
	KUNIT_CASE(test_other_memory),
	KUNIT_CASE_PARAM(test_put, vf_ways_gen_params),
	KUNIT_CASE_PARAM(test_two_holders, vf_ways_gen_params),
	KUNIT_CASE_PARAM(test_wrong_order, vf_outcomes_gen_params),
	KUNIT_CASE_PARAM(test_page_frag, vf_outcomes_gen_params),
	KUNIT_CASE_PARAM(test_page_address_ends, vf_fallback_gen_params),
	KUNIT_CASE_PARAM(test_ref_other, vf_refs_gen_params),
	KUNIT_CASE_PARAM(test_context, vc_contexts_gen_params),
#ifdef CONFIG_TRACEPOINTS
	KUNIT_CASE_PARAM(test_free_pages_nolock_work, vf_outcomes_gen_params),
#endif
	KUNIT_CASE_PARAM(test_free_pages_nolock, vf_outcomes_gen_params),
	KUNIT_CASE_PARAM(test_free_pages_nolock_held, vf_outcomes_gen_params),
	KUNIT_CASE_PARAM(test_atomic, vf_atomic_gen_params),
#ifdef CONFIG_MEMCG
	KUNIT_CASE_PARAM(test_node_vmalloc, vf_outcomes_gen_params),
#endif
	KUNIT_CASE_PARAM(test_events, vf_outcomes_gen_params),
#ifdef CONFIG_TRACEPOINTS
	KUNIT_CASE_PARAM(test_trace, vf_ways_gen_params),
#endif
	KUNIT_CASE_PARAM(test_nodes, vf_node_flags_gen_params),
#ifdef CONFIG_NUMA
	KUNIT_CASE_PARAM(test_node_policy, vf_outcomes_gen_params),
#endif
	KUNIT_CASE_PARAM(test_impossible, vf_impossible_gen_params),
	KUNIT_CASE_PARAM(test_ignored_flags, vf_ignored_gen_params),
	KUNIT_CASE_PARAM(test_free_vcompound, vf_outcomes_gen_params),
	KUNIT_CASE_PARAM(test_put_vcompound, vf_ways_gen_params),
	KUNIT_CASE_PARAM(test_user, vf_outcomes_gen_params),
	KUNIT_CASE_PARAM(test_over_put_other, vf_ways_fallback_gen_params),
	KUNIT_CASE_PARAM(test_over_put_deferred, vf_ways_fallback_gen_params),
	KUNIT_CASE_PARAM(test_forwards, vf_forwards_gen_params),
	KUNIT_CASE_PARAM(test_below, vf_fallback_gen_params),
	KUNIT_CASE_PARAM(test_segments, vf_fallback_gen_params),
	KUNIT_CASE_PARAM(test_folio, vf_outcomes_gen_params),
	KUNIT_CASE_PARAM(test_ptdesc, vf_outcomes_gen_params),
#if IS_BUILTIN(CONFIG_ASYNC_RAID6_RECOV)
	KUNIT_CASE_PARAM(test_async_tx, vf_fallback_gen_params),
#endif
	KUNIT_CASE_PARAM(test_pipe, vf_outcomes_gen_params),
	KUNIT_CASE_PARAM(test_bio_data, vf_fallback_gen_params),
	KUNIT_CASE_PARAM(test_scatterwalk, vf_fallback_gen_params),
#if IS_BUILTIN(CONFIG_CRYPTO_ALGAPI2)
	KUNIT_CASE(test_memcpy_sglist),
#endif
	KUNIT_CASE_PARAM(test_kmap, vf_fallback_gen_params),
#ifdef CONFIG_ARCH_HAS_SET_DIRECT_MAP
	KUNIT_CASE_PARAM(test_direct_map, vf_fallback_gen_params),
#endif
	KUNIT_CASE_PARAM(test_alloc_vcompound, vf_vcompounds_gen_params),
#ifdef CONFIG_HAS_DMA
	KUNIT_CASE_PARAM(test_dma, vf_dmas_gen_params),
	KUNIT_CASE_PARAM(test_dma_map, vf_outcomes_gen_params),
#endif
#ifdef CONFIG_PAGE_POOL
	KUNIT_CASE_PARAM(test_page_pool, vf_fallback_gen_params),
#endif
#ifdef CONFIG_NET
	KUNIT_CASE_PARAM(test_skb, vf_fallback_gen_params),
	KUNIT_CASE_PARAM(test_skb_with_frags, vf_fallback_gen_params),
	KUNIT_CASE_PARAM(test_page_frag_refill, vf_fallback_gen_params),
#endif
#ifdef CONFIG_MEMCG
	KUNIT_CASE_PARAM(test_memcg, vf_ways_gen_params),
#endif
#ifdef VC_FAIL_NTH
	KUNIT_CASE_PARAM(test_fail_nth, vf_nth_gen_params),
#endif
	/* These are last: if they fail, the kernel does not survive. */
	KUNIT_CASE_PARAM(test_free_pages_foreign, vc_areas_gen_params),
	KUNIT_CASE_PARAM(test_free_pages_alias, vf_fallback_gen_params),
	KUNIT_CASE_PARAM(test_free_pages_ended, vf_fallback_gen_params),
	{}
};

static struct kunit_suite vfallback_test_suite = {
	.name = "vfallback",
	.suite_init = vc_suite_init,
	.suite_exit = vc_suite_exit,
	.init = vc_init,
	.exit = vc_exit,
	.test_cases = vfallback_test_cases,
};

kunit_test_suite(vfallback_test_suite);

MODULE_DESCRIPTION("KUnit tests for __GFP_VFALLBACK");
MODULE_LICENSE("GPL");
