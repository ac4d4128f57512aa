// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for __GFP_VFALLBACK
 *
 * What Documentation/mm/vcompound.rst promises about the flag: what alloc_pages()
 * returns for it with contiguous pages and with the fallback forced, every way to
 * give that back, the answers of page_address() and virt_to_head_page(), and that
 * those who need contiguous memory are not given anything else. As in
 * vcompound_kunit.c, the allocation profile of one place tells what is held, so
 * with CONFIG_MEM_ALLOC_PROFILING each test is a test for leaks too.
 */
#include <kunit/device.h>
#include <kunit/test.h>
#include <linux/alloc_tag.h>
#include <linux/cgroup.h>
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/hrtimer.h>
#include <linux/memcontrol.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/vcompound.h>
#include <linux/vmalloc.h>
#include <linux/vmstat.h>
#ifdef CONFIG_PAGE_POOL
#include <net/page_pool/helpers.h>
#endif

#include <asm/sections.h>

#include "../internal.h"
#include "../page_alloc.h"
#include "../vcompound_debug.h"

/* The order of whatever has no reason to be of another one. */
#define VF_ORDER	3
#define VF_NR		BIT(VF_ORDER)

/*
 * A parameter of a test. A table of them ends with one that has no name. Each is
 * run once for either outcome, unless it says that it is for the fallback only.
 */
struct vf_param {
	const char *name;
	bool only_fallback;
	bool fallback;
	unsigned int order;
	int kind;
	gfp_t gfp;
};

/* An allocation, as a test knows it. */
struct vf_buf {
	struct page *head;
	void *addr;
	unsigned int order;
	unsigned long nr;
	bool mapped;
};

static unsigned int vf_saved_percent;

static int vf_suite_init(struct kunit_suite *suite)
{
	vf_saved_percent = vcompound_force(0);
	return 0;
}

static void vf_suite_exit(struct kunit_suite *suite)
{
	vcompound_force(vf_saved_percent);
}

static int vf_init(struct kunit *test)
{
	const struct vf_param *param = test->param_value;

	vcompound_drain();
	vcompound_force(param && param->fallback ? 100 : 0);
	return 0;
}

static void vf_exit(struct kunit *test)
{
	vcompound_force(0);
	vcompound_drain();
}

static const void *vf_next_param(const struct vf_param *table, const void *prev,
				 char *desc)
{
	static struct vf_param params[64];
	struct vf_param *next = prev ? (struct vf_param *)prev + 1 : params;

	for (; next < params + ARRAY_SIZE(params); next++) {
		int i = next - params;

		*next = table[i / 2];
		if (!next->name)
			return NULL;
		if (next->only_fallback && !(i & 1))
			continue;
		next->fallback = i & 1;
		snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s%s%s", next->name,
			 *next->name && !next->only_fallback ? " " : "",
			 next->only_fallback ? "" :
			 next->fallback ? "fallback" : "contiguous");
		return next;
	}
	WARN(1, "a table is too long\n");
	return NULL;
}

#define VF_GEN_PARAMS(table)							\
static const void *table##_gen_params(struct kunit *test, const void *prev,	\
				      char *desc)				\
{										\
	return vf_next_param(table, prev, desc);				\
}

static const struct vf_param vf_outcomes[] = { { "" }, {} };

VF_GEN_PARAMS(vf_outcomes)

/* Let what warns once per boot warn again, as clear_warn_once in debugfs does. */
static void vf_rearm_warnings(void)
{
	generic_bug_clear_once();
	memset(__start_once, 0, __end_once - __start_once);
}

#ifdef CONFIG_MEM_ALLOC_PROFILING
static struct alloc_tag *vf_tag(void)
{
	DEFINE_ALLOC_TAG(tag);

	return &tag;
}

static u64 vf_bytes_held(void)
{
	return alloc_tag_read(vf_tag()).bytes;
}

#define vf_hooks(_do_alloc)	alloc_hooks_tag(vf_tag(), _do_alloc)
#else
static u64 vf_bytes_held(void)
{
	return 0;
}

#define vf_hooks(_do_alloc)	(_do_alloc)
#endif

/* That the test holds @nr pages: while there is an area, its array comes on top. */
static void vf_expect_pages_held(struct kunit *test, unsigned long nr, bool area)
{
	u64 least = (u64)nr * PAGE_SIZE;
	u64 array = area ? 2 * nr * sizeof(struct page *) + 1024 : 0;

	if (!mem_alloc_profiling_enabled())
		return;
	KUNIT_EXPECT_GE(test, vf_bytes_held(), least);
	KUNIT_EXPECT_LE(test, vf_bytes_held(), least + array);
}

/*
 * Allocating and giving back
 */

static void vf_set(struct kunit *test, struct vf_buf *buf, struct page *head,
		   unsigned int order)
{
	KUNIT_ASSERT_NOT_NULL(test, head);
	buf->head = head;
	buf->addr = page_address(head);
	buf->order = order;
	buf->nr = BIT(order);
	buf->mapped = is_vmalloc_addr(buf->addr);
}

static void vf_get_gfp(struct kunit *test, struct vf_buf *buf,
		       unsigned int order, gfp_t gfp)
{
	vf_set(test, buf, vf_hooks(alloc_pages_noprof(gfp, order)), order);
}

/* Of the outcome that the parameter of the test says. */
static void vf_get(struct kunit *test, struct vf_buf *buf, unsigned int order)
{
	const struct vf_param *param = test->param_value;

	vf_get_gfp(test, buf, order, GFP_VFALLBACK);
	KUNIT_ASSERT_EQ(test, buf->mapped, param->fallback && order);
}

enum vf_way {
	VF_FREE_PAGES, VF_FREE_PAGES_ADDR, VF_PUT_PAGE, VF_FOLIO_PUT,
	VF_RELEASE_PAGES, VF_NR_WAYS
};

static const struct vf_param vf_ways[] = {
	{ "__free_pages", .kind = VF_FREE_PAGES },
	{ "free_pages", .kind = VF_FREE_PAGES_ADDR },
	{ "put_page", .kind = VF_PUT_PAGE },
	{ "folio_put", .kind = VF_FOLIO_PUT },
	{ "release_pages", .kind = VF_RELEASE_PAGES },
	{}
};

VF_GEN_PARAMS(vf_ways)

/* Drop one reference to @page. */
static void vf_drop_page(struct page *page, unsigned int order, enum vf_way way)
{
	switch (way) {
	case VF_FREE_PAGES:
		__free_pages(page, order);
		break;
	case VF_FREE_PAGES_ADDR:
		free_pages((unsigned long)page_address(page), order);
		break;
	case VF_PUT_PAGE:
		put_page(page);
		break;
	case VF_FOLIO_PUT:
		folio_put(page_folio(page));
		break;
	default:
		release_pages(&page, 1);
		break;
	}
}

static void vf_drop(struct vf_buf *buf, enum vf_way way)
{
	vf_drop_page(buf->head, buf->order, way);
}

/* That nothing is left of @buf, but for @nr pages that somebody holds. */
static void vf_expect_ended(struct kunit *test, const struct vf_buf *buf,
			    unsigned long nr)
{
	vcompound_drain();
	vf_expect_pages_held(test, nr, false);
	if (buf->mapped) {
		KUNIT_EXPECT_NULL(test, find_vm_area(buf->addr));
		KUNIT_EXPECT_NULL(test, vmalloc_to_page(buf->addr));
		KUNIT_EXPECT_NULL(test, vmalloc_to_page(buf->addr +
							(buf->nr - 1) * PAGE_SIZE));
	}
}

static void vf_put(struct kunit *test, struct vf_buf *buf)
{
	vf_drop(buf, VF_FREE_PAGES);
	vf_expect_ended(test, buf, 0);
}

/*
 * Looking
 */

static u8 vf_byte(unsigned long i)
{
	return i * 11 + (i >> PAGE_SHIFT) * 37 + 3;
}

static void vf_fill(const struct vf_buf *buf)
{
	u8 *bytes = buf->addr;
	unsigned long i;

	for (i = 0; i < buf->nr * PAGE_SIZE; i++)
		bytes[i] = vf_byte(i);
}

/* That page @i holds what vf_fill() wrote, as seen through the direct map. */
static bool vf_page_is_filled(struct page *page, unsigned long i)
{
	u8 *bytes = lowmem_page_address(page);
	unsigned long j;

	for (j = 0; j < PAGE_SIZE; j++)
		if (bytes[j] != vf_byte(i * PAGE_SIZE + j))
			return false;
	return true;
}

static void vf_check_mapped(struct kunit *test, const struct vf_buf *buf,
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
	/* The direct map knows the page, not what it is part of. */
	KUNIT_EXPECT_PTR_EQ(test, virt_to_head_page(lowmem_page_address(page)), page);
	if (i)
		KUNIT_EXPECT_NE(test, page_to_pfn(page),
				page_to_pfn(compound_nth_page(buf->head, i - 1)) + 1);
}

static void vf_check_contiguous(struct kunit *test, const struct vf_buf *buf,
				unsigned long i)
{
	struct page *page = buf->head + i;

	KUNIT_EXPECT_FALSE(test, page_has_type(page));
	KUNIT_EXPECT_PTR_EQ(test, compound_head(page), buf->head);
	KUNIT_EXPECT_EQ(test, !!PageTail(page), !!i);
	KUNIT_EXPECT_EQ(test, page_ref_count(page), !i);
	KUNIT_EXPECT_PTR_EQ(test, page_to_virt(page), page_address(page));
}

static void vf_check(struct kunit *test, const struct vf_buf *buf)
{
	static const unsigned int offsets[] = { 0, 1, PAGE_SIZE / 2 + 1, PAGE_SIZE - 1 };
	unsigned long i, j;

	KUNIT_EXPECT_EQ(test, !!PageHead(buf->head), !buf->mapped && buf->order);
	KUNIT_EXPECT_EQ(test, compound_order(buf->head), buf->mapped ? 0 : buf->order);
	KUNIT_EXPECT_EQ(test, vcompound_nr_pages(buf->head), buf->nr);
	KUNIT_EXPECT_EQ(test, vcompound_is_contiguous(buf->head), !buf->mapped);
	KUNIT_EXPECT_EQ(test, !!find_vm_area(buf->addr), buf->mapped);

	for (i = 0; i < buf->nr; i++) {
		struct page *page = compound_nth_page(buf->head, i);
		void *addr = buf->addr + i * PAGE_SIZE;

		KUNIT_ASSERT_NOT_NULL(test, page);
		KUNIT_EXPECT_PTR_EQ(test, page_address(page), addr);
		KUNIT_EXPECT_PTR_EQ(test, vcompound_address(page), addr);
		for (j = 0; j < ARRAY_SIZE(offsets); j++)
			KUNIT_EXPECT_PTR_EQ(test, virt_to_head_page(addr + offsets[j]),
					    buf->head);
		if (buf->mapped)
			vf_check_mapped(test, buf, i);
		else
			vf_check_contiguous(test, buf, i);
	}
}

/* That nothing has happened to @buf since vf_fill(). */
static void vf_expect_alive(struct kunit *test, const struct vf_buf *buf)
{
	unsigned long i;

	vcompound_drain();
	vf_check(test, buf);
	for (i = 0; i < buf->nr; i++)
		KUNIT_EXPECT_TRUE(test, vf_page_is_filled(compound_nth_page(buf->head, i), i));
	vf_expect_pages_held(test, buf->nr, buf->mapped);
}

/*
 * Results
 */

static const struct vf_param vf_orders[] = {
	{ "order 0", .order = 0 },
	{ "order 1", .order = 1 },
	{ "order 2", .order = 2 },
	{ "order 3", .order = 3 },
	{ "order 5", .order = 5 },
	{ "order 8", .order = 8 },
	{ "max order", .order = MAX_PAGE_ORDER },
	{}
};

VF_GEN_PARAMS(vf_orders)

/* Written by address, read through each page, and back across their ends. */
static void vfallback_orders(struct kunit *test)
{
	const struct vf_param *param = test->param_value;
	struct vf_buf buf;
	unsigned long i;

	vf_get(test, &buf, param->order);
	vf_check(test, &buf);
	vf_fill(&buf);
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
	VF_PAGES, VF_NODE, VF_NO_NODE, VF_GET_FREE, VF_GET_FREE_HIGHMEM,
};

static const struct vf_param vf_calls[] = {
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

VF_GEN_PARAMS(vf_calls)

static void vfallback_calls(struct kunit *test)
{
	const struct vf_param *param = test->param_value;
	gfp_t gfp = GFP_VFALLBACK | param->gfp;
	int nid = numa_mem_id();
	struct page *head = NULL;
	unsigned long addr;
	struct vf_buf buf;
	int round;

	for (round = 0; round < 4; round++) {
		switch ((enum vf_call)param->kind) {
		case VF_PAGES:
			head = vf_hooks(alloc_pages_noprof(gfp, VF_ORDER));
			break;
		case VF_NODE:
			head = vf_hooks(alloc_pages_node_noprof(nid, gfp, VF_ORDER));
			break;
		case VF_NO_NODE:
			head = vf_hooks(alloc_pages_node_noprof(NUMA_NO_NODE, gfp, VF_ORDER));
			break;
		default:
			addr = vf_hooks(get_free_pages_noprof(gfp, VF_ORDER));
			KUNIT_ASSERT_NE(test, addr, 0);
			head = virt_to_head_page((void *)addr);
			KUNIT_EXPECT_PTR_EQ(test, page_address(head), (void *)addr);
			break;
		}
		vf_set(test, &buf, head, VF_ORDER);
		KUNIT_EXPECT_EQ(test, buf.mapped, param->fallback);
		vf_check(test, &buf);
		if (param->gfp & __GFP_ZERO)
			KUNIT_EXPECT_NULL(test, memchr_inv(buf.addr, 0, buf.nr * PAGE_SIZE));
		vf_fill(&buf);
		vf_expect_alive(test, &buf);
		vf_put(test, &buf);
	}
}

/* One page is a plain page, whatever is forced. */
static void vfallback_one_page(struct kunit *test)
{
	unsigned long addr;
	struct vf_buf buf;

	addr = vf_hooks(get_zeroed_page_noprof(GFP_VFALLBACK));
	KUNIT_ASSERT_NE(test, addr, 0);
	vf_set(test, &buf, virt_to_page((void *)addr), 0);
	KUNIT_EXPECT_FALSE(test, buf.mapped);
	KUNIT_EXPECT_FALSE(test, PageCompound(buf.head));
	KUNIT_EXPECT_NULL(test, memchr_inv(buf.addr, 0, PAGE_SIZE));
	vf_check(test, &buf);
	vf_expect_pages_held(test, 1, false);
	free_page(addr);
	vf_expect_pages_held(test, 0, false);

	vf_get_gfp(test, &buf, 0, GFP_VFALLBACK | __GFP_COMP);
	KUNIT_EXPECT_FALSE(test, PageCompound(buf.head));
	vf_check(test, &buf);
	__free_page(buf.head);
	vf_expect_pages_held(test, 0, false);
}

/* The hooks change nothing for memory of other kinds. */
static void vfallback_other_memory(struct kunit *test)
{
	static char in_data[64];
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, 2);
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
	if (virt_addr_valid(in_data))
		KUNIT_EXPECT_PTR_EQ(test, virt_to_head_page(in_data),
				    compound_head(virt_to_page(in_data)));
	for (i = 0; i < 3; i++) {
		struct page *mapped = vmalloc_to_page(area + i * PAGE_SIZE);

		/* Such a page has the address of the direct map, as it always had. */
		KUNIT_EXPECT_PTR_EQ(test, page_address(mapped), lowmem_page_address(mapped));
		KUNIT_EXPECT_PTR_EQ(test, virt_to_head_page(page_address(mapped)), mapped);
	}
	vfree(area);
	kfree(small);
	kfree(large);
	__free_pages(page, 2);
}

/*
 * Giving back
 */

/* The last reference ends it, whichever call drops that. */
static void vfallback_put(struct kunit *test)
{
	const struct vf_param *param = test->param_value;
	unsigned int order;
	struct vf_buf buf;

	for (order = 0; order < 6; order++) {
		vf_get(test, &buf, order);
		vf_fill(&buf);
		vf_drop(&buf, param->kind);
		vf_expect_ended(test, &buf, 0);

		vf_get(test, &buf, order);
		vf_fill(&buf);
		get_page(buf.head);
		vf_drop(&buf, param->kind);
		KUNIT_EXPECT_EQ(test, page_count(buf.head), 1);
		vf_expect_alive(test, &buf);
		vf_drop(&buf, param->kind);
		vf_expect_ended(test, &buf, 0);
	}
}

/* Two holders, who each believe to be the owner: each pair of calls, in turn. */
static void vfallback_two_holders(struct kunit *test)
{
	const struct vf_param *param = test->param_value;
	struct vf_buf buf;
	enum vf_way way;

	for (way = 0; way < VF_NR_WAYS; way++) {
		vf_get(test, &buf, VF_ORDER);
		vf_fill(&buf);
		get_page(buf.head);
		vf_drop(&buf, param->kind);
		vf_expect_alive(test, &buf);
		vf_drop(&buf, way);
		vf_expect_ended(test, &buf, 0);
	}
}

static const struct vf_param vf_fallback[] = { { "fallback", .only_fallback = true }, {} };

VF_GEN_PARAMS(vf_fallback)

/* One reference to the head of a fallback, whatever order comes with the call. */
static void vfallback_wrong_order(struct kunit *test)
{
	struct vf_buf buf;
	unsigned int order;

	for (order = 0; order < 6; order++) {
		vf_get(test, &buf, VF_ORDER);
		vf_fill(&buf);
		get_page(buf.head);
		__free_pages(buf.head, order);
		vf_expect_alive(test, &buf);
		__free_pages(buf.head, 5 - order);
		vf_expect_ended(test, &buf, 0);
	}
}

static const struct vf_param vf_refs[] = {
	{ "second", .kind = 1 },
	{ "middle", .kind = VF_NR / 2 },
	{ "last", .kind = VF_NR - 1 },
	{}
};

VF_GEN_PARAMS(vf_refs)

/* A page that is not the head: alone in a fallback, all of a contiguous result. */
static void vfallback_ref_other(struct kunit *test)
{
	const struct vf_param *param = test->param_value;
	unsigned long left = param->fallback ? 1 : VF_NR;
	struct page *page;
	struct vf_buf buf;
	enum vf_way way;

	for (way = 0; way < VF_NR_WAYS; way++) {
		vf_get(test, &buf, VF_ORDER);
		vf_fill(&buf);
		page = compound_nth_page(buf.head, param->kind);

		/* Dropped before the end, it leaves no trace. */
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
		KUNIT_EXPECT_TRUE(test, vf_page_is_filled(page, param->kind));
		if (param->fallback) {
			KUNIT_EXPECT_EQ(test, page->private, 0UL);
			vf_drop_page(page, 0, way);
		} else {
			put_page(page);
		}
		vf_expect_pages_held(test, 0, false);
	}
}

enum vf_context {
	VF_TASK, VF_RCU, VF_PREEMPT_OFF, VF_IRQ_OFF, VF_SPINLOCK_IRQ, VF_BH_OFF, VF_SOFTIRQ,
	VF_HARDIRQ,
};

static const struct vf_param vf_contexts[] = {
	{ "task", .kind = VF_TASK },
	{ "rcu_read_lock", .kind = VF_RCU },
	{ "preemption off", .kind = VF_PREEMPT_OFF },
	{ "interrupts off", .kind = VF_IRQ_OFF },
	{ "spin_lock_irqsave", .kind = VF_SPINLOCK_IRQ },
	{ "softirqs off", .kind = VF_BH_OFF },
	{ "softirq", .kind = VF_SOFTIRQ },
	{ "hardirq", .kind = VF_HARDIRQ },
	{}
};

VF_GEN_PARAMS(vf_contexts)

struct vf_timer {
	struct hrtimer timer;
	struct completion done;
	struct vf_buf *buf;
	enum vf_way way;
	bool in_hardirq;
};

static enum hrtimer_restart vf_timer_fn(struct hrtimer *timer)
{
	struct vf_timer *t = container_of(timer, struct vf_timer, timer);

	t->in_hardirq = in_hardirq();
	vf_drop(t->buf, t->way);
	complete(&t->done);
	return HRTIMER_NORESTART;
}

static void vf_drop_in_timer(struct kunit *test, struct vf_buf *buf,
			     enum vf_way way, bool hard)
{
	enum hrtimer_mode mode = hard ? HRTIMER_MODE_REL_HARD : HRTIMER_MODE_REL_SOFT;
	struct vf_timer t = { .buf = buf, .way = way };

	init_completion(&t.done);
	hrtimer_setup_on_stack(&t.timer, vf_timer_fn, CLOCK_MONOTONIC, mode);
	hrtimer_start(&t.timer, us_to_ktime(100), mode);
	wait_for_completion(&t.done);
	hrtimer_cancel(&t.timer);
	destroy_hrtimer_on_stack(&t.timer);
	KUNIT_EXPECT_EQ(test, t.in_hardirq, hard);
}

static void vf_drop_in_context(struct kunit *test, struct vf_buf *buf,
			       enum vf_way way, enum vf_context context)
{
	static DEFINE_SPINLOCK(lock);
	unsigned long flags;

	switch (context) {
	case VF_TASK:
		vf_drop(buf, way);
		break;
	case VF_RCU:
		rcu_read_lock();
		vf_drop(buf, way);
		rcu_read_unlock();
		break;
	case VF_PREEMPT_OFF:
		preempt_disable();
		vf_drop(buf, way);
		preempt_enable();
		break;
	case VF_IRQ_OFF:
		local_irq_save(flags);
		vf_drop(buf, way);
		local_irq_restore(flags);
		break;
	case VF_SPINLOCK_IRQ:
		spin_lock_irqsave(&lock, flags);
		vf_drop(buf, way);
		spin_unlock_irqrestore(&lock, flags);
		break;
	case VF_BH_OFF:
		local_bh_disable();
		vf_drop(buf, way);
		local_bh_enable();
		break;
	default:
		vf_drop_in_timer(test, buf, way, context == VF_HARDIRQ);
		break;
	}
}

static void vfallback_context(struct kunit *test)
{
	const struct vf_param *param = test->param_value;
	struct page *page;
	struct vf_buf buf;
	enum vf_way way;

	for (way = 0; way < VF_NR_WAYS; way++) {
		vf_get(test, &buf, VF_ORDER);
		vf_fill(&buf);
		page = compound_nth_page(buf.head, 5);
		get_page(page);
		vf_drop_in_context(test, &buf, way, param->kind);
		vf_expect_ended(test, &buf, param->fallback ? 1 : VF_NR);
		KUNIT_EXPECT_TRUE(test, vf_page_is_filled(page, 5));
		put_page(page);
		vf_expect_pages_held(test, 0, false);
	}
}

/*
 * Requests
 */

static const struct vf_param vf_atomic[] = {
	{ "GFP_ATOMIC", .gfp = GFP_ATOMIC },
	{ "GFP_NOWAIT", .gfp = GFP_NOWAIT },
	{}
};

VF_GEN_PARAMS(vf_atomic)

/* Who may not block never gets a fallback, forced or not. */
static void vfallback_atomic(struct kunit *test)
{
	const struct vf_param *param = test->param_value;
	struct page *page[2];
	unsigned long flags;
	struct vf_buf buf;
	int i;

	local_irq_save(flags);
	page[0] = vf_hooks(alloc_pages_noprof(param->gfp | __GFP_VFALLBACK, VF_ORDER));
	page[1] = vf_hooks(alloc_pages_node_noprof(numa_mem_id(), param->gfp | __GFP_VFALLBACK,
						   VF_ORDER));
	local_irq_restore(flags);
	for (i = 0; i < 2; i++) {
		vf_set(test, &buf, page[i], VF_ORDER);
		KUNIT_EXPECT_FALSE(test, buf.mapped);
		vf_check(test, &buf);
		vf_drop(&buf, VF_FREE_PAGES);
	}
	vf_expect_ended(test, &buf, 0);
}

#ifdef CONFIG_VM_EVENT_COUNTERS
static unsigned long vf_event(enum vm_event_item item)
{
	static unsigned long events[NR_VM_EVENT_ITEMS];

	all_vm_events(events);
	return events[item];
}

static void vfallback_events(struct kunit *test)
{
	const struct vf_param *param = test->param_value;
	unsigned long contig = vf_event(VCOMPOUND_CONTIG);
	unsigned long mapped = vf_event(VCOMPOUND_FALLBACK);
	unsigned long fail = vf_event(VCOMPOUND_FAIL);
	struct vf_buf buf;
	enum vf_way way;

	for (way = 0; way < VF_NR_WAYS; way++) {
		vf_get(test, &buf, VF_ORDER);
		vf_drop(&buf, way);
	}
	vf_get_gfp(test, &buf, VF_ORDER, GFP_KERNEL | __GFP_COMP);
	vf_drop(&buf, VF_FREE_PAGES);
	vcompound_drain();
	KUNIT_EXPECT_EQ(test, vf_event(VCOMPOUND_CONTIG) - contig,
			param->fallback ? 0 : VF_NR_WAYS);
	KUNIT_EXPECT_EQ(test, vf_event(VCOMPOUND_FALLBACK) - mapped,
			param->fallback ? VF_NR_WAYS : 0);
	KUNIT_EXPECT_EQ(test, vf_event(VCOMPOUND_FAIL), fail);
}
#endif

static const struct vf_param vf_impossible[] = {
	{ "order above", .order = MAX_PAGE_ORDER + 1, .gfp = GFP_VFALLBACK },
	{ "order huge", .order = BITS_PER_LONG - PAGE_SHIFT, .gfp = GFP_VFALLBACK },
	{ "order max", .order = UINT_MAX, .gfp = GFP_VFALLBACK },
	{ "atomic", .order = MAX_PAGE_ORDER + 1, .gfp = GFP_ATOMIC | __GFP_VFALLBACK },
	{ "nofail", .order = MAX_PAGE_ORDER + 1, .gfp = GFP_VFALLBACK | __GFP_NOFAIL },
	{}
};

VF_GEN_PARAMS(vf_impossible)

static void vfallback_impossible(struct kunit *test)
{
	const struct vf_param *param = test->param_value;
	unsigned int order = param->order;
	gfp_t gfp = param->gfp;

	OPTIMIZER_HIDE_VAR(order);
	vf_rearm_warnings();
	kunit_warning_suppress(test) {
		KUNIT_EXPECT_NULL(test, alloc_pages(gfp | __GFP_NOWARN, order));
		KUNIT_EXPECT_EQ(test, __get_free_pages(gfp | __GFP_NOWARN, order), 0);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 0);
		KUNIT_EXPECT_NULL(test, alloc_pages_node(numa_mem_id(), gfp, order));
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
}

static const struct vf_param vf_ignored[] = {
	{ "highmem", .gfp = GFP_VFALLBACK | __GFP_HIGHMEM },
	{ "movable", .gfp = GFP_VFALLBACK | __GFP_MOVABLE },
	{ "both", .gfp = GFP_HIGHUSER_MOVABLE | __GFP_VFALLBACK },
	{}
};

VF_GEN_PARAMS(vf_ignored)

static void vfallback_ignored_flags(struct kunit *test)
{
	const struct vf_param *param = test->param_value;
	struct page *page = NULL;
	struct vf_buf buf;
	unsigned long i;

	vf_rearm_warnings();
	kunit_warning_suppress(test) {
		page = vf_hooks(alloc_pages_noprof(param->gfp, VF_ORDER));
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	vf_set(test, &buf, page, VF_ORDER);
	KUNIT_EXPECT_EQ(test, buf.mapped, param->fallback);
	vf_check(test, &buf);
	for (i = 0; i < buf.nr; i++)
		KUNIT_EXPECT_NE(test, (int)ZONE_MOVABLE,
				(int)page_zonenum(compound_nth_page(buf.head, i)));
	vf_put(test, &buf);
}

/*
 * Errors of the caller
 */

/* A result of the flag is not for free_vcompound(). */
static void vfallback_free_vcompound(struct kunit *test)
{
	struct vf_buf buf;

	vf_get(test, &buf, VF_ORDER);
	vf_fill(&buf);
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

/* And one of alloc_vcompound() does not end with a reference. */
static void vfallback_put_vcompound(struct kunit *test)
{
	const struct vf_param *param = test->param_value;
	struct page *head = vf_hooks(alloc_vcompound_node_noprof(NUMA_NO_NODE, GFP_KERNEL,
								 VF_ORDER));

	KUNIT_ASSERT_NOT_NULL(test, head);
	kunit_warning_suppress(test) {
		vf_drop_page(head, VF_ORDER, param->kind);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	vcompound_drain();
	KUNIT_EXPECT_EQ(test, page_count(head), 1);
	KUNIT_EXPECT_EQ(test, vcompound_nr_pages(head), VF_NR);
	vf_expect_pages_held(test, VF_NR, param->fallback);
	free_vcompound(head);
	vcompound_drain();
	vf_expect_pages_held(test, 0, false);
}

static const struct vf_param vf_ways_fallback[] = {
	{ "__free_pages", .only_fallback = true, .kind = VF_FREE_PAGES },
	{ "free_pages", .only_fallback = true, .kind = VF_FREE_PAGES_ADDR },
	{ "put_page", .only_fallback = true, .kind = VF_PUT_PAGE },
	{ "folio_put", .only_fallback = true, .kind = VF_FOLIO_PUT },
	{ "release_pages", .only_fallback = true, .kind = VF_RELEASE_PAGES },
	{}
};

VF_GEN_PARAMS(vf_ways_fallback)

/* The reference to a page that is not the head belongs to the area. */
static void vfallback_over_put_other(struct kunit *test)
{
	const struct vf_param *param = test->param_value;
	struct vf_buf buf;
	unsigned int order;

	vf_get(test, &buf, VF_ORDER);
	vf_fill(&buf);
	kunit_warning_suppress(test) {
		for (order = 0; order <= VF_ORDER; order++)
			vf_drop_page(compound_nth_page(buf.head, 1 + 2 * order), order,
				     param->kind);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, VF_ORDER + 1);
	}
	vf_expect_alive(test, &buf);
	vf_put(test, &buf);
}

/* Dropped once too often before the area has ended: told, and ended once. */
static void vfallback_over_put_deferred(struct kunit *test)
{
	const struct vf_param *param = test->param_value;
	unsigned long flags;
	struct vf_buf buf;

	vf_get(test, &buf, VF_ORDER);
	kunit_warning_suppress(test) {
		local_irq_save(flags);
		vf_drop(&buf, param->kind);
		vf_drop(&buf, param->kind);
		local_irq_restore(flags);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	vf_expect_ended(test, &buf, 0);
}

/* free_pages() of an area that vmalloc() made: told, and left alone. */
static void vfallback_free_pages_foreign(struct kunit *test)
{
	void *area = vmalloc(2 * PAGE_SIZE);
	struct page *page;

	KUNIT_ASSERT_NOT_NULL(test, area);
	page = vmalloc_to_page(area);
	get_page(page);
	kunit_warning_suppress(test) {
		free_pages((unsigned long)area, 0);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	KUNIT_EXPECT_EQ(test, page_count(page), 2);
	if (page_count(page) == 2)
		put_page(page);
	vfree(area);
}

/* free_pages() of an address where nothing is mapped any more: told. */
static void vfallback_free_pages_ended(struct kunit *test)
{
	struct vf_buf buf;

	vf_get(test, &buf, VF_ORDER);
	vf_put(test, &buf);
	kunit_warning_suppress(test) {
		free_pages((unsigned long)buf.addr, VF_ORDER);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	vf_expect_ended(test, &buf, 0);
}

/*
 * Those who pass flags on to memory that has to be contiguous
 */

enum vf_forward {
	VF_EXACT, VF_EXACT_NID, VF_FOLIO, VF_PAGETABLE, VF_MEMPOOL, VF_VMALLOC,
	VF_KMALLOC, VF_KVMALLOC, VF_KVMALLOC_HUGE,
};

static const struct vf_param vf_forwards[] = {
	{ "alloc_pages_exact", .only_fallback = true, .kind = VF_EXACT },
#ifdef CONFIG_MEMORY_HOTPLUG	/* __meminit */
	{ "alloc_pages_exact_nid", .only_fallback = true, .kind = VF_EXACT_NID },
#endif
	{ "folio_alloc", .only_fallback = true, .kind = VF_FOLIO },
	{ "pagetable_alloc", .only_fallback = true, .kind = VF_PAGETABLE },
	{ "mempool_alloc", .only_fallback = true, .kind = VF_MEMPOOL },
	{ "__vmalloc", .only_fallback = true, .kind = VF_VMALLOC },
	{ "large kmalloc", .only_fallback = true, .kind = VF_KMALLOC },
	{ "kvmalloc", .only_fallback = true, .kind = VF_KVMALLOC },
	{ "huge kvmalloc", .only_fallback = true, .kind = VF_KVMALLOC_HUGE },
	{}
};

VF_GEN_PARAMS(vf_forwards)

static const size_t vf_huge_size = PAGE_SIZE << (MAX_PAGE_ORDER + 1);

static void *vf_forward(enum vf_forward kind, mempool_t *pool)
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
		page = mempool_alloc(pool, GFP_VFALLBACK);
		return page ? page_address(page) : NULL;
	case VF_VMALLOC:
		return __vmalloc(size, GFP_VFALLBACK);
	case VF_KMALLOC:
		return kmalloc(size, GFP_VFALLBACK);
	case VF_KVMALLOC:
		return kvmalloc(size, GFP_VFALLBACK);
	default:
		return kvmalloc(vf_huge_size, GFP_VFALLBACK);
	}
}

static void vf_forward_free(enum vf_forward kind, void *addr, mempool_t *pool)
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
		mempool_free(virt_to_page(addr), pool);
		break;
	case VF_VMALLOC:
		vfree(addr);
		break;
	default:
		kvfree(addr);
		break;
	}
}

static void vfallback_forwards(struct kunit *test)
{
	const struct vf_param *param = test->param_value;
	/* A large kvmalloc() asks slab first and vmalloc() then. */
	int nr_warnings = param->kind == VF_KVMALLOC_HUGE ? 2 : 1;
	mempool_t *pool = NULL;
	struct vm_struct *area;
	void *addr = NULL;

	if (param->kind == VF_MEMPOOL) {
		pool = mempool_create_page_pool(1, VF_ORDER);
		KUNIT_ASSERT_NOT_NULL(test, pool);
	}
	vf_rearm_warnings();
	kunit_warning_suppress(test) {
		addr = vf_forward(param->kind, pool);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, nr_warnings);
	}
	KUNIT_ASSERT_NOT_NULL(test, addr);

	area = find_vm_area(addr);
	KUNIT_EXPECT_EQ(test, !!area, param->kind == VF_VMALLOC || param->kind == VF_KVMALLOC_HUGE);
	KUNIT_EXPECT_FALSE(test, PageVcompound(vcompound_to_page(addr)));
	if (area)
		KUNIT_EXPECT_FALSE(test, area->flags & VM_VCOMPOUND);
	memset(addr, 0x33, (VF_NR - 1) * PAGE_SIZE);
	vf_forward_free(param->kind, addr, pool);
	mempool_destroy(pool);
}

#ifdef CONFIG_HAS_DMA
enum vf_dma { VF_DMA_COHERENT, VF_DMA_PAGES, VF_DMA_NONCONTIGUOUS };

static const struct vf_param vf_dmas[] = {
	{ "dma_alloc_coherent", .only_fallback = true, .kind = VF_DMA_COHERENT },
	{ "dma_alloc_pages", .only_fallback = true, .kind = VF_DMA_PAGES },
	{ "dma_alloc_noncontiguous", .only_fallback = true, .kind = VF_DMA_NONCONTIGUOUS },
	{}
};

VF_GEN_PARAMS(vf_dmas)

static void vfallback_dma(struct kunit *test)
{
	const struct vf_param *param = test->param_value;
	struct device *dev = kunit_device_register(test, "vfallback");
	const enum dma_data_direction dir = DMA_BIDIRECTIONAL;
	size_t size = VF_NR * PAGE_SIZE;
	struct sg_table *sgt = NULL;
	struct page *page = NULL;
	void *addr = NULL;
	dma_addr_t dma;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	if (!dev->dma_mask)
		dev->dma_mask = &dev->coherent_dma_mask;
	if (dma_set_mask_and_coherent(dev, DMA_BIT_MASK(64)))
		kunit_skip(test, "the device cannot do DMA");

	vf_rearm_warnings();
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

#ifdef CONFIG_PAGE_POOL
static void vfallback_page_pool(struct kunit *test)
{
	struct page_pool_params params = {
		.order = VF_ORDER, .pool_size = 4, .nid = NUMA_NO_NODE,
	};
	struct page_pool *pool = page_pool_create(&params);
	struct page *page = NULL;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pool);
	vf_rearm_warnings();
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
/* More data than there are fragments for single pages. */
static void vfallback_skb(struct kunit *test)
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
	vf_rearm_warnings();
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

#ifdef CONFIG_MEMCG
struct vf_memcg {
	struct vfsmount *mnt;
	struct dentry *dir;
	struct cgroup_subsys_state *css;
};

static int vf_cgroup_control(struct vfsmount *mnt, const char *what)
{
	struct file *file = file_open_root_mnt(mnt, "cgroup.subtree_control", O_WRONLY, 0);
	loff_t pos = 0;
	ssize_t len;

	if (IS_ERR(file))
		return PTR_ERR(file);
	len = kernel_write(file, what, strlen(what), &pos);
	fput(file);
	return len < 0 ? len : 0;
}

static void vf_memcg_remove(void *data)
{
	struct vf_memcg *m = data;
	struct dentry *dentry;

	if (m->css)
		css_put(m->css);
	if (m->dir) {
		dput(m->dir);
		dentry = start_removing_noperm(m->mnt->mnt_root, &QSTR("vfallback_kunit"));
		if (!IS_ERR(dentry)) {
			vfs_rmdir(&nop_mnt_idmap, d_inode(m->mnt->mnt_root), dentry, NULL);
			end_removing(dentry);
		}
	}
	vf_cgroup_control(m->mnt, "-memory");
	kern_unmount(m->mnt);
}

/* A memory cgroup of the test's own. */
static struct mem_cgroup *vf_memcg_create(struct kunit *test)
{
	struct vf_memcg *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	struct file_system_type *type = get_fs_type("cgroup2");
	struct dentry *dentry;

	KUNIT_ASSERT_NOT_NULL(test, m);
	if (!type || !cgroup_subsys_on_dfl(memory_cgrp_subsys))
		kunit_skip(test, "there is no memory controller to be had");
	m->mnt = kern_mount(type);
	put_filesystem(type);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, m->mnt);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vf_memcg_remove, m));
	KUNIT_ASSERT_EQ(test, 0, vf_cgroup_control(m->mnt, "+memory"));

	dentry = start_creating_noperm(m->mnt->mnt_root, &QSTR("vfallback_kunit"));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dentry);
	dentry = vfs_mkdir(&nop_mnt_idmap, d_inode(m->mnt->mnt_root), dentry, 0755, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dentry);
	end_creating(dentry);
	dentry = lookup_noperm_positive_unlocked(&QSTR("vfallback_kunit"), m->mnt->mnt_root);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dentry);
	m->dir = dentry;

	m->css = css_tryget_online_from_dir(m->dir, &memory_cgrp_subsys);
	if (IS_ERR(m->css))
		m->css = NULL;
	KUNIT_ASSERT_NOT_NULL(test, m->css);
	if (!memcg_kmem_online())
		kunit_skip(test, "kernel memory is not accounted");
	return mem_cgroup_from_css(m->css);
}

static long vf_charge(struct mem_cgroup *memcg, int item)
{
	css_rstat_flush(&memcg->css);
	return memcg_page_state(memcg, item);
}

/* Charged while it is held, by whoever holds it, and not a page longer. */
static void vfallback_memcg(struct kunit *test)
{
	const struct vf_param *param = test->param_value;
	unsigned long left = param->fallback ? 1 : VF_NR;
	struct mem_cgroup *memcg = vf_memcg_create(test), *old;
	long before = vf_charge(memcg, MEMCG_KMEM);
	long vmalloc = vf_charge(memcg, NR_VMALLOC);
	struct page *page;
	struct vf_buf buf;
	int round;

	for (round = 0; round < 4; round++) {
		old = set_active_memcg(memcg);
		page = vf_hooks(alloc_pages_noprof(GFP_VFALLBACK | __GFP_ACCOUNT, VF_ORDER));
		set_active_memcg(old);
		vf_set(test, &buf, page, VF_ORDER);
		KUNIT_EXPECT_EQ(test, buf.mapped, param->fallback);
		vf_check(test, &buf);
		KUNIT_EXPECT_EQ(test, vf_charge(memcg, MEMCG_KMEM), before + (long)VF_NR);

		page = compound_nth_page(buf.head, 3);
		get_page(page);
		vf_drop(&buf, param->kind);
		vf_expect_ended(test, &buf, left);
		KUNIT_EXPECT_EQ(test, vf_charge(memcg, MEMCG_KMEM), before + (long)left);
		put_page(page);
		vf_expect_pages_held(test, 0, false);
		KUNIT_EXPECT_EQ(test, vf_charge(memcg, MEMCG_KMEM), before);
		KUNIT_EXPECT_EQ(test, vf_charge(memcg, NR_VMALLOC), vmalloc);
	}

	/* Nobody's, without the flag for it. */
	old = set_active_memcg(memcg);
	page = vf_hooks(alloc_pages_noprof(GFP_VFALLBACK, VF_ORDER));
	set_active_memcg(old);
	vf_set(test, &buf, page, VF_ORDER);
	KUNIT_EXPECT_EQ(test, vf_charge(memcg, MEMCG_KMEM), before);
	vf_put(test, &buf);
}
#endif

static struct kunit_case vfallback_test_cases[] = {
	KUNIT_CASE_PARAM(vfallback_orders, vf_orders_gen_params),
	KUNIT_CASE_PARAM(vfallback_calls, vf_calls_gen_params),
	KUNIT_CASE_PARAM(vfallback_one_page, vf_outcomes_gen_params),
	KUNIT_CASE(vfallback_other_memory),
	KUNIT_CASE_PARAM(vfallback_put, vf_ways_gen_params),
	KUNIT_CASE_PARAM(vfallback_two_holders, vf_ways_gen_params),
	KUNIT_CASE_PARAM(vfallback_wrong_order, vf_fallback_gen_params),
	KUNIT_CASE_PARAM(vfallback_ref_other, vf_refs_gen_params),
	KUNIT_CASE_PARAM(vfallback_context, vf_contexts_gen_params),
	KUNIT_CASE_PARAM(vfallback_atomic, vf_atomic_gen_params),
#ifdef CONFIG_VM_EVENT_COUNTERS
	KUNIT_CASE_PARAM(vfallback_events, vf_outcomes_gen_params),
#endif
	KUNIT_CASE_PARAM(vfallback_impossible, vf_impossible_gen_params),
	KUNIT_CASE_PARAM(vfallback_ignored_flags, vf_ignored_gen_params),
	KUNIT_CASE_PARAM(vfallback_free_vcompound, vf_outcomes_gen_params),
	KUNIT_CASE_PARAM(vfallback_put_vcompound, vf_ways_gen_params),
	KUNIT_CASE_PARAM(vfallback_over_put_other, vf_ways_fallback_gen_params),
	KUNIT_CASE_PARAM(vfallback_over_put_deferred, vf_ways_fallback_gen_params),
	KUNIT_CASE_PARAM(vfallback_forwards, vf_forwards_gen_params),
#ifdef CONFIG_HAS_DMA
	KUNIT_CASE_PARAM(vfallback_dma, vf_dmas_gen_params),
#endif
#ifdef CONFIG_PAGE_POOL
	KUNIT_CASE_PARAM(vfallback_page_pool, vf_fallback_gen_params),
#endif
#ifdef CONFIG_NET
	KUNIT_CASE_PARAM(vfallback_skb, vf_fallback_gen_params),
#endif
#ifdef CONFIG_MEMCG
	KUNIT_CASE_PARAM(vfallback_memcg, vf_ways_gen_params),
#endif
	/* Last: where these do not hold, the kernel does not survive them. */
	KUNIT_CASE(vfallback_free_pages_foreign),
	KUNIT_CASE_PARAM(vfallback_free_pages_ended, vf_fallback_gen_params),
	{}
};

static struct kunit_suite vfallback_test_suite = {
	.name = "vfallback",
	.suite_init = vf_suite_init,
	.suite_exit = vf_suite_exit,
	.init = vf_init,
	.exit = vf_exit,
	.test_cases = vfallback_test_cases,
};

kunit_test_suite(vfallback_test_suite);

MODULE_DESCRIPTION("KUnit tests for __GFP_VFALLBACK");
MODULE_LICENSE("GPL");
