# SPDX-License-Identifier: GPL-2.0
# Must fail: a failing test, too few results, and taint, all in one run.
kernel SMP2
run run-busted 3 test taint
expect not ok: busted/fails on purpose
expect busted/ ended after 1 of 3
expect suite busted: 1 results, tests/results has 3
expect verdict: fail: scenario: exit 1; taint: 64
