# fairline: 'make demo' shows it, 'make test' proves it. Everything is installed into .venv, nothing elsewhere.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
DEMO := demo-bank
CKAN_LOG := $(VENV)/ckan-tests.log
JOBS ?= 2
# Tests sync thousands of small files: in memory, where there is plenty of it, that takes half of the time (an empty
# TEST_MEMORY leaves them on the disk). They are 400 MB; the rest is for the tests themselves.
ifeq ($(origin TEST_MEMORY),undefined)
TEST_MEMORY := $(shell awk '/^MemAvailable/ { exit $$2 < 12000000 }' /proc/meminfo 2>/dev/null && [ -w /dev/shm ] \
  && df -Pk /dev/shm | awk 'NR == 2 && $$4 > 4000000 { print "/dev/shm" }')
endif
FUZZED_FILES ?= 2000

.PHONY: help demo test test-fast fuzz system-packages lint docs bench update clean ckan-up ckan-down

help:
	@echo "make demo       build the example bank and serve it at http://127.0.0.1:$(PORT)/ (PORT=... to choose)"
	@echo "make test       the whole test suite; installs Chromium, minisign and jq with apt where it may"
	@echo "make test-fast  the suite without crash sweeps, fuzzing, whole ontologies, the guides, CKAN and browser"
	@echo "make fuzz       2,000 damaged files of each format (FUZZED_FILES=... to choose)"
	@echo "make lint       ruff and mypy"
	@echo "make docs       renew the pages that are made from the code"
	@echo "make ckan-up    a real CKAN on loopback for the tests; prints its address and tokens (1 minute the first time)"
	@echo "make ckan-down  end it; its data stay"
	@echo "make bench      the benchmarks"
	@echo "make update     renew constraints.txt, the tested set of dependencies"
	@echo "make clean      remove environment, example bank and caches"

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "fairline needs Python 3.11 or newer: make PYTHON=python3.12 ..."; exit 1; }
	@echo "Making the environment $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/installed: $(VENV)/python pyproject.toml constraints.txt
	@echo "Installing fairline and the pinned versions of what it needs ..."
	@$(PIP) install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@echo "Installing what the tests need ..."
	@$(PIP) install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(VENV)/installed
	@echo "Building the example bank in $(DEMO)/ (nothing to do when it is there) ..."
	@if [ -f $(DEMO)/fairline.toml ]; then $(BIN)/fairline demo $(DEMO); \
	else $(BIN)/fairline demo $(DEMO) --base-iri http://127.0.0.1:$(PORT)/; fi
	@echo "Open http://127.0.0.1:$(PORT)/ in a browser; Ctrl-C ends it."
	@$(BIN)/fairline --bank $(DEMO) serve --port $(PORT)

system-packages:
	@missing=""; \
	command -v chromium >/dev/null 2>&1 || missing="$$missing chromium"; \
	command -v minisign >/dev/null 2>&1 || missing="$$missing minisign"; \
	command -v jq >/dev/null 2>&1 || missing="$$missing jq"; \
	if [ -n "$$missing" ]; then \
	  if command -v apt-get >/dev/null 2>&1 && [ "$$(id -u)" = 0 ]; then \
	    echo "Installing$$missing with apt ..."; \
	    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; } >/dev/null 2>&1 \
	      || echo "apt could not install$$missing; tests that need them say so"; \
	  else \
	    echo "Not here and not installable without root:$$missing. Tests that need them are skipped (sudo apt-get install$$missing)."; \
	  fi; \
	fi

# The tests that need the one CKAN mostly wait for it: they run in one process beside the others.
test: $(VENV)/installed-dev system-packages
	@echo "Running the whole test suite on $(JOBS) processes, and beside it the tests that need a CKAN (about 20 minutes on 2 cores) ..."
	@folder=$$(mktemp -d $(if $(TEST_MEMORY),-p "$(TEST_MEMORY)")) || exit 1; \
	trap 'rm -rf "$$folder"' EXIT; trap 'exit 130' INT; trap 'exit 143' TERM; trap 'exit 129' HUP; \
	export TMPDIR="$$folder"; \
	$(BIN)/python -m pytest -q -m ckan >$(CKAN_LOG) 2>&1 & ckan=$$!; \
	failed=0; \
	$(BIN)/python -m pytest -q -n $(JOBS) --dist loadgroup -m "not ckan" || failed=1; \
	echo "Waiting for the tests that need a CKAN ($(CKAN_LOG)) ..."; \
	wait $$ckan || failed=1; \
	cat $(CKAN_LOG); \
	[ $$failed = 0 ] || { trap - EXIT; echo "The files of what failed are in $$folder."; }; \
	exit $$failed

test-fast: $(VENV)/installed-dev
	@echo "Running the tests without crash sweeps, fuzzing, whole ontologies, the guides, CKAN and browser (under 2 minutes) ..."
	@$(BIN)/python -m pytest -q -n $(JOBS) --dist loadgroup -m "not slow and not browser and not ckan"

fuzz: $(VENV)/installed-dev
	@echo "Judging $(FUZZED_FILES) damaged files of each format ..."
	@FAIRLINE_FUZZED_FILES=$(FUZZED_FILES) $(BIN)/python -m pytest -q -n $(JOBS) tests/formats/test_cases.py -k damaged

lint: $(VENV)/installed-dev
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

docs: $(VENV)/installed-dev
	@$(BIN)/fairline explain --markdown > docs/codes.md
	@$(BIN)/python -m tests.docs_tables
	@echo "renewed docs/codes.md and the tables of the other guides"

bench: $(VENV)/installed-dev
	@for each in benchmarks/*.py; do echo "== $$each"; $(BIN)/python $$each || exit 1; done

ckan-up: $(VENV)/python
	@$(BIN)/python -m tests.ckan.stack up

ckan-down: $(VENV)/python
	@$(BIN)/python -m tests.ckan.stack down

update: pyproject.toml
	@echo "Resolving the newest versions in a fresh environment ..."
	@rm -rf $(VENV)-update && $(PYTHON) -m venv $(VENV)-update
	@$(VENV)-update/bin/python -m pip --disable-pip-version-check install --quiet '.[dev]'
	@{ echo "# The tested set of dependencies; renewed by 'make update'."; \
	   $(VENV)-update/bin/python -m pip --disable-pip-version-check freeze --exclude fairline; } > constraints.txt
	@rm -rf $(VENV)-update build fairline.egg-info
	@echo "renewed constraints.txt; now run 'make test'"

clean:
	@rm -rf $(VENV) $(VENV)-wheel $(VENV)-update $(DEMO) build dist fairline.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis screenshots
