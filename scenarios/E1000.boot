# SPDX-License-Identifier: GPL-2.0
# Both drivers over the emulated wire, with contiguous and with forced rings.
kernel SMP2
append numa=fake=2
nics e1000 e1000e
run run-e1000 e1000 contiguous
run run-e1000 e1000e contiguous
run run-e1000 e1000 forced
run run-e1000 e1000e forced
timeout 1500
