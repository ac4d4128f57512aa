# SPDX-License-Identifier: GPL-2.0
# All suites on UML. Keywords of .boot files: see scripts/boot --help.
append mem=256M
least 818
skips 2
