// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for virtual compound pages: use by the rest of the kernel
 *
 * User mappings, copies to user space, DMA, KASAN and memory failure.
 */
#include <kunit/test.h>
#include <linux/gfp.h>
#include <linux/kasan.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/rmap.h>
#include <linux/uaccess.h>
#include <linux/vcompound.h>
#include <linux/vmalloc.h>

#include "vcompound_suite.h"

void test_user(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf buf;

	vc_get(test, &buf, 8 * PAGE_SIZE);
	vc_fill(&buf);
	vc_check_no_user_mapping(test, &buf);
	vc_expect_alive(test, &buf, param->fallback);
	vc_put(test, &buf);
}

#ifdef CONFIG_DEBUG_VM
/* Other ways to count a mapping are reported where they are checked. */
static const struct vc_param vc_rmap[] = { { "", .exact = true }, {} };

VC_SUITE_PARAMS(vc_rmap)

void test_rmap(struct kunit *test)
{
	struct vm_area_struct vma = {};
	struct page *page;
	unsigned int type;
	struct vc_buf buf;
	unsigned long i;

	vc_get(test, &buf, 4 * PAGE_SIZE);
	for (i = 0; i < buf.nr; i++) {
		page = compound_nth_page(buf.head, i);
		type = page->page_type;
		kunit_warning_suppress(test) {
			folio_add_file_rmap_pte(page_folio(page), page, &vma);
			KUNIT_EXPECT_GE(test, KUNIT_SUPPRESSED_WARNING_COUNT(), 1);
		}
		/* The mapping is counted all the same. */
		page->page_type = type;
	}
	vc_put(test, &buf);
}
#endif

/*
 * Copies to and from user space that cross page boundaries, under hardened
 * usercopy.
 */
void test_usercopy(struct kunit *test)
{
	const size_t size = 9 * PAGE_SIZE - 100;
	unsigned long uaddr;
	struct vc_buf buf;
	size_t off;

	uaddr = kunit_vm_mmap(test, NULL, 0, 9 * PAGE_SIZE, PROT_READ | PROT_WRITE,
			      MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_NE(test, uaddr, 0UL);

	vc_get(test, &buf, size);
	vc_fill(&buf);
	KUNIT_EXPECT_EQ(test, 0UL,
			copy_to_user((void __user *)uaddr, buf.addr, size));
	memset(buf.addr, 0, size);
	KUNIT_EXPECT_EQ(test, 0UL,
			copy_from_user(buf.addr, (void __user *)uaddr, size));
	KUNIT_EXPECT_TRUE(test, vc_is_filled(&buf));

	/* Short ones over each boundary. */
	for (off = PAGE_SIZE - 9; off + 18 < size; off += PAGE_SIZE) {
		KUNIT_EXPECT_EQ(test, 0UL,
				copy_to_user((void __user *)uaddr, buf.addr + off, 18));
		KUNIT_EXPECT_EQ(test, 0UL,
				copy_from_user(buf.addr + off, (void __user *)uaddr, 18));
	}
	for (off = 0; off < size; off++)
		if (((u8 *)buf.addr)[off] != vc_byte(off))
			break;
	KUNIT_EXPECT_EQ(test, off, size);
	vc_put(test, &buf);
}

#ifdef CONFIG_HAS_DMA
void test_dma_map(struct kunit *test)
{
	struct vc_buf buf;

	vc_get(test, &buf, 8 * PAGE_SIZE);
	vc_check_dma(test, &buf);
	vc_put(test, &buf);
}
#endif

#ifdef CONFIG_KASAN_GENERIC
static const size_t vc_redzone_sizes[] = {
	1, 13, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 3 * PAGE_SIZE - 5,
	3 * PAGE_SIZE, 7 * PAGE_SIZE + 8, 9 * PAGE_SIZE + 777,
};

/*
 * The address may have been reused by the time of the check, so try a few
 * times.
 */
static void vc_expect_freed_area_poisoned(struct kunit *test, bool exact)
{
	bool poisoned, unused = false;
	struct vc_buf buf;
	int tries;

	for (tries = 0; tries < 10 && !unused; tries++) {
		vc_get_gfp(test, &buf, exact, 2 * PAGE_SIZE, GFP_KERNEL);
		vc_free(&buf);
		vcompound_drain();
		poisoned = vc_is_poisoned(buf.addr) && vc_is_poisoned(buf.addr + PAGE_SIZE);
		unused = !find_vm_area(buf.addr);
		if (unused)
			KUNIT_EXPECT_TRUE(test, poisoned);
	}
	KUNIT_EXPECT_TRUE(test, unused);
}

void test_kasan(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	unsigned long flags;
	struct page *page;
	struct vc_buf buf;
	bool poisoned;
	size_t off;
	void *tail;
	int i;

	if (param->fallback && !IS_ENABLED(CONFIG_KASAN_VMALLOC))
		kunit_skip(test, "vmalloc space is not watched");

	for (i = 0; i < ARRAY_SIZE(vc_redzone_sizes); i++) {
		vc_get_gfp(test, &buf, true, vc_redzone_sizes[i], GFP_KERNEL);
		for (off = 0; off < buf.size; off++)
			if (!vc_accessible(buf.addr + off))
				break;
		KUNIT_EXPECT_EQ(test, off, buf.size);
		for (; off < buf.nr * PAGE_SIZE; off++)
			if (vc_accessible(buf.addr + off))
				break;
		KUNIT_EXPECT_EQ(test, off, buf.nr * PAGE_SIZE);

		/* A holder of a reference may access the whole page. */
		page = compound_nth_page(buf.head, buf.nr - 1);
		get_page(page);
		vc_free(&buf);
		vcompound_drain();
		tail = page_address(page);
		for (off = 0; off < PAGE_SIZE; off++)
			if (!vc_accessible(tail + off))
				break;
		KUNIT_EXPECT_EQ(test, off, PAGE_SIZE);
		put_page(page);
		vc_expect_pages_held(test, 0);
	}

	/* Freed memory must not be accessed. */
	if (param->fallback) {
		vc_expect_freed_area_poisoned(test, param->exact);
		return;
	}
	vc_get_gfp(test, &buf, param->exact, 2 * PAGE_SIZE, GFP_KERNEL);
	/*
	 * This CPU keeps the pages for the next request, which is not allowed
	 * to run.
	 */
	flags = vc_atomic_begin();
	vc_free(&buf);
	poisoned = vc_is_poisoned(buf.addr) && vc_is_poisoned(buf.addr + PAGE_SIZE);
	vc_atomic_end(flags);
	KUNIT_EXPECT_TRUE(test, poisoned);
}
#endif

#ifdef CONFIG_MEMORY_FAILURE
/*
 * A poisoned page stays with its owner, and keeps its reference when it is
 * unpoisoned.
 */
void test_memory_failure(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct page *page;
	unsigned long pfn, i;
	struct vc_buf buf;

	vc_get(test, &buf, 4 * PAGE_SIZE);
	vc_fill(&buf);
	for (i = 0; i < buf.nr; i++) {
		page = compound_nth_page(buf.head, i);
		pfn = page_to_pfn(page);
		KUNIT_EXPECT_EQ(test, memory_failure(pfn, MF_SW_SIMULATED), -EBUSY);
		KUNIT_EXPECT_TRUE(test, PageHWPoison(page));
		KUNIT_EXPECT_EQ(test, unpoison_memory(pfn), -EBUSY);
		vc_expect_alive(test, &buf, param->fallback);
		if (TestClearPageHWPoison(page))
			num_poisoned_pages_sub(pfn, 1);
	}
	vc_put(test, &buf);
}
#endif
