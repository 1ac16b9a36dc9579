# Every task of this checkout has its name here; `make help` lists them.
# The first task that needs it makes .venv and builds; later runs find both done.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
STAMPS := build/stamps

# A folder with derived files has a generate.py, which takes --check too.
GENERATORS := $(shell find abml compiler vm providers -name generate.py 2>/dev/null)
SOURCES := $(shell find vm -name '*.pyx' -o -name '*.pxd' -o -name '*.pxi' -o -name '*.h' 2>/dev/null)

.PHONY: help run setup build gen fmt check test test-long golden fuzz mutants sanitize bench docs clean

help: ## list the tasks
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 14

run: build ## compile and run examples/06_night_watch, and print its story
	@$(BIN)/abmlc run examples/06_night_watch/night_watch.abml.yml --seed 3

setup: $(VENV)/.ready ## make .venv with everything that development needs

$(VENV)/.ready: pyproject.toml setup.py
	@test -x $(PY) || $(PYTHON) -m venv $(VENV) || { \
	  echo "cannot make $(VENV): install the venv module (Debian: apt-get install python3-venv python3-dev)"; exit 1; }
	@echo "installing into $(VENV) ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check --upgrade "setuptools>=64" wheel "cython>=3.0"
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-build-isolation --editable ".[dev]"
	@touch $@

build: $(VENV)/.ready $(STAMPS)/extensions ## compile what changed
	@# Also where the environment forbids Python to write bytecode, so that abmlc always starts fast.
	@$(PY) -m compileall -q abml compiler vm providers director

$(STAMPS)/extensions: $(VENV)/.ready $(SOURCES)
	@mkdir -p $(STAMPS)
	@$(PY) setup.py --quiet build_ext --inplace --parallel 2 > build/extensions.log 2>&1 || { cat build/extensions.log; exit 1; }
	@touch $@

gen: $(VENV)/.ready ## write the derived files again; no difference is left when nothing moved
	@for file in $(GENERATORS); do $(PY) -m "abml.$$(echo $${file%.py} | sed 's,^abml/,,; s,/,.,g')" || exit 1; done
	@$(PY) -m tests.requirements.generate

fmt: $(VENV)/.ready ## format the code and sort the imports
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .

check: build ## lint, types, import directions, sizes, freshness of derived files
	@$(BIN)/ruff check .
	@$(BIN)/mypy --no-error-summary abml
	@$(PY) -m pytest -q tests/unit/test_architecture.py

test: build ## everything that takes seconds
	@$(PY) -m pytest -q

test-long: build ## everything
	@$(PY) -m pytest -q -m ""

golden: build ## write the golden files again; read the difference like code
	@$(PY) -m pytest -q tests/golden --update-golden

fuzz: build ## longer random tests
	@HYPOTHESIS_PROFILE=fuzz $(PY) -m pytest -q tests/property tests/differential -m ""

mutants: build ## change the meaning of one opcode at a time: do the tests notice?
	@$(PY) -m tests.mutation.run

sanitize: $(VENV)/.ready ## the tests of the machine, compiled with address and undefined-behavior sanitizers
	@.ci/sanitize $(PY)

bench: build ## measure
	@for file in bench/bench_*.py; do [ -e "$$file" ] || continue; echo "== $$file"; $(PY) "$$file" || exit 1; done

docs: build ## run every snippet of README.md, docs/ and examples/
	@$(PY) -m pytest -q tests/docs

clean: ## remove what was built, not .venv
	@rm -rf build dist
	@find vm -name '*.so' -delete
