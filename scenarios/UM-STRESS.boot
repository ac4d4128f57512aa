# SPDX-License-Identifier: GPL-2.0
# The stress tests where preemption is neither possible nor counted: nothing can tell whether it may
# sleep. User-mode Linux is the only architecture here that can be built so.
kernel UM
append mem=1024M kunit.enable=0
timeout 300
