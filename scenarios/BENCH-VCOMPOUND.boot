# SPDX-License-Identifier: GPL-2.0
# The cases that compare the kernels, in counted instructions.
icount yes
cpus 1
memory 256M
append vfallback=off log_buf_len=1M loglevel=5 tsc=reliable
run run-bench test_vmalloc
run run-bench hook,pair,liveset,waste,hostile,flush,attempts
timeout 1200
