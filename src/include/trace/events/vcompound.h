/* SPDX-License-Identifier: GPL-2.0 */
/* Trace events of virtual compound pages. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM vcompound

#if !defined(_TRACE_VCOMPOUND_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_VCOMPOUND_H

#include <linux/tracepoint.h>
#include <linux/vcompound.h>
#include <trace/events/mmflags.h>

/**
 * vcompound_alloc - called when an allocation has been satisfied or has failed
 * @page:	head page, NULL on failure
 * @size:	requested size in bytes
 * @gfp:	requested flags, without those that have no effect
 * @nid:	requested node, -1 for none
 * @caller:	return address in the calling function
 */
TRACE_EVENT(vcompound_alloc,

	TP_PROTO(const struct page *page, size_t size, gfp_t gfp, int nid,
		 const void *caller),

	TP_ARGS(page, size, gfp, nid, caller),

	TP_STRUCT__entry(
		__field(const void *, addr)
		__field(size_t, size)
		__field(bool, contiguous)
		__field(unsigned long, gfp)
		__field(int, nid)
		__field(const void *, caller)
	),

	TP_fast_assign(
		__entry->addr = page ? vcompound_address(page) : NULL;
		__entry->size = size;
		__entry->contiguous = page && vcompound_is_contiguous(page);
		__entry->gfp = (__force unsigned long)gfp;
		__entry->nid = nid;
		__entry->caller = caller;
	),

	TP_printk("addr=%p size=%zu result=%s gfp_flags=%s node=%d caller=%pS",
		__entry->addr, __entry->size,
		!__entry->addr ? "none" :
		__entry->contiguous ? "contiguous" : "fallback",
		show_gfp_flags(__entry->gfp), __entry->nid, __entry->caller)
);

/**
 * vcompound_free - called when an allocation is freed
 * @page:	head page
 * @nr_pages:	number of pages
 * @deferred:	true if its pages are freed later, by a worker or after a flush
 */
TRACE_EVENT(vcompound_free,

	TP_PROTO(const struct page *page, unsigned long nr_pages, bool deferred),

	TP_ARGS(page, nr_pages, deferred),

	TP_STRUCT__entry(
		__field(const void *, addr)
		__field(unsigned long, nr_pages)
		__field(bool, contiguous)
		__field(bool, deferred)
	),

	TP_fast_assign(
		__entry->addr = vcompound_address(page);
		__entry->nr_pages = nr_pages;
		__entry->contiguous = vcompound_is_contiguous(page);
		__entry->deferred = deferred;
	),

	TP_printk("addr=%p nr_pages=%lu was=%s deferred=%d",
		__entry->addr, __entry->nr_pages,
		__entry->contiguous ? "contiguous" : "fallback",
		__entry->deferred)
);

#ifdef CONFIG_VCOMPOUND_STOCK
/**
 * vcompound_flush - called when the TLBs have been flushed for freed allocations
 * @nr_pages:	number of pages that can be freed now
 */
TRACE_EVENT(vcompound_flush,

	TP_PROTO(unsigned long nr_pages),

	TP_ARGS(nr_pages),

	TP_STRUCT__entry(
		__field(unsigned long, nr_pages)
	),

	TP_fast_assign(
		__entry->nr_pages = nr_pages;
	),

	TP_printk("nr_pages=%lu", __entry->nr_pages)
);
#endif

#endif /* _TRACE_VCOMPOUND_H */

#include <trace/define_trace.h>
