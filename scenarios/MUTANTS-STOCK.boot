# SPDX-License-Identifier: GPL-2.0
# How tests/mutants/run starts the kernel of MUTANTS-STOCK.
append mem=256M
timeout 60
