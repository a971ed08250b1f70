# Two commands on a fresh machine with Python 3.11+ and make: `make reproduce`, `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: help reproduce test lint format docs benchmarks interop clean

help: ## show this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/'

reproduce: $(VENV)/installed ## set up, then run the shipped study into out/
	$(BIN)/coding reproduce

test: $(VENV)/developed ## set up, then run the tests
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

lint: $(VENV)/developed ## style, types, floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/developed ## write the code in the common style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: reproduce ## renew the pictures in the README (those of the app need playwright and chromium) and the codebook as a page
	mkdir -p docs/images
	$(BIN)/coding codebook page --format markdown --out docs/codebook.md
	cp out/bimantara-2022/figures/heatmap.png docs/images/matrix.png
	$(BIN)/coding reproduce six-donors
	cp out/six-donors/figures/side-by-side.png docs/images/six-donors.png
	$(BIN)/python docs/screenshots.py

benchmarks: $(VENV)/developed ## speed, as ratios to named peers in the same run
	$(BIN)/python benchmarks/agreement.py
	$(BIN)/python benchmarks/exchange.py
	$(BIN)/python benchmarks/reproduce.py
	$(BIN)/python benchmarks/robustness.py
	$(BIN)/python benchmarks/rules.py
	$(BIN)/python benchmarks/serve.py

interop: $(VENV)/developed ## install other programs (about two minutes, 1 GB), hand a project to them and take it back
	$(BIN)/python benchmarks/interop.py

clean: ## remove what `make` has made
	rm -rf $(VENV) out

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	@echo "Installing Normatrix into $(VENV) (about a minute) ..."
	$(PIP) --editable .
	@touch $@

$(VENV)/developed: $(VENV)/installed
	@echo "Installing what the tests need ..."
	$(PIP) --editable ".[dev]"
	@touch $@
