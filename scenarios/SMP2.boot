# SPDX-License-Identifier: GPL-2.0
# Two CPUs, two nodes: the suites, and the base's own tests over vmalloc and the page allocator.
append numa=fake=2 hugetlb_free_vmemmap=on hugepages=16 kunit.enable=1 kunit.autorun=1
run run-machine 2 2
run run-kunit
run run-stress test_vmalloc run_test_mask=4159 nr_threads=2 test_repeat_count=1 test_loop_count=2000
run run-module test_free_pages
