# SPDX-License-Identifier: GPL-2.0
# All suites of the UM-KASAN kernel. Two CPUs need the seccomp way to run processes.
append mem=512M ncpus=2 seccomp=on
