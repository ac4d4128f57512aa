# SPDX-License-Identifier: GPL-2.0
# Wrong uses that the kernel has to catch. Taint: died (128), warned (512), which is what it passes
# by. The only word of the switch here is none that it knows: the default stays.
kernel DEBUG
append vfallback=never log_buf_len=1M
memory 2048M
run run-switch always never
run run-misuse
taint 640
