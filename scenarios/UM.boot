# SPDX-License-Identifier: GPL-2.0
# All suites on UML. Keywords of .boot files: see scripts/machine/boot --help.
append mem=256M
# The stress tests run in UM-STRESS. Here: the first of them, with one allocation per thread.
append test_vcompound.run_test_mask=1 test_vcompound.test_loop_count=1
