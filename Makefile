# The local stack and the tests. Every target sets up what it needs, says so, and can be run again at any time.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
MAKEFLAGS += --no-print-directory

BIN := node_modules/.bin
CLI := node --import tsx local/cli.ts

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-12s %s\n", $$1, $$2 }'

node_modules/.installed: package.json package-lock.json
	@local/check-node
	echo "Node.js packages: installing (about a minute the first time)"
	npm ci --no-audit --no-fund --loglevel=error
	touch $@

up: node_modules/.installed ## build or update the whole stack on this machine (UP="--refresh" passes flags on)
	@$(CLI) up $(UP)

down: node_modules/.installed ## destroy the local stack and end all that belongs to it
	@$(CLI) down $(DOWN)

stop: node_modules/.installed ## end the local stack's processes, keep its data
	@$(CLI) stop

psql: node_modules/.installed ## a session in the local database: ROLE=app, readonly, migrate or master
	@$(CLI) psql $(or $(ROLE),app) $(PSQL)

lint: node_modules/.installed ## types, eslint, prettier
	@$(BIN)/tsc --project .
	$(BIN)/eslint .
	$(BIN)/prettier --check --log-level warn .
	echo "Types, eslint and prettier: clean"

test-unit: node_modules/.installed ## the fast tests: no engine, no database
	@$(BIN)/vitest run --project unit

test-stack: node_modules/.installed ## the tests with a real engine, real PostgreSQL 15 and 17 and the AWS emulator
	@local/prepare
	$(BIN)/vitest run --project stack

test: lint ## all tests
	@local/prepare
	$(BIN)/vitest run

bench: node_modules/.installed ## measure start-up against an empty program, and what `make up` takes
	@local/prepare
	node --import tsx test/bench/startup.ts

clean: down ## remove everything that was built or installed in this folder
	@rm -rf .local node_modules

.PHONY: help up down stop psql lint test-unit test-stack test bench clean
