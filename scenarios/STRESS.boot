# SPDX-License-Identifier: GPL-2.0
# First, how often a request in fragmented memory calls the page allocator. Then the stress module,
# with the fallback alternately forced and not forced, by itself, in interrupts and by the kselftest
# script.
kernel SMP2
append numa=fake=2 vfallback=off sysctl.vm.mem_profiling=0
run run-switch off
run run-attempts
run run-stress test_vcompound
run run-stress test_vcompound interrupts=1000000
run run-selftest
timeout 900
