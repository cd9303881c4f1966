# Targets are explained by `make help`; each works from a fresh clone.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

NODE_TS := node --import tsx
SHELL_SCRIPTS = $(shell git ls-files '*.sh' 'spec-templates/host/*' 'spec-templates/tool/*' .ci/run | xargs -r grep -lE '^\#!/bin/(ba)?sh' 2>/dev/null)

.PHONY: help
help: ## show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# package-lock.json holds the binaries of every platform: remade by `npm install --package-lock-only` in an empty folder
# with package.json and .npmrc alone. An npm that finds node_modules leaves out what is not installed there.
node_modules/.package-lock.json: package.json package-lock.json
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: deps
deps: node_modules/.package-lock.json ## install the npm packages

.PHONY: system
system: ## install the system packages that tests and demo use (Debian, root)
	@examples/install-system-packages.sh

.PHONY: system-slow
system-slow: ## the same, with what the slow chapters use
	@examples/install-system-packages.sh --slow

.PHONY: build
build: deps ## compile src/ to dist/, and bundle it
	@rm -rf dist
	@npx tsc -p tsconfig.build.json
	@$(NODE_TS) tools/bundle/main.ts
	@chmod 0755 dist/cli/main.js

.PHONY: check
check: deps ## format, lint, types, dead code, shell scripts
	@npx prettier --check --log-level warn .
	@npx oxlint --type-aware
	@npx tsc --noEmit
	@npx knip
	@shellcheck $(SHELL_SCRIPTS)
	@npx mocha test/architecture.test.ts

.PHONY: test
test: system build ## every test but the slow chapters: units, conformance, end to end
	@test/run.sh

.PHONY: test-unit
test-unit: deps ## the tests that need no root and no guests
	@npx mocha --config test/support/mocharc-unit.json

.PHONY: test-changed
test-changed: deps ## the unit tests that the changes since main touch; BASE=HEAD~3 for another commit
	@$(NODE_TS) tools/choose-tests/run-touched.ts $(BASE)

.PHONY: test-all
test-all: system-slow build ## every test, the slow chapters included
	@test/run.sh --all

# npm sets NODE to the path of its own node.
.PHONY: test-node
test-node: system build ## the units on the other supported Node versions, and that all make the same bytes; NODE=24 for one
	@TEST_NODE=$(if $(findstring /,$(NODE)),,$(NODE)) npx mocha --timeout 3600000 test/slow/node-*.test.ts

.PHONY: test-ci
test-ci: system-slow build ## what .ci/run runs when slow chapters have changed
	@test/run.sh --changed

.PHONY: demo
demo: system build ## the main job on a real appliance, end to end
	@$(NODE_TS) examples/demo/main.ts

.PHONY: demo-recipe
demo-recipe: system build ## a recipe: a VM installed and configured by it, without the internet
	@$(NODE_TS) examples/demo-recipe/main.ts

.PHONY: bench
bench: system build ## measure beside other tools, into bench/ and README.md; CHAPTER=host or ROW=sign for a part
	@$(NODE_TS) bench/main.ts $(if $(CHAPTER),--chapter "$(CHAPTER)") $(if $(ROW),--row "$(ROW)") \
		$(if $(SCALE),--scale "$(SCALE)") $(if $(ROUNDS),--rounds "$(ROUNDS)")

.PHONY: packages
packages: build ## build virt-appliance-host and virt-appliance into out/
	@node dist/cli/main.js host-package -o out
	@node dist/cli/main.js tool-package -o out

.PHONY: golden
golden: deps ## remake the golden files; review them as a diff
	@UPDATE_GOLDEN=1 npx mocha --config test/support/mocharc-unit.json

.PHONY: docs
docs: deps ## write the pages that are made from the source: docs/commands.md
	@$(NODE_TS) tools/commands-page/main.ts

.PHONY: clean
clean: ## remove what the other targets made
	@rm -rf dist coverage out .cache
