// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for virtual compound pages: allocating
 *
 * Each function, order and size, how an allocation is laid out, and the switch
 * that forces the fallback.
 */
#include <kunit/test.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vcompound.h>
#include <linux/vmalloc.h>

#include <trace/events/kmem.h>

#include "../vcompound.h"
#include "vcompound_suite.h"

static const struct vc_param vc_calls[] = {
	{ "alloc_vcompound", .kind = VC_PAGE },
	{ "alloc_vcompound_node", .kind = VC_PAGE_NODE },
	{ "__alloc_vcompound", .kind = VC_ADDR },
	{ "__alloc_vcompound_node", .kind = VC_ADDR_NODE },
	{ "__alloc_vcompound_exact", .kind = VC_EXACT },
	{ "__alloc_vcompound_exact_node", .kind = VC_EXACT_NODE },
	{}
};

VC_SUITE_PARAMS(vc_calls)

void test_calls(struct kunit *test)
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

const void *vc_orders_gen_params(struct kunit *test, const void *prev,
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

const void *vc_sizes_gen_params(struct kunit *test, const void *prev,
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

void test_orders(struct kunit *test)
{
	vc_check_one(test);
}

void test_exact_sizes(struct kunit *test)
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

VC_SUITE_PARAMS(vc_above_max_order)

void test_above_max_order(struct kunit *test)
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

VC_SUITE_PARAMS_FAMILIES(vc_single)

/*
 * A request that found no block is mapped from single pages, without trying
 * smaller orders. An attempt that is made to fail does not trigger the event.
 */
void test_single_pages(struct kunit *test)
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

/*
 * vmalloc() is unchanged: it requests blocks, and leaves their pages in order.
 */
void test_vmalloc_chunks(struct kunit *test)
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
void test_one_page(struct kunit *test)
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
void test_contiguous_kinds(struct kunit *test)
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
void test_other_pages(struct kunit *test)
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
void test_ending(struct kunit *test)
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
void test_nth_beyond(struct kunit *test)
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
void test_neighbours(struct kunit *test)
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
void test_switch(struct kunit *test)
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
void test_chance(struct kunit *test)
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
	KUNIT_EXPECT_GT(test, mapped, 32);
	KUNIT_EXPECT_LT(test, mapped, 96);
}
#endif

/* Several allocations side by side are independent. */
void test_many(struct kunit *test)
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

VC_SUITE_PARAMS_FAMILIES(vc_zero)

void test_zero(struct kunit *test)
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
