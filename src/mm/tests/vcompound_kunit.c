// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for virtual compound pages
 *
 * They check the rules of Documentation/mm/vcompound.rst, with contiguous pages
 * and with the fallback forced: each test runs once for either outcome unless
 * its name says otherwise. This file has the list of the tests; the files that
 * vcompound_suite.h names have the tests.
 */
#include <kunit/test.h>

#include "vcompound_suite.h"

static const struct vc_param vc_outcomes[] = {
	{ "" },
	{}
};

VC_GEN_PARAMS(vc_outcomes)

static const struct vc_param vc_families[] = {
	{ "" },
	{}
};

VC_GEN_PARAMS_FAMILIES(vc_families)

static const struct vc_param vc_fallback[] = {
	{ "fallback", .one_outcome = true, .fallback = true },
	{}
};

VC_GEN_PARAMS_FAMILIES(vc_fallback)

VC_GEN_PARAMS_FAMILIES(vc_contexts)

VC_GEN_PARAMS(vc_areas)

static struct kunit_case vcompound_test_cases[] = {
	KUNIT_CASE_PARAM(test_calls, vc_calls_gen_params),
	KUNIT_CASE(test_free_null),
	KUNIT_CASE_PARAM(test_orders, vc_orders_gen_params),
	KUNIT_CASE_PARAM(test_exact_sizes, vc_sizes_gen_params),
	KUNIT_CASE_PARAM(test_above_max_order, vc_above_max_order_gen_params),
#ifdef CONFIG_TRACEPOINTS
	KUNIT_CASE_PARAM(test_single_pages, vc_single_gen_params),
#endif
#ifdef CONFIG_TRACEPOINTS
	KUNIT_CASE_PARAM(test_vmalloc_chunks, vc_outcomes_gen_params),
#endif
	KUNIT_CASE_PARAM(test_one_page, vc_outcomes_gen_params),
	KUNIT_CASE(test_contiguous_kinds),
	KUNIT_CASE(test_other_pages),
	KUNIT_CASE(test_ending),
#ifdef CONFIG_DEBUG_VM
	KUNIT_CASE_PARAM(test_nth_beyond, vc_families_gen_params),
#endif
	KUNIT_CASE_PARAM(test_neighbours, vc_fallback_gen_params),
	KUNIT_CASE(test_free_pages_behind),
	KUNIT_CASE(test_other_type),
#ifdef CONFIG_DEBUG_FS
	KUNIT_CASE(test_switch),
#endif
#ifdef CONFIG_VFALLBACK_ALWAYS
	KUNIT_CASE(test_chance),
#endif
	KUNIT_CASE_PARAM(test_many, vc_families_gen_params),
	KUNIT_CASE_PARAM(test_zero, vc_zero_gen_params),
	KUNIT_CASE(test_vmallocinfo),
	KUNIT_CASE_PARAM(test_no_leak, vc_families_gen_params),
	KUNIT_CASE_PARAM(test_held_is_seen, vc_families_gen_params),
	KUNIT_CASE_PARAM(test_ref_dropped_after, vc_ref_gen_params),
	KUNIT_CASE_PARAM(test_ref_dropped_before, vc_ref_gen_params),
	KUNIT_CASE_PARAM(test_ref_mixed, vc_families_gen_params),
	KUNIT_CASE_PARAM(test_ref_read, vc_families_gen_params),
	KUNIT_CASE_PARAM(test_ref_lru, vc_fallback_gen_params),
	KUNIT_CASE_PARAM(test_ref_reuse, vc_families_gen_params),
	KUNIT_CASE_PARAM(test_free_context, vc_contexts_gen_params),
#ifdef CONFIG_TRACEPOINTS
	KUNIT_CASE_PARAM(test_unmapped_first, vc_fallback_gen_params),
#if !defined(CONFIG_PREEMPTION) && defined(CONFIG_PREEMPT_COUNT)
	KUNIT_CASE_PARAM(test_resched, vc_fallback_gen_params),
#endif
#endif
	KUNIT_CASE_PARAM(test_free_deferred, vc_fallback_gen_params),
#ifdef CONFIG_TRACEPOINTS
	KUNIT_CASE_PARAM(test_free_not_running, vc_fallback_gen_params),
#endif
	KUNIT_CASE_PARAM(test_drain_many, vc_families_gen_params),
	KUNIT_CASE_PARAM(test_slow_unmap, vc_fallback_gen_params),
	KUNIT_CASE_PARAM(test_request_unmaps, vc_requests_gen_params),
	KUNIT_CASE_PARAM(test_drain_anywhere, vc_drainers_gen_params),
#ifdef CONFIG_SMP
	KUNIT_CASE_PARAM(test_busy_cpu, vc_fallback_gen_params),
#endif
	KUNIT_CASE_PARAM(test_user, vc_families_gen_params),
#ifdef CONFIG_DEBUG_VM
	KUNIT_CASE_PARAM(test_rmap, vc_rmap_gen_params),
#endif
	KUNIT_CASE_PARAM(test_atomic, vc_atomic_gen_params),
	KUNIT_CASE(test_atomic_above_max),
#ifdef CONFIG_TRACEPOINTS
	KUNIT_CASE(test_exact_hardirq),
#endif
	KUNIT_CASE_PARAM(test_events, vc_families_gen_params),
#ifdef CONFIG_TRACEPOINTS
	KUNIT_CASE_PARAM(test_trace, vc_calls_gen_params),
#endif
#ifdef CONFIG_TRACING
	KUNIT_CASE_PARAM(test_trace_lines, vc_families_gen_params),
#endif
	KUNIT_CASE_PARAM(test_gfp, vc_gfp_gen_params),
	KUNIT_CASE_PARAM(test_cleared_flags, vc_cleared_gen_params),
	KUNIT_CASE_PARAM(test_nofail_atomic, vc_families_gen_params),
#if defined(CONFIG_ZONE_DMA) || defined(CONFIG_ZONE_DMA32)
	KUNIT_CASE_PARAM(test_zone, vc_zone_gen_params),
#endif
	KUNIT_CASE_PARAM(test_impossible, vc_impossible_gen_params),
#ifndef CONFIG_KASAN_VMALLOC
	KUNIT_CASE_PARAM(test_no_space, vc_no_space_gen_params),
#endif
	KUNIT_CASE_PARAM(test_nodes, vc_families_gen_params),
	KUNIT_CASE_PARAM(test_node_vmalloc, vc_families_gen_params),
#ifdef CONFIG_NUMA
	KUNIT_CASE_PARAM(test_node_cannot_serve, vc_cannot_serve_gen_params),
	KUNIT_CASE_PARAM(test_node_policy, vc_families_gen_params),
	KUNIT_CASE_SLOW(test_node_fragmented),
	KUNIT_CASE_SLOW(test_node_exhausted),
#endif
	KUNIT_CASE_PARAM(test_bad_free, vc_bad_gen_params),
	KUNIT_CASE_PARAM(test_bad_free_reason, vc_families_gen_params),
	KUNIT_CASE(test_bad_free_block),
	KUNIT_CASE_PARAM(test_foreign_free, vc_foreign_gen_params),
	KUNIT_CASE_PARAM(test_foreign_area, vc_areas_gen_params),
	KUNIT_CASE_PARAM(test_vfree, vc_vmalloc_calls_gen_params),
	KUNIT_CASE_PARAM(test_over_put_head, vc_over_put_gen_params),
	KUNIT_CASE_PARAM(test_over_put_nolock, vc_families_gen_params),
	KUNIT_CASE_PARAM(test_over_put_other, vc_over_put_gen_params),
	KUNIT_CASE_PARAM(test_free_race, vc_families_gen_params),
	KUNIT_CASE_PARAM(test_usercopy, vc_families_gen_params),
#ifdef CONFIG_HAS_DMA
	KUNIT_CASE_PARAM(test_dma_map, vc_families_gen_params),
#endif
#ifdef CONFIG_KASAN_GENERIC
	KUNIT_CASE_PARAM(test_kasan, vc_families_gen_params),
#endif
#ifdef CONFIG_MEMCG
	KUNIT_CASE_PARAM(test_memcg, vc_families_gen_params),
	KUNIT_CASE_PARAM(test_memcg_vmalloc, vc_families_gen_params),
	KUNIT_CASE_PARAM(test_exact_blocks, vc_checks_gen_params),
#ifdef CONFIG_TRACEPOINTS
	KUNIT_CASE(test_exact_merges),
#endif
#if defined(CONFIG_TRACEPOINTS) && defined(CONFIG_VM_EVENT_COUNTERS)
	KUNIT_CASE_PARAM(test_exact_bad_page, vc_checks_gen_params),
#endif
	KUNIT_CASE_PARAM(test_exact_rest_taken, vc_rests_gen_params),
	KUNIT_CASE(test_exact_above_pageblock),
	KUNIT_CASE_PARAM(test_tags_page_by_page, vc_tags_gen_params),
#if defined(CONFIG_TRACEPOINTS) && defined(CONFIG_VM_EVENT_COUNTERS)
	KUNIT_CASE_PARAM(test_pgfree, vc_families_gen_params),
#endif
#ifdef CONFIG_TRACEPOINTS
	KUNIT_CASE_PARAM(test_asks, vc_askers_gen_params),
#endif
	KUNIT_CASE_PARAM(test_killed, vc_killed_gen_params),
	KUNIT_CASE_PARAM(test_memcg_full, vc_families_gen_params),
	KUNIT_CASE_PARAM(test_memcg_over_put, vc_over_put_gen_params),
#endif
#ifdef CONFIG_FAIL_PAGE_ALLOC
	KUNIT_CASE_PARAM(test_real_fallback, vc_real_gen_params),
	KUNIT_CASE_PARAM(test_atomic_fails, vc_fail_gen_params),
#ifdef VC_FAIL_NTH
	KUNIT_CASE_PARAM(test_fail_nth, vc_nth_gen_params),
#endif
#endif
#ifdef CONFIG_MEMORY_FAILURE
	KUNIT_CASE_PARAM(test_memory_failure, vc_families_gen_params),
#endif
	KUNIT_CASE_PARAM(test_free_pages_ref, vc_families_gen_params),
	{}
};

static struct kunit_suite vcompound_test_suite = {
	.name = "vcompound",
	.suite_init = vc_suite_init,
	.suite_exit = vc_suite_exit,
	.init = vc_init,
	.exit = vc_exit,
	.test_cases = vcompound_test_cases,
};

kunit_test_suite(vcompound_test_suite);

MODULE_DESCRIPTION("KUnit tests for virtual compound pages");
MODULE_LICENSE("GPL");
