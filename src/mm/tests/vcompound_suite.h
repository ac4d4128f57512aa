/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tests of the KUnit suite "vcompound", by file. The list of the suite, in
 * vcompound_kunit.c, has to name each of them as well.
 */
#ifndef __MM_TESTS_VCOMPOUND_SUITE_H
#define __MM_TESTS_VCOMPOUND_SUITE_H

#include "vcompound_kunit.h"

/* As VC_GEN_PARAMS() and VC_GEN_PARAMS_FAMILIES(), for a list in another file. */
#define VC_SUITE_PARAMS(table)		__VC_GEN_PARAMS(, table, false)
#define VC_SUITE_PARAMS_FAMILIES(table)	__VC_GEN_PARAMS(, table, true)

#define VC_DECLARE_PARAMS(table)						\
const void *table##_gen_params(struct kunit *test, const void *prev, char *desc)

enum vc_call {
	VC_PAGE, VC_PAGE_NODE, VC_ADDR, VC_ADDR_NODE, VC_EXACT, VC_EXACT_NODE,
};

/* Inlined, so that the test is recorded as the caller. */
static __always_inline void vc_call(struct kunit *test, struct vc_buf *buf,
				    enum vc_call call, gfp_t gfp)
{
	int nid = first_memory_node;

	*buf = (struct vc_buf) { .exact = call >= VC_EXACT };
	buf->nr = buf->exact ? 5 : 8;
	buf->size = buf->nr * PAGE_SIZE;

	switch (call) {
	case VC_PAGE:
		buf->head = alloc_vcompound(gfp, 3);
		break;
	case VC_PAGE_NODE:
		buf->head = alloc_vcompound_node(nid, gfp, 3);
		break;
	case VC_ADDR:
		buf->addr = __alloc_vcompound(gfp, 3);
		break;
	case VC_ADDR_NODE:
		buf->addr = __alloc_vcompound_node(nid, gfp, 3);
		break;
	case VC_EXACT:
		buf->addr = __alloc_vcompound_exact(buf->size, gfp);
		break;
	case VC_EXACT_NODE:
		buf->addr = __alloc_vcompound_exact_node(nid, buf->size, gfp);
		break;
	}
	if (buf->head) {
		buf->addr = vcompound_address(buf->head);
	} else {
		KUNIT_ASSERT_NOT_NULL(test, buf->addr);
		buf->head = vcompound_head_page(buf->addr);
	}
	vc_note_page(buf->head);
	vc_look(buf);
}

/* vcompound_alloc_kunit.c */
VC_DECLARE_PARAMS(vc_calls);
VC_DECLARE_PARAMS(vc_orders);
VC_DECLARE_PARAMS(vc_sizes);
VC_DECLARE_PARAMS(vc_above_max_order);
VC_DECLARE_PARAMS(vc_single);
VC_DECLARE_PARAMS(vc_zero);

void test_calls(struct kunit *test);
void test_orders(struct kunit *test);
void test_exact_sizes(struct kunit *test);
void test_above_max_order(struct kunit *test);
void test_single_pages(struct kunit *test);
void test_vmalloc_chunks(struct kunit *test);
void test_one_page(struct kunit *test);
void test_contiguous_kinds(struct kunit *test);
void test_other_pages(struct kunit *test);
void test_ending(struct kunit *test);
void test_nth_beyond(struct kunit *test);
void test_neighbours(struct kunit *test);
void test_switch(struct kunit *test);
void test_chance(struct kunit *test);
void test_many(struct kunit *test);
void test_zero(struct kunit *test);

/* vcompound_gfp_kunit.c */
VC_DECLARE_PARAMS(vc_atomic);
VC_DECLARE_PARAMS(vc_gfp);
VC_DECLARE_PARAMS(vc_cleared);
VC_DECLARE_PARAMS(vc_zone);
VC_DECLARE_PARAMS(vc_impossible);
VC_DECLARE_PARAMS(vc_no_space);
VC_DECLARE_PARAMS(vc_askers);
VC_DECLARE_PARAMS(vc_killed);
VC_DECLARE_PARAMS(vc_real);
VC_DECLARE_PARAMS(vc_fail);
VC_DECLARE_PARAMS(vc_nth);

void test_atomic(struct kunit *test);
void test_atomic_above_max(struct kunit *test);
void test_exact_hardirq(struct kunit *test);
void test_gfp(struct kunit *test);
void test_cleared_flags(struct kunit *test);
void test_nofail_atomic(struct kunit *test);
void test_zone(struct kunit *test);
void test_impossible(struct kunit *test);
void test_no_space(struct kunit *test);
void test_asks(struct kunit *test);
void test_killed(struct kunit *test);
void test_real_fallback(struct kunit *test);
void test_atomic_fails(struct kunit *test);
void test_fail_nth(struct kunit *test);

/* vcompound_node_kunit.c */
VC_DECLARE_PARAMS(vc_cannot_serve);

void test_nodes(struct kunit *test);
void test_node_vmalloc(struct kunit *test);
void test_node_cannot_serve(struct kunit *test);
void test_node_policy(struct kunit *test);
void test_node_fragmented(struct kunit *test);
void test_node_exhausted(struct kunit *test);

/* vcompound_ref_kunit.c */
VC_DECLARE_PARAMS(vc_ref);
VC_DECLARE_PARAMS(vc_over_put);

void test_ref_dropped_after(struct kunit *test);
void test_ref_dropped_before(struct kunit *test);
void test_ref_mixed(struct kunit *test);
void test_ref_read(struct kunit *test);
void test_ref_lru(struct kunit *test);
void test_ref_reuse(struct kunit *test);
void test_over_put_head(struct kunit *test);
void test_over_put_nolock(struct kunit *test);
void test_over_put_other(struct kunit *test);
void test_free_pages_ref(struct kunit *test);

/* vcompound_free_kunit.c */
VC_DECLARE_PARAMS(vc_requests);
VC_DECLARE_PARAMS(vc_drainers);

void test_free_null(struct kunit *test);
void test_free_pages_behind(struct kunit *test);
void test_other_type(struct kunit *test);
void test_free_context(struct kunit *test);
void test_unmapped_first(struct kunit *test);
void test_resched(struct kunit *test);
void test_free_deferred(struct kunit *test);
void test_free_not_running(struct kunit *test);
void test_drain_many(struct kunit *test);
void test_slow_unmap(struct kunit *test);
void test_request_unmaps(struct kunit *test);
void test_drain_anywhere(struct kunit *test);
void test_busy_cpu(struct kunit *test);

/* vcompound_bad_free_kunit.c */
VC_DECLARE_PARAMS(vc_bad);
VC_DECLARE_PARAMS(vc_foreign);
VC_DECLARE_PARAMS(vc_vmalloc_calls);

void test_bad_free(struct kunit *test);
void test_bad_free_reason(struct kunit *test);
void test_bad_free_block(struct kunit *test);
void test_foreign_free(struct kunit *test);
void test_foreign_area(struct kunit *test);
void test_vfree(struct kunit *test);
void test_free_race(struct kunit *test);

/* vcompound_account_kunit.c */
VC_DECLARE_PARAMS(vc_tags);

void test_vmallocinfo(struct kunit *test);
void test_no_leak(struct kunit *test);
void test_held_is_seen(struct kunit *test);
void test_events(struct kunit *test);
void test_trace(struct kunit *test);
void test_trace_lines(struct kunit *test);
void test_memcg(struct kunit *test);
void test_memcg_vmalloc(struct kunit *test);
void test_memcg_over_put(struct kunit *test);
void test_tags_page_by_page(struct kunit *test);
void test_memcg_full(struct kunit *test);

/* vcompound_trim_kunit.c */
VC_DECLARE_PARAMS(vc_checks);
VC_DECLARE_PARAMS(vc_rests);

void test_exact_blocks(struct kunit *test);
void test_exact_merges(struct kunit *test);
void test_exact_rest_taken(struct kunit *test);
void test_exact_bad_page(struct kunit *test);
void test_exact_above_pageblock(struct kunit *test);
void test_pgfree(struct kunit *test);

/* vcompound_use_kunit.c */
VC_DECLARE_PARAMS(vc_rmap);

void test_user(struct kunit *test);
void test_rmap(struct kunit *test);
void test_usercopy(struct kunit *test);
void test_dma_map(struct kunit *test);
void test_kasan(struct kunit *test);
void test_memory_failure(struct kunit *test);

#endif /* __MM_TESTS_VCOMPOUND_SUITE_H */
