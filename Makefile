# `make run` serves the demo shop, `make test` runs all tests. Both build the environment in .venv first.
PYTHON ?= python3.11
BIN := .venv/bin
export DAOGOU_HOME ?= var

.PHONY: run test lint format bench web clean

run: .venv/base
	$(BIN)/daogou demo
	$(BIN)/daogou serve

test: .venv/dev
	$(BIN)/python -m pytest $(TESTS)

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/dev
	$(BIN)/daogou demo
	OMP_NUM_THREADS=1 $(BIN)/python tests/benchmarks/turn.py
	OMP_NUM_THREADS=1 $(BIN)/python tests/benchmarks/understanding.py --cross-validation

web:
	cd bot/web && npm ci && npm run build

.venv/base: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable . --constraint constraints.txt
	@touch $@

.venv/dev: .venv/base
	$(BIN)/pip install --quiet --editable '.[dev,server]' --constraint constraints.txt
	@touch $@

clean:
	rm -rf .venv var build dist *.egg-info
