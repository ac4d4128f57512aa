// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for virtual compound pages under memory pressure
 *
 * They test the rows of the last table in "Contexts and flags" of
 * Documentation/mm/vcompound.rst while no block above order 0 is free, and page
 * cache, or nothing, is left to reclaim.
 *
 * The tests take all memory and free every second page of some blocks. From
 * then on, only such single pages are allocated and freed, by any task, so
 * neither reclaim nor migration creates a block. Some of the pages become clean
 * page cache, and the others are taken again until as many are free as the test
 * needs.
 *
 * Two mechanisms that depend on timing are kept out:
 *
 * - kswapd would free pages between the attempt and the fallback, which then
 *   need not reclaim. Until the test ends, the node is marked hopeless, so that
 *   kswapd is not woken and only direct reclaim runs. wakeup_kswapd() still
 *   records the order that it is called for.
 * - Watermark boosting: a request that finds no page of its migrate type raises
 *   the watermarks by 1,024 pages or more until kswapd has run. Requests then
 *   do not get the free pages, and call the OOM killer although there is page
 *   cache.
 *
 * min_free_kbytes is raised: the number of single pages can then be far below
 * the watermark, so that a request needs many rounds of reclaim, and enough are
 * left for interrupts.
 *
 * Other tasks allocate and free during a test. Properties that hold for any
 * request are expected of each. A property that needs undisturbed memory is
 * expected of one of several requests.
 *
 * On User-mode Linux only: the tests need all memory for themselves, which a
 * machine without devices allows.
 */
#include <kunit/test.h>
#include <linux/console.h>
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/mount.h>
#include <linux/oom.h>
#include <linux/pagemap.h>
#include <linux/pgtable.h>
#include <linux/pseudo_fs.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/swap.h>
#include <linux/vcompound.h>
#include <linux/vmalloc.h>

#include "vcompound_kunit.h"

/* compaction.h depends on mm/internal.h. */
#include <trace/events/compaction.h>
#include <trace/events/kmem.h>
#include <trace/events/printk.h>
#include <trace/events/vmscan.h>

/*
 * How often a test starts again because others have freed or allocated memory.
 */
#define VC_SHORT_TRIES	20

/*
 * The minimum watermark, and the free pages where requests have to reclaim
 * much.
 */
#define VC_SHORT_MIN	2048
#define VC_SHORT_FREE	(VC_SHORT_MIN / 2)

/*
 * Pages of page cache: the missing pages and the largest request are far less.
 */
#define VC_SHORT_CACHE	4096

/*
 * Single pages, enough to allocate the page cache while the watermarks are met.
 */
#define VC_SHORT_POOL	(VC_SHORT_CACHE + 4 * VC_SHORT_MIN)

/* Pages that the OOM notifier frees, so that no task is killed. */
#define VC_SHORT_GIVE	4096

/* Order of the allocations. Exact-size ones do not use all of the block. */
#define VC_SHORT_ORDER	4
#define VC_SHORT_SIZE	((PAGE_SIZE << VC_SHORT_ORDER) - 3 * PAGE_SIZE)

/* The allocations that fill memory neither wake kswapd nor reclaim. */
#define VC_FILL_GFP	__GFP_NOWARN
#define VC_ALL_GFP	(VC_FILL_GFP | __GFP_MEMALLOC)

/*
 * Observing
 */

/* How the request of the test was served: [0] single pages, [1] the attempt. */
struct vc_seen {
	struct task_struct *task;
	unsigned int order;		/* of the attempt */
	int attempts;
	gfp_t attempt_gfp;
	int chunks;			/* other blocks, above those of slabs */
	int reclaims[2];
	int reclaims_other;		/* for blocks that are not the attempt's */
	int rounds;			/* for the page that is being allocated */
	int most_rounds;
	int compactions;
	int tables;			/* pages for page tables */
	int tables_noreclaim;
	gfp_t tables_gfp;
	gfp_t tables_any_gfp;
	gfp_t reclaim_gfp;		/* flags of all reclaim, combined */
	unsigned int kswapd_order;
	int oom_calls;
	int oom_withhold;		/* number of calls that free nothing */
	int warnings;
};

static void vc_probe_page_alloc(void *data, struct page *page, unsigned int order,
				gfp_t gfp, int migratetype)
{
	const gfp_t table = __GFP_ZERO | __GFP_COMP;
	struct vc_seen *seen = data;

	if (seen->task != current)
		return;
	if (!order) {
		seen->most_rounds = max(seen->most_rounds, seen->rounds);
		seen->rounds = 0;
		if ((gfp & table) != table)
			return;
		seen->tables++;
		seen->tables_noreclaim += !!(current->flags & PF_MEMALLOC);
		seen->tables_gfp = seen->tables > 1 ? seen->tables_gfp & gfp : gfp;
		seen->tables_any_gfp |= gfp;
	} else if (order == seen->order) {
		seen->attempts++;
		seen->attempt_gfp = gfp;
	} else if (order > PAGE_ALLOC_COSTLY_ORDER) {
		seen->chunks++;
	}
}

static void vc_probe_reclaim(void *data, gfp_t gfp, int order, struct mem_cgroup *memcg)
{
	struct vc_seen *seen = data;

	if (seen->task != current)
		return;
	if (!order) {
		seen->reclaims[0]++;
		seen->rounds++;
	} else if (order == seen->order) {
		seen->reclaims[1]++;
	} else {
		seen->reclaims_other++;
	}
	seen->reclaim_gfp |= gfp;
}

#ifdef CONFIG_COMPACTION
static void vc_probe_compaction(void *data, int order, gfp_t gfp, int prio)
{
	struct vc_seen *seen = data;

	seen->compactions += seen->task == current;
}
#endif

/* Warnings of the page allocator and of vmalloc(). */
static void vc_probe_printk(void *data, const char *text, size_t len)
{
	struct vc_seen *seen = data;

	if (seen->task == current)
		seen->warnings += strnstr(text, "page allocation failure", len) ||
				  strnstr(text, "vmalloc error", len);
}

static void vc_seen_stop(void *seen)
{
	unregister_trace_mm_page_alloc(vc_probe_page_alloc, seen);
	unregister_trace_mm_vmscan_direct_reclaim_begin(vc_probe_reclaim, seen);
	unregister_trace_console(vc_probe_printk, seen);
#ifdef CONFIG_COMPACTION
	unregister_trace_mm_compaction_try_to_compact_pages(vc_probe_compaction, seen);
#endif
	tracepoint_synchronize_unregister();
}

/* Counting begins once the task is known. */
static void vc_seen_start(struct kunit *test, struct vc_seen *seen)
{
	int err;

	if (!IS_ENABLED(CONFIG_TRACEPOINTS))
		kunit_skip(test, "there are no trace events");
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vc_seen_stop, seen));
	err = register_trace_mm_page_alloc(vc_probe_page_alloc, seen) ?:
	      register_trace_mm_vmscan_direct_reclaim_begin(vc_probe_reclaim, seen) ?:
	      register_trace_console(vc_probe_printk, seen);
#ifdef CONFIG_COMPACTION
	err = err ?: register_trace_mm_compaction_try_to_compact_pages(vc_probe_compaction,
								       seen);
#endif
	KUNIT_ASSERT_EQ(test, err, 0);
}

/*
 * Making memory short
 */

struct vc_short {
	struct vc_seen seen;
	spinlock_t lock;		/* of the lists: any task may be out of memory */
	struct list_head kept;		/* blocks, order in page_private() */
	struct list_head taken;		/* single pages to free again */
	struct list_head spare;		/* blocks of VC_SHORT_ORDER */
	struct vfsmount *mnt;
	struct inode *inode;		/* whose page cache fills memory */
	struct notifier_block oom;
	int nr_areas;
	struct vm_struct *areas[2048];	/* areas that hold page tables */
};

static void vc_keep(struct vc_short *s, struct list_head *list, struct page *page,
		    unsigned int order)
{
	set_page_private(page, order);
	guard(spinlock)(&s->lock);
	list_add(&page->lru, list);
}

static struct page *vc_unkeep(struct vc_short *s, struct list_head *list)
{
	struct page *page;

	guard(spinlock)(&s->lock);
	page = list_first_entry_or_null(list, struct page, lru);
	if (page)
		list_del(&page->lru);
	return page;
}

static unsigned long vc_give(struct vc_short *s, struct list_head *list, unsigned long nr)
{
	unsigned long given = 0;
	struct page *page;

	while (given < nr && (page = vc_unkeep(s, list))) {
		unsigned int order = page_private(page);

		set_page_private(page, 0);
		__free_pages(page, order);
		given += 1UL << order;
	}
	return given;
}

/* Keep every second page of a block, and free the others. */
static unsigned long vc_free_half(struct vc_short *s, struct page *page, unsigned int order)
{
	unsigned long i;

	split_page(page, order);
	for (i = 0; i < 1UL << order; i += 2) {
		vc_keep(s, &s->kept, page + i, 0);
		set_page_private(page + i + 1, 0);
		__free_page(page + i + 1);
	}
	return i / 2;
}

static unsigned long vc_free_blocks(void)
{
	unsigned long nr = 0;
	unsigned int order;
	struct zone *zone;

	drain_all_pages(NULL);
	for_each_populated_zone(zone)
		for (order = 1; order < NR_PAGE_ORDERS; order++)
			/* Other tasks should allocate little now. */
			nr += data_race(zone->free_area[order].nr_free);
	return nr;
}

static unsigned long vc_free_pages(void)
{
	unsigned long nr = 0;
	struct zone *zone;

	drain_all_pages(NULL);
	for_each_populated_zone(zone)
		nr += zone_page_state_snapshot(zone, NR_FREE_PAGES);
	return nr;
}

static bool vc_break_blocks(struct vc_short *s)
{
	const gfp_t reclaim = GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN;
	struct page *page;
	int order, tries;

	for (tries = 0; vc_free_blocks(); tries++) {
		if (tries == VC_SHORT_TRIES)
			return false;
		for (order = MAX_PAGE_ORDER; order > 0; order--)
			while ((page = alloc_pages(VC_ALL_GFP, order)))
				vc_free_half(s, page, order);
		/*
		 * Before it fails, it releases the reserve for atomic requests.
		 */
		if (tries) {
			page = alloc_pages(reclaim, 1);
			if (page)
				vc_free_half(s, page, 1);
		}
	}
	return true;
}

static bool vc_fill_cache(struct vc_short *s, unsigned long nr)
{
	struct address_space *mapping = s->inode->i_mapping;
	struct folio *folio;
	unsigned long i;
	int err;

	for (i = 0; i < nr; i++) {
		folio = folio_alloc(VC_FILL_GFP, 0);
		if (!folio)
			return false;
		err = filemap_add_folio(mapping, folio, i, VC_FILL_GFP);
		if (!err) {
			folio_mark_uptodate(folio);
			folio_unlock(folio);
		}
		folio_put(folio);
		if (err)
			return false;
	}
	/* Pages in a per-CPU batch have a reference. */
	lru_add_drain_all();
	return true;
}

/*
 * Leave single pages only, @nr_cache of page cache and @nr_free that are free.
 * Returns false if other tasks have interfered.
 */
static bool vc_short_make(struct vc_short *s, unsigned long nr_cache, unsigned long nr_free)
{
	unsigned long nr;
	struct page *page;

	vcompound_drain();
	truncate_inode_pages(s->inode->i_mapping, 0);
	/* The nodes of the page cache are freed after a grace period. */
	rcu_barrier();
	vc_give(s, &s->taken, ULONG_MAX);
	if (!vc_break_blocks(s) || !vc_fill_cache(s, nr_cache))
		return false;
	while ((nr = vc_free_pages()) > nr_free) {
		for (; nr > nr_free; nr--) {
			page = alloc_pages(VC_ALL_GFP, 0);
			if (!page)
				return false;
			vc_keep(s, &s->taken, page, 0);
		}
	}
	return !vc_free_blocks();
}

/* Free some memory, so that no task is killed. */
static int vc_oom(struct notifier_block *nb, unsigned long unused, void *data)
{
	struct vc_short *s = container_of(nb, struct vc_short, oom);
	unsigned long *freed = data, nr;

	if (s->seen.task == current) {
		s->seen.oom_calls++;
		/*
		 * No task is killed for requests that may not enter a file
		 * system.
		 */
		if (s->seen.oom_withhold && !(s->seen.reclaim_gfp & __GFP_FS)) {
			s->seen.oom_withhold--;
			return NOTIFY_OK;
		}
	}
	nr = vc_give(s, &s->taken, VC_SHORT_GIVE);
	if (nr < VC_SHORT_GIVE)
		nr += vc_give(s, &s->kept, VC_SHORT_GIVE - nr);
	*freed += nr;
	return NOTIFY_OK;
}

static void vc_short_end(void *data)
{
	struct vc_short *s = data;
	struct pglist_data *pgdat;

	unregister_oom_notifier(&s->oom);
	vc_give(s, &s->taken, ULONG_MAX);
	vc_give(s, &s->spare, ULONG_MAX);
	vc_give(s, &s->kept, ULONG_MAX);
	while (s->nr_areas)
		free_vm_area(s->areas[--s->nr_areas]);
	if (s->inode)
		iput(s->inode);
	kern_unmount(s->mnt);
	drain_all_pages(NULL);
	for_each_online_pgdat(pgdat) {
		WRITE_ONCE(pgdat->kswapd_order, 0);
		kswapd_clear_hopeless(pgdat, KSWAPD_CLEAR_HOPELESS_OTHER);
	}
}

static int vc_init_fs_context(struct fs_context *fc)
{
	return init_pseudo(fc, 0x76637368) ? 0 : -ENOMEM;
}

static struct file_system_type vc_fs = {
	.name = "vcompound_short",
	.init_fs_context = vc_init_fs_context,
	.kill_sb = kill_anon_super,
};

static struct vc_short *vc_short_begin(struct kunit *test)
{
	struct vc_short *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	struct pglist_data *pgdat;
	unsigned long nr_free = 0;
	struct page *page, *next;
	struct inode *inode;
	LIST_HEAD(blocks);
	int order, i;

	KUNIT_ASSERT_NOT_NULL(test, s);
	vc_seen_start(test, &s->seen);
	spin_lock_init(&s->lock);
	INIT_LIST_HEAD(&s->kept);
	INIT_LIST_HEAD(&s->taken);
	INIT_LIST_HEAD(&s->spare);
	s->mnt = kern_mount(&vc_fs);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, s->mnt);
	s->oom.notifier_call = vc_oom;
	register_oom_notifier(&s->oom);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vc_short_end, s));
	inode = alloc_anon_inode(s->mnt->mnt_sb);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, inode);
	s->inode = inode;

	for (i = 0; i < VC_SHORT_TRIES; i++) {
		page = alloc_pages(GFP_KERNEL, VC_SHORT_ORDER);
		KUNIT_ASSERT_NOT_NULL(test, page);
		vc_keep(s, &s->spare, page, VC_SHORT_ORDER);
	}

	/* If kswapd is awake, it soon goes to sleep and stays asleep. */
	for_each_online_pgdat(pgdat) {
		atomic_set(&pgdat->kswapd_failures, MAX_RECLAIM_RETRIES);
		/*
		 * No barrier needed: nothing that this task writes affects it.
		 */
		while (pgdat->kswapd && !waitqueue_active(&pgdat->kswapd_wait))
			cond_resched();
	}

	drain_all_pages(NULL);
	for (order = MAX_PAGE_ORDER; order >= 0; order--)
		while ((page = alloc_pages(VC_FILL_GFP, order)))
			vc_keep(s, &s->kept, page, order);

	/* The first blocks that were taken are the largest. */
	list_splice_init(&s->kept, &blocks);
	list_for_each_entry_safe_reverse(page, next, &blocks, lru) {
		order = page_private(page);
		list_del(&page->lru);
		if (order && nr_free < VC_SHORT_POOL)
			nr_free += vc_free_half(s, page, order);
		else
			vc_keep(s, &s->kept, page, order);
	}
	KUNIT_ASSERT_GE(test, nr_free, VC_SHORT_POOL);
	return s;
}

/* Do it here, not after the test, where a thread is created first. */
static void vc_short_finish(struct kunit *test, struct vc_short *s)
{
	kunit_release_action(test, vc_short_end, s);
}

/*
 * Requests
 */

/* The properties of a row of the table. */
#define VC_NOFS_SCOPE		BIT(0)
#define VC_NOIO_SCOPE		BIT(1)
#define VC_KILLED		BIT(2)
#define VC_ATTEMPT_RECLAIMS	BIT(3)
#define VC_NO_FALLBACK		BIT(4)
#define VC_NO_ATTEMPT		BIT(5)	/* It is too large for the page allocator. */
#define VC_GIVES_UP		BIT(6)	/* fails if it has to reclaim */
#define VC_MAY_FAIL		BIT(7)	/* may fail, nothing to reclaim */
#define VC_ONE_ROUND		BIT(8)	/* of reclaim for a page */
#define VC_NO_KILL		BIT(9)	/* The OOM killer kills no task for it. */
#define VC_RESERVES		BIT(10)
#define VC_ONE_NODE		BIT(11)	/* Its pages are not worth an OOM kill. */
#define VC_HIGH			BIT(12)	/* Single pages may come from the reserves. */

/* True if the request is mapped from the reserves, although it may not sleep. */
static bool vc_short_maps_reserves(const struct vc_param *param)
{
	return IS_ENABLED(CONFIG_VCOMPOUND_ATOMIC) && (param->kind & VC_HIGH) &&
	       (param->size ?: VC_SHORT_SIZE) <= VC_STOCK_PAGES * PAGE_SIZE;
}

static bool vc_short_try(struct vc_buf *buf, const struct vc_param *param,
			 struct vc_short *s)
{
	size_t size = param->size ?: VC_SHORT_SIZE;
	unsigned int order = get_order(size);
	struct vc_seen *seen = &s->seen;
	const int nid = NUMA_NO_NODE;
	struct pglist_data *pgdat;
	unsigned int flags = 0;
	gfp_t gfp = param->gfp;

	memset(seen, 0, sizeof(*seen));
	seen->order = order;
	if (param->kind & VC_NO_KILL)
		seen->oom_withhold = 2;
	buf->exact = param->exact;
	buf->size = param->exact ? size : PAGE_SIZE << order;
	buf->nr = PFN_UP(buf->size);

	for_each_online_pgdat(pgdat)
		WRITE_ONCE(pgdat->kswapd_order, 0);
	if (param->kind & VC_NOFS_SCOPE)
		flags = memalloc_nofs_save();
	if (param->kind & VC_NOIO_SCOPE)
		flags = memalloc_noio_save();
	if (param->kind & VC_KILLED) {
		sigaddset(&current->pending.signal, SIGKILL);
		set_tsk_thread_flag(current, TIF_SIGPENDING);
	}

	seen->task = current;
	if (param->exact) {
		buf->addr = vc_hooks(__alloc_vcompound_exact_node_noprof(nid, size, gfp));
		buf->head = buf->addr ? vcompound_to_page(buf->addr) : NULL;
	} else {
		buf->head = vc_hooks(alloc_vcompound_node_noprof(nid, gfp, order));
		buf->addr = buf->head ? vcompound_address(buf->head) : NULL;
	}
	seen->task = NULL;

	if (param->kind & VC_KILLED) {
		sigdelset(&current->pending.signal, SIGKILL);
		clear_tsk_thread_flag(current, TIF_SIGPENDING);
	}
	if (param->kind & VC_NOFS_SCOPE)
		memalloc_nofs_restore(flags);
	if (param->kind & VC_NOIO_SCOPE)
		memalloc_noio_restore(flags);
	for_each_online_pgdat(pgdat)
		seen->kswapd_order = max_t(unsigned int, seen->kswapd_order,
					   READ_ONCE(pgdat->kswapd_order));
	return buf->head;
}

/*
 * Free the allocation, if there is one. Nothing is left behind, by a failed
 * request either.
 */
static void vc_short_put(struct kunit *test, struct vc_buf *buf)
{
	if (buf->head) {
		vc_fill(buf);
		KUNIT_EXPECT_TRUE(test, vc_is_filled(buf));
		if (buf->exact)
			__free_vcompound(buf->addr);
		else
			free_vcompound(buf->head);
	}
	vcompound_drain();
	vc_expect_pages_held(test, 0);
}

/* The flags with which requests of the row may reclaim. */
static gfp_t vc_short_may(const struct vc_param *param)
{
	if (param->kind & VC_NOFS_SCOPE)
		return param->gfp & ~__GFP_FS;
	if (param->kind & VC_NOIO_SCOPE)
		return param->gfp & ~(__GFP_IO | __GFP_FS);
	return param->gfp;
}

/* The flags of the attempt to get contiguous pages. */
static gfp_t vc_short_attempt(const struct vc_param *param)
{
	gfp_t gfp = vc_short_may(param);

	if ((param->kind & VC_NO_FALLBACK) && !vc_short_maps_reserves(param))
		return gfp;
	gfp |= __GFP_NOWARN;
	gfp &= ~__GFP_NOFAIL;
	if (param->kind & VC_ATTEMPT_RECLAIMS)
		return gfp;
	return (gfp | __GFP_NOMEMALLOC) & ~(__GFP_DIRECT_RECLAIM | __GFP_HIGH);
}

/* Properties of each request of the row, which other tasks cannot disturb. */
static void vc_short_expect(struct kunit *test, const struct vc_param *param,
			    const struct vc_seen *seen)
{
	const gfp_t masks = __GFP_FS | __GFP_IO;
	const gfp_t mine = GFP_RECLAIM_MASK | __GFP_THISNODE;
	gfp_t may = vc_short_may(param);
	int attempts = !(param->kind & VC_NO_ATTEMPT);

	/*
	 * One attempt with these flags: no reclaim, no warning, no reserves. None
	 * if one has failed in this jiffy. A request that may not sleep makes
	 * another one if it cannot be mapped.
	 */
	if (IS_ENABLED(CONFIG_VCOMPOUND_ATOMIC) && (param->kind & VC_NO_FALLBACK))
		attempts++;
	KUNIT_EXPECT_LE(test, seen->attempts, attempts);
	if (seen->attempts)
		KUNIT_EXPECT_EQ(test, (__force u32)(seen->attempt_gfp & mine),
				(__force u32)vc_short_attempt(param));
	/* A larger size is tried in large blocks first, others are not. */
	if (!(param->kind & VC_NO_ATTEMPT))
		KUNIT_EXPECT_EQ(test, seen->chunks, 0);
	KUNIT_EXPECT_EQ(test, seen->reclaims_other, 0);

	if (!(param->kind & VC_ATTEMPT_RECLAIMS)) {
		KUNIT_EXPECT_EQ(test, seen->reclaims[1], 0);
		KUNIT_EXPECT_EQ(test, seen->compactions, 0);
	}
	if (param->kind & VC_NO_FALLBACK)
		KUNIT_EXPECT_EQ(test, seen->reclaims[0], 0);
	if (param->kind & VC_ONE_ROUND)
		KUNIT_EXPECT_LE(test, seen->most_rounds, 1);
	/*
	 * Includes page tables, the array of pages and the struct describing
	 * the area.
	 */
	if (seen->reclaims[0])
		KUNIT_EXPECT_EQ(test, (__force u32)(seen->reclaim_gfp & masks),
				(__force u32)(may & masks));
	if (param->kind & VC_MAY_FAIL)
		KUNIT_EXPECT_EQ(test, seen->oom_calls, 0);
}

/* Properties that other tasks can disturb. */
static bool vc_short_attempted(const struct vc_param *param, const struct vc_seen *seen)
{
	if (param->kind & VC_NO_ATTEMPT)
		return seen->chunks;
	if (param->kind & VC_ATTEMPT_RECLAIMS) {
		if (!seen->reclaims[1])
			return false;
		if (IS_ENABLED(CONFIG_COMPACTION) && !seen->compactions)
			return false;
	}
	return seen->kswapd_order == seen->order;
}

static bool vc_short_more(struct kunit *test, int tries, bool done)
{
	return tries < VC_SHORT_TRIES && !done && test->status != KUNIT_FAILURE;
}

static void vc_short_expect_done(struct kunit *test, const struct vc_short *s, bool done)
{
	const struct vc_seen *seen = &s->seen;

	KUNIT_EXPECT_TRUE_MSG(test, done,
			      "attempts %d, blocks %d, kswapd %u, rounds %d and %d, most %d, compactions %d, tables %d, OOM %d, %lu free and %lu cached pages",
			      seen->attempts, seen->chunks, seen->kswapd_order,
			      seen->reclaims[0], seen->reclaims[1], seen->most_rounds,
			      seen->compactions, seen->tables, seen->oom_calls,
			      global_zone_page_state(NR_FREE_PAGES),
			      s->inode->i_mapping->nrpages);
}

#define VC_ROW(_name, _gfp, _kind)						\
	{ .name = _name, .gfp = _gfp, .kind = _kind, .one_outcome = true }
/* As many pages as one page has room for pointers. */
#define VC_ROW_512(_name, _gfp, _kind)						\
	{ .name = _name, .gfp = _gfp, .kind = _kind, .one_outcome = true,	\
	  .size = PAGE_SIZE / sizeof(struct page *) * PAGE_SIZE }
#define VC_ROW_LARGE(_name, _gfp, _kind)					\
	{ .name = _name, .gfp = _gfp, .kind = _kind, .one_outcome = true,	\
	  .one_family = true, .exact = true,					\
	  .size = (MAX_ORDER_NR_PAGES + 8) * PAGE_SIZE }

static const struct vc_param vc_short_rows[] = {
	VC_ROW("GFP_KERNEL", GFP_KERNEL, 0),
	VC_ROW("__GFP_NORETRY", GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN,
	       VC_MAY_FAIL | VC_ONE_ROUND),
	VC_ROW("__GFP_RETRY_MAYFAIL", GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN,
	       VC_ATTEMPT_RECLAIMS | VC_MAY_FAIL),
	VC_ROW("__GFP_NOFAIL", GFP_KERNEL | __GFP_NOFAIL, 0),
	VC_ROW("GFP_NOFS", GFP_NOFS, VC_NO_KILL),
	VC_ROW("memalloc_nofs_save", GFP_KERNEL, VC_NOFS_SCOPE | VC_NO_KILL),
	VC_ROW("GFP_NOIO", GFP_NOIO, VC_NO_KILL),
	VC_ROW("memalloc_noio_save", GFP_KERNEL, VC_NOIO_SCOPE | VC_NO_KILL),
	VC_ROW("__GFP_THISNODE", GFP_KERNEL | __GFP_THISNODE | __GFP_NOWARN, VC_ONE_NODE),
	VC_ROW("GFP_NOWAIT", GFP_NOWAIT, VC_NO_FALLBACK | VC_MAY_FAIL),
	VC_ROW("GFP_ATOMIC", GFP_ATOMIC | __GFP_NOWARN,
	       VC_NO_FALLBACK | VC_MAY_FAIL | VC_HIGH),
	VC_ROW("fatal signal", GFP_KERNEL, VC_KILLED),
	VC_ROW_512("fatal signal, 512 pages", GFP_KERNEL, VC_KILLED),
	VC_ROW_LARGE("above max order", GFP_KERNEL, VC_NO_ATTEMPT),
	VC_ROW_LARGE("above max order, fatal signal", GFP_KERNEL | __GFP_NOWARN,
		     VC_NO_ATTEMPT | VC_KILLED | VC_GIVES_UP),
	VC_ROW_LARGE("above max order, fatal signal, __GFP_NOFAIL", GFP_KERNEL | __GFP_NOFAIL,
		     VC_NO_ATTEMPT | VC_KILLED),
	{}
};

VC_GEN_PARAMS_FAMILIES(vc_short_rows)

/*
 * There is page cache to reclaim, and so many pages are missing that one round
 * of reclaim is not enough. The OOM killer is not called.
 */
static void test_short_cache(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_short *s = vc_short_begin(test);
	bool fails = (param->kind & (VC_NO_FALLBACK | VC_GIVES_UP | VC_ONE_ROUND)) &&
		     !vc_short_maps_reserves(param);
	struct vc_seen *seen = &s->seen;
	bool done = false;
	struct vc_buf buf;
	int tries;

	for (tries = 0; vc_short_more(test, tries, done); tries++) {
		bool got, mapped;

		if (!vc_short_make(s, VC_SHORT_CACHE, VC_SHORT_FREE))
			continue;
		got = vc_short_try(&buf, param, s);
		mapped = got && vc_is_mapped(&buf);
		vc_short_expect(test, param, seen);
		KUNIT_EXPECT_EQ(test, seen->oom_calls, 0);

		done = fails ? !got : mapped;
		/*
		 * Large blocks are not even tried, as the array of pages cannot
		 * be allocated.
		 */
		if (!(param->kind & VC_GIVES_UP))
			done &= vc_short_attempted(param, seen);
		if (param->kind & VC_ONE_ROUND)
			done &= seen->most_rounds == 1;
		else if (!(param->kind & VC_NO_FALLBACK))
			done &= seen->most_rounds > 1;
		vc_short_put(test, &buf);
	}
	vc_short_expect_done(test, s, done);
	vc_short_finish(test, s);
}

/*
 * There is nothing to reclaim: a request that may fail does, without the OOM
 * killer, and leaves nothing behind. Other requests call it until they are
 * served.
 */
static void test_short_nothing(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_short *s = vc_short_begin(test);
	struct vc_seen *seen = &s->seen;
	bool done = false;
	struct vc_buf buf;
	int tries;

	for (tries = 0; vc_short_more(test, tries, done); tries++) {
		bool got;

		if (!vc_short_make(s, 0, VC_SHORT_FREE))
			continue;
		got = vc_short_try(&buf, param, s);
		vc_short_expect(test, param, seen);
		if (param->kind & VC_MAY_FAIL) {
			done = vc_short_attempted(param, seen) &&
			       (vc_short_maps_reserves(param) ?
				got && vc_is_mapped(&buf) : !got);
		} else if (param->kind & (VC_GIVES_UP | VC_ONE_NODE)) {
			/*
			 * The struct describing the area may come from any
			 * node, and is small.
			 */
			done = !got;
		} else {
			KUNIT_EXPECT_TRUE(test, got);
			done = seen->oom_calls > (param->kind & VC_NO_KILL ? 2 : 0);
		}
		vc_short_put(test, &buf);
	}
	vc_short_expect_done(test, s, done);
	vc_short_finish(test, s);
}

static bool vc_has_tables(unsigned long addr, unsigned long end)
{
	for (; addr < end; addr = pmd_addr_end(addr, end)) {
		p4d_t *p4d = p4d_offset(pgd_offset_k(addr), addr);

		if (!p4d_none(p4dp_get(p4d)) && !pud_none(pudp_get(pud_offset(p4d, addr))) &&
		    !pmd_none(pmdp_get(pmd_offset(pud_offset(p4d, addr), addr))))
			return true;
	}
	return false;
}

static unsigned long vc_take_area(struct kunit *test, struct vc_short *s, size_t size)
{
	struct vm_struct *area = get_vm_area(size, VM_MAP);

	KUNIT_ASSERT_NOT_NULL(test, area);
	s->areas[s->nr_areas++] = area;
	KUNIT_ASSERT_LT(test, s->nr_areas, (int)ARRAY_SIZE(s->areas));
	return (unsigned long)area->addr;
}

/*
 * Leave only addresses without page tables to areas of @size and above. The
 * lowest that fit are used, also for an area that is aligned to its size: go on
 * until there is room for one that is.
 */
static void vc_take_space(struct kunit *test, struct vc_short *s, size_t size)
{
	unsigned long addr, next;

	/* Recently freed addresses are not reused before this. */
	vm_unmap_aliases();
	do {
		addr = vc_take_area(test, s, size);
		next = vc_take_area(test, s, 2 * size);
	} while (next != addr + size + PAGE_SIZE || vc_has_tables(addr, next + 2 * size));
	free_vm_area(s->areas[--s->nr_areas]);
	free_vm_area(s->areas[--s->nr_areas]);
	vm_unmap_aliases();
}

/*
 * The flags of page table allocations. They take no flags from the caller, so a
 * scope of the task sets them. If the request must not try hard, the scope
 * allows no reclaim at all, but the reserves. One round of reclaim is enough
 * for a page.
 */
static void test_short_tables(struct kunit *test)
{
	struct vc_param param = *(const struct vc_param *)test->param_value;
	bool noreclaim = param.gfp & (__GFP_NORETRY | __GFP_RETRY_MAYFAIL);
	const gfp_t masks = __GFP_FS | __GFP_IO | __GFP_DIRECT_RECLAIM;
	struct vc_short *s = vc_short_begin(test);
	bool fails = param.kind & (VC_NO_FALLBACK | VC_GIVES_UP);
	struct vc_seen *seen = &s->seen;
	bool done = false;
	struct vc_buf buf;
	int tries;

	if (!param.size)
		/* Larger than the areas that vmalloc keeps for reuse. */
		param.size = 509 * PAGE_SIZE;
	for (tries = 0; vc_short_more(test, tries, done); tries++) {
		bool got;

		vc_take_space(test, s, param.exact ? param.size :
			      roundup_pow_of_two(param.size));
		if (!vc_short_make(s, VC_SHORT_CACHE, VC_SHORT_MIN + 16))
			continue;
		got = vc_short_try(&buf, &param, s);
		vc_short_expect(test, &param, seen);
		KUNIT_EXPECT_EQ(test, seen->oom_calls, 0);
		if (fails) {
			/*
			 * A request that gives up may have allocated and mapped
			 * its array of pages.
			 */
			if (param.kind & VC_NO_FALLBACK)
				KUNIT_EXPECT_EQ(test, seen->tables, 0);
			done = !got;
		} else if (seen->tables) {
			gfp_t all = seen->tables_any_gfp;

			done = got && seen->reclaims[0];
			KUNIT_EXPECT_EQ(test, seen->tables_noreclaim,
					noreclaim ? seen->tables : 0);
			KUNIT_EXPECT_EQ(test, (__force u32)(seen->tables_gfp & masks),
					(__force u32)(vc_short_may(&param) & masks));
			KUNIT_EXPECT_EQ(test, (__force u32)(all & masks),
					(__force u32)(vc_short_may(&param) & masks));
			KUNIT_EXPECT_FALSE(test, all & __GFP_NOMEMALLOC);
		}
		vc_short_put(test, &buf);
	}
	vc_short_expect_done(test, s, done);
	vc_short_finish(test, s);
}

/*
 * A block is free, but the watermark is not met: only requests that may use the
 * reserves get it, which are those that cannot fall back. Others get single
 * pages.
 */
static const struct vc_param vc_short_reserves[] = {
	VC_ROW("GFP_KERNEL", GFP_KERNEL, 0),
	VC_ROW("__GFP_HIGH", GFP_KERNEL | __GFP_HIGH, 0),
	VC_ROW("__GFP_NOFAIL", GFP_KERNEL | __GFP_NOFAIL, 0),
	VC_ROW("__GFP_NORETRY", GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN,
	       VC_MAY_FAIL | VC_ONE_ROUND),
	VC_ROW("GFP_NOWAIT", GFP_NOWAIT, VC_NO_FALLBACK | VC_MAY_FAIL),
	VC_ROW("GFP_ATOMIC", GFP_ATOMIC | __GFP_NOWARN,
	       VC_NO_FALLBACK | VC_MAY_FAIL | VC_RESERVES | VC_HIGH),
	{}
};

VC_GEN_PARAMS_FAMILIES(vc_short_reserves)

static void test_short_reserved(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_short *s = vc_short_begin(test);
	bool fails = param->kind & VC_MAY_FAIL;
	struct vc_seen *seen = &s->seen;
	bool done = false;
	struct vc_buf buf;
	int tries;

	for (tries = 0; vc_short_more(test, tries, done); tries++) {
		bool got, mapped;

		/* More than half of the watermark, the limit for __GFP_HIGH. */
		if (!vc_short_make(s, VC_SHORT_CACHE, VC_SHORT_FREE + 128))
			continue;
		KUNIT_ASSERT_EQ(test, vc_give(s, &s->spare, 1), 1 << VC_SHORT_ORDER);
		got = vc_short_try(&buf, param, s);
		mapped = got && vc_is_mapped(&buf);
		vc_short_expect(test, param, seen);
		if (param->kind & VC_RESERVES)
			done = got && mapped == vc_short_maps_reserves(param);
		else
			done = fails ? !got : mapped;
		vc_short_put(test, &buf);
	}
	vc_short_expect_done(test, s, done);
	vc_short_finish(test, s);
}

/*
 * A request that is served from single pages does not warn. One that cannot
 * fall back does, which also shows that the other was not kept quiet by the
 * rate limit of warnings.
 */
static void test_short_warns(struct kunit *test)
{
	const struct vc_param mapped = VC_ROW("", GFP_KERNEL, 0);
	const struct vc_param fails = VC_ROW("", GFP_NOWAIT & ~__GFP_NOWARN,
					     VC_NO_FALLBACK | VC_MAY_FAIL);
	struct vc_short *s = vc_short_begin(test);
	struct vc_seen *seen = &s->seen;
	int loglevel, warnings = 0;
	bool done = false;
	struct vc_buf buf;
	int tries;

	for (tries = 0; vc_short_more(test, tries, done); tries++) {
		if (!vc_short_make(s, VC_SHORT_CACHE, VC_SHORT_FREE))
			continue;
		done = vc_short_try(&buf, &mapped, s) && vc_is_mapped(&buf);
		KUNIT_EXPECT_EQ(test, seen->warnings, 0);
		vc_short_put(test, &buf);
	}
	vc_short_expect_done(test, s, done);

	done = false;
	for (tries = 0; vc_short_more(test, tries, done); tries++) {
		if (!vc_short_make(s, VC_SHORT_CACHE, VC_SHORT_FREE))
			continue;
		/*
		 * Log the warning, but keep it off the console, where it would
		 * look like a failure.
		 */
		loglevel = console_loglevel;
		console_loglevel = CONSOLE_LOGLEVEL_SILENT;
		done = !vc_short_try(&buf, &fails, s);
		console_lock();
		console_unlock();
		console_loglevel = loglevel;
		vc_short_expect(test, &fails, seen);
		warnings += seen->warnings;
		vc_short_put(test, &buf);
	}
	vc_short_expect_done(test, s, done);
	KUNIT_EXPECT_EQ(test, warnings, 1);
	vc_short_finish(test, s);
}

/*
 * The settings
 */

static struct vc_short_knob {
	const char *file;
	unsigned int value;
	char saved[16];
} vc_short_knobs[] = {
	/* Writing this one also resets a watermark boost. */
	{ .file = "sys/vm/watermark_boost_factor", .value = 0 },
	{ .file = "sys/vm/min_free_kbytes", .value = VC_SHORT_MIN * (PAGE_SIZE / 1024) },
};

static int vc_short_turn(struct vfsmount *proc, const char *name, char *old,
			 const char *value)
{
	struct file *file = file_open_root_mnt(proc, name, O_RDWR, 0);
	ssize_t len = 0;
	loff_t pos = 0;

	if (IS_ERR(file))
		return PTR_ERR(file);
	if (old)
		len = kernel_read(file, old, sizeof_field(struct vc_short_knob, saved) - 1,
				  &pos);
	pos = 0;
	if (len >= 0)
		len = kernel_write(file, value, strlen(value), &pos);
	fput(file);
	return len < 0 ? len : 0;
}

static int vc_short_turn_all(bool back)
{
	struct file_system_type *type = get_fs_type("proc");
	struct vfsmount *proc;
	char value[16];
	int i, err = 0;

	if (!type)
		return -ENODEV;
	proc = kern_mount(type);
	put_filesystem(type);
	if (IS_ERR(proc))
		return PTR_ERR(proc);
	for (i = 0; i < ARRAY_SIZE(vc_short_knobs) && !err; i++) {
		struct vc_short_knob *knob = &vc_short_knobs[i];

		snprintf(value, sizeof(value), "%u", knob->value);
		err = vc_short_turn(proc, knob->file, back ? NULL : knob->saved,
				    back ? knob->saved : value);
	}
	kern_unmount(proc);
	return err;
}

static int vc_short_suite_init(struct kunit_suite *suite)
{
	return vc_short_turn_all(false) ?: vc_suite_init(suite);
}

static void vc_short_suite_exit(struct kunit_suite *suite)
{
	vc_suite_exit(suite);
	WARN_ON(vc_short_turn_all(true));
}

static struct kunit_case vcompound_short_test_cases[] = {
	KUNIT_CASE(test_short_warns),
	KUNIT_CASE_PARAM(test_short_cache, vc_short_rows_gen_params),
	KUNIT_CASE_PARAM(test_short_nothing, vc_short_rows_gen_params),
	KUNIT_CASE_PARAM(test_short_tables, vc_short_rows_gen_params),
	KUNIT_CASE_PARAM(test_short_reserved, vc_short_reserves_gen_params),
	{}
};

static struct kunit_suite vcompound_short_test_suite = {
	.name = "vcompound_short",
	.suite_init = vc_short_suite_init,
	.suite_exit = vc_short_suite_exit,
	.init = vc_init,
	.exit = vc_exit,
	.test_cases = vcompound_short_test_cases,
};

kunit_test_suite(vcompound_short_test_suite);

MODULE_DESCRIPTION("KUnit tests for virtual compound pages where memory is short");
MODULE_LICENSE("GPL");
