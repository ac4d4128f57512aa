// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for virtual compound pages: nodes
 */
#include <kunit/test.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/slab.h>
#include <linux/vcompound.h>
#include <linux/vmalloc.h>

#include "../vcompound.h"
#include "vcompound_suite.h"

/*
 * Each node in turn. Requests for a node without memory are served by the
 * others.
 */
void test_nodes(struct kunit *test)
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
void test_node_vmalloc(struct kunit *test)
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

VC_SUITE_PARAMS_FAMILIES(vc_cannot_serve)

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

void test_node_cannot_serve(struct kunit *test)
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
void test_node_policy(struct kunit *test)
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
void test_node_fragmented(struct kunit *test)
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
void test_node_exhausted(struct kunit *test)
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
