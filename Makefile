PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.PHONY: demo test quick lint bench kill-outbox peers clean house

$(BIN)/listener: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Listener needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12") if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(BIN)/listener  ## open the desk on the sandbox: no account, no network
	$(BIN)/listener demo

test: $(BIN)/listener  ## lint, types, import contracts and every test
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n auto

quick: $(BIN)/listener  ## the tests without the slow ones
	$(BIN)/python -m pytest -n auto -m 'not slow'

bench: $(BIN)/listener  ## the measurements of docs/benchmarks.md
	$(BIN)/python -m tests.bench

kill-outbox: $(BIN)/listener  ## kill -9 of 500 collectors while 5 000 replies go out to networks that fail; minutes
	$(BIN)/python tests/bench/outbox_kill.py --kills 500 --replies 5000 --seed 1

peers: $(BIN)/listener  ## poll, page, reply, edit, delete against a Mastodon server on loopback, with its faults
	$(BIN)/python -m pip install --quiet --disable-pip-version-check mastodon_mock
	$(BIN)/python tests/bench/peers.py

house: $(BIN)/listener  ## what outgrew its room; fails nothing
	$(BIN)/python -m tests.house

clean:
	rm -rf $(VENV) build dist *.egg-info
