// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for calling functions of other allocators on virtual compound
 * pages
 *
 * A table lists every function that frees, resizes, measures, copies, maps or
 * splits memory of another allocator, and the warnings that it gives for a page
 * or an address of an allocation. Each row runs for the first page and for one
 * in the middle of each kind of allocation. In each case the allocation keeps
 * its pages, references and bytes, and the function that the warning names
 * frees it.
 */
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <kunit/test-bug.h>
#include <linux/folio_batch.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/page_frag_cache.h>
#include <linux/rcupdate.h>
#include <linux/set_memory.h>
#include <linux/slab.h>
#include <linux/vcompound.h>
#include <linux/vmalloc.h>

#include "vcompound_kunit.h"
#include "../slab.h"
#include "../vcompound.h"

/*
 * Allocations
 */

enum vc_kind {
	VC_ORDER, VC_ORDER_MAPPED, VC_EXACT, VC_EXACT_MAPPED, VC_FLAG,
	VC_FLAG_MAPPED, VC_NR_KINDS
};

static const char * const vc_kind_names[] = {
	"order contiguous", "order fallback", "exact contiguous", "exact fallback",
	"flag contiguous", "flag fallback",
};

#define VC_FLAG_KINDS		(BIT(VC_FLAG) | BIT(VC_FLAG_MAPPED))
#define VC_CONTIGUOUS_KINDS	(BIT(VC_ORDER) | BIT(VC_EXACT) | BIT(VC_FLAG))
#define VC_MAPPED_KINDS		(BIT(VC_ORDER_MAPPED) | BIT(VC_EXACT_MAPPED) | \
				 BIT(VC_FLAG_MAPPED))
#define VC_ALL_KINDS		(VC_CONTIGUOUS_KINDS | VC_MAPPED_KINDS)
/*
 * Allocations that are not freed by the last reference, and those of single
 * pages.
 */
#define VC_OWN_KINDS		(VC_ALL_KINDS & ~VC_FLAG_KINDS)
#define VC_OWN_SINGLE_KINDS	(VC_OWN_KINDS & ~BIT(VC_ORDER))

/* A page in the middle, and a size that ends inside a page. */
#define VC_MIDDLE		2
#define VC_EXACT_SIZE		(5 * PAGE_SIZE - 100)
#define VC_PAGE_ORDER		3

static bool vc_kind_exists(enum vc_kind kind)
{
	return !(BIT(kind) & VC_FLAG_KINDS) || IS_ENABLED(CONFIG_VFALLBACK);
}

static const char *vc_alloc_call(enum vc_kind kind)
{
	return BIT(kind) & VC_FLAG_KINDS ? "alloc_pages(GFP_VFALLBACK)" :
					    "alloc_vcompound()";
}

static const char *vc_free_call(enum vc_kind kind)
{
	return BIT(kind) & VC_FLAG_KINDS ? "__free_pages()" : "free_vcompound()";
}

static void *vc_alloc_exact(size_t size)
{
	return vc_hooks(__alloc_vcompound_exact_node_noprof(NUMA_NO_NODE, size,
							    GFP_KERNEL));
}

static struct page *vc_alloc_flag(void)
{
#ifdef CONFIG_VFALLBACK
	return vc_hooks(alloc_pages_noprof(GFP_VFALLBACK, VC_PAGE_ORDER));
#else
	return NULL;
#endif
}

static void vc_create(struct kunit *test, struct vc_buf *buf, enum vc_kind kind)
{
	*buf = (struct vc_buf) {
		.exact = kind == VC_EXACT || kind == VC_EXACT_MAPPED,
	};
	vcompound_force(BIT(kind) & VC_MAPPED_KINDS ? 100 : 0);
	buf->size = buf->exact ? VC_EXACT_SIZE : PAGE_SIZE << VC_PAGE_ORDER;
	buf->nr = PFN_UP(buf->size);
	if (buf->exact) {
		buf->addr = vc_alloc_exact(buf->size);
		KUNIT_ASSERT_NOT_NULL(test, buf->addr);
		buf->head = vcompound_head_page(buf->addr);
	} else {
		if (BIT(kind) & VC_FLAG_KINDS)
			buf->head = vc_alloc_flag();
		else
			buf->head = vc_hooks(alloc_vcompound_noprof(GFP_KERNEL,
								    VC_PAGE_ORDER));
		KUNIT_ASSERT_NOT_NULL(test, buf->head);
		buf->addr = vcompound_address(buf->head);
		KUNIT_EXPECT_TRUE(test, IS_ALIGNED((unsigned long)buf->addr, buf->size));
	}
	KUNIT_ASSERT_EQ(test, vc_is_mapped(buf), !!(BIT(kind) & VC_MAPPED_KINDS));
	vc_fill(buf);
}

static void vc_destroy(struct kunit *test, struct vc_buf *buf, enum vc_kind kind)
{
	if (BIT(kind) & VC_FLAG_KINDS)
		__free_pages(buf->head, VC_PAGE_ORDER);
	else if (buf->exact)
		__free_vcompound(buf->addr);
	else
		free_vcompound(buf->head);
	vcompound_drain();
	vc_expect_pages_held(test, 0);
}

/* Check that @buf is unchanged. */
static void vc_expect_untouched(struct kunit *test, const struct vc_buf *buf,
				enum vc_kind kind)
{
	bool compound = kind == VC_ORDER || kind == VC_FLAG;
	unsigned long i;

	vcompound_drain();
	KUNIT_EXPECT_TRUE(test, vc_is_filled(buf));
	KUNIT_ASSERT_EQ(test, vcompound_nr_pages(buf->head), buf->nr);
	KUNIT_EXPECT_EQ(test, vcompound_is_contiguous(buf->head), !vc_is_mapped(buf));
	vc_expect_buf_held(test, buf);

	for (i = 0; i < buf->nr; i++) {
		struct page *page = compound_nth_page(buf->head, i);
		void *addr = buf->addr + i * PAGE_SIZE;

		KUNIT_ASSERT_PTR_EQ(test, vcompound_to_page(addr), page);
		KUNIT_EXPECT_PTR_EQ(test, vcompound_address(page), addr);
		KUNIT_EXPECT_PTR_EQ(test, vcompound_head_page(addr), buf->head);
		KUNIT_EXPECT_EQ(test, page_ref_count(page), !compound || !i);
		KUNIT_EXPECT_EQ(test, !!PageTail(page), compound && i);
		KUNIT_EXPECT_FALSE(test, PageReserved(page) || PageSlab(page));
		KUNIT_EXPECT_TRUE(test, vc_page_is_filled(buf, page, i));
	}
	if (vc_is_mapped(buf)) {
		struct vm_struct *area = find_vm_area(buf->addr);

		KUNIT_ASSERT_NOT_NULL(test, area);
		KUNIT_EXPECT_PTR_EQ(test, area->addr, buf->addr);
		KUNIT_EXPECT_EQ(test, area->nr_pages, buf->nr);
		KUNIT_EXPECT_FALSE(test, area->flags & (VM_FLUSH_RESET_PERMS |
							VM_MAP_PUT_PAGES));
	}
}

/*
 * Warnings
 */

#define VC_MAX_NAMED	4

/* The text of the warnings about wrong calls. */
struct vc_heard {
	unsigned int nr;
	const void *addr[VC_MAX_NAMED];
	const char *call[VC_MAX_NAMED];
	const char *alloc_call[VC_MAX_NAMED];
	const char *free_call[VC_MAX_NAMED];
};

static void vc_hear(const void *addr, const char *call, const char *alloc_call,
		    const char *free_call)
{
	struct vc_heard *heard = kunit_get_current_test()->priv;
	unsigned int i = heard->nr++;

	if (i < VC_MAX_NAMED) {
		heard->addr[i] = addr;
		heard->call[i] = call;
		heard->alloc_call[i] = alloc_call;
		heard->free_call[i] = free_call;
	}
	WARN(1, "vcompound: %s() of %p\n", call, addr);
}

/*
 * Functions of other allocators
 */

/* The page and the address that are passed to a function. */
struct vc_target {
	struct vc_buf *buf;
	void *addr;
	struct page *page;
	unsigned long index;
};

static void vc_kfree(struct kunit *test, const struct vc_target *t)
{
	kfree(t->addr);
}

static void vc_kfree_const(struct kunit *test, const struct vc_target *t)
{
	kfree_const(t->addr);
}

static void vc_kfree_sensitive(struct kunit *test, const struct vc_target *t)
{
	kfree_sensitive(t->addr);
}

/* Between two objects, which must be freed all the same. */
static void vc_kfree_bulk(struct kunit *test, const struct vc_target *t)
{
	void *objects[] = { kmalloc(64, GFP_KERNEL), t->addr,
			    kmalloc(64, GFP_KERNEL) };

	KUNIT_ASSERT_NOT_NULL(test, objects[0]);
	KUNIT_ASSERT_NOT_NULL(test, objects[2]);
	kfree_bulk(ARRAY_SIZE(objects), objects);
}

static void vc_kfree_nolock(struct kunit *test, const struct vc_target *t)
{
	kfree_nolock(t->addr);
}

static void vc_kfree_rcu(struct kunit *test, const struct vc_target *t)
{
	struct vc_object {
		char bytes[64];
		struct rcu_head rcu;
	} *object = t->addr;

	kfree_rcu(object, rcu);
	kvfree_rcu_barrier();
}

static void vc_kfree_rcu_nolock(struct kunit *test, const struct vc_target *t)
{
	struct vc_object {
		char bytes[64];
		struct kvfree_rcu_head rcu;
	} *object = t->addr;

	kfree_rcu_nolock(object, rcu);
	kvfree_rcu_barrier();
}

static void vc_kfree_rcu_mightsleep(struct kunit *test, const struct vc_target *t)
{
	kvfree_rcu_mightsleep(t->addr);
	kvfree_rcu_barrier();
}

/* This is called after a grace period. */
static void vc_kvfree_rcu_cb(struct kunit *test, const struct vc_target *t)
{
	kvfree_rcu_cb(t->addr + 64);
}

#ifdef CONFIG_SLUB_DEBUG
/* Without the checks, the original code follows a NULL pointer for any page. */
static void vc_kmem_cache_free(struct kunit *test, const struct vc_target *t)
{
	struct kmem_cache *cache;

	cache = kmem_cache_create("vcompound_kunit", 64, 0, SLAB_CONSISTENCY_CHECKS |
				  SLAB_NO_MERGE, NULL);
	KUNIT_ASSERT_NOT_NULL(test, cache);
	kmem_cache_free(cache, t->addr);
	kmem_cache_destroy(cache);
}
#endif

static void vc_ksize(struct kunit *test, const struct vc_target *t)
{
	KUNIT_EXPECT_EQ(test, ksize(t->addr), 0);
}

static void vc_krealloc_less(struct kunit *test, const struct vc_target *t)
{
	KUNIT_EXPECT_NULL(test, krealloc(t->addr, 64, GFP_KERNEL));
}

static void vc_krealloc_more(struct kunit *test, const struct vc_target *t)
{
	KUNIT_EXPECT_NULL(test, krealloc(t->addr, 9 * PAGE_SIZE, GFP_KERNEL));
}

static void vc_krealloc_none(struct kunit *test, const struct vc_target *t)
{
	KUNIT_EXPECT_PTR_EQ(test, krealloc(t->addr, 0, GFP_KERNEL), ZERO_SIZE_PTR);
}

static void vc_kvrealloc_less(struct kunit *test, const struct vc_target *t)
{
	KUNIT_EXPECT_NULL(test, kvrealloc(t->addr, 64, GFP_KERNEL));
}

static void vc_kvrealloc_more(struct kunit *test, const struct vc_target *t)
{
	KUNIT_EXPECT_NULL(test, kvrealloc(t->addr, 9 * PAGE_SIZE, GFP_KERNEL));
}

static void vc_kvrealloc_none(struct kunit *test, const struct vc_target *t)
{
	void *p = kvrealloc(t->addr, 0, GFP_KERNEL);

	KUNIT_EXPECT_TRUE(test, ZERO_OR_NULL_PTR(p));
}

static void vc_kvfree(struct kunit *test, const struct vc_target *t)
{
	kvfree(t->addr);
}

static void vc_kvfree_atomic(struct kunit *test, const struct vc_target *t)
{
	kvfree_atomic(t->addr);
}

static void vc_kvfree_sensitive(struct kunit *test, const struct vc_target *t)
{
	kvfree_sensitive(t->addr, PAGE_SIZE);
}

static void vc_kvfree_sensitive_inside(struct kunit *test, const struct vc_target *t)
{
	kvfree_sensitive(t->addr + 64, PAGE_SIZE - 64);
}

static void vc_vfree(struct kunit *test, const struct vc_target *t)
{
	vfree(t->addr);
}

static void vc_vfree_bh_off(struct kunit *test, const struct vc_target *t)
{
	local_bh_disable();
	vfree(t->addr);
	local_bh_enable();
}

static void vc_vunmap(struct kunit *test, const struct vc_target *t)
{
	vunmap(t->addr);
}

static void vc_vrealloc_less(struct kunit *test, const struct vc_target *t)
{
	KUNIT_EXPECT_NULL(test, vrealloc(t->addr, 64, GFP_KERNEL));
}

static void vc_vrealloc_more(struct kunit *test, const struct vc_target *t)
{
	KUNIT_EXPECT_NULL(test, vrealloc(t->addr, 9 * PAGE_SIZE, GFP_KERNEL));
}

static void vc_vrealloc_none(struct kunit *test, const struct vc_target *t)
{
	KUNIT_EXPECT_NULL(test, vrealloc(t->addr, 0, GFP_KERNEL));
}

static void vc_vrealloc_node_align(struct kunit *test, const struct vc_target *t)
{
	KUNIT_EXPECT_NULL(test, vrealloc_node_align(t->addr, 9 * PAGE_SIZE, 2 * PAGE_SIZE,
						    GFP_KERNEL, NUMA_NO_NODE));
}

/* vm_area_map_pages() is for areas that were created without pages. */
static void vc_vm_area_map_pages(struct kunit *test, const struct vc_target *t)
{
	unsigned long start = (unsigned long)t->addr;
	struct page *page = t->page;

	vc_rearm_warnings();
	KUNIT_EXPECT_EQ(test, -EINVAL,
			vm_area_map_pages(find_vm_area(t->buf->addr), start,
					  start + PAGE_SIZE, &page));
}

static void vc_vm_area_unmap_pages(struct kunit *test, const struct vc_target *t)
{
	unsigned long start = (unsigned long)t->addr;

	vc_rearm_warnings();
	vm_area_unmap_pages(find_vm_area(t->buf->addr), start, start + PAGE_SIZE);
}

/*
 * As many pages as vm_map_ram() maps from a shared block of addresses, then
 * more.
 */
static void vc_vm_unmap_ram(struct kunit *test, const struct vc_target *t)
{
	vm_unmap_ram(t->addr, 1);
}

static void vc_vm_unmap_ram_many(struct kunit *test, const struct vc_target *t)
{
	vm_unmap_ram(t->addr, BITS_PER_LONG + 1);
}

static void vc_free_vm_area(struct kunit *test, const struct vc_target *t)
{
	free_vm_area(find_vm_area(t->addr));
}

static void vc_remove_vm_area(struct kunit *test, const struct vc_target *t)
{
	KUNIT_EXPECT_NULL(test, remove_vm_area(t->addr));
}

static void vc_flush_reset_perms(struct kunit *test, const struct vc_target *t)
{
	set_vm_flush_reset_perms(t->addr);
}

#ifdef CONFIG_X86
static void vc_iounmap(struct kunit *test, const struct vc_target *t)
{
	iounmap((__force void __iomem *)t->addr);
}
#endif

static void vc_free_pages_exact(struct kunit *test, const struct vc_target *t)
{
	free_pages_exact(t->addr, (t->buf->nr - t->index) * PAGE_SIZE);
}

#ifdef CONFIG_CONTIG_ALLOC
static void vc_free_contig_range(struct kunit *test, const struct vc_target *t)
{
	free_contig_range(page_to_pfn(t->page), t->buf->nr - t->index);
}

static void vc_free_contig_frozen_range(struct kunit *test, const struct vc_target *t)
{
	free_contig_frozen_range(page_to_pfn(t->page), t->buf->nr - t->index);
}
#endif

/* One page: the next frame may not belong to the allocation. */
static void vc_free_contig_range_of_one(struct kunit *test, const struct vc_target *t)
{
	__free_contig_range(page_to_pfn(t->page), 1);
}

static void vc_free_pages_bulk(struct kunit *test, const struct vc_target *t)
{
	struct page *page = t->page;

	free_pages_bulk(&page, 1);
}

static void vc_folio_put_refs(struct kunit *test, const struct vc_target *t)
{
	folio_put_refs(page_folio(t->page), 1);
}

static void vc_folios_put(struct kunit *test, const struct vc_target *t)
{
	struct folio_batch batch;

	folio_batch_init(&batch);
	folio_batch_add(&batch, page_folio(t->page));
	folios_put(&batch);
}

static void vc_pagetable_free(struct kunit *test, const struct vc_target *t)
{
	pagetable_free(page_ptdesc(t->page));
}

/* The frames after the first page of a mapped allocation belong to others. */
static void vc_split_page(struct kunit *test, const struct vc_target *t)
{
	int count[BIT(VC_PAGE_ORDER)];
	unsigned long flags;
	bool same = true;
	unsigned int i;

	flags = vc_atomic_begin();
	for (i = 1; i < ARRAY_SIZE(count); i++)
		count[i] = pfn_valid(page_to_pfn(t->page) + i) ?
			   page_ref_count(t->page + i) : 0;
	split_page(t->page, VC_PAGE_ORDER);
	for (i = 1; i < ARRAY_SIZE(count); i++)
		if (pfn_valid(page_to_pfn(t->page) + i))
			same = same && page_ref_count(t->page + i) == count[i];
	vc_atomic_end(flags);
	/* Other CPUs allocate and free as well. */
	KUNIT_EXPECT_TRUE(test, same || num_online_cpus() > 1);
}

static void vc_page_frag_free(struct kunit *test, const struct vc_target *t)
{
	page_frag_free(t->addr);
}

/*
 * Calls that work
 */

static void vc_kmemdup(struct kunit *test, const struct vc_target *t)
{
	size_t size = t->buf->size - t->index * PAGE_SIZE;
	void *copy = kvmemdup(t->addr, size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	KUNIT_EXPECT_MEMEQ(test, copy, t->addr, size);
	kvfree(copy);
}

static void vc_alias(struct kunit *test, const struct vc_target *t,
		     void *(*map)(struct page **pages, unsigned int nr),
		     void (*unmap)(void *alias, unsigned int nr))
{
	unsigned int nr = t->buf->nr - t->index, i;
	struct page *pages[BIT(VC_PAGE_ORDER)];
	void *alias;

	for (i = 0; i < nr; i++)
		pages[i] = compound_nth_page(t->buf->head, t->index + i);
	alias = map(pages, nr);
	KUNIT_ASSERT_NOT_NULL(test, alias);
	KUNIT_EXPECT_MEMEQ(test, alias, t->addr,
			   t->buf->size - t->index * PAGE_SIZE);
	for (i = 0; i < nr; i++) {
		KUNIT_EXPECT_PTR_EQ(test, vmalloc_to_page(alias + i * PAGE_SIZE), pages[i]);
		KUNIT_EXPECT_EQ(test, vmalloc_to_pfn(alias + i * PAGE_SIZE),
				page_to_pfn(pages[i]));
	}
	unmap(alias, nr);
}

static void *vc_do_vmap(struct page **pages, unsigned int nr)
{
	return vmap(pages, nr, VM_MAP, PAGE_KERNEL);
}

static void vc_do_vunmap(void *alias, unsigned int nr)
{
	vunmap(alias);
}

static void vc_do_vfree(void *alias, unsigned int nr)
{
	vfree(alias);
}

static void vc_do_kvfree_rcu(void *alias, unsigned int nr)
{
	kvfree_rcu_mightsleep(alias);
	kvfree_rcu_barrier();
}

static void *vc_do_vm_map_ram(struct page **pages, unsigned int nr)
{
	return vm_map_ram(pages, nr, NUMA_NO_NODE);
}

static void vc_do_vm_unmap_ram(void *alias, unsigned int nr)
{
	vm_unmap_ram(alias, nr);
}

/* A mapping of pages of an allocation is not the allocation. */
static void vc_vmap(struct kunit *test, const struct vc_target *t)
{
	vc_alias(test, t, vc_do_vmap, vc_do_vunmap);
	vc_alias(test, t, vc_do_vmap, vc_do_vfree);
	vc_alias(test, t, vc_do_vmap, vc_do_kvfree_rcu);
}

static void vc_vm_map_ram(struct kunit *test, const struct vc_target *t)
{
	vc_alias(test, t, vc_do_vm_map_ram, vc_do_vm_unmap_ram);
}

static void vc_remap_vmalloc_range(struct kunit *test, const struct vc_target *t)
{
	KUNIT_EXPECT_EQ(test, -EINVAL,
			remap_vmalloc_range_partial(NULL, 0, t->addr, 0, PAGE_SIZE));
}

static void vc_dump_obj(struct kunit *test, const struct vc_target *t)
{
	pr_info("vcompound:");
	mem_dump_obj(t->addr);
}

/* A mapped page is a single-page folio. */
static void vc_page_size(struct kunit *test, const struct vc_target *t)
{
	bool block = !vc_is_mapped(t->buf) && !t->buf->exact;
	unsigned long nr = block ? t->buf->nr : 1;

	KUNIT_EXPECT_EQ(test, folio_size(page_folio(t->page)), nr * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, folio_nr_pages(page_folio(t->page)), nr);
	KUNIT_EXPECT_EQ(test, page_size(compound_head(t->page)), nr * PAGE_SIZE);
}

#if defined(CONFIG_X86_64) && !defined(CONFIG_UML)
/* The direct-map mapping, which later owners of the page will use. */
static bool vc_is_writable(const struct page *page)
{
	unsigned int level;
	pte_t *pte = lookup_address((unsigned long)lowmem_page_address(page), &level);

	return pte && pte_write(*pte);
}

static void vc_expect_writable(struct kunit *test, const struct vc_target *t)
{
	KUNIT_ASSERT_TRUE(test, vc_is_writable(t->page));
	memset(lowmem_page_address(t->page), 0, PAGE_SIZE);
	memset(t->addr, 0, PAGE_SIZE / 2);
	vc_fill(t->buf);
}

static void vc_set_memory(struct kunit *test, const struct vc_target *t)
{
	KUNIT_EXPECT_EQ(test, 0, set_memory_ro((unsigned long)t->addr, 1));
	KUNIT_EXPECT_TRUE(test, vc_is_filled(t->buf));
	KUNIT_EXPECT_EQ(test, 0, set_memory_rw((unsigned long)t->addr, 1));
	vc_expect_writable(test, t);
}

static void vc_set_pages(struct kunit *test, const struct vc_target *t)
{
	KUNIT_EXPECT_EQ(test, 0, set_pages_ro(t->page, 1));
	KUNIT_EXPECT_FALSE(test, vc_is_writable(t->page));
	KUNIT_EXPECT_TRUE(test, vc_is_filled(t->buf));
	KUNIT_EXPECT_EQ(test, 0, set_pages_rw(t->page, 1));
	vc_expect_writable(test, t);
}
#endif

struct vc_wrong {
	const char *name;
	void (*call)(struct kunit *test, const struct vc_target *t);
	unsigned long kinds;
	/* The number of warnings, and the functions that they name, if any. */
	unsigned int warnings;
	const char *named[2];
	bool head_only;
};

#define VC_SAYS(...)	.warnings = sizeof((const char *[]) { __VA_ARGS__ }) / \
				    sizeof(const char *),			\
			.named = { __VA_ARGS__ }

static const struct vc_wrong vc_table[] = {
	/* slab.h, rcupdate.h */
	{ "kfree", vc_kfree, VC_CONTIGUOUS_KINDS, VC_SAYS("kfree") },
	{ "kfree_const", vc_kfree_const, VC_CONTIGUOUS_KINDS, VC_SAYS("kfree") },
	{ "kfree_sensitive", vc_kfree_sensitive, VC_CONTIGUOUS_KINDS,
	  VC_SAYS("ksize", "kfree") },
	{ "kfree_bulk", vc_kfree_bulk, VC_CONTIGUOUS_KINDS, VC_SAYS("kfree") },
	{ "kfree_nolock", vc_kfree_nolock, VC_CONTIGUOUS_KINDS,
	  VC_SAYS("kfree_nolock") },
	{ "kfree_rcu", vc_kfree_rcu, VC_ALL_KINDS, VC_SAYS("kvfree_rcu") },
	{ "kfree_rcu_nolock", vc_kfree_rcu_nolock, VC_ALL_KINDS, VC_SAYS("kvfree_rcu") },
	{ "kfree_rcu_mightsleep", vc_kfree_rcu_mightsleep, VC_ALL_KINDS,
	  VC_SAYS("kvfree_rcu") },
	{ "kvfree_rcu_cb", vc_kvfree_rcu_cb, VC_CONTIGUOUS_KINDS,
	  VC_SAYS("kfree") },
	{ "kvfree_rcu_cb", vc_kvfree_rcu_cb, VC_MAPPED_KINDS, VC_SAYS("vfree") },
#ifdef CONFIG_SLUB_DEBUG
	{ "kmem_cache_free", vc_kmem_cache_free, VC_CONTIGUOUS_KINDS,
	  VC_SAYS("kmem_cache_free") },
#endif
	{ "ksize", vc_ksize, VC_CONTIGUOUS_KINDS, VC_SAYS("ksize") },
	{ "krealloc to less", vc_krealloc_less, VC_CONTIGUOUS_KINDS,
	  VC_SAYS("krealloc") },
	{ "krealloc to more", vc_krealloc_more, VC_CONTIGUOUS_KINDS,
	  VC_SAYS("krealloc") },
	{ "krealloc to nothing", vc_krealloc_none, VC_CONTIGUOUS_KINDS,
	  VC_SAYS("kfree") },
	{ "kvrealloc to less", vc_kvrealloc_less, VC_CONTIGUOUS_KINDS,
	  VC_SAYS("krealloc") },
	{ "kvrealloc to less", vc_kvrealloc_less, VC_MAPPED_KINDS,
	  VC_SAYS("vrealloc") },
	{ "kvrealloc to more", vc_kvrealloc_more, VC_CONTIGUOUS_KINDS,
	  VC_SAYS("krealloc") },
	{ "kvrealloc to more", vc_kvrealloc_more, VC_MAPPED_KINDS,
	  VC_SAYS("vrealloc") },
	{ "kvrealloc to nothing", vc_kvrealloc_none, VC_CONTIGUOUS_KINDS,
	  VC_SAYS("kfree") },
	{ "kvrealloc to nothing", vc_kvrealloc_none, VC_MAPPED_KINDS,
	  VC_SAYS("vfree") },
	{ "kvfree", vc_kvfree, VC_CONTIGUOUS_KINDS, VC_SAYS("kfree") },
	{ "kvfree", vc_kvfree, VC_MAPPED_KINDS, VC_SAYS("vfree") },
	{ "kvfree_atomic", vc_kvfree_atomic, VC_CONTIGUOUS_KINDS, VC_SAYS("kfree") },
	{ "kvfree_atomic", vc_kvfree_atomic, VC_MAPPED_KINDS,
	  VC_SAYS("vfree_atomic") },
	{ "kvfree_sensitive", vc_kvfree_sensitive, VC_ALL_KINDS,
	  VC_SAYS("kvfree_sensitive") },
	{ "kvfree_sensitive inside a page", vc_kvfree_sensitive_inside, VC_ALL_KINDS,
	  VC_SAYS("kvfree_sensitive") },
	{ "kvmemdup", vc_kmemdup, VC_ALL_KINDS },
	{ "mem_dump_obj", vc_dump_obj, VC_ALL_KINDS },

	/* vmalloc.h */
	{ "vfree", vc_vfree, VC_ALL_KINDS, VC_SAYS("vfree") },
	{ "vfree with softirqs off", vc_vfree_bh_off, VC_ALL_KINDS,
	  VC_SAYS("vfree_atomic") },
	{ "vunmap", vc_vunmap, VC_ALL_KINDS, VC_SAYS("vunmap") },
	{ "vrealloc to less", vc_vrealloc_less, VC_ALL_KINDS, VC_SAYS("vrealloc") },
	{ "vrealloc to more", vc_vrealloc_more, VC_ALL_KINDS, VC_SAYS("vrealloc") },
	{ "vrealloc to nothing", vc_vrealloc_none, VC_ALL_KINDS, VC_SAYS("vfree") },
	{ "vrealloc_node_align", vc_vrealloc_node_align, VC_ALL_KINDS,
	  VC_SAYS("vrealloc") },
	{ "vm_area_map_pages", vc_vm_area_map_pages, VC_MAPPED_KINDS, .warnings = 1 },
	{ "vm_area_unmap_pages", vc_vm_area_unmap_pages, VC_MAPPED_KINDS,
	  .warnings = 1 },
	{ "vm_unmap_ram", vc_vm_unmap_ram, VC_MAPPED_KINDS, VC_SAYS("vm_unmap_ram") },
	{ "vm_unmap_ram of many", vc_vm_unmap_ram_many, VC_MAPPED_KINDS,
	  VC_SAYS("vm_unmap_ram") },
	{ "free_vm_area", vc_free_vm_area, VC_MAPPED_KINDS, VC_SAYS("free_vm_area"),
	  .head_only = true },
	{ "remove_vm_area", vc_remove_vm_area, VC_ALL_KINDS },
	{ "set_vm_flush_reset_perms", vc_flush_reset_perms, VC_ALL_KINDS,
	  VC_SAYS("set_vm_flush_reset_perms") },
#ifdef CONFIG_X86
	{ "iounmap", vc_iounmap, VC_MAPPED_KINDS, .warnings = 1 },
#endif
	{ "vmap", vc_vmap, VC_ALL_KINDS },
	{ "vm_map_ram", vc_vm_map_ram, VC_ALL_KINDS },
	{ "remap_vmalloc_range", vc_remap_vmalloc_range, VC_ALL_KINDS },

	/* gfp.h, mm.h; references are in the other suites */
	{ "free_pages_exact", vc_free_pages_exact, VC_ALL_KINDS,
	  VC_SAYS("free_pages_exact") },
#ifdef CONFIG_CONTIG_ALLOC
	{ "free_contig_range", vc_free_contig_range, VC_ALL_KINDS,
	  VC_SAYS("free_contig_range") },
	{ "free_contig_frozen_range", vc_free_contig_frozen_range, VC_ALL_KINDS,
	  VC_SAYS("free_contig_frozen_range") },
#endif
	{ "__free_contig_range", vc_free_contig_range_of_one, VC_OWN_SINGLE_KINDS,
	  .warnings = 1 },
	{ "free_pages_bulk", vc_free_pages_bulk, VC_OWN_SINGLE_KINDS, .warnings = 1 },
#ifndef CONFIG_DEBUG_VM
	/* Otherwise there is one more, of any compound page. */
	{ "__free_contig_range", vc_free_contig_range_of_one, BIT(VC_ORDER),
	  .warnings = 1, .head_only = true },
	{ "free_pages_bulk", vc_free_pages_bulk, BIT(VC_ORDER), .warnings = 1,
	  .head_only = true },
#endif
	{ "folio_put_refs", vc_folio_put_refs, VC_OWN_KINDS, .warnings = 1 },
	{ "folios_put", vc_folios_put, VC_OWN_KINDS, .warnings = 1 },
	{ "pagetable_free", vc_pagetable_free, VC_OWN_SINGLE_KINDS, .warnings = 1 },
	{ "pagetable_free", vc_pagetable_free, BIT(VC_ORDER), .warnings = 1,
	  .head_only = true },
	{ "split_page", vc_split_page, VC_ALL_KINDS, VC_SAYS("split_page") },
	{ "page_frag_free", vc_page_frag_free, BIT(VC_ORDER) | BIT(VC_EXACT),
	  .warnings = 1 },
#ifdef CONFIG_VFALLBACK
	{ "page_frag_free", vc_page_frag_free, BIT(VC_ORDER_MAPPED) |
	  BIT(VC_EXACT_MAPPED), .warnings = 1 },
#endif
	{ "page_size", vc_page_size, VC_ALL_KINDS },

#if defined(CONFIG_X86_64) && !defined(CONFIG_UML)
	/* set_memory.h: undone before the allocation is freed */
	{ "set_memory_ro", vc_set_memory, VC_ALL_KINDS },
	{ "set_pages_ro", vc_set_pages, VC_ALL_KINDS },
#endif
};

/* A row of the table, for one kind of allocation and one page of it. */
struct vc_case {
	unsigned int nr;
	const struct vc_wrong *wrong;
	enum vc_kind kind;
	unsigned long index;
};

static const void *vc_case_gen_params(struct kunit *test, const void *prev, char *desc)
{
	static struct vc_case c;
	unsigned int nr;

	for (nr = prev ? c.nr + 1 : 0; nr < ARRAY_SIZE(vc_table) * VC_NR_KINDS * 2; nr++) {
		c.nr = nr;
		c.index = nr % 2 ? VC_MIDDLE : 0;
		c.kind = nr / 2 % VC_NR_KINDS;
		c.wrong = &vc_table[nr / 2 / VC_NR_KINDS];

		if (!(c.wrong->kinds & BIT(c.kind)) || (c.index && c.wrong->head_only))
			continue;
		if (!vc_kind_exists(c.kind))
			continue;
		snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s, %s%s", c.wrong->name,
			 vc_kind_names[c.kind], c.index ? ", middle" : "");
		return &c;
	}
	return NULL;
}

static void test_misuse_table(struct kunit *test)
{
	const struct vc_case *c = test->param_value;
	struct vc_heard heard;
	struct vc_target t;
	struct vc_buf buf;
	unsigned int i;
	int round;

	test->priv = &heard;
	vc_create(test, &buf, c->kind);
	vcompound_force(0);
	t = (struct vc_target) {
		.buf = &buf,
		.addr = buf.addr + c->index * PAGE_SIZE,
		.page = compound_nth_page(buf.head, c->index),
		.index = c->index,
	};
	kunit_activate_static_stub(test, vcompound_warn_wrong, vc_hear);

	/* Check every time, not only once. */
	for (round = 0; round < 2; round++) {
		heard = (struct vc_heard) {};
		kunit_warning_suppress(test) {
			c->wrong->call(test, &t);
			KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, c->wrong->warnings);
		}
		if (!c->wrong->named[0]) {
			KUNIT_EXPECT_EQ(test, heard.nr, 0);
			continue;
		}
		KUNIT_EXPECT_EQ(test, heard.nr, c->wrong->warnings);
		for (i = 0; i < min(heard.nr, c->wrong->warnings); i++) {
			KUNIT_EXPECT_STREQ(test, heard.call[i], c->wrong->named[i]);
			KUNIT_EXPECT_STREQ(test, heard.alloc_call[i], vc_alloc_call(c->kind));
			KUNIT_EXPECT_STREQ(test, heard.free_call[i], vc_free_call(c->kind));
			KUNIT_EXPECT_PTR_EQ(test, PTR_ALIGN_DOWN(heard.addr[i], PAGE_SIZE),
					    (const void *)t.addr);
		}
	}
	kunit_deactivate_static_stub(test, vcompound_warn_wrong);

	vc_expect_untouched(test, &buf, c->kind);
	vc_destroy(test, &buf, c->kind);
}

/* Check that the warning whose words the table compares is the only one. */
static void test_misuse_warns(struct kunit *test)
{
	struct vc_buf buf;
	int kind, i;

	for (kind = 0; kind < VC_NR_KINDS; kind++) {
		if (!vc_kind_exists(kind))
			continue;
		vc_create(test, &buf, kind);
		for (i = 0; i < 3; i++) {
			kunit_warning_suppress(test) {
				kvfree(buf.addr);
				KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
			}
		}
		vc_expect_untouched(test, &buf, kind);
		vc_destroy(test, &buf, kind);
	}
}

#ifdef CONFIG_TRANSPARENT_HUGEPAGE
static vm_fault_t vc_huge_fault(struct vm_fault *vmf, unsigned int order)
{
	return vmf_insert_folio_pmd(vmf, page_folio(vmf->page), false);
}

/*
 * A fault handler that maps a whole block. The area is not mapped anywhere, so
 * that an ordinary block gets the same return value, but without a warning.
 */
static void vc_check_huge(struct kunit *test, struct page *head, bool refused)
{
	const struct vm_operations_struct ops = { .huge_fault = vc_huge_fault };
	struct vm_area_struct vma = { .vm_ops = &ops };
	struct vm_fault vmf = { .vma = &vma, .page = head };

	KUNIT_ASSERT_NOT_NULL(test, head);
	KUNIT_ASSERT_EQ(test, compound_order(head), HPAGE_PMD_ORDER);
	KUNIT_EXPECT_EQ(test, PageVcompound(head), refused);
	vc_rearm_warnings();
	kunit_warning_suppress(test) {
		KUNIT_EXPECT_EQ(test, vma.vm_ops->huge_fault(&vmf, HPAGE_PMD_ORDER),
				VM_FAULT_SIGBUS);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, refused);
	}
	KUNIT_EXPECT_EQ(test, page_count(head), 1);
	KUNIT_EXPECT_EQ(test, PageVcompound(head), refused);
}

static void test_misuse_huge(struct kunit *test)
{
	struct page *page;

	if (HPAGE_PMD_ORDER > MAX_PAGE_ORDER)
		kunit_skip(test, "the page allocator has no block of a huge page's size");

	vc_make_block(test, HPAGE_PMD_ORDER);
	page = vc_hooks(alloc_vcompound_noprof(GFP_KERNEL, HPAGE_PMD_ORDER));
	vc_check_huge(test, page, true);
	free_vcompound(page);
#ifdef CONFIG_VFALLBACK
	vc_make_block(test, HPAGE_PMD_ORDER);
	page = vc_hooks(alloc_pages_noprof(GFP_VFALLBACK, HPAGE_PMD_ORDER));
	vc_check_huge(test, page, true);
	__free_pages(page, HPAGE_PMD_ORDER);
#endif
	page = alloc_pages(GFP_KERNEL | __GFP_COMP, HPAGE_PMD_ORDER);
	vc_check_huge(test, page, false);
	__free_pages(page, HPAGE_PMD_ORDER);
}
#endif

/* Other memory is freed, resized and split as usual. */
static void test_misuse_others(struct kunit *test)
{
	struct page *page;
	void *p;
	int i;

	p = kvmalloc(64, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	memset(p, 0x77, 64);
	p = kvrealloc(p, 9 * PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_NULL(test, memchr_inv(p, 0x77, 64));
	kvfree_sensitive(p, 9 * PAGE_SIZE);

	/* Larger than kmalloc() supports. */
	p = kvmalloc(64, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	memset(p, 0x77, 64);
	p = kvrealloc(p, KMALLOC_MAX_SIZE + PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_NULL(test, memchr_inv(p, 0x77, 64));
	kvfree(p);

	p = vmalloc(2 * PAGE_SIZE);
	KUNIT_ASSERT_NOT_NULL(test, p);
	memset(p, 0x77, 2 * PAGE_SIZE);
	p = vrealloc(p, 5 * PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_NULL(test, memchr_inv(p, 0x77, 2 * PAGE_SIZE));
	set_vm_flush_reset_perms(p);
	KUNIT_EXPECT_TRUE(test, find_vm_area(p)->flags & VM_FLUSH_RESET_PERMS);
	find_vm_area(p)->flags &= ~VM_FLUSH_RESET_PERMS;
	vfree_atomic(p);
	vfree_atomic(NULL);

	p = vmalloc(PAGE_SIZE);
	KUNIT_ASSERT_NOT_NULL(test, p);
	kvfree_rcu_mightsleep(p);
	kvfree_rcu_barrier();

	page = alloc_pages(GFP_KERNEL, VC_PAGE_ORDER);
	KUNIT_ASSERT_NOT_NULL(test, page);
	split_page(page, VC_PAGE_ORDER);
	for (i = 0; i < BIT(VC_PAGE_ORDER); i++)
		KUNIT_EXPECT_EQ(test, page_ref_count(page + i), 1);
	free_pages_exact(page_address(page), PAGE_SIZE << VC_PAGE_ORDER);
}

static struct kunit_case vcompound_misuse_test_cases[] = {
	KUNIT_CASE_PARAM(test_misuse_table, vc_case_gen_params),
	KUNIT_CASE(test_misuse_warns),
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
	KUNIT_CASE(test_misuse_huge),
#endif
	KUNIT_CASE(test_misuse_others),
	{}
};

static int vc_misuse_init(struct kunit *test)
{
	vcompound_drain();
	vcompound_force(0);
	return 0;
}

static struct kunit_suite vcompound_misuse_test_suite = {
	.name = "vcompound_misuse",
	.suite_init = vc_suite_init,
	.suite_exit = vc_suite_exit,
	.init = vc_misuse_init,
	.exit = vc_exit,
	.test_cases = vcompound_misuse_test_cases,
};

kunit_test_suite(vcompound_misuse_test_suite);

MODULE_DESCRIPTION("KUnit tests for calls of other families on virtual compound pages");
MODULE_LICENSE("GPL");
