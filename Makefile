# The doors to Backorder Desk. `make run` needs nothing but Python 3.11+ and make; see the README.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SIZE ?= S
WORKERS ?= 2
UV_VERSION := 0.13.9

# uv leaves byte code to the first import; where that may not be kept, every process compiles for seconds.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup setup-production run test bench reliability clean-data lock screenshots format browser

help:
	@echo "make run          a whole desk with demo data on http://127.0.0.1:8000 (HOST=, PORT=)"
	@echo "make setup-production  what the desk needs to run, without the tools of development"
	@echo "make test         linters, types, contracts and the whole test suite"
	@echo "make bench        benchmarks as JSON (SIZE=S|M|L)"
	@echo "make reliability  load and fault runs (SIZE=S|M|L, ONLY=R03)"
	@echo "make format       sort and format the code;  make lock  pin the requirements anew"
	@echo "make clean-data   forget the embedded databases;  make screenshots  take the pictures of the documents"

setup: $(VENV)/.ready

setup-production:
	@PYTHON="$(PYTHON)" UV_VERSION="$(UV_VERSION)" .ci/setup.sh requirements.txt

$(VENV)/.ready: requirements.txt requirements-dev.txt .ci/setup.sh
	@PYTHON="$(PYTHON)" UV_VERSION="$(UV_VERSION)" .ci/setup.sh

run: setup
	@STOP_WITH_MAKE=1 exec $(BIN)/python -m config.launch

browser: setup
	@.ci/browser.sh

test: setup browser
	@WORKERS="$(WORKERS)" .ci/test.sh

bench: setup
	@exec $(BIN)/python -m tests.bench --size $(SIZE)

reliability: setup
	@exec $(BIN)/python -m tests.reliability --size $(SIZE) $(if $(ONLY),--only $(ONLY))

screenshots: setup browser
	@exec $(BIN)/python -m tests.screenshots

format: setup
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .
	@$(BIN)/djlint templates --reformat --quiet || true

lock: setup
	UV_SYSTEM_CERTS=1 $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url --no-emit-find-links requirements.in -o requirements.txt
	UV_SYSTEM_CERTS=1 $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url --no-emit-find-links requirements-dev.in -o requirements-dev.txt

clean-data:
	@$(PYTHON) .ci/clean_data.py
