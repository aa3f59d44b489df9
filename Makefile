# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
#
# Thin names over cmake presets and scripts; `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

JOBS ?= $(shell nproc)
# one more: tests wait for disks, sockets and processes
TEST_JOBS ?= $(shell echo $$(($(JOBS) + 1)))
DATA ?= ./data
ROUNDS ?= 2000
FUZZ_SECONDS ?= 30
ARGS ?=

BUILD = cmake --build --preset $(1) --parallel $(JOBS)
# configures when there is nothing yet; afterwards the build itself configures again when it must
CONFIGURE = test -f build/$(1)/build.ninja || cmake --preset $(1) --log-level=WARNING >/dev/null
# bin/<program> for each program that was built
PROGRAMS = apps/annals/annals samples/users/annals-users samples/metrics/annals-metrics
LINK = mkdir -p bin; for path in $(PROGRAMS); do \
    ln -sfn ../build/release/$$path bin/$${path\#\#*/}; done

# so that build folders and checkouts share what was compiled
export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_NOHASHDIR := 1

.PHONY: help packages test-packages build run test sanitize bench crash fuzz clients format lint \
    clean

help: ## this list
	@printf 'make <target> [VARIABLE=value]\n\n'
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@printf '\nVARIABLES\n'
	@printf '  %-28s %s\n' 'JOBS=$(JOBS)' 'compilers at the same time' \
	    'TEST_JOBS=$(TEST_JOBS)' 'tests at the same time' \
	    'ARGS="--grpc 127.0.0.1:2500"' 'given to annals by run and bench' \
	    'DATA=$(DATA)' 'where run keeps its events' \
	    'ROUNDS=$(ROUNDS)' 'kills by crash' \
	    'FUZZ_SECONDS=$(FUZZ_SECONDS)' 'time for each fuzz target' \
	    'CLANG_TIDY=all' 'lint looks at every file, not only at changed ones' \
	    'ANNALS_SKIP_PACKAGES=1' 'never install Debian packages'

packages:
	@tools/setup/install_packages.sh

test-packages:
	@tools/setup/install_packages.sh --tests

build: packages ## bin/annals and the samples, with the packages that they need
	@$(call CONFIGURE,release)
	@$(call BUILD,release) --target $(notdir $(PROGRAMS))
	@$(LINK)

run: build ## a server on ./data, in the foreground
	@exec bin/annals serve --data $(DATA) $(ARGS)

test: test-packages ## everything that is quick: unit to end-to-end tests, lint
	@$(call CONFIGURE,release)
	@$(call BUILD,release)
	@$(LINK)
	@ctest --preset release -LE sanitize -j $(TEST_JOBS)

sanitize: test-packages ## the tests under address, undefined behaviour and thread sanitizers
	@$(call CONFIGURE,asan)
	@$(call BUILD,asan)
	@ctest --preset asan -j $(TEST_JOBS)
	@$(call CONFIGURE,tsan)
	@$(call BUILD,tsan)
	@ctest --preset tsan -j $(TEST_JOBS)

bench: test-packages build ## the benchmark of a whole server; results go to bench/results
	@mkdir -p bench/results
	@bin/annals bench --results bench/results $(ARGS)
	@$(call BUILD,release) --target annals_null_beast_server annals_null_http_server annals_feed_readers
	@python3 bench/http_bench.py --work bench/results

crash: build ## kill -9 in a loop, then ask whether anything acknowledged is lost
	@python3 tests/crash/run.py --rounds $(ROUNDS) $(ARGS)
	@python3 -B tests/crash/scavenge_rounds.py --rounds $$(($(ROUNDS) / 20 + 1))
	@$(call BUILD,release) --target annals_group_worker
	@python3 -B tests/crash/group_rounds.py --rounds $$(($(ROUNDS) / 20 + 1)) \
	    --worker build/release/tests/crash/annals_group_worker

fuzz: packages ## every parser against random bytes, FUZZ_SECONDS each
	@$(call CONFIGURE,asan)
	@$(call BUILD,fuzz)
	@tools/fuzz/run.sh build/asan/fuzzers $(FUZZ_SECONDS)

clients: ## the Python client's wheel and reference pages, below build/clients/python
	@python3 tests/compat/python/set_up.py build/clients/python
	@cp build/clients/python/wheel/*.whl build/clients/python/

format: packages ## clang-format on our C++ files
	@tools/tidy/format.sh

lint: packages ## format, hygiene, headers that compile alone, clang-tidy on changed files
	@$(call CONFIGURE,dev)
	@ctest --preset dev -L lint
	@tools/tidy/clang_tidy.sh $(CLANG_TIDY)

clean: ## removes build/ and bin/; data and benchmark results stay
	@rm -rf build bin
