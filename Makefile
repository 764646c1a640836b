# `make run` and `make test` are all that a newcomer needs. Each target may be run again at any time.

PORT ?= 8000
PYTHON ?=
export PYTHON

.PHONY: help run install develop test test-full soak lint lock bench-web
.DEFAULT_GOAL := help

help:
	@echo 'make run         start the whole platform in demonstration mode (PORT=$(PORT))'
	@echo 'make test        check it, with a browser where there is one'
	@echo 'make install     make the environment alone: .venv/bin/offramp (PYTHON= chooses the interpreter)'
	@echo 'make test-full   the slow tests: more languages, browsers, servers'
	@echo 'make soak        what needs hours, or a machine that can boot another; by hand'
	@echo 'make lint        style and types'
	@echo 'make lock        renew requirements.lock and requirements-dev.lock (needs uv)'

install:
	@ops/install/environment.sh run

develop:
	@ops/install/environment.sh dev

run: install
	@.venv/bin/offramp demo --port '$(PORT)'

# A file stays on one worker: its server and its browser start once.
PYTEST = .venv/bin/python -m pytest -n 2 --dist loadfile -rs

test: develop
	@ops/install/browser.sh ensure .venv/bin/python
	@$(PYTEST) -m 'not full and not soak'

test-full: develop
	@ops/install/browser.sh ensure .venv/bin/python
	@$(PYTEST) -m full

soak: develop
	@$(PYTEST) -m soak

lint: develop
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

# One answer for every Python from 3.11 on and every system; wheels only; no index is written into a lock.
# The second lock is bound to the first, so that tests run on the versions that serve.
COMPILE = uv --no-config pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --only-binary :all: --custom-compile-command 'make lock'

lock:
	@command -v uv >/dev/null || { echo '[make lock] uv is not here. Please type: pip install uv' >&2; exit 1; }
	@$(COMPILE) --upgrade --group build --output-file requirements.lock
	@$(COMPILE) --upgrade --group build --group dev --constraint requirements.lock \
		--output-file requirements-dev.lock

# Figures, never part of a test: ratios from runs beside each other, on the machine at hand.
WORKERS ?= 1
bench-web: develop
	@.venv/bin/python -m tests.bench.bench_web --workers '$(WORKERS)'
