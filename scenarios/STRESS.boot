# SPDX-License-Identifier: GPL-2.0
# The stress module of the series, with the fallback flipping; before that, how often requests in
# fragmented memory ask the page allocator.
kernel SMP2
append numa=fake=2 vfallback=off sysctl.vm.mem_profiling=0
run run-switch off
run run-attempts
run run-stress test_vcompound
timeout 900
