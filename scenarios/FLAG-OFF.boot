# SPDX-License-Identifier: GPL-2.0
# The base's suites and tests, and the drivers, with the API alone. Four tests of the leak checks
# are skipped: they need trace events or allocation tags, which this kernel lacks.
append numa=fake=2 kunit.enable=1 kunit.autorun=1
nics e1000 e1000e
run run-machine 2 2
run run-kunit
run run-e1000 e1000 contiguous 8
run run-e1000 e1000e contiguous 8
