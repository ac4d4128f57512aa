# SPDX-License-Identifier: GPL-2.0
# Must fail: an allocation leaks; everything else passes.
kernel DEBUG
memory 2048M
run run-busted 1 leak
expect kmemleak: memory leaked
