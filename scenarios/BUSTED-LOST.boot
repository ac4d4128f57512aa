# SPDX-License-Identifier: GPL-2.0
# Must fail: the kernel dies before the verdict.
kernel SMP2
run run-busted 1 lost
expect lost: the machine went away without a verdict
expect Kernel panic
