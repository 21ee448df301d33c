# Every target sets up what it needs. On a fresh machine: `make run`, then open the address it prints.
PYTHON ?= python3
BIN := .venv/bin
SOURCES := app.py clock.py errors.py metrics.py options.py settings.py blizzard commands execution identity models pages refresh resolvers schema storage tests bench examples

.PHONY: run demo test retest check format bench soak lock schema clean

run: .venv/run.stamp
	$(BIN)/python app.py serve

# Invented players instead of Blizzard's: needs no network once it is set up.
demo: .venv/run.stamp
	$(BIN)/python app.py demo

# Three at a time on two cores: mostly they wait for disks and servers. One test: `.venv/bin/python -m pytest -k NAME`.
test: .venv/dev.stamp
	$(BIN)/python -m pytest --numprocesses 3 --dist worksteal

# Those that failed last time, alone: deadlines of real processes and browsers can pass on a machine that is busy.
retest: .venv/dev.stamp
	$(BIN)/python -m pytest --last-failed --last-failed-no-failures none

check: .venv/dev.stamp
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy $(SOURCES)

format: .venv/dev.stamp
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

# Ratios measured on this machine in one run of under four minutes; writes bench/RESULTS.md and bench/results.svg.
bench: .venv/dev.stamp
	$(BIN)/python -m bench

# What takes minutes: more kills during writes than the tests make, 10,000 players through all four backends, and as
# many refreshed by one worker. The last two write their sections of bench/RESULTS.md.
soak: .venv/dev.stamp
	KILL_ROUNDS=50 $(BIN)/python -m pytest tests/storage -k kill
	$(BIN)/python -m bench.copying 10000
	$(BIN)/python -m bench.refreshing 10000

# The printed schema, kept in git; a test fails when it is stale.
schema: .venv/run.stamp
	$(BIN)/python app.py schema > schema/schema.graphql

# Pins with hashes, for every platform, without any registry's address.
LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet
lock:
	$(LOCK) --extra production --output-file requirements.lock
	$(LOCK) --extra production --extra dev --constraint requirements.lock --output-file requirements-dev.lock

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make run PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv

.venv/run.stamp: requirements.lock | .venv/bin/python
	$(BIN)/pip install --quiet --require-hashes --requirement requirements.lock
	@touch $@

.venv/dev.stamp: requirements-dev.lock .venv/run.stamp
	$(BIN)/pip install --quiet --require-hashes --requirement requirements-dev.lock
	@touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
