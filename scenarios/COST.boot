# SPDX-License-Identifier: GPL-2.0
# A few pairs of calls must not get more expensive. The kernel is that of SMP2, without allocation
# profiling. This scenario only shows that a figure grew; docs/cost.md has the cost in a
# distribution's kernel.
kernel SMP2
icount always
cpus 1
memory 256M
append numa=off vfallback=off sysctl.vm.mem_profiling=0 log_buf_len=1M loglevel=5 tsc=reliable
run run-cost
