# SPDX-License-Identifier: GPL-2.0
# Each target calls one script. `make help` lists the targets.

SCN ?= SMP2

.PHONY: help demo test deps base work export check kunit boot each bench bench-repeat mbox \
	repo-test mutants clean distclean
.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
	@echo '  ./apply TREE      apply the series to your kernel tree (--check, --revert)'
	@echo 'Set when needed: BASE= SCN= TREE= LINUX_TARBALL= ACCEL= JOBS= STRICT=1 V= VCP_CACHE='

demo: deps ## set everything up, then run the demonstration in a virtual machine
	@scripts/machine/demo

test: deps ## set everything up, then run everything that CI runs
	@tests/run

deps: ## install missing packages
	@scripts/deps

base: ## fetch and import the base kernel
	@scripts/series/base-import

work: ## make a kernel tree with one commit per patch
	@scripts/series/work-tree

export: ## write that tree back to src/ and patches/
	@scripts/series/series-export

check: ## check invariants, text, words, checkpatch, kernel-doc, sparse, shellcheck
	@scripts/check/check

kunit: ## run the unit tests on UML, in seconds (SCN=UM-KASAN)
	@scripts/kernel/kunit $(if $(filter file,$(origin SCN)),UM,$(SCN))

boot: ## run one scenario in a virtual machine (SCN=)
	@scripts/machine/boot $(SCN)

each: ## build every prefix of the series
	@scripts/series/build-each

bench: deps ## measure the cost in instructions, and update docs/cost-tables.md
	@scripts/machine/bench

bench-repeat: deps ## repeat the bench: both runs must agree within 1 %
	@scripts/machine/bench --repeat

mbox: ## write the series as mail to out/<base>/ (ONLY=NAME FOR=net: one patch)
	@scripts/series/mbox $(if $(ONLY),--only '$(ONLY)') $(if $(FOR),--for '$(FOR)')

repo-test: ## test the scripts on a toy kernel
	@tests/repo/run

mutants: ## measure how many deliberate small bugs the tests catch
	@tests/mutants/run

clean: ## remove the build folders and out/
	@scripts/clean

distclean: ## remove the cache too
	@scripts/clean --all
