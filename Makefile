# Each target first sets up what it needs, once, and then does its job. Without a target: the list.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Another project's environment must not leak into this one.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

# The environment's commands come first: the tests start `zegel-relay`, and Node where it comes from a wheel.
IN_VENV = PATH="$(CURDIR)/.venv/bin:$$PATH"
PYTEST = $(IN_VENV) python -m pytest -n 2 --dist loadfile
# The family's page as `node.sh` built it: once, and not by each test process.
SHELL_FOLDER = $(CURDIR)/relay/zegel_relay/portal/shell
FAST_TESTS = $(wildcard tests/unit tests/architecture tests/vectors)

STORY ?=
UPGRADE ?=

SOAK_KILLS ?= 400
SOAK_SEED ?= $(shell date +%s)
SOAK_COMMITS ?= 500
SOAK_GIB ?= 5
# One at a time, everything printed, and no bound on how long one test may take.
SOAK = $(IN_VENV) python -m pytest -s -o faulthandler_timeout=0

.PHONY: help demo serve-demo screens test check soak bench lint format lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

demo: ## set up, and play the demo (STORY=NAME plays one story)
	@deploy/dev/venv.sh demo
	@deploy/dev/node.sh
	@$(IN_VENV) python -m zegel_demo $(STORY) </dev/null

serve-demo: ## the family's page with a family in it, to be looked at in a browser until Ctrl-C
	@deploy/dev/venv.sh demo
	@deploy/dev/node.sh
	@$(IN_VENV) exec python -m zegel_demo.serve </dev/null

screens: ## pictures of every view of the family's page, into build/screens
	@deploy/dev/venv.sh dev
	@deploy/dev/system-packages.sh chromium=chromium
	@deploy/dev/node.sh
	@PYTHONPATH=tests $(IN_VENV) python -m e2e.portal.screens

test: ## set up, and run everything: style, types, contracts and all tests, on SQLite and on Postgres
	@deploy/dev/venv.sh dev
	@deploy/dev/system-packages.sh gdb=gcore redis-server=redis-server nginx=nginx systemd=systemd-analyze \
	  chromium=chromium
	@deploy/dev/node.sh
	@$(MAKE) lint
	ZEGEL_TEST_SHELL="$(SHELL_FOLDER)" $(PYTEST) -m "not alone" tests
	$(IN_VENV) python -m pytest -m alone tests/e2e
	$(PYTEST) --database postgres -m "not own_database and not alone" tests/unit/relay tests/integration tests/e2e

check: ## the fast part, under a minute: style, types, contracts, unit, architecture and vector tests
	@deploy/dev/venv.sh dev
	@$(MAKE) lint
	$(PYTEST) -m "not slow" $(FAST_TESTS)

soak: ## hours, before a release: more kills, longer searches, the largest file (SOAK_KILLS=400 SOAK_COMMITS=500 SOAK_GIB=5)
	@deploy/dev/venv.sh dev
	@deploy/dev/system-packages.sh redis-server=redis-server nginx=nginx
	ZEGEL_KILLS=$(SOAK_KILLS) ZEGEL_SEED=$(SOAK_SEED) $(SOAK) tests/e2e/test_kills.py
	HYPOTHESIS_PROFILE=long $(SOAK) tests/property
	ZEGEL_COMMIT_EXAMPLES=$(SOAK_COMMITS) $(SOAK) tests/integration/test_ambiguous_commits.py
	ZEGEL_LARGEST_FILE_GIB=$(SOAK_GIB) $(SOAK) tests/e2e/test_files.py -k largest

bench: ## measure beside a floor that does the least: print a table, write build/bench.json
	@deploy/dev/venv.sh dev
	@deploy/dev/system-packages.sh chromium=chromium
	@deploy/dev/node.sh
	@PYTHONPATH=bench:tests $(IN_VENV) python -m zegel_bench

lint: ## style, types and import contracts
	@deploy/dev/venv.sh dev
	$(IN_VENV) ruff check .
	$(IN_VENV) ruff format --check --quiet .
	$(IN_VENV) mypy
	$(IN_VENV) lint-imports
	@deploy/dev/node.sh
	cd portal && $(IN_VENV) npm run --silent types

format: ## put imports and layout right
	@deploy/dev/venv.sh dev
	$(IN_VENV) ruff check --select I --fix .
	$(IN_VENV) ruff format .

lock: ## pin the dependencies anew (UPGRADE=1 takes the newest that pyproject.toml allows)
	@deploy/dev/lock.sh $(if $(UPGRADE),--upgrade)

clean: ## remove all that these targets made
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	rm -rf portal/node_modules portal/build relay/zegel_relay/portal/shell
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
