# SPDX-License-Identifier: GPL-2.0
# Must fail: memory is leaked; everything else passes.
kernel DEBUG
memory 2048M
run run-busted 1 leak
expect kmemleak: memory leaked
