# SPDX-License-Identifier: GPL-2.0
# Reports of the kernel about allocations, the boot switch, and allocations that fail one by one
# and at random.
kernel DEBUG
append vfallback=prob=40 vfallback=sometimes vfallback=prob=101 numa=fake=2
memory 2048M
run run-switch prob=40 sometimes prob=101
run run-observe
run run-fail-nth
run run-faults 3 test_loop_count=300
