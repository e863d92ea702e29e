# The two commands of a newcomer: `make run` and `make test`. Both set up .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help run setup test lint types lock check eval clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: setup ## start the service with the simulator on http://127.0.0.1:8080
	@BOT__SIMULATOR__ENABLED=$${BOT__SIMULATOR__ENABLED:-true} $(BIN)/bot serve

setup: $(STAMP) ## create .venv with everything `make run` and `make test` need

$(STAMP): requirements/dev.lock pyproject.toml
	@PYTHON="$(PYTHON)" sh requirements/find_python.sh $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

test: setup ## run the whole test suite
	@$(BIN)/python -m pytest

lint: setup ## formatting and lint rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: setup ## strict types over source and tests
	@$(BIN)/mypy

check: setup ## validate the knowledge base
	@$(BIN)/bot check

lock: setup ## refresh the locked dependencies (needs uv on the path)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url -q pyproject.toml requirements/build.in -o requirements/run.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url -q --extra dev pyproject.toml requirements/build.in -o requirements/dev.lock

clean: ## remove what the build made (the store in var/ stays)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
