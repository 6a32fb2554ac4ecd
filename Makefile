# The commands of this repository, for people and CI. Needs Python 3.11, pip, make, gcc; nothing else.
PYTHON ?= python3
VENV := .venv
DBT_VENV := .venv-dbt
CLIENTS_VENV := .venv-clients
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DBT_STAMP := $(DBT_VENV)/.installed
CLIENTS_STAMP := $(CLIENTS_VENV)/.installed
DIST := dist
WORKERS ?= 2
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: demo test test-all bench lint up docs wheel lock dbt clients clean

demo: $(STAMP)
	@$(BIN)/wharfinger demo

test: lint dbt clients
	$(BIN)/python -m pytest -n $(WORKERS) -m "not slow"

# Properties are tried with new examples each time here, with the same ones in `make test`.
test-all: lint dbt clients
	$(BIN)/python -m pytest -n $(WORKERS) --hypothesis-profile=exploring

bench: $(STAMP)
	$(BIN)/python -m bench

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# A sandbox with data to develop against, until Ctrl-C: eval "$(.venv/bin/wharfinger-sandbox env --ready-file .ready.json)"
up: $(STAMP)
	@$(BIN)/wharfinger-sandbox serve --data shop --ready-file .ready.json

# Writes the generated parts of docs/interface.md.
docs: $(STAMP)
	$(BIN)/python -m tools.interface

# The wheel that the README installs, in dist/. Its build tools are those of the environment: nothing is fetched.
wheel: $(STAMP)
	rm -f $(DIST)/wharfinger-*.whl
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir $(DIST) .
	@ls $(DIST)/wharfinger-*.whl

dbt: $(DBT_STAMP)

clients: $(CLIENTS_STAMP)

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

# dbt pins other versions than we do, so it has a separate environment.
$(DBT_STAMP): requirements-dbt.lock
	$(PYTHON) -m venv $(DBT_VENV)
	$(DBT_VENV)/bin/python -m pip install --quiet --require-hashes -r requirements-dbt.lock
	@touch $@

# Clients older than our own, to try the sandbox with.
$(CLIENTS_STAMP): requirements-clients.lock
	$(PYTHON) -m venv $(CLIENTS_VENV)
	$(CLIENTS_VENV)/bin/python -m pip install --quiet --require-hashes -r requirements-clients.lock
	@touch $@

# Writes the lock files: versions and hashes, no registry address.
lock: $(STAMP)
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-strip-extras \
	    --no-emit-index-url --no-emit-find-links --extra sandbox --group dev -o requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-strip-extras \
	    --no-emit-index-url --no-emit-find-links -o requirements-dbt.lock requirements-dbt.in
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-strip-extras \
	    --no-emit-index-url --no-emit-find-links -o requirements-clients.lock requirements-clients.in

clean:
	rm -rf $(VENV) $(DBT_VENV) $(CLIENTS_VENV) $(DIST) .mypy_cache .ruff_cache .pytest_cache .hypothesis
