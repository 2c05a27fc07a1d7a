# The local stack and the tests. Every target sets up what it needs, says so, and can be run again at any time.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
MAKEFLAGS += --no-print-directory

BIN := node_modules/.bin
# Temporary files stay in the clone.
export TMPDIR := $(CURDIR)/.local/tmp
export AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED := true

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ sub(/:.*/, "", $$1); printf "  make %-16s %s\n", $$1, $$2 }'

node_modules/.installed: package.json platform/package.json package-lock.json
	@local/check-node
	mkdir -p $(TMPDIR)
	echo "Node.js packages: installing (about half a minute, once)"
	npm ci --no-audit --no-fund --loglevel=error
	touch $@

up: node_modules/.installed ## build or update the whole stack on this machine (UP="--refresh" passes flags on, and shows what Pulumi shows)
	@local/cli up $(UP)

down: node_modules/.installed ## destroy the local stack and end all that belongs to it
	@local/cli down

stop: node_modules/.installed ## end the local stack's processes, keep its data
	@local/cli stop

rotate: node_modules/.installed ## give a role a new password: ROLE=app, readonly, migrate, backup, monitor, or --all
	@local/cli rotate $(or $(ROLE),app)

backup: node_modules/.installed ## put an encrypted dump of the local database into the bucket
	@local/cli backup

verify-backup: node_modules/.installed ## restore the newest backup into a server of its own and compare
	@local/cli verify-backup $(if $(BACKUP),--backup $(BACKUP))

restore: node_modules/.installed ## restore the newest backup into a new database: INTO=name, BACKUP=time
	@local/cli restore --into $(or $(INTO),markenmate_restored) $(if $(BACKUP),--backup $(BACKUP))

check: node_modules/.installed ## say whether the local stack is as it should be: HTML=file for a page, CHECK=--json
	@local/cli check $(if $(HTML),--html $(abspath $(HTML))) $(CHECK)

activity: node_modules/.installed ## what the local server is doing: WHAT=sessions, long, blocked, statements, "terminate PID"
	@local/cli activity $(or $(WHAT),sessions)

adopt: node_modules/.installed ## give what a user owns to migrations: FROM=user, ADOPT="--dry-run" or "--switch-off"
	@local/cli adopt --from $(or $(FROM),markenmate) $(ADOPT)

psql: node_modules/.installed ## a session in the local database: ROLE=app, readonly, migrate, backup, monitor or master
	@local/cli psql $(or $(ROLE),app)

lint: node_modules/.installed ## types, eslint, prettier
	@$(BIN)/prettier --check --log-level warn . & formatting=$$!
	node test/lint.mjs || { wait $$formatting; exit 1; }
	wait $$formatting
	echo "Types, eslint and prettier: clean"

# Types and rules take one core for a minute: the unit tests have the other one meanwhile. All of them before what takes minutes.
test: node_modules/.installed ## all that a change can break; soak and load in short
	@$(MAKE) lint & linting=$$!
	trap 'kill $$linting 2> /dev/null || true' EXIT
	local/cli prepare
	$(BIN)/vitest run --project unit
	wait $$linting
	selection=$$(node --require ./typescript.cjs test/select.ts)
	$(BIN)/vitest run $$selection

test-unit: node_modules/.installed ## the fast tests: no engine, no database
	@$(BIN)/vitest run --project unit

test-stack: node_modules/.installed ## the tests with a real engine, PostgreSQL 15 and 17 and the AWS emulator (SHARD=1/4)
	@local/cli prepare
	$(BIN)/vitest run --project stack --project platform $(SHARD:%=--shard %)

# The first shard lints for the others.
test-all: node_modules/.installed $(if $(filter-out 1/%,$(SHARD)),,lint) ## everything, soak and load in full length (SHARD=1/4)
	@local/cli prepare
	TEST_LONG=true $(BIN)/vitest run $(SHARD:%=--shard %)

test-mutations: node_modules/.installed ## plant known mistakes and see that tests find them: MUTATIONS=all or ids, SAMPLE=12, SEED=
	@local/cli prepare
	node --require ./typescript.cjs test/mutations/run.ts

check-prometheus: ## check and test the rules in docs/prometheus/ with promtool, which needs Go and is built once
	@command -v go > /dev/null || { echo "promtool is built with Go: install it first" >&2; exit 1; }
	version=$$(awk '$$1 == "github.com/prometheus/prometheus" { print $$2 }' test/prometheus/go.mod)
	promtool=$(CURDIR)/.local/tools/promtool-$$version/promtool
	if [ ! -x "$$promtool" ]; then
	  echo "promtool $$version: building (two to three minutes, once)"
	  mkdir -p $(TMPDIR)
	  go build -C test/prometheus -mod=readonly -o "$$promtool" github.com/prometheus/prometheus/cmd/promtool
	fi
	"$$promtool" check rules docs/prometheus/rules.yaml
	"$$promtool" test rules docs/prometheus/rules-test.yaml

check-workflows: ## check the workflows in .github/ with actionlint, which needs Go and is built once
	@command -v go > /dev/null || { echo "actionlint is built with Go: install it first" >&2; exit 1; }
	version=$$(awk '$$1 == "github.com/rhysd/actionlint" { print $$2 }' test/workflows/go.mod)
	actionlint=$(CURDIR)/.local/tools/actionlint-$$version/actionlint
	if [ ! -x "$$actionlint" ]; then
	  echo "actionlint $$version: building (half a minute, once)"
	  mkdir -p $(TMPDIR)
	  go build -C test/workflows -mod=readonly -o "$$actionlint" github.com/rhysd/actionlint/cmd/actionlint
	fi
	"$$actionlint"

docs: node_modules/.installed ## write the tables in docs/ anew
	@node --require ./typescript.cjs tools/docs/generate.ts

bench: node_modules/.installed ## measure start-up against an empty program, and what `make up` takes
	@local/cli prepare
	node --require ./typescript.cjs test/bench/startup.ts

bench-backup: node_modules/.installed ## measure a backup of 2 GiB against plain pg_dump (GIB=, ROUNDS=)
	@mkdir -p $(TMPDIR)
	node --require ./typescript.cjs test/bench/backup.ts

bench-rotation: node_modules/.installed ## measure what twenty rotations cost an application under load
	@local/cli prepare
	node --require ./typescript.cjs test/bench/rotation.ts

bench-check: node_modules/.installed ## measure the live check, on a new stack and with a thousand tables
	@local/cli prepare
	node --require ./typescript.cjs test/bench/check.ts

bench-adoption: node_modules/.installed ## measure for how long an adoption locks a thousand tables (TABLES=, ROUNDS=)
	@local/cli prepare
	node --require ./typescript.cjs test/bench/adoption.ts

bench-growth: node_modules/.installed ## measure what more schemas and applications cost
	@local/cli prepare
	node --require ./typescript.cjs test/bench/growth.ts

bench-local-rds: node_modules/.installed ## measure how soon the local RDS has a server, against plain initdb (ROUNDS=)
	@local/cli prepare
	node --require ./typescript.cjs test/bench/local-rds.ts

bench-logs: node_modules/.installed ## measure what the server's log grows by, for each choice of what is logged
	@local/cli prepare
	node --require ./typescript.cjs test/bench/log-volume.ts

bench-rls: node_modules/.installed ## measure row-level security on a table with a million rows (ROWS=, ROUNDS=)
	@local/cli prepare
	node --require ./typescript.cjs test/bench/row-level-security.ts

clean: down ## remove everything that was built or installed in this folder
	@rm -rf .local node_modules

.PHONY: help up down stop rotate backup verify-backup restore check activity adopt psql lint test test-unit test-stack test-all test-mutations check-prometheus docs bench bench-backup bench-rotation bench-check bench-adoption bench-local-rds bench-logs bench-rls bench-growth clean check-workflows
