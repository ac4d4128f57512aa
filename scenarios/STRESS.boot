# SPDX-License-Identifier: GPL-2.0
# The stress module of the series, with the fallback flipping.
kernel SMP2
append numa=fake=2 vfallback=off
run run-switch off
run run-stress test_vcompound
least 30
timeout 900
