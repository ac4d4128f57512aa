# SPDX-License-Identifier: GPL-2.0
# How tests/mutants/run starts the kernel of MUTANTS. Two CPUs need the seccomp way to run processes.
append mem=256M ncpus=2 seccomp=on
timeout 60
