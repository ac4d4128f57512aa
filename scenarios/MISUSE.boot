# SPDX-License-Identifier: GPL-2.0
# Wrong uses that the kernel has to catch. Taint: died (128) and warned (512), both expected. The
# word for the boot switch is an unknown one, so the default stays.
kernel DEBUG
append vfallback=never log_buf_len=1M
memory 2048M
run run-switch always never
run run-misuse
taint 640
