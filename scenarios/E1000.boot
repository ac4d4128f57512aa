# SPDX-License-Identifier: GPL-2.0
# Both drivers over the emulated wire, with contiguous and with forced rings.
kernel SMP2
append numa=fake=2
device -netdev hubport,id=a0,hubid=0 -netdev hubport,id=b0,hubid=0
device -device e1000,netdev=a0,mac=52:54:00:00:00:01 -device e1000,netdev=b0,mac=52:54:00:00:00:02
device -netdev hubport,id=a1,hubid=1 -netdev hubport,id=b1,hubid=1
device -device e1000e,netdev=a1,mac=52:54:00:00:01:01 -device e1000e,netdev=b1,mac=52:54:00:00:01:02
run run-e1000 e1000 contiguous
run run-e1000 e1000e contiguous
run run-e1000 e1000 forced
run run-e1000 e1000e forced
timeout 1500
