# Every target sets up what it needs; `make` alone lists them.

# python3.13, say, may be a launcher for a version that is not installed: ask it.
PYTHON ?= $(shell for each in python3.13 python3.12 python3.11 python3 python; do \
	$$each -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --quiet --disable-pip-version-check
GRAPHIQL := gateway/graphiql
CONSOLE := gateway/console
PAGES := $(GRAPHIQL)/dist/index.html $(CONSOLE)/dist/index.html
CLIENTS := tests/clients
LINT := tests/schema/lint
CLIENT := clients/js
WEB := examples/web
ROUTER := tests/federation
PRISM := tests/third_party/prism
SERVICE := examples/python
DIAGRAMS := docs/diagrams
PINS := uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test test-all test-slow test-dates soak fuzz check assets schema matrix docs constraints bench million clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 13

demo: $(VENV)/.installed $(PAGES) ## serve the sandbox with the console; ARGS="--port 9000" and the like are passed on
	$(BIN)/telegraphql serve --sandbox $(ARGS)

TESTED := $(VENV)/.installed $(PAGES) $(addsuffix /node_modules/.package-lock.json,$(CLIENTS) $(LINT)) $(WEB)/dist/index.html $(ROUTER)/node_modules/.package-lock.json $(SERVICE)/telephony/client.py
# Compiling the tests and the gateway takes longer than a hundred tests: many images forbid to keep what was compiled.
unexport PYTHONDONTWRITEBYTECODE
PYTEST := $(BIN)/pytest -n 2 --dist loadscope --no-loadscope-reorder

test: $(TESTED) ## run the tests; ARGS="-k cursor" and the like are passed on to pytest
	$(PYTEST) -m "not slow" $(ARGS)

test-all: test-slow test-dates ## run the long tests, and the end-to-end tests at other dates

test-slow: $(TESTED) $(PRISM)/node_modules/.package-lock.json ## run the long tests: all examples of property tests, browsers, memory, fuzz, soak, faults, the wheel and the image
	ALL_EXAMPLES=1 $(PYTEST) -m "slow or property" $(ARGS)

test-dates: $(TESTED) ## run the end-to-end tests at other dates (Debian's faketime)
	@command -v faketime >/dev/null || echo "not run: the end-to-end tests at other dates; faketime is not installed (Debian: apt-get install faketime)"
	@for date in $$(command -v faketime >/dev/null && echo $(DATES)); do echo "end-to-end tests at $$date"; \
		$(FAKETIME) faketime -f "$$(echo $$date | sed 's/^[0-9]/@&/; s/T/ /')" $(PYTEST) -q -m "not slow" tests/endtoend $(ARGS) || exit 1; done

# The end of a year, a leap day, both changes of summer time (a minute ahead of them), and five years from now.
DATES := 2027-12-31T23:58:00 2028-02-29T12:00:00 2028-03-26T01:58:00 2028-10-29T02:58:00 +5y
# Only the date moves. With the last variable unset, libfaketime 0.9.10 breaks timed waits on the monotonic clock, and threads starve.
FAKETIME := TZ=Europe/Zurich FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_FORCE_MONOTONIC_FIX=0

soak: $(VENV)/.installed ## ten minutes of load and random faults: what grows, what is left, what is said; ARGS="--minutes 60" and the like
	$(BIN)/python -m tests.resilience.soak $(ARGS)

fuzz: $(VENV)/.installed ## ask a gateway 10,000 generated operations, and hunt for the costliest; ARGS="--seed 2" and the like are passed on
	$(BIN)/python -m tests.gateway.graphql.validation.fuzz $(ARGS)
	$(BIN)/python -m tests.endtoend.costliest

check: $(VENV)/.installed $(SERVICE)/telephony/client.py ## lint, formatting, types, direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	cd $(SERVICE) && .venv/bin/mypy
	$(BIN)/lint-imports --no-logo

assets: $(PAGES) ## build the console and GraphiQL from npm

schema: $(VENV)/.installed ## write schema/schema.graphql anew
	$(BIN)/telegraphql schema > $(VENV)/schema.graphql
	mv $(VENV)/schema.graphql schema/schema.graphql

matrix: $(VENV)/.installed ## write the support matrix in plugins/README.md anew
	$(BIN)/telegraphql matrix --into plugins/README.md

docs: $(VENV)/.installed $(DIAGRAMS)/mermaid.js ## update the generated parts of docs/, and build the site in site/
	$(BIN)/python -m tests.docs.answers
	$(BIN)/python -m docs.generate
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

constraints: $(VENV)/.installed ## pin the newest releases of everything, with their hashes
	$(BIN)/$(PINS) --upgrade --group dev pyproject.toml -o constraints.txt
	$(BIN)/$(PINS) --upgrade --group node -o $(GRAPHIQL)/nodejs.txt
	$(BIN)/$(PINS) --upgrade --constraints constraints.txt --group bench -o bench/constraints.txt
	cd $(SERVICE) && $(abspath $(BIN))/$(PINS) --upgrade --group dev pyproject.toml -o requirements.txt

bench: $(VENV)/.installed ## measure against other gateways (Debian's nginx, libnginx-mod-http-echo and wrk); ARGS="--quick" and the like
	$(PIP) install --require-hashes -r bench/constraints.txt
	cd bench/peers && npm ci --no-fund --no-audit && ./glibc.sh
	$(BIN)/python -m bench $(ARGS)

million: $(VENV)/.installed ## export a million simulated calls, killed twice on the way; ARGS="--records 1000" and the like
	$(BIN)/python -m bench.export $(ARGS)

clean: ## remove what the other targets made
	rm -rf $(VENV) site $(GRAPHIQL)/dist $(GRAPHIQL)/node_modules $(CONSOLE)/dist $(CONSOLE)/node_modules $(CONSOLE)/src/gql $(CLIENTS)/node_modules $(LINT)/node_modules $(CLIENT)/node_modules $(CLIENT)/dist $(CLIENT)/src/schema.ts $(WEB)/node_modules $(WEB)/dist $(WEB)/src/gql $(ROUTER)/node_modules $(PRISM)/node_modules $(DIAGRAMS)/node_modules $(DIAGRAMS)/mermaid.js $(SERVICE)/.venv $(SERVICE)/telephony

$(VENV)/.made:
	$(if $(PYTHON),,$(error Python 3.11 or newer with venv is needed (python3-venv on Debian): install it, or name it with PYTHON=))
	$(PYTHON) -m venv $(VENV)
	@touch $@

# The wheels stay, so that the image's install steps are tested without a network.
$(VENV)/.installed: $(VENV)/.made constraints.txt pyproject.toml
	$(PIP) download --require-hashes --no-deps --dest $(VENV)/wheels -r constraints.txt
	$(PIP) install --require-hashes --no-index --find-links $(VENV)/wheels -r constraints.txt
	$(PIP) install --no-index --no-deps --no-build-isolation --editable .
	@touch $@

# Vite needs Node.js 20.19: an older one, or none, is helped out with one from a Python wheel.
define node
@npm --version >/dev/null 2>&1 && node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' \
	|| $(PIP) install --require-hashes -r $(GRAPHIQL)/nodejs.txt
endef
NPM := export PATH="$(abspath $(BIN)):$$PATH" && npm

$(GRAPHIQL)/dist/index.html: $(wildcard $(addprefix $(GRAPHIQL)/,*.js* *.html src/* src/*/*)) | $(VENV)/.made
	$(node)
	cd $(GRAPHIQL) && $(NPM) ci --no-fund --no-audit && npm run build
	@touch $@

$(CONSOLE)/node_modules/.package-lock.json: $(wildcard $(CONSOLE)/package*.json) | $(VENV)/.made
	$(node)
	cd $(CONSOLE) && $(NPM) ci --no-fund --no-audit
	@touch $@

$(CONSOLE)/dist/index.html: $(CONSOLE)/node_modules/.package-lock.json schema/schema.graphql $(wildcard $(addprefix $(CONSOLE)/,*.ts *.js *.json *.html src/*.* src/*/*.*))
	cd $(CONSOLE) && $(NPM) run --silent build
	@touch $@

# What people use to ask a gateway like this one, for the tests.
$(CLIENTS)/node_modules/.package-lock.json: $(wildcard $(CLIENTS)/package*.json) | $(VENV)/.made $(CLIENT)/dist/index.js
	$(node)
	cd $(CLIENTS) && $(NPM) ci --no-fund --no-audit
	@touch $@

# The linter of the printed schema, for the tests.
$(LINT)/node_modules/.package-lock.json: $(wildcard $(LINT)/package*.json) | $(VENV)/.made
	$(node)
	cd $(LINT) && $(NPM) ci --no-fund --no-audit
	@touch $@

# The package for frontends: caches that merge pages.
$(CLIENT)/node_modules/.package-lock.json: $(wildcard $(CLIENT)/package*.json) | $(VENV)/.made
	$(node)
	cd $(CLIENT) && $(NPM) ci --no-fund --no-audit
	@touch $@

$(CLIENT)/dist/index.js: $(CLIENT)/node_modules/.package-lock.json schema/schema.graphql $(filter-out %/schema.ts,$(wildcard $(addprefix $(CLIENT)/,*.mjs *.json src/*.ts)))
	cd $(CLIENT) && $(NPM) run --silent build
	@touch $@

# The example of a frontend, checked and built.
$(WEB)/node_modules/.package-lock.json: $(wildcard $(WEB)/package*.json) | $(VENV)/.made $(CLIENT)/dist/index.js
	$(node)
	cd $(WEB) && $(NPM) ci --no-fund --no-audit
	@touch $@

$(WEB)/dist/index.html: $(WEB)/node_modules/.package-lock.json $(CLIENT)/dist/index.js schema/schema.graphql $(wildcard $(addprefix $(WEB)/,.env *.ts *.js *.json *.html src/*.*))
	cd $(WEB) && export SCHEMA=../../schema/schema.graphql && $(NPM) run --silent build
	@touch $@

# Mermaid draws the diagrams of the documentation site, which loads nothing from other servers.
$(DIAGRAMS)/mermaid.js: $(wildcard $(DIAGRAMS)/package*.json) | $(VENV)/.made
	$(node)
	cd $(DIAGRAMS) && $(NPM) ci --no-fund --no-audit && npm run --silent build
	@touch $@

# A router, which joins this graph with another for the tests.
$(ROUTER)/node_modules/.package-lock.json: $(wildcard $(ROUTER)/package*.json) | $(VENV)/.made
	$(node)
	cd $(ROUTER) && $(NPM) ci --no-fund --no-audit
	@touch $@

# A proxy that validates with an OpenAPI document, for the long tests of Twilio.
$(PRISM)/node_modules/.package-lock.json: $(wildcard $(PRISM)/package*.json) | $(VENV)/.made
	$(node)
	cd $(PRISM) && $(NPM) ci --no-fund --no-audit
	@touch $@

# The example of a service lives in an environment of its own: what writes its client needs an older graphql-core.
$(SERVICE)/.venv/.installed: $(SERVICE)/requirements.txt | $(VENV)/.made
	$(PYTHON) -m venv $(SERVICE)/.venv
	$(SERVICE)/.venv/bin/pip --quiet --disable-pip-version-check install --require-hashes -r $(SERVICE)/requirements.txt
	@touch $@

$(SERVICE)/telephony/client.py: $(addprefix $(SERVICE)/,.venv/.installed pyproject.toml operations.graphql connections.py) schema/schema.graphql
	cd $(SERVICE) && .venv/bin/ariadne-codegen >/dev/null
	@touch $@
