# SPDX-License-Identifier: GPL-2.0
# The base's suites and tests, with the options of the series off.
append numa=fake=2 kunit.enable=1 kunit.autorun=1
run run-machine 2 2
run run-kunit
