# SPDX-License-Identifier: GPL-2.0
# The suites, the drivers and the base's tests with every debugging option for memory and locks.
# No frame arrives while e1000e's rings are resized: old versions of QEMU write a descriptor into
# the ring that was freed, which page poisoning reports. See docs/testing.md. kmemleak is used for
# e1000e only: e1000's rings point to page fragments, which kmemleak does not track.
append numa=fake=2 hugetlb_free_vmemmap=on hugepages=16
append kunit.enable=1 kunit.autorun=1 kunit.filter=module!=kasan_test
append page_poison=1 page_owner=on
memory 1280M
nics e1000 e1000e
run run-machine 2 2
run run-kunit
run env RESIZES=2 SILENT=1 LEAKS=1 run-e1000 e1000e contiguous 2
run env RESIZES=2 run-e1000 e1000 forced 2
run env RESIZES=2 SILENT=1 LEAKS=1 run-e1000 e1000e forced 2
timeout 2700
