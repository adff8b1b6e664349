# `make` shows its own help. Everything is installed into .venv, by the pinned files of requirements/.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ANNOUNCEMENTS ?=
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help install run demo test test-postgresql test-browser test-slow guides test-sound check bench bench-speech bench-hearing soak lock messages clean

help: ## show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.run ## install the server and the player into .venv

run: $(VENV)/.run ## set up and run the commune's server (Ctrl+C stops it)
	@$(BIN)/broadcaster serve

demo: $(VENV)/.run ## the whole day's job in about four minutes (ANNOUNCEMENTS=folder takes other texts)
	@$(BIN)/broadcaster demo $(if $(ANNOUNCEMENTS),--announcements "$(ANNOUNCEMENTS)")

test: $(VENV)/.test ## set up and pass the tests (needs nothing but Python)
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

test-browser: $(VENV)/.test ## the pages in headless Chromium (needs chromium)
	$(BIN)/python -m pytest -m browser

test-postgresql: $(VENV)/.test ## what touches the database once more, on a real PostgreSQL (a wheel; ten minutes)
	BROADCASTER_TEST_DATABASE=postgresql $(BIN)/python -m pytest -n auto --dist loadfile \
	  tests/content tests/schedules tests/audio_out/test_service.py tests/broadcaster --ignore tests/broadcaster/player

test-slow: $(VENV)/.test ## minutes of real time: relays that fall silent, die and come back
	$(BIN)/python -m pytest -m slow

guides: $(VENV)/.test ## take the pictures of docs/huong-dan anew (needs chromium)
	KEEP_GUIDE_PICTURES=yes $(BIN)/python -m pytest -m browser tests/e2e/test_guides.py

test-sound: $(VENV)/.test ## the sound card on a PulseAudio null sink (needs libportaudio2 pulseaudio libasound2-plugins)
	$(BIN)/python -m pytest -m sound

check: $(VENV)/.dev ## lint, format, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.test ## measure ratios against a floor, into build/bench.json
	$(BIN)/python -m tests.bench

bench-speech: $(VENV)/.test ## score the horn preset in a simulated village; writes docs/speech.md's tables and pictures (2 min)
	$(BIN)/python -m tests.bench.speech

bench-hearing: $(VENV)/.test ## count how often the player is wrong about what its microphone heard; writes docs/player.md's tables (5 min)
	$(BIN)/python -m tests.bench.hearing

soak: $(VENV)/.test ## long loops of kill -9
	$(BIN)/python -m pytest -m soak

lock: $(VENV)/.dev ## resolve requirements/*.txt anew
	$(PIP) install uv
	for extra in run:build test:build,test dev:build,test,check; do \
	  $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-header --quiet --upgrade --extra server $$(echo $${extra#*:} | tr , '\n' | sed 's/^/--group /') \
	    --output-file requirements/$${extra%%:*}.txt || exit 1; \
	done

messages: $(VENV)/.dev ## collect the messages of code and templates into the Vietnamese catalogue
	@mkdir -p build
	$(BIN)/pybabel -q extract -F broadcaster/locale/babel.cfg --no-location --sort-output -w 120 -o build/messages.pot .
	$(BIN)/pybabel -q update -N --ignore-obsolete --ignore-pot-creation-date -w 120 -i build/messages.pot -d broadcaster/locale
	@echo "Now fill in the empty msgstr of broadcaster/locale/vi/LC_MESSAGES/messages.po"

clean: ## remove what was built (never the data folder)
	rm -rf build dist $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Python 3.11 or newer is needed, and '$(PYTHON)' is not: install it, or name it: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "This Python has no venv. On Debian or Ubuntu: apt install python3-venv; elsewhere install Python from python.org."; exit 1; }
	@echo "Setting up $(VENV) (once)..."
	@$(PYTHON) -m venv $(VENV)

# One recipe for the three sizes: what runs, what tests, what checks.
$(VENV)/.run $(VENV)/.test $(VENV)/.dev: $(VENV)/.%: requirements/%.txt pyproject.toml $(BIN)/python
	@echo "Installing $*..."
	@$(PIP) install --require-hashes -r requirements/$*.txt
	@$(PIP) install --no-build-isolation --no-deps -e .
	@touch $@
