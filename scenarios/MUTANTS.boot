# SPDX-License-Identifier: GPL-2.0
# How tests/mutants/run starts the kernel of MUTANTS. With two CPUs
# processes have to run in seccomp mode.
append mem=256M ncpus=2 seccomp=on
timeout 60
