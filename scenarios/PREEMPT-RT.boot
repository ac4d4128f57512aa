# SPDX-License-Identifier: GPL-2.0
# The suites and the stress tests on a real-time kernel, under lockdep. The tests that free or
# allocate in a hard interrupt, or with interrupts or preemption off, are skipped.
append numa=fake=2 hugetlb_free_vmemmap=on hugepages=16 kunit.enable=1 kunit.autorun=1
append page_poison=1
run run-machine 2 2
run run-kunit
run run-stress test_vcompound
timeout 1800
