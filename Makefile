# `make run` and `make test` are all that a newcomer needs. Each target may be run again at any time.

PORT ?= 8000
PYTHON ?=
export PYTHON

.PHONY: help run install install-analysis install-export install-scan install-paper install-spark develop test test-full soak lint lock bench-web bench-programme bench-signals bench-gate bench-scan bench-arms bench-desk \
	attack demo-report pictures
.DEFAULT_GOAL := help

help:
	@echo 'make run         start the whole platform in demonstration mode (PORT=$(PORT))'
	@echo 'make test        check it, with a browser where there is one'
	@echo 'make install     make the environment alone: .venv/bin/offramp (PYTHON= chooses the interpreter)'
	@echo 'make install-export  the same, and pyreadstat, pandas, pyarrow: exact rows for SPSS, Stata and as Parquet'
	@echo 'make install-scan  the same, and pyarrow: whole query logs in Parquet'
	@echo 'make install-analysis  the same, and scipy: statistics and meta-analysis at the desk'
	@echo 'make install-spark the same, and Apache Spark: logs that outgrow one machine'
	@echo 'make install-paper  the same, and WeasyPrint: questionnaires as PDF (as root on Debian, Pango too)'
	@echo 'make test-full   the slow tests: more languages, browsers, servers'
	@echo 'make soak        what takes long, or needs a machine that can boot another; by hand'
	@echo 'make attack      schemathesis, wapiti and sqlmap at a demonstration on this machine; by hand, ten minutes'
	@echo 'make demo-report made-up answers with known rates, from the pages to report and exports; what was true beside what is reported'
	@echo 'make pictures    pictures of all pages, for translators (LANGUAGES="et de"), into pictures/'
	@echo 'make lint        style and types'
	@echo 'make lock        bring the locks in step with pyproject.toml; UPGRADE=--upgrade takes newer versions (needs uv)'

install:
	@ops/install/environment.sh run

install-export: install
	@.venv/bin/python -m pip install -qq --require-hashes --only-binary :all: --requirement requirements-export.lock

install-scan: install
	@.venv/bin/python -m pip install -qq --require-hashes --only-binary :all: --requirement requirements-scan.lock

install-analysis: install
	@.venv/bin/python -m pip install -qq --require-hashes --only-binary :all: --requirement requirements-analysis.lock

install-spark: install
	@CI=true ops/install/spark.sh .venv/bin/python

install-paper: install
	@ops/install/pango.sh
	@.venv/bin/python -m pip install -qq --require-hashes --only-binary :all: --requirement requirements-paper.lock

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
	@ops/install/firefox.sh ensure
	@ops/install/dictionaries.sh
	@ops/install/compiler.sh
	@ops/install/spark.sh .venv/bin/python
	@ops/install/pango.sh
	@ops/install/forms.sh
	@ops/install/r.sh
	@$(PYTEST) -m full

soak: develop
	@$(PYTEST) -m soak

# First a server with known holes, to see that each of them finds one; then the demonstration.
attack: develop
	@.venv/bin/python ops/attack/attack.py --weak
	@.venv/bin/python ops/attack/attack.py

lint: develop
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

# One answer for every Python from 3.11 on and every system; wheels only; no index is written into a lock.
# The second lock is bound to the first, so that tests run on the versions that serve. What is locked stays as it is
# until UPGRADE=--upgrade asks for newer versions.
UPGRADE ?=
COMPILE = uv --no-config pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --only-binary :all: --custom-compile-command 'make lock'

# The programs of make attack, each in an environment of its own.
ATTACK = uv --no-config pip compile --quiet --universal --python-version 3.11 --generate-hashes $(UPGRADE) \
	--custom-compile-command 'make lock'

lock:
	@command -v uv >/dev/null || { echo '[make lock] uv is not here. Please type: pip install uv' >&2; exit 1; }
	@$(COMPILE) pyproject.toml $(UPGRADE) --group build --output-file requirements.lock
	@$(COMPILE) pyproject.toml $(UPGRADE) --group build --group dev --constraint requirements.lock \
		--output-file requirements-dev.lock
	@$(COMPILE) pyproject.toml $(UPGRADE) --extra scan --constraint requirements.lock \
		--output-file requirements-scan.lock
	@$(COMPILE) pyproject.toml $(UPGRADE) --extra analysis --constraint requirements.lock \
		--constraint requirements-dev.lock --output-file requirements-analysis.lock
	@$(COMPILE) pyproject.toml $(UPGRADE) --extra export --constraint requirements.lock \
		--constraint requirements-dev.lock --output-file requirements-export.lock
	@$(COMPILE) --no-binary pyspark pyproject.toml $(UPGRADE) --extra spark --group build \
		--constraint requirements-dev.lock --output-file requirements-spark.lock
	@$(COMPILE) pyproject.toml $(UPGRADE) --extra paper --constraint requirements.lock \
		--output-file requirements-paper.lock
	@for tool in build schemathesis sqlmap; do \
		$(ATTACK) --only-binary :all: ops/attack/$$tool.in --output-file ops/attack/$$tool.lock || exit 1; done
	@$(ATTACK) ops/attack/wapiti.in --override ops/attack/wapiti.override --output-file ops/attack/wapiti.lock
	@$(COMPILE) $(UPGRADE) --group bench --constraint requirements-dev.lock \
		--output-file requirements-bench.lock

# Figures, never part of a test: ratios from runs beside each other, on the machine at hand.
bench-signals: develop
	@.venv/bin/python -m tests.bench.bench_signals

WORKERS ?= 1
bench-web: develop
	@.venv/bin/python -m tests.bench.bench_web --workers '$(WORKERS)' $(if $(PROFILE),--profile)

# The engines beside it are installed for the occasion.
bench-gate: develop
	@ops/install/dictionaries.sh
	@.venv/bin/python -m pip install -qq --require-hashes --only-binary :all: --requirement requirements-bench.lock
	@.venv/bin/python -m tests.bench.bench_gate

bench-scan: develop
	@ops/install/dictionaries.sh
	@.venv/bin/python -m tests.bench.bench_scan $(if $(QUERIES),--queries $(QUERIES))

bench-arms: develop
	@.venv/bin/python -m tests.bench.bench_arms

bench-desk: develop
	@.venv/bin/python -m tests.bench.bench_desk $(if $(ENVELOPES),--envelopes $(ENVELOPES)) $(if $(FOLDER),--folder '$(FOLDER)')
	@.venv/bin/python -m tests.bench.bench_counts $(if $(RESPONSES),--responses $(RESPONSES))

# Of every kind of page in these languages, for translators and reviewers; without any named, of all.
pictures: develop
	@CI=true ops/install/browser.sh ensure .venv/bin/python
	@.venv/bin/python -m tests.browser.pictures --chromium "$$(ops/install/browser.sh find .venv/bin/python)" $(LANGUAGES)

# Made-up answers with known true rates through everything, from the pages to report and exports.
demo-report: develop
	@ops/install/pango.sh
	@.venv/bin/python ops/demonstration/report.py

bench-programme: develop
	@.venv/bin/python -m tests.bench.bench_programme

bench-doors: develop
	@.venv/bin/python -m tests.bench.bench_doors
