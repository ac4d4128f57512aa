# SPDX-License-Identifier: GPL-2.0
# Must fail: a failing test, too few results and taint, all in one run.
kernel SMP2
run run-busted 3 test taint
least 10
expect not ok: busted/fails on purpose
expect busted/ ended after 1 of 3
expect too few results
expect verdict: fail: scenario: exit 1; taint: 64
