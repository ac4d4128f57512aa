# SPDX-License-Identifier: GPL-2.0
# All suites of the UM-KASAN kernel. With two CPUs processes have to run in
# seccomp mode.
append mem=512M ncpus=2 seccomp=on
