# SPDX-License-Identifier: GPL-2.0
# The suites once more under lockdep, without allocation tags, as in distributions: pages are then
# freed in blocks, which takes other locks than freeing them one by one. Then requests in interrupts,
# under lockdep and KASAN.
kernel DEBUG
append numa=fake=2 hugetlb_free_vmemmap=on hugepages=16
append kunit.enable=1 kunit.autorun=1 kunit.filter=module!=kasan_test
append sysctl.vm.mem_profiling=0 page_poison=1
memory 1280M
run run-machine 2 2
run run-kunit
run run-stress test_vcompound interrupts=20000
timeout 1800
