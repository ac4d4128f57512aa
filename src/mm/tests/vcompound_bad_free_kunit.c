// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for virtual compound pages: wrong frees
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/gfp.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vcompound.h>
#include <linux/vmalloc.h>

#include "../vcompound.h"
#include "vcompound_suite.h"

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

VC_SUITE_PARAMS_FAMILIES(vc_bad)

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

void test_bad_free(struct kunit *test)
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
void test_bad_free_reason(struct kunit *test)
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
	/* A mapped page has another address as well. */
	if (param->fallback)
		vc_expect_word(test, vcompound_why_not_freed(buf.head, bits,
							     lowmem_page_address(buf.head)),
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
void test_bad_free_block(struct kunit *test)
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

VC_SUITE_PARAMS(vc_foreign)

void test_foreign_free(struct kunit *test)
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

void test_foreign_area(struct kunit *test)
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

VC_SUITE_PARAMS_FAMILIES(vc_vmalloc_calls)

/*
 * The functions for vmalloc() memory refuse a mapped allocation, with a
 * warning, and leave it alone.
 */
void test_vfree(struct kunit *test)
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

void test_free_race(struct kunit *test)
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
