# `make run` serves the demo shop, `make test` runs all tests. Both build the environment in .venv first.
# `make rasa` and `make serve-rasa`, in two terminals: the demo shop with a real Rasa server in charge of the dialogue.
PYTHON ?= python3.11
BIN := .venv/bin
export DAOGOU_HOME ?= var

# Rasa 3.6.21 runs on Python 3.10 at the latest, so it has an environment of its own.
PYTHON310 ?= $(shell for one in python3.10 $(HOME)/.pyenv/versions/3.10*/bin/python3.10; do \
	if "$$one" -c '' 2>/dev/null; then echo "$$one"; break; fi; done)
RASA := RASA_TELEMETRY_ENABLED=false RASA_CACHE_DIRECTORY=$(DAOGOU_HOME)/rasa/cache \
	SQLALCHEMY_SILENCE_UBER_WARNING=1 TF_CPP_MIN_LOG_LEVEL=3 .venv-rasa/bin/rasa
export DAOGOU_URL ?= http://127.0.0.1:8000

.PHONY: run test lint format bench web clean rasa rasa-env serve-rasa python310

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

rasa: rasa-env
	$(RASA) train --domain bot/project/domain --data bot/project/data --config bot/project/config.yml \
		--out $(DAOGOU_HOME)/rasa --fixed-model-name daogou
	$(RASA) run --model $(DAOGOU_HOME)/rasa/daogou.tar.gz --credentials bot/project/credentials.yml \
		--endpoints $(if $(DAOGOU_RASA_TOKEN),docker/rasa.endpoints.yml,bot/project/endpoints.yml) \
		--enable-api $(if $(DAOGOU_RASA_TOKEN),--auth-token "$$DAOGOU_RASA_TOKEN") --interface 127.0.0.1 --port 5005

serve-rasa: .venv/base
	$(BIN)/daogou demo
	$(BIN)/daogou serve --runtime rasa

rasa-env: .venv-rasa/base

python310:
	@echo $(PYTHON310)

.venv-rasa/base: docker/rasa.constraints.txt
	@test -n "$(PYTHON310)" || { echo "Rasa 3.6.21 needs Python 3.10, and there is none: install it, or say where it is (make $(MAKECMDGOALS) PYTHON310=/path/to/python3.10)."; exit 1; }
	$(PYTHON310) -m venv .venv-rasa
	.venv-rasa/bin/pip install --quiet --disable-pip-version-check rasa==3.6.21 setuptools==70.3.0 --constraint $<
	@touch $@

.venv/base: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable . --constraint constraints.txt
	@touch $@

.venv/dev: .venv/base
	$(BIN)/pip install --quiet --editable '.[dev,server]' --constraint constraints.txt
	@touch $@

clean:
	rm -rf .venv .venv-rasa var build dist *.egg-info
