// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cost measurements and a demonstration of virtual compound pages
 *
 * With demo=1 the module shows how kvmalloc(), vmalloc() and alloc_vcompound()
 * differ, then fragments memory and counts the successful allocations of
 * alloc_pages(), kvmalloc() and alloc_vcompound(), in a task and in interrupts.
 * With perf=CASE,... it measures their cost and that of other functions.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <linux/vcompound.h>
#include <linux/vmalloc.h>
#include <linux/vmstat.h>

#include "../mm/vcompound_force.h"
#include "test_vcompound.h"

bool tvc_demo;
module_param_named(demo, tvc_demo, bool, 0444);
MODULE_PARM_DESC(demo, "fragment memory and count successful allocations");

/* Fragmenting memory, and the opposite. */

#define QUIET_GFP	(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN)

static LIST_HEAD(plugs);
static unsigned int plugged_order;

static unsigned long free_blocks(unsigned int min_order)
{
	unsigned long nr = 0;
	struct zone *zone;
	unsigned int order;
	int i = 0;

	while ((zone = tvc_next_zone(&i)))
		for (order = min_order; order <= MAX_PAGE_ORDER; order++)
			/* Other tasks should allocate little now. */
			nr += data_race(zone->free_area[order].nr_free);
	return nr;
}

/* Free pages above the high watermark; every request leaves these alone. */
static unsigned long free_pages_to_use(void)
{
	unsigned long nr = 0;
	struct zone *zone;
	int i = 0;

	while ((zone = tvc_next_zone(&i))) {
		unsigned long keep = high_wmark_pages(zone) +
				     zone->lowmem_reserve[gfp_zone(GFP_KERNEL)];
		unsigned long pages = zone_page_state_snapshot(zone, NR_FREE_PAGES);

		if (pages > keep)
			nr += pages - keep;
	}
	return nr;
}

/* Take all available free blocks, from @min_order up, as single pages. */
static void take_blocks(gfp_t gfp, int min_order, struct list_head *taken)
{
	struct page *page;
	unsigned long i;
	int order;

	for (order = MAX_PAGE_ORDER; order >= min_order; order--) {
		while ((page = alloc_pages(gfp, order))) {
			split_page(page, order);
			for (i = 0; i < 1UL << order; i++)
				list_add(&page[i].lru, taken);
		}
	}
}

/*
 * Free the taken pages except one of each 2^@min_order, so that the free pages
 * form smaller blocks.
 */
static void free_most(struct list_head *taken, unsigned int min_order)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, taken, lru) {
		list_del(&page->lru);
		if (page_to_pfn(page) % (1UL << min_order))
			__free_page(page);
		else
			list_add(&page->lru, &plugs);
	}
}

/* Each CPU has its own lists of free pages, which others do not see. */
static void take_and_free_most(gfp_t gfp, int lowest, unsigned int min_order)
{
	LIST_HEAD(taken);
	int cpu;

	for_each_online_cpu(cpu) {
		set_cpus_allowed_ptr(current, cpumask_of(cpu));
		take_blocks(gfp, lowest, &taken);
		if (IS_ENABLED(CONFIG_ZONE_DMA32))
			take_blocks(gfp | __GFP_DMA32, lowest, &taken);
		if (IS_ENABLED(CONFIG_ZONE_DMA))
			take_blocks(gfp | __GFP_DMA, lowest, &taken);
	}
	free_most(&taken, min_order);
	set_cpus_allowed_ptr(current, cpu_possible_mask);
}

/* Free everything, and let it merge. */
void tvc_unfragment(void)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, &plugs, lru) {
		list_del(&page->lru);
		__free_page(page);
	}
#ifdef CONFIG_CONTIG_ALLOC
	/*
	 * To isolate a page, the per-CPU lists of its zone are drained: on a
	 * small machine most pages are in that zone. Not with QUIET_GFP.
	 */
	page = alloc_contig_pages(1, GFP_KERNEL | __GFP_NOWARN, first_online_node, NULL);
	if (page)
		free_contig_range(page_to_pfn(page), 1);
#endif
}

/*
 * Fragment memory until no block of @min_order or above is free: first all that
 * is above the watermarks, then large blocks that are left below or have been
 * freed since.
 */
int tvc_fragment(unsigned int min_order)
{
	int tries = 0;

	if (plugged_order != min_order)
		tvc_unfragment();
	plugged_order = min_order;
	if (list_empty(&plugs))
		take_and_free_most(__GFP_NOWARN | __GFP_NOMEMALLOC, 0, min_order);
	do {
		take_and_free_most(__GFP_NOWARN | __GFP_MEMALLOC, min_order,
				   min_order);
	} while (free_blocks(min_order) && ++tries < 50);

	if (!free_blocks(min_order))
		return 0;
	pr_err("memory could not be fragmented: %lu free blocks of order %u or above\n",
	       free_blocks(min_order), min_order);
	return -EBUSY;
}

/* Functions that allocate, and those that free. */

struct request {
	unsigned long nr_pages;
	size_t size;
	unsigned int order;
};

struct method {
	const char *name;
	void *(*get)(const struct request *r);
	void (*put)(void *p, const struct request *r);
	bool (*is_mapped)(void *p);
	bool is_ours;
	bool by_order;
};

static struct request request_of(unsigned long nr_pages)
{
	return (struct request){
		.nr_pages = nr_pages,
		.size = nr_pages * PAGE_SIZE,
		.order = order_base_2(nr_pages),
	};
}

static void *get_pages(const struct request *r)
{
	return alloc_pages(QUIET_GFP | __GFP_COMP, r->order);
}

static void put_pages(void *p, const struct request *r)
{
	__free_pages(p, r->order);
}

static void *get_pages_exact(const struct request *r)
{
	return alloc_pages_exact(r->size, QUIET_GFP);
}

static void put_pages_exact(void *p, const struct request *r)
{
	free_pages_exact(p, r->size);
}

static void *get_kvmalloc(const struct request *r)
{
	return kvmalloc(r->size, QUIET_GFP);
}

static void put_kvmalloc(void *p, const struct request *r)
{
	kvfree(p);
}

static void *get_vmalloc(const struct request *r)
{
	return __vmalloc(r->size, QUIET_GFP);
}

static void put_vmalloc(void *p, const struct request *r)
{
	vfree(p);
}

static void *get_vcompound(const struct request *r)
{
	return alloc_vcompound(QUIET_GFP, r->order);
}

static void put_vcompound(void *p, const struct request *r)
{
	free_vcompound(p);
}

static void *get_vcompound_exact(const struct request *r)
{
	return __alloc_vcompound_exact(r->size, QUIET_GFP);
}

static void put_vcompound_exact(void *p, const struct request *r)
{
	__free_vcompound(p);
}

static bool never_mapped(void *p)
{
	return false;
}

static bool address_is_mapped(void *p)
{
	return is_vmalloc_addr(p);
}

static bool page_is_mapped(void *p)
{
	return !vcompound_is_contiguous(p);
}

enum { ALLOC_PAGES, ALLOC_PAGES_EXACT, KVMALLOC, VMALLOC, VCOMPOUND, VCOMPOUND_EXACT };

static const struct method methods[] = {
	[ALLOC_PAGES] = { "alloc_pages", get_pages, put_pages, never_mapped },
	[ALLOC_PAGES_EXACT] = { "alloc_pages_exact", get_pages_exact,
				put_pages_exact, never_mapped },
	[KVMALLOC] = { "kvmalloc", get_kvmalloc, put_kvmalloc, address_is_mapped },
	[VMALLOC] = { "vmalloc", get_vmalloc, put_vmalloc, address_is_mapped },
	[VCOMPOUND] = { "vcompound", get_vcompound, put_vcompound,
			page_is_mapped, true, true },
	[VCOMPOUND_EXACT] = { "vcompound_exact", get_vcompound_exact,
			      put_vcompound_exact, address_is_mapped, true },
};

/* The demonstration. */

#define DEMO_MIN_ORDER	3	/* no free block of this order or above */
#define DEMO_REQUESTS	1000

static unsigned long pages_held(const struct method *m,
				const struct request *r, void *p)
{
	if (m == &methods[VCOMPOUND])
		return vcompound_nr_pages(p);
	if (m == &methods[ALLOC_PAGES])
		return compound_nr(p);
	return is_vmalloc_addr(p) ? r->nr_pages : PFN_UP(ksize(p));
}

static void ask_many(const struct method *m, const char *name,
		     unsigned int order, void **results)
{
	unsigned long asked = min(free_pages_to_use() * 3 / 4 >> order, DEMO_REQUESTS);
	unsigned long i, got = 0, contiguous = 0, pages = 0;
	struct request r = request_of(1UL << order);

	for (i = 0; i < asked; i++) {
		void *p = m->get(&r);

		if (!p)
			continue;
		contiguous += !m->is_mapped(p);
		pages += pages_held(m, &r, p);
		results[got++] = p;
	}
	pr_info("demo fragmented {\"method\":\"%s\",\"order\":%u,\"asked\":%lu,\"got\":%lu,\"contiguous\":%lu,\"pages\":%lu}\n",
		name, order, asked, got, contiguous, pages);
	for (i = 0; i < got; i++)
		m->put(results[i], &r);
	vcompound_drain();
}

/* The differences between the functions, each shown by a call. */

#define DIFFER_PAGES	33
#define DIFFER_NTH	20	/* page of an allocation that is held */
#define DIFFER_BUFFERS	64
#define DIFFER_TRIES	50

static void say_difference(const char *what, const char *name, const char *got)
{
	pr_info("demo difference {\"what\":\"%s\",\"method\":\"%s\",\"got\":\"%s\"}\n",
		what, name, got);
}

static struct page *nth_page_of(void *p, unsigned long n)
{
	return is_vmalloc_addr(p) ? vmalloc_to_page(p + n * PAGE_SIZE) :
				    virt_to_page(p) + n;
}

struct pages_of_buffer {
	unsigned long held;	/* by an allocation */
	unsigned long stay;	/* after it is freed while a page is held */
	bool can_hold;
};

/* Returns -EAGAIN if other tasks allocated or freed pages during it. */
static int count_pages(const struct method *m, struct pages_of_buffer *nr)
{
	struct request r = request_of(DIFFER_PAGES);
	struct page *held[DIFFER_BUFFERS] = {};
	unsigned long before = tvc_pages_in_use(), nr_held = 0;
	void *p[DIFFER_BUFFERS] = {};
	int err = 0, i;

	for (i = 0; i < DIFFER_BUFFERS; i++) {
		p[i] = m->get(&r);
		if (!p[i])
			err = -ENOMEM;
	}
	nr->held = DIV_ROUND_CLOSEST(tvc_pages_in_use() - before, DIFFER_BUFFERS);
	for (i = 0; i < DIFFER_BUFFERS; i++) {
		if (!p[i])
			continue;
		held[nr_held] = nth_page_of(p[i], DIFFER_NTH);
		nr_held += folio_try_get(page_folio(held[nr_held]));
		m->put(p[i], &r);
	}
	vcompound_drain();
	nr->can_hold = nr_held;
	if (nr_held)
		nr->stay = DIV_ROUND_CLOSEST(tvc_pages_in_use() - before, nr_held);
	for (i = 0; i < nr_held; i++)
		put_page(held[i]);
	vcompound_drain();
	if (!err && abs((long)(tvc_pages_in_use() - before)) > DIFFER_BUFFERS / 4)
		err = -EAGAIN;
	return err;
}

static int differ_by_pages(const struct method *m, const char *name)
{
	struct pages_of_buffer nr;
	char got[16];
	int err, tries = 0;

	do {
		err = count_pages(m, &nr);
	} while (err == -EAGAIN && ++tries < DIFFER_TRIES);
	if (err)
		return err;

	snprintf(got, sizeof(got), "%lu", nr.held);
	say_difference("pages held for 33 pages", name, got);
	if (nr.can_hold)
		snprintf(got, sizeof(got), "%lu", nr.stay);
	else
		strscpy(got, "none can be");
	say_difference("pages that stay if one is still referenced after the free",
		       name, got);
	return 0;
}

static int differ_when_forced(const struct method *m, const char *name,
			      unsigned int percent, const char *what)
{
	struct request r = request_of(DIFFER_PAGES);
	void *p;

	vcompound_force(percent);
	p = m->get(&r);
	vcompound_force(0);
	if (!p)
		return -ENOMEM;
	say_difference(what, name, m->is_mapped(p) ? "no" : "yes");
	m->put(p, &r);
	return 0;
}

struct irq_freed {
	struct irq_work work;
	const struct method *m;
	struct request r;
	void *p;
	struct page *page;
	bool held;
	bool at_once;
};

static void free_and_look(struct irq_work *work)
{
	struct irq_freed *f = container_of(work, struct irq_freed, work);
	int count = page_count(f->page);

	f->m->put(f->p, &f->r);
	f->at_once = f->held ? page_count(f->page) < count :
			       !PageLargeKmalloc(compound_head(f->page));
}

static int differ_in_interrupt(const struct method *m, const char *name)
{
	struct irq_freed f = { .m = m, .r = request_of(DIFFER_PAGES) };

	f.work = IRQ_WORK_INIT_HARD(free_and_look);
	f.p = m->get(&f.r);
	if (!f.p)
		return -ENOMEM;
	f.page = nth_page_of(f.p, 0);
	f.held = folio_try_get(page_folio(f.page));
	irq_work_queue(&f.work);
	irq_work_sync(&f.work);
	say_difference("a free call in an interrupt", name,
		       f.at_once ? "frees at once" : "leaves it to a worker");
	if (f.held)
		put_page(f.page);
	return 0;
}

static int show_differences(void)
{
	static const struct {
		unsigned int method;
		const char *name;
	} calls[] = {
		{ KVMALLOC, "kvmalloc" },
		{ VMALLOC, "vmalloc" },
		{ VCOMPOUND_EXACT, "__alloc_vcompound_exact" },
	};
	int i, err = 0;

	for (i = 0; i < ARRAY_SIZE(calls) && !err; i++) {
		const struct method *m = &methods[calls[i].method];
		const char *name = calls[i].name;

		err = differ_by_pages(m, name) ?:
		      differ_when_forced(m, name, 0, "contiguous in fresh memory") ?:
		      differ_when_forced(m, name, 100, "contiguous with the fallback forced") ?:
		      differ_in_interrupt(m, name);
	}
	return err;
}

/* Requests in interrupts: each frees what the one before it has got. */

#define INTERRUPT_GFP	(GFP_ATOMIC | __GFP_NOWARN)
#define INTERRUPT_PAGES	16
#define INTERRUPT_US	200

static void *get_pages_atomic(const struct request *r)
{
	return alloc_pages(INTERRUPT_GFP | __GFP_COMP, r->order);
}

/* Not kvmalloc(): it would call vmalloc(), which is a bug in an interrupt. */
static void *get_kmalloc_atomic(const struct request *r)
{
	return kmalloc(r->size, INTERRUPT_GFP);
}

static void *get_vcompound_atomic(const struct request *r)
{
	return alloc_vcompound(INTERRUPT_GFP, r->order);
}

static const struct method atomic_methods[] = {
	{ "alloc_pages", get_pages_atomic, put_pages },
	{ "kmalloc", get_kmalloc_atomic, put_kvmalloc },
	{ "alloc_vcompound", get_vcompound_atomic, put_vcompound },
};

struct irq_asked {
	struct hrtimer timer;
	struct completion done;
	const struct method *m;
	struct request r;
	void *p;
	unsigned int asked;
	unsigned int got;
};

static enum hrtimer_restart ask_in_interrupt(struct hrtimer *timer)
{
	struct irq_asked *a = container_of(timer, struct irq_asked, timer);

	if (a->p)
		a->m->put(a->p, &a->r);
	a->p = NULL;
	if (a->asked == DEMO_REQUESTS) {
		complete(&a->done);
		return HRTIMER_NORESTART;
	}
	a->p = a->m->get(&a->r);
	a->got += !!a->p;
	a->asked++;
	hrtimer_forward_now(timer, us_to_ktime(INTERRUPT_US));
	return HRTIMER_RESTART;
}

static void ask_in_interrupts(const struct method *m)
{
	struct irq_asked a = { .m = m, .r = request_of(INTERRUPT_PAGES) };

	init_completion(&a.done);
	hrtimer_setup_on_stack(&a.timer, ask_in_interrupt, CLOCK_MONOTONIC,
			       HRTIMER_MODE_REL);
	hrtimer_start(&a.timer, us_to_ktime(INTERRUPT_US), HRTIMER_MODE_REL);
	wait_for_completion(&a.done);
	hrtimer_cancel(&a.timer);
	destroy_hrtimer_on_stack(&a.timer);
	pr_info("demo interrupt {\"method\":\"%s\",\"asked\":%u,\"got\":%u}\n", m->name,
		a.asked, a.got);
}

int tvc_demonstrate(void)
{
	unsigned int percent = vcompound_force(0), order;
	void **results;
	int i, err;

	err = show_differences();
	if (err)
		goto out_force;

	for (order = 1; order <= 9; order++) {
		struct page *page = alloc_vcompound(GFP_KERNEL, order);

		pr_info("demo fresh {\"order\":%u,\"contiguous\":%s}\n", order,
			page && vcompound_is_contiguous(page) ? "true" : "false");
		free_vcompound(page);
	}

	results = vmalloc_array(DEMO_REQUESTS, sizeof(*results));
	if (!results) {
		err = -ENOMEM;
		goto out_force;
	}
	for (order = 1; order <= 9; order++) {
		static const struct {
			unsigned int method;
			const char *name;
		} asked[] = {
			{ ALLOC_PAGES, "alloc_pages" },
			{ KVMALLOC, "kvmalloc" },
			{ VCOMPOUND, "alloc_vcompound" },
		};

		for (i = 0; i < ARRAY_SIZE(asked); i++) {
			err = tvc_fragment(DEMO_MIN_ORDER);
			if (err)
				goto out;
			ask_many(&methods[asked[i].method], asked[i].name, order,
				 results);
		}
	}
	for (i = 0; i < ARRAY_SIZE(atomic_methods) && !err; i++) {
		err = tvc_fragment(DEMO_MIN_ORDER);
		if (!err)
			ask_in_interrupts(&atomic_methods[i]);
	}
out:
	tvc_unfragment();
	vfree(results);
out_force:
	vcompound_force(percent);
	return err;
}

/*
 * The cost: a line for each figure of a case. On an emulator that advances time
 * by a nanosecond with each instruction, nanoseconds are instructions.
 */

#define PERF_PURGES	10	/* purges of lazily freed areas in a loop */
#define PERF_PAGES	16384	/* allocated in a loop that does not purge */
#define PERF_LOOPS(r)	max(PERF_PAGES >> (r)->order, 16)
#define PERF_LIVE_PAGES	4096
#define PERF_LIVE_MAX	1024
#define PERF_BATCH	512
#define PERF_BATCHES	64
#define PERF_TRIES	20
#define PERF_ROUNDS	5	/* of all methods in turn, on fresh memory */
#define PERF_ROUNDS_MAPPED 3
#define HOSTILE_ORDER	4

char *tvc_perf;
module_param_named(perf, tvc_perf, charp, 0444);
#define PERF_CASES "pair,liveset,waste,locks,whole,hostile,hook,flush,attempts"
MODULE_PARM_DESC(perf, "cases to measure: " PERF_CASES);

static char *perf_unit = "ns";
module_param(perf_unit, charp, 0444);
MODULE_PARM_DESC(perf_unit, "unit that a nanosecond of this machine stands for");

static unsigned int perf_sizes[32] = {
	2, 3, 4, 5, 7, 8, 9, 16, 17, 32, 33, 64, 65, 128, 129, 256, 257, 512,
};

static int nr_perf_sizes = 18;
module_param_array(perf_sizes, uint, &nr_perf_sizes, 0444);
MODULE_PARM_DESC(perf_sizes, "sizes to measure, in pages");

enum perf_state { FRESH, ORDER0, FORCED, NR_STATES };

static const char * const state_names[] = { "fresh", "order0", "forced" };

/* @pages is the size of a request, or with @kase hostile its order. */
static void report(const char *kase, const char *method, const char *state,
		   unsigned long pages, u64 hundredths, const char *unit)
{
	const char *key = strcmp(kase, "hostile") ? "pages" : "order";

	pr_info("perf {\"case\":\"%s\",\"method\":\"%s\",\"state\":\"%s\",\"%s\":%lu,\"value\":%llu.%02llu,\"unit\":\"%s\"}\n",
		kase, method, state, key, pages, hundredths / 100,
		hundredths % 100, unit);
}

/*
 * The time of this task alone: without tasks that work for it and, with
 * CONFIG_IRQ_TIME_ACCOUNTING, without interrupts.
 */
static u64 own_ns(void)
{
	/* Brings the clock of the task up to date. */
	schedule();
	return current->se.sum_exec_runtime;
}

static u64 workers_ns(void)
{
	struct task_struct *task;
	u64 ns = 0;

	rcu_read_lock();
	for_each_process(task)
		if (task->flags & PF_KTHREAD)
			ns += READ_ONCE(task->se.sum_exec_runtime);
	rcu_read_unlock();
	return ns;
}

/* The time of one iteration of a loop, without that of an empty loop. */
static u64 hundredths_each(u64 ns, u64 empty_ns, unsigned long nr)
{
	return ns > empty_ns ? div64_u64((ns - empty_ns) * 100 + nr / 2, nr) : 0;
}

static void *get_nothing(const struct request *r)
{
	return (void *)r;
}

static void put_nothing(void *p, const struct request *r)
{
}

static const struct method nothing = { "", get_nothing, put_nothing, never_mapped };

static int enter_state(enum perf_state state)
{
	vcompound_force(state == FORCED ? 100 : 0);
	if (state != FRESH)
		return tvc_fragment(1);
	tvc_unfragment();
	return 0;
}

static bool state_lasted(enum perf_state state)
{
	return state == FRESH || !free_blocks(1);
}

/* Requests that the API satisfied in the other way than @state requires. */
static unsigned long other_answers(enum perf_state state)
{
#ifdef CONFIG_VCOMPOUND
	unsigned long events[NR_VM_EVENT_ITEMS];

	all_vm_events(events);
	return events[state == FRESH ? VCOMPOUND_FALLBACK : VCOMPOUND_CONTIG] +
	       events[VCOMPOUND_FAIL];
#else
	return 0;
#endif
}

/* True if the allocations of @m are of the kind that the state is about. */
static bool fits_state(const struct method *m, const struct request *r,
		       enum perf_state state)
{
	bool fits = true;
	int i;

	for (i = 0; i < 64; i++) {
		void *p = m->get(r);

		if (!p)
			return false;
		fits &= state == FRESH || m->is_mapped(p);
		m->put(p, r);
	}
	return fits;
}

/* Allocates and frees @nr times; returns the time that this took. */
typedef u64 (*perf_loop_fn)(const struct method *m, const struct request *r,
			    void **objs, unsigned long nr);

static u64 run_pairs(const struct method *m, const struct request *r,
		     void **objs, unsigned long nr)
{
	u64 start = own_ns();
	unsigned long i;
	void *p;

	for (i = 0; i < nr; i++) {
		p = m->get(r);
		if (p)
			m->put(p, r);
	}
	return own_ns() - start;
}

static unsigned long nr_held(const struct request *r)
{
	return clamp(PERF_LIVE_PAGES >> r->order, 1, PERF_LIVE_MAX);
}

/* Hold many, and free them in another order. */
static u64 run_liveset(const struct method *m, const struct request *r,
		       void **objs, unsigned long nr)
{
	unsigned long held = nr_held(r), i, done;
	u64 start = own_ns();

	for (done = 0; done < nr; done += held) {
		for (i = 0; i < held; i++)
			objs[i] = m->get(r);
		for (i = 0; i < held; i++) {
			void *p = objs[(i * 7919) & (held - 1)];

			if (p)
				m->put(p, r);
		}
	}
	return own_ns() - start;
}

static unsigned long rounds_of(const struct method *m, const struct request *r,
			       enum perf_state state)
{
	/*
	 * The area of an allocation adds this to the pages that are freed
	 * lazily.
	 */
	unsigned long lazy = r->nr_pages + 1;
	unsigned long nr = PERF_LOOPS(r);

	if (state != FRESH || m == &methods[VMALLOC])
		nr = PERF_PURGES * fls(num_online_cpus()) * (SZ_32M / PAGE_SIZE) / lazy;
	return roundup(nr, nr_held(r));
}

/* The cost of a pair of calls of a method, in hundredths. */
struct cost {
	u64 own;	/* nanoseconds of its caller */
	u64 workers;
	u64 locks;	/* acquisitions of a zone->lock, if they are counted */
};

/* Counted while this task runs; by the probes that measure_locks() attaches. */
static struct task_struct *locked_by;
static unsigned long nr_zone_locks;

/*
 * Returns -ENODATA if the allocations of @m are not of the kind that the state
 * is about.
 */
static int perf_loop(const struct method *m, const struct request *r,
		     enum perf_state state, void **objs, perf_loop_fn run,
		     unsigned long nr, struct cost *cost)
{
	unsigned long others;
	int err, tries = 0;
	u64 ns, workers;

	do {
		if (tries++ == PERF_TRIES)
			return -EBUSY;
		err = enter_state(state);
		if (err)
			return err;
		others = other_answers(state);
		/*
		 * Other allocators are only compared if their allocation is
		 * mapped.
		 */
		if (!fits_state(m, r, state))
			return m->is_ours ? -EINVAL : -ENODATA;
		workers = workers_ns();
		nr_zone_locks = 0;
		locked_by = current;
		ns = run(m, r, objs, nr);
		locked_by = NULL;
		/* A worker that has exited since is not in the second sum. */
		workers = max_t(s64, workers_ns() - workers, 0);
	} while (!state_lasted(state) || !fits_state(m, r, state) ||
		 others != other_answers(state));

	cost->locks = hundredths_each(nr_zone_locks, 0, nr);
	cost->own = hundredths_each(ns, run(&nothing, r, objs, nr), nr);
	cost->workers = hundredths_each(workers, 0, nr);
	return 0;
}

static int perf_waste(const struct method *m, const struct request *r,
		      enum perf_state state, void **objs)
{
	unsigned long nr = min(PERF_LIVE_PAGES >> r->order, 256), before, after, i;
	int err = enter_state(state);

	if (err || (state != FRESH && !fits_state(m, r, state)))
		return err;
	before = tvc_pages_in_use();
	for (i = 0; i < nr; i++)
		objs[i] = m->get(r);
	after = tvc_pages_in_use();
	for (i = 0; i < nr; i++) {
		if (objs[i])
			m->put(objs[i], r);
		else
			err = -ENOMEM;
	}
	report("waste", m->name, state_names[state], r->nr_pages,
	       hundredths_each(after, before, nr), "pages");
	return err;
}

/*
 * Request all that the free single pages are enough for; no block above
 * @largest is free.
 */
static int perf_hostile(const struct method *m, unsigned int order,
			unsigned int largest)
{
	struct request r = request_of(1UL << order);
	unsigned long asked, got = 0, i;
	char state[16];
	void **objs;
	int err;

	objs = vmalloc_array(totalram_pages() >> order, sizeof(*objs));
	if (!objs)
		return -ENOMEM;
	err = tvc_fragment(largest + 1);
	if (err)
		goto out;
	asked = free_pages_to_use() >> order;
	for (i = 0; i < asked; i++) {
		objs[got] = m->get(&r);
		got += !!objs[got];
	}
	/*
	 * Pages used for areas and page tables are not available to a caller as
	 * well.
	 */
	asked = min(asked, got + (free_pages_to_use() >> order));
	for (i = 0; i < got; i++)
		m->put(objs[i], &r);
	vcompound_drain();
	snprintf(state, sizeof(state), "order%u", largest);
	report("hostile", m->name, state, order,
	       asked ? div64_u64(got * 10000ULL, asked) : 0, "percent");
out:
	vfree(objs);
	return err;
}

/* A copy of the module with stubs for the API measures kernels without it. */
static bool can_be_measured(const struct method *m, const struct request *r,
			    enum perf_state state)
{
	if (m->is_ours && !IS_ENABLED(CONFIG_VCOMPOUND))
		return false;
	if (m->by_order && r->nr_pages != 1UL << r->order)
		return false;
	if (state != FRESH && m->is_mapped == never_mapped)
		return false;
	return state != FORCED ||
	       (m->is_ours && IS_ENABLED(CONFIG_VFALLBACK_ALWAYS));
}

static int perf_failed(const char *kase, const struct method *m,
		       enum perf_state state, unsigned long nr_pages, int err)
{
	pr_err("%s of %s, %s, %lu pages: error %d\n", kase, m->name,
	       state_names[state], nr_pages, err);
	return err;
}

/*
 * Measure each method that @state allows. How far a block has to be split and
 * merged, or how far apart single pages are, depends on the memory that is free
 * just then, so the methods take turns, and the cheapest of several rounds
 * counts for each.
 */
static int measure_size(const char *kase, const struct request *r,
			enum perf_state state, void **objs, perf_loop_fn run)
{
	struct cost best[ARRAY_SIZE(methods)], cost;
	bool measured[ARRAY_SIZE(methods)] = {};
	int rounds = state == FRESH ? PERF_ROUNDS : PERF_ROUNDS_MAPPED;
	int round, i, err;

	for (round = 0; round < rounds; round++) {
		for (i = 0; i < ARRAY_SIZE(methods); i++) {
			const struct method *m = &methods[i];

			if (!can_be_measured(m, r, state))
				continue;
			err = perf_loop(m, r, state, objs, run,
					rounds_of(m, r, state), &cost);
			if (err == -ENODATA)
				continue;
			if (err)
				return perf_failed(kase, m, state, r->nr_pages, err);
			if (!measured[i] || cost.own < best[i].own)
				best[i] = cost;
			measured[i] = true;
		}
	}

	for (i = 0; i < ARRAY_SIZE(methods); i++) {
		if (!measured[i])
			continue;
		report(kase, methods[i].name, state_names[state], r->nr_pages,
		       best[i].own, perf_unit);
		if (run == run_pairs)
			report("background", methods[i].name, state_names[state],
			       r->nr_pages, best[i].workers, perf_unit);
	}
	return 0;
}

static int measure_waste(const char *kase, const struct request *r,
			 enum perf_state state, void **objs, perf_loop_fn run)
{
	int i, err;

	for (i = 0; i < ARRAY_SIZE(methods); i++) {
		if (!can_be_measured(&methods[i], r, state))
			continue;
		err = perf_waste(&methods[i], r, state, objs);
		if (err)
			return perf_failed(kase, &methods[i], state, r->nr_pages, err);
	}
	return 0;
}

/* True if a block is free as a whole or as part of a larger one. */
static bool block_is_free(unsigned long pfn, unsigned int order)
{
	for (; order <= MAX_PAGE_ORDER; order++) {
		struct page *page = pfn_to_page(ALIGN_DOWN(pfn, 1UL << order));

		if (PageBuddy(page) && page_private(page) >= order)
			return true;
	}
	return false;
}

/*
 * True if the trimmed rest of a block is free in the pieces into which it was
 * split.
 */
static bool rest_is_free(unsigned long pfn, const struct request *r)
{
	unsigned long i;

	for (i = r->nr_pages; i < 1UL << r->order; i += 1UL << __ffs(i)) {
		struct page *page = pfn_to_page(pfn + i);

		if (!PageBuddy(page) || page_private(page) != __ffs(i))
			return false;
	}
	return true;
}

struct lifetime {
	const char *name;
	bool held;			/* many of them at once */
	unsigned int others;		/* single pages allocated after each */
};

/* Upper limit, enough to exceed the capacity of the per-CPU lists. */
#define PERF_OTHERS	4096

static const struct lifetime lifetimes[] = {
	{ "short" },
	{ "short_busy", .others = 64 },
	{ "long", .held = true },
	{ "long_busy", .held = true, .others = 8 },
};

static unsigned int get_others(struct list_head *pages, unsigned int nr)
{
	struct page *page;
	unsigned int i;

	for (i = 0; i < nr && (page = alloc_page(QUIET_GFP)); i++)
		list_add(&page->lru, pages);
	return i;
}

static void put_others(struct list_head *pages)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, pages, lru)
		__free_page(page);
	INIT_LIST_HEAD(pages);
}

/* How often a trimmed block is whole again when its kept pages are freed. */
static int perf_whole(const struct method *m, const struct request *r,
		      const struct lifetime *life, void **objs)
{
	unsigned long held = life->held ? nr_held(r) : 1;
	unsigned long nr = roundup(1000, held), done, i;
	unsigned long blocks = 0, whole = 0, untouched = 0, nr_others = 0;
	LIST_HEAD(others);
	int err;

	err = enter_state(FRESH);
	if (err)
		return err;
	for (done = 0; done < nr; done += held) {
		for (i = 0; i < held; i++) {
			objs[i] = m->get(r);
			nr_others += get_others(&others, life->others);
		}
		for (i = 0; i < held; i++) {
			void *p = objs[(i * 7919) & (held - 1)];
			unsigned long pfn;

			if (!p)
				continue;
			/*
			 * The pages of other tasks may leave no block to trim.
			 */
			if (m->is_mapped(p)) {
				m->put(p, r);
				continue;
			}
			pfn = page_to_pfn(virt_to_page(p));
			untouched += rest_is_free(pfn, r);
			m->put(p, r);
			whole += block_is_free(pfn, r->order);
			blocks++;
		}
		if (nr_others >= PERF_OTHERS) {
			put_others(&others);
			nr_others = 0;
		}
	}
	put_others(&others);
	if (blocks < nr / 10)
		return -ENOMEM;
	report("whole", m->name, life->name, r->nr_pages,
	       hundredths_each(untouched * 100, 0, blocks), "percent untouched");
	report("whole", m->name, life->name, r->nr_pages,
	       hundredths_each(whole * 100, 0, blocks), "percent whole");
	return 0;
}

static int measure_whole(const char *kase, const struct request *r,
			 enum perf_state state, void **objs, perf_loop_fn run)
{
	static const int peers[] = { ALLOC_PAGES_EXACT, VCOMPOUND_EXACT };
	int i, j, err;

	if (state != FRESH || r->nr_pages == 1UL << r->order)
		return 0;
	for (i = 0; i < ARRAY_SIZE(peers); i++) {
		const struct method *m = &methods[peers[i]];

		if (!can_be_measured(m, r, state))
			continue;
		for (j = 0; j < ARRAY_SIZE(lifetimes); j++) {
			/*
			 * Other allocators leave their pages on per-CPU lists
			 * in any case.
			 */
			if (lifetimes[j].others && !m->is_ours)
				continue;
			err = perf_whole(m, r, &lifetimes[j], objs);
			if (err)
				return perf_failed(kase, m, state, r->nr_pages, err);
		}
	}
	return 0;
}

/* Each size. */
typedef int (*measure_fn)(const char *kase, const struct request *r,
			  enum perf_state state, void **objs, perf_loop_fn run);

static int measure_peers(const char *kase, enum perf_state state, void **objs,
			 measure_fn measure, perf_loop_fn run)
{
	int n, err;

	if (!strstr(tvc_perf, kase))
		return 0;
	for (n = 0; n < nr_perf_sizes; n++) {
		struct request r = request_of(perf_sizes[n]);

		err = measure(kase, &r, state, objs, run);
		if (err)
			return err;
	}
	return 0;
}

/*
 * How often a zone->lock is taken: counted with probes of all functions that
 * take a spinlock. Unlike a tracepoint, they also see acquisitions without
 * contention. Lock statistics need lockdep, and with that a kernel which
 * allocates differently.
 */
#if defined(CONFIG_KPROBES) && defined(CONFIG_HAVE_FUNCTION_ARG_ACCESS_API) && \
	defined(CONFIG_SMP) && !defined(CONFIG_PREEMPT_RT)
static bool is_zone_lock(unsigned long lock)
{
	int nid;

	for_each_online_node(nid) {
		unsigned long zones = (unsigned long)NODE_DATA(nid)->node_zones;

		if (lock >= zones && lock < zones + sizeof(NODE_DATA(nid)->node_zones))
			return (lock - zones) % sizeof(struct zone) ==
			       offsetof(struct zone, lock);
	}
	return false;
}

static int count_zone_lock(struct kprobe *probe, struct pt_regs *regs)
{
	if (current == locked_by && is_zone_lock(regs_get_kernel_argument(regs, 0)))
		nr_zone_locks++;
	return 0;
}

/*
 * With a post handler, a probe stays a trap that runs with interrupts off.
 * Optimized into a jump, it could be interrupted, and the locks of the
 * interrupt would be missed.
 */
static void after_lock(struct kprobe *probe, struct pt_regs *regs, unsigned long flags)
{
}

/* On one CPU a trylock always gets the lock of a zone, so it counts as well. */
static const char * const lock_functions[] = {
	"_raw_spin_lock", "_raw_spin_lock_irq", "_raw_spin_lock_irqsave", "_raw_spin_trylock",
};

/* Returns an error if a probe was not attached, or missed calls. */
static int with_lock_probes(int (*fn)(enum perf_state state, void **objs),
			    enum perf_state state, void **objs)
{
	static struct kprobe probes[ARRAY_SIZE(lock_functions)];
	int nr, err = 0;

	for (nr = 0; nr < ARRAY_SIZE(probes); nr++) {
		/* A kprobe must be set up again to be registered again. */
		probes[nr] = (struct kprobe){
			.symbol_name = lock_functions[nr],
			.pre_handler = count_zone_lock,
			.post_handler = after_lock,
		};
		err = register_kprobe(&probes[nr]);
		if (err)
			break;
	}
	if (!err)
		err = fn(state, objs);
	while (nr) {
		unregister_kprobe(&probes[--nr]);
		if (!probes[nr].nmissed)
			continue;
		pr_err("%lu calls of %s were not seen\n", probes[nr].nmissed,
		       lock_functions[nr]);
		err = err ?: -EOVERFLOW;
	}
	return err;
}
#else
static int with_lock_probes(int (*fn)(enum perf_state state, void **objs),
			    enum perf_state state, void **objs)
{
	return -EOPNOTSUPP;
}
#endif

/*
 * One at a time, and with many held, which makes per-CPU lists take the lock.
 */
static int count_locks(const char *kase, const struct request *r,
		       enum perf_state state, void **objs, perf_loop_fn run)
{
	unsigned long nr = roundup(PERF_LOOPS(r), nr_held(r));
	struct cost pair, held;
	int i, err;

	for (i = 0; i < ARRAY_SIZE(methods); i++) {
		const struct method *m = &methods[i];

		if (!can_be_measured(m, r, state))
			continue;
		err = perf_loop(m, r, state, objs, run_pairs, nr, &pair) ?:
		      perf_loop(m, r, state, objs, run_liveset, nr, &held);
		if (err == -ENODATA)
			continue;
		if (err)
			return perf_failed(kase, m, state, r->nr_pages, err);
		report(kase, m->name, state_names[state], r->nr_pages,
		       pair.locks, "acquisitions");
		report("locks_held", m->name, state_names[state], r->nr_pages,
		       held.locks, "acquisitions");
	}
	return 0;
}

static int count_all_locks(enum perf_state state, void **objs)
{
	return measure_peers("locks", state, objs, count_locks, NULL);
}

static int measure_locks(enum perf_state state, void **objs)
{
	return strstr(tvc_perf, "locks") ?
	       with_lock_probes(count_all_locks, state, objs) : 0;
}

/* The cost for other code: calls on ordinary pages and direct-map addresses. */

static void *one_page(unsigned int order)
{
	return alloc_pages(GFP_KERNEL | __GFP_COMP, order);
}

static void *one_block(unsigned int order)
{
	return alloc_pages(GFP_KERNEL, order);
}

static void *one_shared_page(unsigned int order)
{
	struct page *page = one_page(order);

	if (page)
		get_page(page);
	return page;
}

static void *one_address(unsigned int order)
{
	return (void *)__get_free_pages(GFP_KERNEL | __GFP_COMP, order);
}

static void *one_object(unsigned int order)
{
	return kmalloc(64 << order, GFP_KERNEL);
}

static void *no_page(unsigned int order)
{
	return (void *)(unsigned long)order + 1;
}

static void free_one_page(void *p, unsigned int order)
{
	__free_pages(p, order);
}

static void free_one_address(void *p, unsigned int order)
{
	free_pages((unsigned long)p, order);
}

static void free_nothing(void *p, unsigned int order)
{
}

#define DEFINE_HOOK(name, statement)						\
static void hook_##name(void **objs, int nr, unsigned int order)		\
{										\
	int i;									\
										\
	for (i = 0; i < nr; i++) {						\
		void *p = objs[i];						\
										\
		statement;							\
		objs[i] = p;							\
	}									\
}

DEFINE_HOOK(nothing, barrier_data(p))
DEFINE_HOOK(page_address, barrier_data(page_address(p)))
DEFINE_HOOK(virt_to_head_page, barrier_data(virt_to_head_page(p)))
DEFINE_HOOK(put_page, put_page(p))
DEFINE_HOOK(free_pages, __free_pages(p, order))
DEFINE_HOOK(alloc_pages, p = alloc_pages(GFP_KERNEL | __GFP_COMP, order))
DEFINE_HOOK(kfree, kfree(p))

static const struct {
	const char *name;
	void *(*fill)(unsigned int order);
	void (*run)(void **objs, int nr, unsigned int order);
	void (*empty)(void *p, unsigned int order);
	unsigned int order;
} hooks[] = {
	{ "page_address", one_page, hook_page_address, free_one_page },
	{ "virt_to_head_page", one_address, hook_virt_to_head_page, free_one_address },
	{ "put_page", one_shared_page, hook_put_page, free_one_page },
	{ "put_page_last", one_page, hook_put_page, free_nothing },
	{ "put_page_last", one_page, hook_put_page, free_nothing, 2 },
	{ "__free_pages", one_page, hook_free_pages, free_nothing },
	{ "__free_pages", one_page, hook_free_pages, free_nothing, 2 },
	{ "__free_pages_not_compound", one_block, hook_free_pages, free_nothing, 2 },
	{ "alloc_pages", no_page, hook_alloc_pages, free_one_page },
	{ "alloc_pages", no_page, hook_alloc_pages, free_one_page, 2 },
	{ "kfree", one_object, hook_kfree, free_nothing },
};

static u64 run_hook(void (*run)(void **objs, int nr, unsigned int order),
		    void **objs, int nr, unsigned int order)
{
	u64 start = own_ns();

	run(objs, nr, order);
	return own_ns() - start;
}

static int cmp_ns(const void *a, const void *b)
{
	return cmp_int(*(const u64 *)a, *(const u64 *)b);
}

/* Other work makes a few batches look more or less expensive. */
static u64 median(u64 *ns)
{
	sort(ns, PERF_BATCHES, sizeof(*ns), cmp_ns, NULL);
	return ns[PERF_BATCHES / 2];
}

static int perf_hooks(void **objs)
{
	static u64 ns[PERF_BATCHES], empty_ns[PERF_BATCHES];
	int h, b, i, got;

	for (h = 0; h < ARRAY_SIZE(hooks); h++) {
		unsigned int order = hooks[h].order;
		/*
		 * Few enough that the per-CPU lists neither fill nor run empty.
		 */
		int nr = PERF_BATCH >> (3 * order);

		tvc_unfragment();
		for (b = 0; b < PERF_BATCHES; b++) {
			for (got = 0; got < nr; got++) {
				objs[got] = hooks[h].fill(order);
				if (!objs[got])
					break;
			}
			empty_ns[b] = run_hook(hook_nothing, objs, got, order);
			ns[b] = run_hook(hooks[h].run, objs, got, order);
			for (i = 0; i < got; i++)
				if (objs[i])
					hooks[h].empty(objs[i], order);
			if (got < nr)
				return -ENOMEM;
		}
		report("hook", hooks[h].name, state_names[FRESH], 1UL << order,
		       hundredths_each(median(ns), median(empty_ns), nr), perf_unit);
	}
	return 0;
}

/* Events of the allocators, by their own tracepoints. */

static unsigned long nr_flushes, nr_large_attempts, nr_kswapd, nr_kcompactd;
static struct task_struct *attempts_by;

static void count_purge(void *data, unsigned long start, unsigned long end,
			unsigned int npurged)
{
	nr_flushes++;
}

static void __maybe_unused count_flush(void *data, unsigned long nr_pages)
{
	nr_flushes++;
}

static void count_attempt(void *data, struct page *page, unsigned int order,
			  gfp_t gfp, int migratetype)
{
	if (current == attempts_by && order)
		nr_large_attempts++;
}

/* Both occur only when a task sleeps and is woken. */
static void count_kswapd(void *data, int nid, int zid, int order, gfp_t gfp)
{
	nr_kswapd += current == attempts_by;
}

static void __maybe_unused count_kcompactd(void *data, int nid, int order,
					   enum zone_type highest_zoneidx)
{
	nr_kcompactd += current == attempts_by;
}

struct probe {
	const char *name;
	void *probe;
	struct tracepoint *tp;
};

static struct probe probes[] = {
	{ "purge_vmap_area_lazy", count_purge },
#ifdef CONFIG_VCOMPOUND_STOCK
	{ "vcompound_flush", count_flush },
#endif
	{ "mm_page_alloc", count_attempt },
	{ "mm_vmscan_wakeup_kswapd", count_kswapd },
#ifdef CONFIG_COMPACTION
	{ "mm_compaction_wakeup_kcompactd", count_kcompactd },
#endif
};

static void find_probe(struct tracepoint *tp, void *data)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (!strcmp(tp->name, probes[i].name))
			probes[i].tp = tp;
}

static int nr_attached;

static void detach_probes(void)
{
	while (nr_attached) {
		struct probe *p = &probes[--nr_attached];

		tracepoint_probe_unregister(p->tp, p->probe, NULL);
	}
	tracepoint_synchronize_unregister();
}

static int attach_probes(void)
{
	int err;

	for_each_kernel_tracepoint(find_probe, NULL);
	for (; nr_attached < ARRAY_SIZE(probes); nr_attached++) {
		struct probe *p = &probes[nr_attached];

		err = p->tp ? tracepoint_probe_register(p->tp, p->probe, NULL) : -ENOENT;
		if (err)
			return err;
	}
	return 0;
}

static unsigned long reclaim_events(void)
{
	unsigned long events[NR_VM_EVENT_ITEMS], nr = 0;
	int i;

	all_vm_events(events);
	for (i = ALLOCSTALL_NORMAL; i <= ALLOCSTALL_MOVABLE; i++)
		nr += events[i];
#ifdef CONFIG_COMPACTION
	nr += events[COMPACTSTALL] + events[COMPACTFAIL];
#endif
	return nr + events[PGSCAN_DIRECT];
}

/* Flushes of the TLBs and page tables of many pairs, where all are mapped. */
static int perf_flush(const struct method *m)
{
	const unsigned long nr = 100000;
	struct request r = request_of(16);
	unsigned long tables, i;
	int err;

	err = enter_state(m->is_ours && IS_ENABLED(CONFIG_VFALLBACK_ALWAYS) ?
			  FORCED : ORDER0);
	if (err)
		return err;
	tables = global_node_page_state(NR_PAGETABLE);
	nr_flushes = 0;
	for (i = 0; i < nr; i++) {
		void *p = m->get(&r);

		if (!p)
			return -ENOMEM;
		m->put(p, &r);
	}
	vcompound_drain();
	/*
	 * For other allocators nothing is forced, but all their allocations are
	 * mapped as well.
	 */
	report("flush", m->name, "forced", r.nr_pages, nr_flushes * 100, "flushes");
	report("flush", m->name, "forced", r.nr_pages,
	       max_t(long, global_node_page_state(NR_PAGETABLE) - tables, 0) * 100,
	       "page-table pages");
	return 0;
}

/*
 * How often a mapped request tried to get a block, and which tasks were woken
 * for it.
 */
static int perf_attempts(const struct method *m, const struct request *r)
{
	const unsigned long nr = 1000;
	unsigned long events, i;
	int err;

	err = enter_state(ORDER0);
	if (err || !fits_state(m, r, ORDER0))
		return err;
	events = reclaim_events();
	nr_large_attempts = 0;
	nr_kswapd = 0;
	nr_kcompactd = 0;
	attempts_by = current;
	for (i = 0; i < nr; i++) {
		void *p = m->get(r);

		if (p)
			m->put(p, r);
	}
	attempts_by = NULL;
	events = reclaim_events() - events;
	report("attempts", m->name, state_names[ORDER0], r->nr_pages,
	       nr_large_attempts * 100 / nr, "calls");
	report("attempts", m->name, state_names[ORDER0], r->nr_pages,
	       events * 100, "stalls");
	report("attempts", m->name, state_names[ORDER0], r->nr_pages,
	       nr_kswapd * 100, "kswapd wake-ups");
	report("attempts", m->name, state_names[ORDER0], r->nr_pages,
	       nr_kcompactd * 100, "kcompactd wake-ups");
	return 0;
}

static int perf_traced(bool flush, bool attempts)
{
	int i, n, err;

	if (!IS_ENABLED(CONFIG_TRACEPOINTS))
		return -EOPNOTSUPP;

	err = attach_probes();
	for (i = KVMALLOC; i < ARRAY_SIZE(methods) && !err; i++) {
		const struct method *m = &methods[i];

		if (m->is_ours && !IS_ENABLED(CONFIG_VCOMPOUND))
			continue;
		if (flush)
			err = perf_flush(m);
		for (n = 0; n < nr_perf_sizes && attempts && !err; n++) {
			struct request r = request_of(perf_sizes[n]);

			if (!m->by_order || r.nr_pages == 1UL << r.order)
				err = perf_attempts(m, &r);
		}
	}
	detach_probes();
	return err;
}

/*
 * All orders in very fragmented memory, and one order in less fragmented
 * memory.
 */
static int measure_hostile(void)
{
	static const int peers[] = { ALLOC_PAGES, KVMALLOC, VCOMPOUND };
	unsigned int largest, order;
	int i, err = 0;

	for (largest = 0; largest <= 9; largest++) {
		for (order = 2; order <= 9; order++) {
			if (largest != 1 && order != HOSTILE_ORDER)
				continue;
			for (i = 0; i < ARRAY_SIZE(peers) && !err; i++) {
				const struct method *m = &methods[peers[i]];

				if (!m->is_ours || IS_ENABLED(CONFIG_VCOMPOUND))
					err = perf_hostile(m, order, largest);
			}
		}
	}
	return err;
}

/* A case that does not exist would measure nothing, and that would look well. */
static bool perf_cases_exist(const char *cases)
{
	while (*cases) {
		size_t len = strcspn(cases, ",");
		const char *known = PERF_CASES;

		while (strncmp(known, cases, len) || (known[len] && known[len] != ',')) {
			known += strcspn(known, ",");
			if (!*known++)
				return false;
		}
		cases += len + (cases[len] == ',');
	}
	return true;
}

int tvc_measure(void)
{
	unsigned int percent;
	enum perf_state state;
	void **objs;
	int err = 0;

	if (!*tvc_perf || !perf_cases_exist(tvc_perf)) {
		pr_err("perf=%s: not a list of " PERF_CASES "\n", tvc_perf);
		return -EINVAL;
	}

	percent = vcompound_force(0);
	objs = kmalloc_array(PERF_LIVE_MAX, sizeof(*objs), GFP_KERNEL);
	if (!objs)
		err = -ENOMEM;
	if (!err && strstr(tvc_perf, "hook"))
		err = perf_hooks(objs);
	/*
	 * Kernel allocations in fragmented memory stay scattered, so memory is
	 * only fresh at first.
	 */
	for (state = FRESH; state < NR_STATES && !err; state++)
		err = measure_peers("pair", state, objs, measure_size, run_pairs) ?:
		      measure_peers("liveset", state, objs, measure_size, run_liveset) ?:
		      measure_peers("waste", state, objs, measure_waste, NULL) ?:
		      measure_peers("whole", state, objs, measure_whole, NULL) ?:
		      measure_locks(state, objs);
	if (!err && (strstr(tvc_perf, "flush") || strstr(tvc_perf, "attempts")))
		err = perf_traced(strstr(tvc_perf, "flush"), strstr(tvc_perf, "attempts"));
	vcompound_force(0);
	if (!err && strstr(tvc_perf, "hostile"))
		err = measure_hostile();
	tvc_unfragment();
	kfree(objs);
	vcompound_force(percent);
	if (err)
		pr_err("measuring failed: error %d\n", err);
	else
		pr_info("perf done\n");
	return err;
}
