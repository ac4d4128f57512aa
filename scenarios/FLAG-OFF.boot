# SPDX-License-Identifier: GPL-2.0
# The base's suites and tests, and the drivers, with the API alone. Four tests of the leak checks
# are skipped: they need trace events or allocation tags, which this kernel lacks.
append numa=fake=2 kunit.enable=1 kunit.autorun=1
device -netdev hubport,id=a0,hubid=0 -netdev hubport,id=b0,hubid=0
device -device e1000,netdev=a0,mac=52:54:00:00:00:01 -device e1000,netdev=b0,mac=52:54:00:00:00:02
device -netdev hubport,id=a1,hubid=1 -netdev hubport,id=b1,hubid=1
device -device e1000e,netdev=a1,mac=52:54:00:00:01:01 -device e1000e,netdev=b1,mac=52:54:00:00:01:02
run run-machine 2 2
run run-kunit
run run-e1000 e1000 contiguous 8
run run-e1000 e1000e contiguous 8
