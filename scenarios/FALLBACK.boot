# SPDX-License-Identifier: GPL-2.0
# The kernel of SMP2 with the fallback forced everywhere from boot on.
kernel SMP2
append vfallback=always numa=fake=2 hugetlb_free_vmemmap=on hugepages=16
append kunit.enable=1 kunit.autorun=1
run run-machine 2 2
run run-switch always
run run-kunit
run run-stress test_vmalloc run_test_mask=4159 nr_threads=2 test_repeat_count=1 test_loop_count=2000
