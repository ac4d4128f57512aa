# SPDX-License-Identifier: GPL-2.0
# The stress tests where preemption is neither possible nor counted: no code can tell whether it may
# sleep. Of the architectures here only User-mode Linux can be built so.
kernel UM
append mem=1024M kunit.enable=0
timeout 300
