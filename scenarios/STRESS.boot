# SPDX-License-Identifier: GPL-2.0
# The stress module of the series, with the fallback flipping.
kernel SMP2
append numa=fake=2
run run-stress test_vcompound
least 9
timeout 900
