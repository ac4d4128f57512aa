// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for virtual compound pages: references to pages
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/vcompound.h>

#include "../vcompound.h"
#include "vcompound_suite.h"

static const struct vc_param vc_ref[] = {
	{ "head", .kind = 0 },
	{ "second", .kind = 1 },
	{ "middle", .kind = 9 },
	{ "last", .kind = 15 },
	{}
};

VC_SUITE_PARAMS_FAMILIES(vc_ref)

/* The allocation is freed first: the held page stays, and the rest is freed. */
void test_ref_dropped_after(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	bool compound = !param->exact && !param->fallback;
	struct page *page;
	struct vc_buf buf;

	vc_get(test, &buf, 16 * PAGE_SIZE);
	vc_fill(&buf);
	page = compound_nth_page(buf.head, param->kind);
	get_page(page);
	KUNIT_EXPECT_EQ(test, page_count(page), 2);

	vc_free(&buf);
	vcompound_drain();
	vc_expect_unmapped(test, &buf);
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	vc_expect_ordinary(test, &buf, page, param->kind);
	KUNIT_EXPECT_EQ(test, !!PageCompound(page), compound);
	vc_expect_pages_held(test, compound ? 16 : 1);

	put_page(page);
	vc_expect_pages_held(test, 0);
}

/* The reference is dropped first, which has no effect. */
void test_ref_dropped_before(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct page *page;
	struct vc_buf buf;

	vc_get(test, &buf, 16 * PAGE_SIZE);
	vc_fill(&buf);
	page = compound_nth_page(buf.head, param->kind);
	get_page(page);
	put_page(page);
	vc_expect_alive(test, &buf, param->fallback);
	vc_put(test, &buf);
}

/* Many holders: some drop their references before the free, some after. */
void test_ref_mixed(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	bool compound = !param->exact && !param->fallback;
	struct page *pages[16];
	struct vc_buf buf;
	int i;

	vc_get(test, &buf, 16 * PAGE_SIZE);
	vc_fill(&buf);
	for (i = 0; i < 16; i++) {
		pages[i] = compound_nth_page(buf.head, i);
		get_page(pages[i]);
		get_page(pages[i]);
	}
	for (i = 0; i < 16; i++)
		put_page(pages[i]);
	for (i = 0; i < 16; i += 2)
		put_page(pages[i]);

	vc_free(&buf);
	vcompound_drain();
	vc_expect_pages_held(test, compound ? 16 : 8);
	for (i = 1; i < 16; i += 2) {
		vc_expect_ordinary(test, &buf, pages[i], i);
		KUNIT_EXPECT_EQ(test, page_count(pages[i]), compound ? 8 : 1);
	}

	/* All ways to drop a reference are equivalent. */
	put_page(pages[1]);
	folio_put(page_folio(pages[3]));
	release_pages(&pages[5], 1);
	release_pages(&pages[7], 1);
	__free_pages(compound_head(pages[9]), compound ? 4 : 0);
	__free_pages(compound_head(pages[11]), compound ? 4 : 0);
	put_page(pages[13]);
	vc_expect_pages_held(test, compound ? 16 : 1);
	KUNIT_EXPECT_TRUE(test, vc_page_is_filled(&buf, pages[15], 15));
	put_page(pages[15]);
	vc_expect_pages_held(test, 0);
}

/* Reads a page by its own address while others free the allocation. */
struct vc_reader {
	struct page *page;
	unsigned long i;
	struct completion ready;
	int wrong;
};

static void vc_read(struct vc_reader *reader, const u8 *bytes)
{
	unsigned int offset;
	u8 byte;

	for (offset = 0; offset < PAGE_SIZE; offset += PAGE_SIZE / 4)
		if (copy_from_kernel_nofault(&byte, bytes + offset, 1) ||
		    byte != vc_byte(reader->i * PAGE_SIZE + offset))
			reader->wrong++;
}

static int vc_read_until_stopped(void *data)
{
	struct vc_reader *reader = data;
	const u8 *before = kmap_local_page(reader->page), *now;
	bool last;

	do {
		last = kthread_should_stop();
		now = kmap_local_page(reader->page);
		vc_read(reader, before);
		vc_read(reader, now);
		kunmap_local(now);
		complete(&reader->ready);
		cond_resched();
	} while (!last);
	kunmap_local(before);
	return 0;
}

/* A holder of a page may go on to read it after the allocation is freed. */
void test_ref_read(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	bool compound = !param->exact && !param->fallback;
	struct vc_reader reader = {};
	struct task_struct *task;
	struct vc_buf buf;
	int round;

	for (round = 0; round < 32; round++) {
		vc_get(test, &buf, 8 * PAGE_SIZE);
		vc_fill(&buf);
		reader.i = round % buf.nr;
		reader.page = compound_nth_page(buf.head, reader.i);
		get_page(reader.page);
		init_completion(&reader.ready);
		task = kthread_run(vc_read_until_stopped, &reader, "vcompound_read");
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
		wait_for_completion(&reader.ready);

		vc_free(&buf);
		vcompound_drain();
		/* The address is still there to be read until it is purged. */
		vm_unmap_aliases();
		kthread_stop(task);
		KUNIT_EXPECT_EQ(test, reader.wrong, 0);
		vc_expect_pages_held(test, compound ? buf.nr : 1);
		put_page(reader.page);
		vc_expect_pages_held(test, 0);
	}
}

/*
 * A page that stays allocated has no trace of the area in it, nor of the list
 * of deferred frees, which runs through the heads.
 */
void test_ref_lru(struct kunit *test)
{
	struct vc_buf bufs[2];
	unsigned long flags;
	struct page *page;
	int round, i;

	for (round = 0; round < 2; round++) {
		for (i = 0; i < 2; i++) {
			vc_get(test, &bufs[i], 8 * PAGE_SIZE);
			get_page(bufs[i].head);
			get_page(bufs[i].last);
		}
		if (round)
			flags = vc_atomic_begin();
		for (i = 0; i < 2; i++)
			vc_free(&bufs[i]);
		if (round)
			vc_atomic_end(flags);
		vcompound_drain();
		for (i = 0; i < 4; i++) {
			page = i & 1 ? bufs[i / 2].last : bufs[i / 2].head;
			KUNIT_EXPECT_EQ(test, atomic_read(&page->_mapcount), -1);
			KUNIT_EXPECT_EQ(test, page->private, 0UL);
		}
		for (i = 0; i < 2; i++) {
			page = bufs[i].head;
			KUNIT_EXPECT_NULL(test, page->lru.prev);
			if (round)
				KUNIT_EXPECT_NULL(test, page->lru.next);
			put_page(page);
			put_page(bufs[i].last);
		}
		vc_expect_pages_held(test, 0);
	}
}

/*
 * A page that stays allocated belongs to its holder alone, and may become part
 * of a new allocation after that.
 */
void test_ref_reuse(struct kunit *test)
{
	struct vc_buf old, new[16];
	struct page *page;
	int i, j;

	vc_get(test, &old, 8 * PAGE_SIZE);
	vc_fill(&old);
	page = compound_nth_page(old.head, 3);
	get_page(page);
	vc_free(&old);
	vcompound_drain();

	for (i = 0; i < ARRAY_SIZE(new); i++) {
		vc_get(test, &new[i], 8 * PAGE_SIZE);
		for (j = 0; j < 8; j++)
			KUNIT_EXPECT_PTR_NE(test, page,
					    compound_nth_page(new[i].head, j));
		memset(new[i].addr, 0xee, new[i].size);
	}
	KUNIT_EXPECT_TRUE(test, vc_page_is_filled(&old, page, 3));
	put_page(page);
	for (i = 0; i < ARRAY_SIZE(new); i++)
		vc_free(&new[i]);
	vcompound_drain();
	vc_expect_pages_held(test, 0);
}

/* Drop the reference that belongs to the allocation. */
static const struct vc_param vc_over_put[] = {
	{ "put_page", .kind = VC_PUT_PAGE },
	{ "folio_put", .kind = VC_FOLIO_PUT },
	{ "release_pages", .kind = VC_RELEASE_PAGES },
	{ "__free_page", .kind = VC_FREE_PAGES },
	{ "__free_pages", .kind = VC_FREE_PAGES, .order = 3 },
	{ "free_pages", .kind = VC_FREE_PAGES_ADDR, .order = 3 },
	{}
};

VC_SUITE_PARAMS_FAMILIES(vc_over_put)

void test_over_put_head(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf buf;

	vc_get(test, &buf, 8 * PAGE_SIZE);
	vc_fill(&buf);
	kunit_warning_suppress(test) {
		vc_drop(buf.head, param->order, param->kind);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	vc_expect_alive(test, &buf, param->fallback);
	vc_put(test, &buf);
}

/*
 * In any context: the page is left alone, and not reported where that is not
 * allowed.
 */
void test_over_put_nolock(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf buf;

	vc_get(test, &buf, 8 * PAGE_SIZE);
	vc_fill(&buf);
	kunit_warning_suppress(test) {
		vc_drop_nolock(buf.head, 0);
		vc_drop_nolock(buf.head, 3);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 0);
	}
	vc_expect_alive(test, &buf, param->fallback);
	vc_put(test, &buf);
}

/* Of any page. The pages of a compound page share the reference of the head. */
void test_over_put_other(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf buf;
	unsigned long i;

	vc_get(test, &buf, 8 * PAGE_SIZE);
	vc_fill(&buf);
	for (i = 1; i < buf.nr; i++) {
		kunit_warning_suppress(test) {
			vc_drop(compound_head(compound_nth_page(buf.head, i)),
				param->order, param->kind);
			KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
		}
	}
	vc_expect_alive(test, &buf, param->fallback);
	vc_put(test, &buf);
}

/*
 * A reference to a vcompound head is one reference, no matter which order is
 * passed. This test is last: if it fails, pages of others are freed.
 */
void test_free_pages_ref(struct kunit *test)
{
	const struct vc_param *param = test->param_value;
	struct vc_buf buf;

	vc_get(test, &buf, 8 * PAGE_SIZE);
	vc_fill(&buf);
	get_page(buf.head);
	get_page(buf.head);
	__free_pages(buf.head, 3);
	KUNIT_EXPECT_EQ(test, page_count(buf.head), 2);
	vc_expect_buf_held(test, &buf);
	__free_pages(buf.head, 3);
	vc_expect_alive(test, &buf, param->fallback);
	vc_put(test, &buf);
}
