# SPDX-License-Identifier: GPL-2.0
# The demo, on the kernel of SMP2.
kernel SMP2
append numa=off
nics e1000
run run-demo
