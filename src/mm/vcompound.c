// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual compound pages: look-up and freeing
 *
 * A virtual compound page is an allocation of one or more pages, either
 * contiguous from the page allocator or, if memory is too fragmented for that,
 * mapped from single pages.
 *
 * The pages have the page type vcompound while they belong to the allocation;
 * of a compound page only the head has it. Freeing begins with an atomic change
 * of the head's type, so only one of two concurrent frees can win.
 *
 * Which function calls which; they are in this file unless another is named:
 *
 * Allocate
 *   alloc_vcompound() and its variants			mm/vmalloc.c
 *     vcompound_alloc(), the fast path			mm/vmalloc.c
 *       vcompound_alloc_contiguous()			mm/vmalloc.c
 *         alloc_pages_trimmed()			mm/page_alloc.c
 *       vcompound_alloc_slow()				mm/vmalloc.c
 *         vcompound_check_request()
 *         vcompound_map()				mm/vmalloc.c
 *           vcompound_mark_area()
 *     vcompound_alloc() without an MMU			mm/nommu.c
 *   alloc_pages(__GFP_VFALLBACK)			mm/page_alloc.c
 *     alloc_pages_vfallback()				mm/vmalloc.c
 *       vcompound_alloc()				mm/vmalloc.c
 *
 * Look up
 *   vcompound_address(), vcompound_to_page(), vcompound_head_page(), ...
 *   page_address(), virt_to_head_page(), ...		mm/vfallback.c
 *
 * Free
 *   __free_vcompound(), free_vcompound()
 *     vcompound_end_contiguous()
 *       free_pages_trimmed()				mm/page_alloc.c
 *     vcompound_free_area()
 *       vcompound_end_area()
 *         vcompound_unmap(), also called by vcompound_worker()
 *           remove_vcompound_area()			mm/vmalloc.c
 *
 * Put the last reference
 *   the page allocator, for put_page() and others	mm/page_alloc.c
 *     vcompound_put_last()
 *       vcompound_end_area()
 */
#include <kunit/static_stub.h>
#include <linux/folio_batch.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/irq_work.h>
#include <linux/kasan.h>
#include <linux/kmemleak.h>
#include <linux/llist.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>
#include <linux/vmstat.h>
#include <linux/wait_bit.h>
#include <linux/workqueue.h>

#include <kunit/visibility.h>

#include "internal.h"
#include "page_alloc.h"
#include "vcompound.h"
#include "vmalloc.h"

#define CREATE_TRACE_POINTS
#include <trace/events/vcompound.h>

/*
 * Owner bits of a vcompound page, or 0 for any other page (a vcompound page
 * always has at least one bit set).
 */
static unsigned int vcompound_bits_of(unsigned int type)
{
	return type >> 24 == PGTY_vcompound ? type & ~vcompound_type(0) : 0;
}

static unsigned int vcompound_bits(const struct page *page)
{
	return vcompound_bits_of(READ_ONCE(page->page_type));
}

static bool vcompound_is_mapped(const struct page *page)
{
	unsigned int bits = vcompound_bits(page);

	return bits && !(bits & VC_CONTIGUOUS);
}

/*
 * Check a request for its size and its flags, and remove the flags that no
 * allocation can honour. The fast path of mm/vmalloc.c does without it.
 */
bool vcompound_check_request(size_t size, gfp_t *gfp)
{
	unsigned long max = min_t(unsigned long, totalram_pages(),
				  VC_MAX_PAGES);
	gfp_t ignored = *gfp & (__GFP_HIGHMEM | __GFP_MOVABLE);

	if (!gfpflags_allow_blocking(*gfp)) {
		if (WARN_ONCE(in_nmi(), "vcompound: request in NMI refused\n"))
			return false;
		ignored |= *gfp & __GFP_NOFAIL;
	}
	WARN_ONCE(ignored, "vcompound: ignoring unsupported gfp flags %pGg (gfp_mask %pGg)\n",
		  &ignored, gfp);
	*gfp &= ~ignored;

	if (PAGE_ALIGN(size) && (size - 1) >> PAGE_SHIFT < max)
		return true;

	WARN_ONCE(!(*gfp & __GFP_NOWARN),
		  "vcompound: invalid size %zu\n", size);
	return false;
}

/* An area can have many pages, so loops over them reschedule now and then. */
static void vcompound_cond_resched(unsigned long i)
{
	if (unlikely(i % VC_RESCHED_PAGES == VC_RESCHED_PAGES - 1))
		cond_resched();
}

/*
 * put_page() of the last reference has removed the head from its memory cgroup
 * before the area is unmapped, so do not count the head as vmalloc memory of
 * the cgroup.
 */
static void vcompound_count_head(struct page *head, int nr)
{
	mod_lruvec_page_state(head, NR_VMALLOC, -nr);
	mod_node_page_state(page_pgdat(head), NR_VMALLOC, nr);
}

void vcompound_mark_area(struct vm_struct *area, enum vcompound_kind kind)
{
	unsigned int head_bits = VC_HEAD | area->nr_pages;
	unsigned long i;

	if (kind == VC_KIND_GFP) {
		head_bits |= VC_FREE_ON_PUT;
		vcompound_count_head(area->pages[0], 1);
	}

	for (i = 0; i < area->nr_pages; i++) {
		struct page *page = area->pages[i];

		page->private = ~(unsigned long)(area->addr + i * PAGE_SIZE);
		page->page_type = vcompound_type(i);
		vcompound_cond_resched(i);
	}
	area->pages[0]->page_type = vcompound_type(head_bits);
	/* The complement again, so kmemleak does not see another reference. */
	area->pages[0]->lru.prev = (void *)~(unsigned long)area;
}

/*
 * To be called right before the pages are put: without the type, a page that
 * memory_failure() has marked looks to unpoison_memory() like one to which it
 * holds a reference.
 */
static void vcompound_clear_types(struct page **pages, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		WRITE_ONCE(pages[i]->page_type, UINT_MAX);
}

/*
 * Put pages in batches, because each would take a lock by itself. An area that
 * is larger than any block was allocated in blocks, so its pages are put by
 * runs.
 */
void vcompound_put_pages(struct page **pages, unsigned int nr)
{
	struct folio_batch batch;
	unsigned int i, n;

	if (nr > MAX_ORDER_NR_PAGES) {
		/* free_pages_bulk() reschedules after each run. */
		for (i = 0; i < nr; i += VC_RESCHED_PAGES) {
			n = min(nr - i, VC_RESCHED_PAGES);
			vcompound_clear_types(pages + i, n);
			free_pages_bulk(pages + i, n);
		}
		return;
	}

	folio_batch_init(&batch);
	for (i = 0; i < nr; i++) {
		vcompound_clear_types(pages + i, 1);
		if (put_page_testzero(pages[i]) &&
		    !folio_batch_add(&batch, page_folio(pages[i]))) {
			free_unref_folios(&batch);
			cond_resched();
		}
	}
	if (folio_batch_count(&batch))
		free_unref_folios(&batch);
}

static struct vm_struct *vcompound_area(const struct page *head)
{
	return (void *)~(unsigned long)head->lru.prev;
}

/* The pages of a freed area are no longer vmalloc memory. */
void vcompound_uncount_area(struct vm_struct *area)
{
	unsigned int i, nr;

	if (vcompound_bits(area->pages[0]) & VC_FREE_ON_PUT)
		vcompound_count_head(area->pages[0], -1);
	for (i = 0; i < area->nr_pages; i += nr) {
		if (unlikely(i))
			cond_resched();
		nr = min(area->nr_pages - i, VC_RESCHED_PAGES);
		vmalloc_count_pages(area->pages + i, nr, -1);
	}
}

/*
 * Clear the marks of a mapped allocation, except for the types, which
 * vcompound_put_pages() clears.
 */
void vcompound_unmark_area(struct vm_struct *area)
{
	unsigned int i;

	area->pages[0]->lru.prev = NULL;
	/* Holders of a reference may access the whole last page. */
	kasan_unpoison_range(lowmem_page_address(area->pages[area->nr_pages - 1]),
			     PAGE_SIZE);

	for (i = 0; i < area->nr_pages; i++) {
		WRITE_ONCE(area->pages[i]->private, 0);
		vcompound_cond_resched(i);
	}
}

/*
 * Unmap an area and put its pages. For holders of a reference they are ordinary
 * pages from here on.
 */
VISIBLE_IF_KUNIT void vcompound_unmap(struct page *head)
{
	struct vm_struct *area = vcompound_area(head);

	KUNIT_STATIC_STUB_REDIRECT(vcompound_unmap, head);

	/* Without an MMU there is nothing to unmap. */
	if (!IS_ENABLED(CONFIG_MMU))
		return;

	if (area->flags & VM_VCOMPOUND_STOCK) {
		vcompound_stock_retire(area, true);
		return;
	}

	vcompound_uncount_area(area);
	vcompound_unmark_area(area);
	remove_vcompound_area(area);
	vcompound_put_pages(area->pages, area->nr_pages);
	kvfree(area->pages);
	kfree(area);
}

/**
 * vmalloc_address - address at which a virtual compound page maps a page
 * @page: any page
 *
 * Context: Any. The caller makes sure that the page is not freed during the
 * call. The address is valid until the allocation is freed; a reference to the
 * page does not keep it valid.
 *
 * Return: the address, or NULL if no virtual compound page maps @page.
 */
void *vmalloc_address(const struct page *page)
{
	unsigned long private;

	if (!vcompound_is_mapped(page))
		return NULL;
	/* 0 if the allocation is being freed */
	private = READ_ONCE(page->private);
	return private ? (void *)~private : NULL;
}
EXPORT_SYMBOL_GPL(vmalloc_address);

/**
 * vcompound_address - address of a page
 * @page: any page that has an address
 *
 * Context: Any, as for vmalloc_address().
 *
 * Return: as vmalloc_address() for a page of a mapped allocation, as
 * page_address() for any other page.
 */
void *vcompound_address(const struct page *page)
{
	return vmalloc_address(page) ?: page_address(page);
}
EXPORT_SYMBOL_GPL(vcompound_address);

/**
 * vcompound_to_page - page at an address
 * @addr: any address inside a virtual compound page
 *
 * The inverse of vcompound_address(), in constant time.
 *
 * Context: Any.
 *
 * Return: the page, or NULL if no page of RAM is mapped at @addr.
 */
struct page *vcompound_to_page(const void *addr)
{
	struct page *page;

	if (!is_vmalloc_addr(addr))
		return virt_addr_valid(addr) ? virt_to_page(addr) : NULL;

	/* Vmalloc space also maps device memory, which has no struct page. */
	page = vmalloc_to_page(addr);
	return page && pfn_valid(page_to_pfn(page)) ? page : NULL;
}
EXPORT_SYMBOL_GPL(vcompound_to_page);

/* The head of the virtual compound page that @page is part of, or NULL. */
static struct page *vcompound_find_head(struct page *page)
{
	unsigned int bits = vcompound_bits(page);
	void *addr;

	/* Tail pages of a compound page are not marked. */
	if (!bits) {
		page = compound_head(page);
		bits = vcompound_bits(page);
		return bits & VC_HEAD ? page : NULL;
	}
	if (bits & VC_HEAD)
		return page;
	if (bits & VC_CONTIGUOUS)
		return page - (bits & VC_NR);

	addr = vmalloc_address(page);
	/* NULL if the allocation is being freed. */
	return addr ? vmalloc_to_page(addr - bits * PAGE_SIZE) : NULL;
}

/**
 * vcompound_head_page - head page of the allocation that contains an address
 * @addr: any address inside a virtual compound page
 *
 * Context: Any.
 *
 * Return: the head page, as returned by alloc_vcompound(). For an address in
 * other memory, as virt_to_head_page(). NULL if no page of RAM is mapped at
 * @addr.
 */
struct page *vcompound_head_page(const void *addr)
{
	struct page *page = vcompound_to_page(addr);

	if (!page)
		return NULL;
	return vcompound_find_head(page) ?: compound_head(page);
}
EXPORT_SYMBOL_GPL(vcompound_head_page);

/**
 * compound_nth_page - page of a compound page by index
 * @head: head of a compound page, virtual or not
 * @n: index of the page, less than vcompound_nr_pages(@head)
 *
 * Use this instead of @head + @n: the pages of a virtual compound page need not
 * be physically contiguous.
 *
 * Context: Any.
 *
 * Return: the page, in constant time.
 */
struct page *compound_nth_page(struct page *head, unsigned long n)
{
	VM_WARN_ON_ONCE_PAGE(n >= vcompound_nr_pages(head), head);

	if (vcompound_is_mapped(head))
		return vmalloc_to_page(vmalloc_address(head) + n * PAGE_SIZE);
	return head + n;
}
EXPORT_SYMBOL_GPL(compound_nth_page);

/**
 * vcompound_nr_pages - number of pages in a compound page
 * @head: head of a compound page, virtual or not
 *
 * Use this instead of compound_order(), which is only right for contiguous
 * by-order allocations and other compound pages.
 *
 * Context: Any.
 *
 * Return: the number of pages.
 */
unsigned long vcompound_nr_pages(const struct page *head)
{
	unsigned int bits = vcompound_bits(head);

	if (bits & VC_HEAD)
		return bits & VC_NR;
	return compound_nr(head);
}
EXPORT_SYMBOL_GPL(vcompound_nr_pages);

/**
 * vcompound_is_contiguous - test if the pages are physically contiguous
 * @head: head of a compound page, virtual or not
 *
 * Context: Any.
 *
 * Return: true if the page allocator provided the pages in one piece, false if
 * they are mapped from single pages.
 */
bool vcompound_is_contiguous(const struct page *head)
{
	return !vcompound_is_mapped(head);
}
EXPORT_SYMBOL_GPL(vcompound_is_contiguous);

/*
 * Unmapping takes spinlocks that are not taken with interrupts disabled, and
 * may reschedule. Without a preemption count, a caller's spinlock could not be
 * seen, so preemptible() is never true. With PREEMPT_RT, a spinlock is seen as
 * the RCU read-side section that it is.
 */
static bool vcompound_may_unmap(void)
{
	return preemptible() && !in_interrupt() && !rcu_preempt_depth() &&
	       task_is_running(current);
}

/*
 * Mapped allocations that were freed where they could not be unmapped. Each CPU
 * has a list and a worker bound to it. Allocations are taken off the list one
 * at a time and unmapped without a lock, so a preempted task holds up only one
 * of them and no CPU waits for another.
 */
struct vcompound_deferred {
	struct llist_head list;
	struct vcompound_progress unmapping;	/* its lock: to take one off the list */
	struct work_struct work;
	struct irq_work irq_work;
};

static DEFINE_PER_CPU(struct vcompound_deferred, vcompound_deferred);

/* Serializes waiters. */
static DEFINE_MUTEX(vcompound_wait_lock);

/* Number of allocations on the lists or being unmapped. */
atomic_long_t vcompound_nr_deferred;

/* Count a task that begins to unmap. The caller holds the lock. */
atomic_t *vcompound_begin(struct vcompound_progress *progress)
{
	atomic_t *running = &progress->running[progress->phase];

	lockdep_assert_held(&progress->lock);
	atomic_inc(running);
	return running;
}

void vcompound_end(atomic_t *running)
{
	if (atomic_dec_and_test(running))
		wake_up_var(running);
}

/*
 * Wait for tasks that have begun before. Tasks that begin later are counted in
 * the other phase, so the wait ends.
 */
void vcompound_wait(struct vcompound_progress *progress)
{
	atomic_t *running;

	scoped_guard(spinlock, &progress->lock) {
		running = &progress->running[progress->phase];
		progress->phase ^= 1;
	}
	wait_var_event(running, !atomic_read_acquire(running));
}

static bool vcompound_unmap_one(struct vcompound_deferred *p)
{
	struct llist_node *node;
	atomic_t *running;
	struct page *head;

	scoped_guard(spinlock, &p->unmapping.lock) {
		node = llist_del_first(&p->list);
		if (!node)
			return false;
		running = vcompound_begin(&p->unmapping);
	}

	head = llist_entry(node, struct page, pcp_llist);
	head->pcp_llist.next = NULL;
	vcompound_unmap(head);
	atomic_long_dec_return_release(&vcompound_nr_deferred);
	vcompound_end(running);
	return true;
}

static void vcompound_unmap_list(struct vcompound_deferred *p)
{
	while (!llist_empty(&p->list) && vcompound_unmap_one(p))
		cond_resched();
}

/*
 * Unmap all allocations that were freed before the call, or wait for other
 * tasks that do.
 */
void vcompound_unmap_all(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		vcompound_unmap_list(per_cpu_ptr(&vcompound_deferred, cpu));
	vcompound_stock_flush();

	if (!atomic_long_read_acquire(&vcompound_nr_deferred) &&
	    !vcompound_any_retired())
		return;
	guard(mutex)(&vcompound_wait_lock);
	for_each_possible_cpu(cpu)
		vcompound_wait(&per_cpu_ptr(&vcompound_deferred, cpu)->unmapping);
	/* Those tasks may have retired areas of the stock. */
	vcompound_stock_flush();
	vcompound_stock_wait();
}

static void vcompound_worker(struct work_struct *work)
{
	vcompound_unmap_list(container_of(work, struct vcompound_deferred, work));
}

static void vcompound_schedule(struct irq_work *irq_work)
{
	schedule_work(&container_of(irq_work, struct vcompound_deferred,
				    irq_work)->work);
}

/*
 * True once the workers are ready, so that mapped allocations can be freed in
 * any context.
 */
bool vcompound_may_map __ro_after_init;

static int __init vcompound_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct vcompound_deferred *p = per_cpu_ptr(&vcompound_deferred, cpu);

		init_llist_head(&p->list);
		spin_lock_init(&p->unmapping.lock);
		INIT_WORK(&p->work, vcompound_worker);
		init_irq_work(&p->irq_work, vcompound_schedule);
	}
	vcompound_stock_init();
	vcompound_may_map = IS_ENABLED(CONFIG_MMU);
	return 0;
}
early_initcall(vcompound_init);

/*
 * The list is linked through struct page, not through the memory, which holders
 * of a reference may still read.
 */
static void vcompound_defer(struct page *head, bool any_context)
{
	struct vcompound_deferred *p;

	/* The worker must be queued on the CPU whose list it is for. */
	guard(preempt)();
	p = this_cpu_ptr(&vcompound_deferred);
	atomic_long_inc(&vcompound_nr_deferred);
	if (!llist_add(&head->pcp_llist, &p->list))
		return;
	if (any_context)
		irq_work_queue(&p->irq_work);
	else
		schedule_work(&p->work);
}

/* Unmap a claimed mapped allocation, now or by a worker. */
static void vcompound_end_area(struct page *head, unsigned int bits)
{
	struct vm_struct *area = vcompound_area(head);
	bool stock = IS_ENABLED(CONFIG_VCOMPOUND_STOCK) &&
		     (area->flags & VM_VCOMPOUND_STOCK);
	bool deferred = !vcompound_may_unmap();

	trace_vcompound_free(head, bits & VC_NR, deferred || stock);
	kmemleak_free(vmalloc_address(head));
	if (stock)
		vcompound_stock_retire(area, !deferred);
	else if (deferred)
		vcompound_defer(head, false);
	else
		vcompound_unmap(head);
}

/* Free the pages of a claimed contiguous allocation. */
static __always_inline void vcompound_end_contiguous(struct page *head,
						     unsigned long nr_pages)
{
	void *addr = lowmem_page_address(head);
	bool compound = PageHead(head);

	kmemleak_free(addr);

	/* Holders of a reference may access the whole page. */
	if (!compound)
		kasan_unpoison_range(addr + (nr_pages - 1) * PAGE_SIZE, PAGE_SIZE);

	/*
	 * free_pages_trimmed() clears the type of each page before it drops the
	 * reference.
	 */
	if (!compound && nr_pages > 1) {
		free_pages_trimmed(head, nr_pages);
		return;
	}
	WRITE_ONCE(head->page_type, UINT_MAX);
	if (put_page_testzero(head))
		free_frozen_pages(head, __ffs(nr_pages));
}

/* Out of line to keep spills out of the fast path. */
static noinline void vcompound_trace_contiguous(struct page *head,
						unsigned long nr_pages)
{
	trace_vcompound_free(head, nr_pages, false);
	vcompound_end_contiguous(head, nr_pages);
}

/* Page count if @type marks a contiguous head, else a value above VC_NR. */
static unsigned int vcompound_nr_if_contiguous(unsigned int type)
{
	return type - vcompound_type(VC_HEAD | VC_CONTIGUOUS);
}

/* Only one of several concurrent frees succeeds. */
static bool vcompound_claim_contiguous(struct page *head, unsigned int type)
{
	return try_cmpxchg(&head->page_type, &type,
			   vcompound_type(VC_HEAD | VC_CONTIGUOUS));
}

static bool vcompound_claim_area(struct page *head, unsigned int bits)
{
	unsigned int type = vcompound_type(bits);

	return (bits & VC_HEAD) && (bits & VC_NR) &&
	       try_cmpxchg(&head->page_type, &type, vcompound_type(bits & ~VC_NR));
}

/* Reason why @page, whose type had @bits, is not freed. */
VISIBLE_IF_KUNIT const char *vcompound_why_not_freed(struct page *page, unsigned int bits,
						     const void *addr)
{
	struct page *head = page ? vcompound_find_head(page) : NULL;

	if (!page)
		return "nothing is mapped there";
	if ((bits & VC_HEAD) && (!(bits & VC_NR) || bits != vcompound_bits(page)))
		return "already being freed";
	if (bits & VC_FREE_ON_PUT)
		return "GFP_VFALLBACK allocations are freed by __free_pages()";
	if (head)
		return "not the start of the allocation";
	if (PageBuddy(page) || (!page_has_type(page) && !page_count(page)))
		return "already free";
	return "not allocated by alloc_vcompound()";
}

static void vcompound_bad_free(struct page *page, unsigned int bits,
			       const void *addr)
{
	WARN(1, "vcompound: bad free of %p: %s\n", addr,
	     vcompound_why_not_freed(page, bits, addr));
}

/* Free a mapped allocation, or report a page that cannot be freed. */
static noinline void vcompound_free_area(struct page *page, unsigned int bits)
{
	if (!(bits & (VC_CONTIGUOUS | VC_FREE_ON_PUT)) &&
	    vcompound_claim_area(page, bits))
		vcompound_end_area(page, bits);
	else
		vcompound_bad_free(page, bits, vcompound_address(page));
}

/**
 * free_vcompound - free a virtual compound page
 * @page: head page as returned by alloc_vcompound(), or NULL
 *
 * Removes the mapping, if there is one, and drops one reference: to each page,
 * or to the compound page. Pages that have other references stay allocated, as
 * ordinary pages; a compound page stays one. If the context does not allow
 * unmapping, a worker does all this. Until vcompound_drain() has returned,
 * holders of a reference must not use private, lru and the mapcount of such a
 * page.
 *
 * A page that is not a head page, was freed already, or was not allocated by
 * alloc_vcompound() is left alone, with a warning that gives the reason.
 *
 * Context: Any, except NMI or while holding a raw spinlock. With PREEMPT_RT the
 * context must be preemptible, as for __free_pages().
 */
void free_vcompound(struct page *page)
{
	unsigned int type, nr_pages;

	if (!page)
		return;

	type = READ_ONCE(page->page_type);
	nr_pages = vcompound_nr_if_contiguous(type);
	/* 0 pages: already being freed. */
	if (unlikely(nr_pages - 1 >= VC_NR || !vcompound_claim_contiguous(page, type)))
		vcompound_free_area(page, vcompound_bits_of(type));
	else if (trace_vcompound_free_enabled())
		vcompound_trace_contiguous(page, nr_pages);
	else
		vcompound_end_contiguous(page, nr_pages);
}
EXPORT_SYMBOL_GPL(free_vcompound);

/* True if @addr is the address of @page, not of a byte inside it. */
static bool vcompound_begins_at(const struct page *page, const void *addr)
{
	if (is_vmalloc_addr(addr))
		return kasan_reset_tag(vmalloc_address(page)) ==
		       kasan_reset_tag(addr);
	return PAGE_ALIGNED(addr) && !vcompound_is_mapped(page);
}

/**
 * __free_vcompound - free a virtual compound page by its address
 * @addr: address as returned by __alloc_vcompound() or
 *        __alloc_vcompound_exact(), or NULL
 *
 * As free_vcompound().
 *
 * Context: Any, except NMI or while holding a raw spinlock. With PREEMPT_RT the
 * context must be preemptible, as for __free_pages().
 */
void __free_vcompound(const void *addr)
{
	struct page *page;

	if (!addr)
		return;

	page = vcompound_to_page(addr);
	if (!page || !vcompound_begins_at(page, addr))
		vcompound_bad_free(page, page ? vcompound_bits(page) : 0, addr);
	else
		free_vcompound(page);
}
EXPORT_SYMBOL_GPL(__free_vcompound);

/**
 * vcompound_drain - wait for deferred frees
 *
 * On return, every allocation whose free call returned before is unmapped and
 * its pages are put. For code that must see the effect of freeing, such as
 * tests, leak checks and module exit.
 *
 * Context: Process context, may sleep. Work items of any workqueue and tasks
 * that reclaim memory may call it.
 */
void vcompound_drain(void)
{
	vcompound_unmap_deferred();
	if (vcompound_any_retired())
		vcompound_unmap_all();
	vcompound_stock_shrink(ULONG_MAX);
}
EXPORT_SYMBOL_GPL(vcompound_drain);

/*
 * Called by the page allocator for a vcompound page whose last reference was
 * dropped. Returns true if the page is to be freed: a contiguous GFP_VFALLBACK
 * allocation. A mapped one is freed here. For any other page, the caller
 * dropped a reference that it does not own, so the reference is restored. With
 * @any_context the caller may be in NMI or hold a raw spinlock, where nothing
 * can be reported.
 */
bool vcompound_put_last(struct page *page, bool any_context)
{
	unsigned int bits = vcompound_bits(page);

	if ((bits & VC_FREE_ON_PUT) && (bits & VC_CONTIGUOUS)) {
		trace_vcompound_free(page, bits & VC_NR, false);
		return true;
	}

	set_page_refcounted(page);

	if ((bits & VC_FREE_ON_PUT) && vcompound_claim_area(page, bits)) {
		if (any_context) {
			trace_vcompound_free(page, bits & VC_NR, true);
			vcompound_defer(page, true);
		} else {
			vcompound_end_area(page, bits);
		}
	} else if (!any_context) {
		struct page *head = vcompound_find_head(page);

		WARN(1, "vcompound: last reference to %p dropped before %s\n",
		     vcompound_address(page),
		     head && (vcompound_bits(head) & VC_FREE_ON_PUT) ?
		     "__free_pages() of its head" : "free_vcompound()");
	}
	return false;
}

/* A function of its own, so that a test can see which functions are named. */
void vcompound_warn_wrong(const void *addr, const char *call,
			  const char *alloc_call, const char *free_call)
{
	KUNIT_STATIC_STUB_REDIRECT(vcompound_warn_wrong, addr, call, alloc_call,
				   free_call);
	WARN(1, "vcompound: %s() of %p refused: allocated by %s, free it with %s\n",
	     call, addr, alloc_call, free_call);
}

static void vcompound_name_calls(struct page *head, const void *addr,
				 const char *call)
{
	if (vcompound_bits(head) & VC_FREE_ON_PUT)
		vcompound_warn_wrong(addr, call, "alloc_pages(GFP_VFALLBACK)",
				     "__free_pages()");
	else
		vcompound_warn_wrong(addr, call, "alloc_vcompound()",
				     "free_vcompound()");
}

/*
 * Called where other memory is freed, resized or split, when @call has found an
 * unexpected @page, or before @call changes anything.
 *
 * If @page is part of an allocation, warn, name the function that frees it and
 * return true: the caller leaves the memory alone.
 */
bool vcompound_wrong_page(struct page *page, const char *call)
{
	struct page *head = vcompound_find_head(page);

	if (likely(!head))
		return false;

	vcompound_name_calls(head, vcompound_address(page), call);
	return true;
}

/*
 * Head of the allocation that contains @addr, which may be an address in any
 * memory, or NULL.
 */
static struct page *vcompound_head_at(const void *addr)
{
	struct page *page = addr ? vcompound_to_page(addr) : NULL;

	if (!page)
		return NULL;

	/*
	 * A page may also be mapped by others; such a mapping is not part of
	 * the allocation.
	 */
	if (is_vmalloc_addr(addr) &&
	    kasan_reset_tag(vmalloc_address(page)) !=
	    PTR_ALIGN_DOWN(kasan_reset_tag(addr), PAGE_SIZE))
		return NULL;

	return vcompound_find_head(page);
}

/* True if @addr is inside an allocation. */
bool vcompound_holds(const void *addr)
{
	return vcompound_head_at(addr);
}

/*
 * As vcompound_wrong_page(), for an address in any memory. @addr may be NULL.
 */
bool vcompound_wrong_call(const void *addr, const char *call)
{
	struct page *head = vcompound_head_at(addr);

	if (likely(!head))
		return false;

	vcompound_name_calls(head, addr, call);
	return true;
}
