# Every target sets up what it needs first. PYTHON picks the interpreter (3.11 to 3.13).
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
AXE    := build/axe

.PHONY: help install system demo demo-all test test-fast test-all proof bench-media bench-remote check lint types docs docs-check site notches fixtures recogniser lock clean

help:  ## Say what there is to make
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:[^#]*##/\t/' | expand -t 14

install: $(READY)  ## Install the locked dependencies and the preflight command into .venv

system:
	@PYTHON=$(PYTHON) sh .ci/system

$(READY): requirements.lock pyproject.toml .ci/system
	@PYTHON=$(PYTHON) sh .ci/system
	@echo "installing the locked dependencies into $(VENV)"
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY)  ## Check the demonstration cases with the real engines
	$(BIN)/python fixtures/demo.py

demo-all: $(READY)  ## Check every case
	$(BIN)/python fixtures/demo.py --all

test: $(READY)  ## Run the tests, with ffmpeg and the fixture recogniser
	$(BIN)/python -m pytest

test-fast: $(READY)  ## Run the tests that need neither ffmpeg nor a recogniser
	$(BIN)/python -m pytest -m "not media and not asr and not database and not site and not browser"

test-all: test $(VENV)/.site $(AXE)  ## The tests, and those that need a database server, a browser, or the site
	@PYTHON=$(PYTHON) sh .ci/system database browser
	$(BIN)/python -m pytest -m "database or browser or site"

$(AXE): $(READY) tests/axe.txt
	@echo "installing the accessibility checker into $@"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --upgrade --target $@ -r tests/axe.txt
	@touch $@

proof: $(READY)  ## Prove the consent engine on texts, and switch off each of its rules in turn
	$(BIN)/python -m tests.proof text
	$(BIN)/python -m tests.proof mutations

bench-remote: $(READY)  ## Measure what is transferred to hear a video behind an address (minutes)
	$(BIN)/python -m tests.bench.remote

bench-media: $(READY)  ## Measure what a check costs in processor time and memory (minutes)
	$(BIN)/python -m tests.bench.media

check: lint types docs-check  ## Lint, types, and whether the generated docs are up to date

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(READY)
	$(BIN)/mypy

docs: $(READY)  ## Write the docs that are generated from the rules
	$(BIN)/python docs/generate.py

docs-check: $(READY)
	$(BIN)/python docs/generate.py --check

$(VENV)/.site: requirements-docs.lock $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-docs.lock
	@touch $@

site: $(VENV)/.site  ## Build the documentation as a site, in build/site
	$(BIN)/python docs/build_site.py

notches: $(READY)  ## Spoil a good clip notch by notch, and draw which rules speak (a quarter of an hour)
	$(BIN)/python docs/notches.py

fixtures: $(READY)  ## Make the fixture media again (needs flite and espeak-ng)
	$(BIN)/python fixtures/make.py

recogniser:  ## Train the fixture recogniser again, in an environment of its own (hours; see its README)
	$(PYTHON) -m venv build/recogniser/venv
	build/recogniser/venv/bin/python -m pip install --quiet -r fixtures/recogniser/training/requirements.txt
	PYTHON=$(CURDIR)/build/recogniser/venv/bin/python sh fixtures/recogniser/training/run.sh build/recogniser

lock: $(READY)  ## Write requirements.lock from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --extra faces --extra postgres --extra web --group dev --universal --python-version 3.11 --quiet \
	  --generate-hashes --no-emit-index-url --custom-compile-command "make lock" -o requirements.lock
	$(BIN)/uv pip compile --group docs --constraint requirements.lock --universal --python-version 3.11 --quiet \
	  --generate-hashes --no-emit-index-url --custom-compile-command "make lock" -o requirements-docs.lock

clean:  ## Remove what was installed and cached here
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
