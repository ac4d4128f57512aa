// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual compound pages: a stock of areas for small mapped allocations
 *
 * To map a few pages, vmalloc has to find an address range, register it and
 * walk the page tables, and later undo all this. That takes longer than getting
 * the pages. So each CPU keeps some areas of VC_STOCK_PAGES pages that are
 * registered and have their page tables. An allocation that fits takes one and
 * only sets the page table entries.
 *
 * An area is in one of three states:
 *
 *   idle	on the list of its CPU; no pages, not mapped
 *   live	in use by an allocation
 *   retired	freed and not mapped, but the TLBs may still have its translations;
 *		it keeps its pages until vcompound_stock_flush() has flushed the
 *		TLBs for many areas at once
 *
 * So a page never gets a new owner while it can be reached through the address
 * of the old one. Pages wait for a second at most. If more than
 * vcompound_stock_max_pages wait, the free call flushes, or starts a worker that
 * does.
 *
 * Areas are added when none is idle, and always go back to the same CPU. Each
 * CPU keeps at most VC_STOCK_AREAS of them idle, which takes 8 MiB of address
 * space and 4 page tables with pages of 4 KiB. They are removed when memory or
 * address space is short, and by vcompound_drain().
 *
 * With CONFIG_VCOMPOUND_ATOMIC, each CPU also has a reserve of VC_STOCK_RESERVE
 * areas for requests that may not sleep. Such a request takes an idle area or
 * fails. When half of the reserve is used, a worker fills it up: it flushes, or
 * adds areas. Other requests leave the reserve, and it is never removed.
 */
#include <linux/cacheflush.h>
#include <linux/debugobjects.h>
#include <linux/debug_locks.h>
#include <linux/cpuhotplug.h>
#include <linux/init.h>
#include <linux/irq_work.h>
#include <linux/kasan.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/pgalloc_tag.h>
#include <linux/pgtable.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vcompound.h>
#include <linux/vmalloc.h>
#include <linux/vmstat.h>
#include <linux/workqueue.h>

#include <kunit/visibility.h>

#include <asm/tlbflush.h>

#include <trace/events/vcompound.h>

#include "internal.h"
#include "vcompound.h"
#include "vmalloc.h"

/*
 * Areas are aligned so that all entries of one are in one page table, and that
 * an allocation is aligned to its size.
 */
#define VC_STOCK_ALIGN	(2 * VC_STOCK_PAGES * PAGE_SIZE)

struct vcompound_slot {
	struct vcompound_slot *next;
	struct vcompound_stock *stock;		/* that it belongs to */
	struct vm_struct *area;
	pte_t *ptep;
	struct page *pages[VC_STOCK_PAGES];	/* area->pages; NULL while idle */
};

/* The areas of a CPU, wherever they were freed. */
struct vcompound_stock {
	raw_spinlock_t lock;
	struct vcompound_slot *idle;
	struct vcompound_slot *retired;
	unsigned int nr_idle;
	unsigned int nr_retired;
#ifdef CONFIG_VCOMPOUND_ATOMIC
	struct irq_work irq_work;
	struct work_struct refill;
#endif
};

static DEFINE_PER_CPU(struct vcompound_stock, vcompound_stock) = {
	.lock = __RAW_SPIN_LOCK_UNLOCKED(vcompound_stock.lock),
};

/* Pages that wait for a flush, of all CPUs. */
atomic_long_t vcompound_nr_retired;

unsigned long vcompound_stock_max_pages __ro_after_init;

/* Tasks that flush; see vcompound_wait(). */
static struct vcompound_progress vcompound_flushing = {
	.lock = __SPIN_LOCK_UNLOCKED(vcompound_flushing.lock),
};

static void vcompound_flush_work(struct work_struct *work)
{
	vcompound_stock_flush();
}

VISIBLE_IF_KUNIT DECLARE_WORK(vcompound_flush_now, vcompound_flush_work);
static DECLARE_DELAYED_WORK(vcompound_flush_later, vcompound_flush_work);

static struct vcompound_slot *slot_of(struct vm_struct *area)
{
	return container_of(area->pages, struct vcompound_slot, pages[0]);
}

/*
 * Make an area for the stock of a CPU. A failure is no failure of the request.
 * Page tables would be allocated from the reserves with __GFP_NORETRY.
 */
static struct vcompound_slot *
vcompound_slot_create(gfp_t gfp, struct vcompound_stock *stock)
{
	struct vcompound_slot *slot;
	struct vm_struct *area;
	unsigned int flags;
	int err;

	gfp = (gfp & ~__GFP_NOFAIL) | __GFP_NOWARN;
	slot = kzalloc_obj(*slot, (gfp & GFP_RECLAIM_MASK) | __GFP_NORETRY);
	if (!slot)
		return NULL;

	area = __get_vm_area_node(VC_STOCK_PAGES * PAGE_SIZE, VC_STOCK_ALIGN,
				  PAGE_SHIFT, VM_ALLOC | VM_UNINITIALIZED |
				  VM_VCOMPOUND | VM_VCOMPOUND_STOCK,
				  VMALLOC_START, VMALLOC_END, NUMA_NO_NODE, gfp,
				  __builtin_return_address(0));
	if (!area)
		goto free_slot;

	flags = memalloc_apply_gfp_scope(gfp);
	err = apply_to_page_range(&init_mm, (unsigned long)area->addr,
				  VC_STOCK_PAGES * PAGE_SIZE, NULL, NULL);
	memalloc_restore_scope(flags);
	if (err)
		goto remove_area;

	slot->area = area;
	slot->ptep = virt_to_kpte((unsigned long)area->addr);
	slot->stock = stock;
	area->pages = slot->pages;
	return slot;

remove_area:
	remove_vcompound_area(area);
	kfree(area);
free_slot:
	kfree(slot);
	return NULL;
}

static void vcompound_slot_destroy(struct vcompound_slot *slot)
{
	remove_vcompound_area(slot->area);
	kfree(slot->area);
	kfree(slot);
}

/* Take an idle area, but leave @reserve of them. */
static struct vcompound_slot *vcompound_slot_pop(struct vcompound_stock *stock,
						 unsigned int reserve)
{
	struct vcompound_slot *slot = stock->idle;

	lockdep_assert_held(&stock->lock);
	if (stock->nr_idle <= reserve)
		return NULL;
	stock->idle = slot->next;
	stock->nr_idle--;
	return slot;
}

static bool vcompound_slot_push(struct vcompound_slot *slot, unsigned int max)
{
	struct vcompound_stock *stock = slot->stock;

	guard(raw_spinlock_irqsave)(&stock->lock);
	if (stock->nr_idle >= max)
		return false;
	slot->next = stock->idle;
	stock->idle = slot;
	stock->nr_idle++;
	return true;
}

#ifdef CONFIG_VCOMPOUND_ATOMIC
static void vcompound_stock_fill(struct vcompound_stock *stock)
{
	struct vcompound_slot *slot;

	while (READ_ONCE(stock->nr_idle) < VC_STOCK_RESERVE) {
		slot = vcompound_slot_create(GFP_KERNEL, stock);
		if (!slot)
			break;
		vcompound_slot_push(slot, UINT_MAX);
	}
}

static void vcompound_refill(struct work_struct *work)
{
	struct vcompound_stock *stock = container_of(work, struct vcompound_stock, refill);

	if (READ_ONCE(stock->nr_retired))
		vcompound_stock_flush();
	vcompound_stock_fill(stock);
}

/* A request may hold locks that schedule_work() takes. */
static void vcompound_start_refill(struct irq_work *irq_work)
{
	schedule_work(&container_of(irq_work, struct vcompound_stock, irq_work)->refill);
}

static struct vcompound_slot *vcompound_slot_get_atomic(gfp_t gfp)
{
	struct vcompound_stock *stock = raw_cpu_ptr(&vcompound_stock);
	struct vcompound_slot *slot;
	unsigned long flags;
	bool low;

	if (gfpflags_allow_spinning(gfp))
		raw_spin_lock_irqsave(&stock->lock, flags);
	else if (!raw_spin_trylock_irqsave(&stock->lock, flags))
		return NULL;
	slot = vcompound_slot_pop(stock, 0);
	low = stock->nr_idle <= VC_STOCK_RESERVE / 2;
	raw_spin_unlock_irqrestore(&stock->lock, flags);

	if (low)
		irq_work_queue(&stock->irq_work);
	if (!slot)
		count_vm_event(VCOMPOUND_STOCK_EMPTY);
	return slot;
}

/* True if more than half of the reserve of this CPU is idle. */
bool vcompound_stock_is_ample(void)
{
	return READ_ONCE(raw_cpu_ptr(&vcompound_stock)->nr_idle) > VC_STOCK_RESERVE / 2;
}

static int vcompound_stock_online(unsigned int cpu)
{
	vcompound_stock_fill(per_cpu_ptr(&vcompound_stock, cpu));
	return 0;
}

static void __init vcompound_stock_init_reserve(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct vcompound_stock *stock = per_cpu_ptr(&vcompound_stock, cpu);

		init_irq_work(&stock->irq_work, vcompound_start_refill);
		INIT_WORK(&stock->refill, vcompound_refill);
	}
	WARN_ON(cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "mm/vcompound:online",
				  vcompound_stock_online, NULL) < 0);
}
#else
static struct vcompound_slot *vcompound_slot_get_atomic(gfp_t gfp)
{
	return NULL;
}

static void __init vcompound_stock_init_reserve(void) {}
#endif

/* Get an idle area for a request that may sleep. */
static struct vcompound_slot *vcompound_slot_get(gfp_t gfp)
{
	struct vcompound_stock *stock = raw_cpu_ptr(&vcompound_stock);
	struct vcompound_slot *slot;
	unsigned int nr_retired;

	scoped_guard(raw_spinlock_irqsave, &stock->lock) {
		slot = vcompound_slot_pop(stock, VC_STOCK_RESERVE);
		nr_retired = stock->nr_retired;
	}
	if (slot)
		return slot;

	if (nr_retired >= VC_STOCK_AREAS) {
		vcompound_stock_flush();
		scoped_guard(raw_spinlock_irqsave, &stock->lock)
			slot = vcompound_slot_pop(stock, VC_STOCK_RESERVE);
	}
	return slot ?: vcompound_slot_create(gfp, stock);
}

/*
 * Take an area that is not mapped, for an allocation of @size bytes. Returns NULL
 * if the allocation does not fit, or there is no area.
 */
struct vm_struct *vcompound_stock_get(size_t size, gfp_t gfp)
{
	struct vcompound_slot *slot;

	if (size > VC_STOCK_PAGES * PAGE_SIZE)
		return NULL;
	slot = gfpflags_allow_blocking(gfp) ? vcompound_slot_get(gfp) :
					      vcompound_slot_get_atomic(gfp);
	return slot ? slot->area : NULL;
}

/* Put an area back that was taken from the stock, and is not mapped. */
void vcompound_stock_put(struct vm_struct *area, bool may_sleep)
{
	struct vcompound_slot *slot = slot_of(area);

	if (!vcompound_slot_push(slot, may_sleep ? VC_STOCK_AREAS + VC_STOCK_RESERVE : UINT_MAX))
		vcompound_slot_destroy(slot);
}

/* Map the pages of an area of the stock, for an allocation of @size bytes. */
void vcompound_stock_map(struct vm_struct *area, size_t size, const void *caller)
{
	unsigned long addr = (unsigned long)area->addr;
	pte_t *ptep = slot_of(area)->ptep;
	unsigned int i, nr = PFN_UP(size);

	area->size = (nr + 1) * PAGE_SIZE;
	area->requested_size = size;
	area->caller = caller;
	area->nr_pages = nr;

	lazy_mmu_mode_enable();
	for (i = 0; i < nr; i++)
		set_pte_at(&init_mm, addr + i * PAGE_SIZE, ptep + i,
			   mk_pte(area->pages[i], PAGE_KERNEL));
	lazy_mmu_mode_disable();
	flush_cache_vmap(addr, addr + nr * PAGE_SIZE);

	kasan_unpoison_vmalloc(area->addr, size, KASAN_VMALLOC_PROT_NORMAL |
			       KASAN_VMALLOC_VM_ALLOC);
	clear_vm_uninitialized_flag(area);
}

static void vcompound_clear_entries(struct vcompound_slot *slot)
{
	unsigned long addr = (unsigned long)slot->area->addr;
	unsigned int i;

	flush_cache_vunmap(addr, addr + get_vm_area_size(slot->area));
	for (i = 0; i < slot->area->nr_pages; i++)
		ptep_get_and_clear(&init_mm, addr + i * PAGE_SIZE, slot->ptep + i);
}

#ifdef CONFIG_MEM_ALLOC_PROFILING
static void vcompound_untag_page(struct page *page)
{
	union pgtag_ref_handle handle;
	union codetag_ref ref;

	if (mem_alloc_profiling_enabled() && get_page_tag_ref(page, &ref, &handle)) {
		alloc_tag_sub(&ref, PAGE_SIZE);
		set_codetag_empty(&ref);
		update_page_tag_ref(handle, &ref);
		put_page_tag_ref(handle);
	}
}
#else
static void vcompound_untag_page(struct page *page) {}
#endif

/*
 * Pages that wait for a flush must not count against the limit of a cgroup, or
 * for a module that is unloaded. Those that others hold do.
 */
static void vcompound_unaccount_area(struct vm_struct *area)
{
	unsigned int i;

	vcompound_uncount_area(area);
	for (i = 0; i < area->nr_pages; i++) {
		struct page *page = area->pages[i];

		if (page_count(page) != 1)
			continue;
		if (memcg_kmem_online() && PageMemcgKmem(page))
			__memcg_kmem_uncharge_page(page, 0);
		vcompound_untag_page(page);
	}
}

/*
 * Unmap an area of the stock. Its pages are put after the next flush, which the
 * caller does if it @may_flush and enough of them wait.
 */
void vcompound_stock_retire(struct vm_struct *area, bool may_flush)
{
	struct vcompound_slot *slot = slot_of(area);
	struct vcompound_stock *stock;
	bool first;

	WRITE_ONCE(area->flags, area->flags | VM_UNINITIALIZED);
	vcompound_clear_entries(slot);
	vcompound_unaccount_area(area);
	debug_check_no_locks_freed(area->addr, get_vm_area_size(area));
	debug_check_no_obj_freed(area->addr, get_vm_area_size(area));
	kasan_poison_vmalloc(area->addr, get_vm_area_size(area));

	/* Count the pages first: a flush that takes the area subtracts them. */
	atomic_long_add(area->nr_pages, &vcompound_nr_retired);

	stock = slot->stock;
	scoped_guard(raw_spinlock_irqsave, &stock->lock) {
		first = !stock->retired;
		slot->next = stock->retired;
		stock->retired = slot;
		stock->nr_retired++;
	}

	if (atomic_long_read(&vcompound_nr_retired) > vcompound_stock_max_pages) {
		if (may_flush)
			vcompound_stock_flush();
		else
			schedule_work(&vcompound_flush_now);
	} else if (first) {
		schedule_delayed_work(&vcompound_flush_later, HZ);
	}
}

/* Take the retired areas of all CPUs. */
static struct vcompound_slot *vcompound_take_retired(void)
{
	struct vcompound_slot *list = NULL, *slot, *next;
	int cpu;

	for_each_possible_cpu(cpu) {
		struct vcompound_stock *stock = per_cpu_ptr(&vcompound_stock, cpu);

		if (!READ_ONCE(stock->retired))
			continue;
		scoped_guard(raw_spinlock_irqsave, &stock->lock) {
			slot = stock->retired;
			stock->retired = NULL;
			stock->nr_retired = 0;
		}
		for (; slot; slot = next) {
			next = slot->next;
			slot->next = list;
			list = slot;
		}
	}
	return list;
}

/* Put the pages of all retired areas, which go back to their stock. May sleep. */
void vcompound_stock_flush(void)
{
	unsigned long start = ULONG_MAX, end = 0, nr_pages = 0;
	struct vcompound_slot *list, *slot, *next;
	atomic_t *running;

	scoped_guard(spinlock, &vcompound_flushing.lock)
		running = vcompound_begin(&vcompound_flushing);
	list = vcompound_take_retired();

	for (slot = list; slot; slot = slot->next) {
		unsigned long addr = (unsigned long)slot->area->addr;

		start = min(start, addr);
		end = max(end, addr + get_vm_area_size(slot->area));
		nr_pages += slot->area->nr_pages;
	}
	if (list) {
		flush_tlb_kernel_range(start, end);
		trace_vcompound_flush(nr_pages);
	}

	for (slot = list; slot; slot = next) {
		struct vm_struct *area = slot->area;

		next = slot->next;
		vcompound_sync_area(area);
		vcompound_unmark_area(area);
		vcompound_put_pages(area->pages, area->nr_pages);
		memset(area->pages, 0, area->nr_pages * sizeof(*area->pages));
		atomic_long_sub_return_release(area->nr_pages, &vcompound_nr_retired);
		if (!vcompound_slot_push(slot, VC_STOCK_AREAS + VC_STOCK_RESERVE))
			vcompound_slot_destroy(slot);
		cond_resched();
	}
	vcompound_end(running);
}

/* Wait for flushes that other tasks have begun. */
void vcompound_stock_wait(void)
{
	vcompound_wait(&vcompound_flushing);
}

/*
 * Remove up to @nr idle areas that are not in reserve. Returns how many were
 * removed. May sleep.
 */
unsigned long vcompound_stock_shrink(unsigned long nr)
{
	unsigned long removed = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		struct vcompound_stock *stock = per_cpu_ptr(&vcompound_stock, cpu);
		struct vcompound_slot *slot;

		while (removed < nr && READ_ONCE(stock->nr_idle) > VC_STOCK_RESERVE) {
			scoped_guard(raw_spinlock_irqsave, &stock->lock)
				slot = vcompound_slot_pop(stock, VC_STOCK_RESERVE);
			if (!slot)
				break;
			vcompound_slot_destroy(slot);
			removed++;
			cond_resched();
		}
	}
	return removed;
}

/* Number of idle areas that are not in reserve. */
unsigned long vcompound_stock_nr_idle(void)
{
	unsigned long nr = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		nr += max(READ_ONCE(per_cpu_ptr(&vcompound_stock, cpu)->nr_idle),
			  VC_STOCK_RESERVE) - VC_STOCK_RESERVE;
	return nr;
}

static unsigned long vcompound_stock_count(struct shrinker *shrinker,
					   struct shrink_control *sc)
{
	return atomic_long_read(&vcompound_nr_retired) + vcompound_stock_nr_idle() ?:
	       SHRINK_EMPTY;
}

static unsigned long vcompound_stock_scan(struct shrinker *shrinker,
					  struct shrink_control *sc)
{
	unsigned long nr = atomic_long_read(&vcompound_nr_retired);

	if (!nr)
		return vcompound_stock_shrink(sc->nr_to_scan);

	vcompound_stock_flush();
	sc->nr_scanned = max(sc->nr_to_scan, nr);
	return nr;
}

/*
 * Called when the allocation of an area has found no room, and again as long as
 * something was freed. Others may retire areas all the time, so let that be only
 * once a jiffy.
 */
static int vcompound_stock_purge(struct notifier_block *nb, unsigned long action,
				 void *freed)
{
	unsigned long nr, now = jiffies;
	static unsigned long last;

	vcompound_stock_flush();
	nr = vcompound_stock_shrink(ULONG_MAX);
	if (READ_ONCE(last) != now)
		*(unsigned long *)freed += nr;
	WRITE_ONCE(last, now);
	return NOTIFY_OK;
}

static struct notifier_block vcompound_purge_notifier = {
	.notifier_call = vcompound_stock_purge,
};

void __init vcompound_stock_init(void)
{
	struct shrinker *shrinker;

	vcompound_stock_max_pages = clamp(totalram_pages() / 512,
					  SZ_1M / PAGE_SIZE, SZ_16M / PAGE_SIZE);
	register_vmap_purge_notifier(&vcompound_purge_notifier);
	vcompound_stock_init_reserve();

	shrinker = shrinker_alloc(0, "vcompound-stock");
	if (WARN_ON(!shrinker))
		return;
	shrinker->count_objects = vcompound_stock_count;
	shrinker->scan_objects = vcompound_stock_scan;
	shrinker_register(shrinker);
}
