# SPDX-License-Identifier: GPL-2.0
# The front door: every target calls one script. `make help` lists them.

SCN ?= SMP2

.PHONY: help demo test deps base work export check kunit boot each bench bench-repeat mbox repo-test mutants clean distclean
.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
	@echo '  ./apply TREE      apply the series to a kernel tree of yours (--check, --revert)'
	@echo 'Set when needed: BASE= SCN= TREE= LINUX_TARBALL= ACCEL= JOBS= STRICT=1 V= VCP_CACHE='

demo: deps ## set everything up, then show it in a virtual machine
	@scripts/demo

test: deps ## set everything up, then run all that CI runs
	@tests/run

deps: ## install the packages that are missing
	@scripts/deps

base: ## fetch and import the base kernel
	@scripts/base-import

work: ## a kernel tree with one commit per patch
	@scripts/work

export: ## that tree back into src/ and patches/
	@scripts/series-export

check: ## invariants, checkpatch, kernel-doc, sparse, shellcheck
	@scripts/check

kunit: ## unit tests on UML, in seconds (SCN=UM-KASAN)
	@scripts/kunit $(if $(filter file,$(origin SCN)),UM,$(SCN))

boot: ## one scenario in a virtual machine (SCN=)
	@scripts/boot $(SCN)

each: ## every prefix of the series builds
	@scripts/each

bench: deps ## what everything costs, in instructions, into docs/cost-tables.md
	@scripts/bench

bench-repeat: deps ## the bench once more: two runs agree within 1 %
	@scripts/bench --repeat

mbox: ## the series as mail, out/<base>/ (ONLY=NAME FOR=net: one patch, alone)
	@scripts/mbox $(if $(ONLY),--only '$(ONLY)') $(if $(FOR),--for '$(FOR)')

repo-test: ## test the scripts on a toy kernel
	@tests/repo/run

mutants: ## the share of small bugs, one of each kind in each hunk, that a test catches
	@tests/mutants/run

clean: ## remove the build folders and out/
	@scripts/clean

distclean: ## remove the whole cache too
	@scripts/clean --all
