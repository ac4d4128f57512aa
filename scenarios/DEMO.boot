# SPDX-License-Identifier: GPL-2.0
# The demo, on the kernel of SMP2.
kernel SMP2
append numa=off
device -netdev hubport,id=a0,hubid=0 -netdev hubport,id=b0,hubid=0
device -device e1000,netdev=a0,mac=52:54:00:00:00:01 -device e1000,netdev=b0,mac=52:54:00:00:00:02
run run-demo
