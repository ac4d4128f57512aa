# SPDX-License-Identifier: GPL-2.0
# A few pairs may not become dearer. The kernel is that of SMP2, without books on allocations: what
# counts here is that a figure grew, docs/cost.md has what a distribution's kernel pays.
kernel SMP2
icount always
cpus 1
memory 256M
append numa=off vfallback=off sysctl.vm.mem_profiling=0 log_buf_len=1M loglevel=5 tsc=reliable
run run-cost
