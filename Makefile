.DEFAULT_GOAL := help
SHELL := /bin/bash

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
BINARY := build/cragbase
GOFILES = $(shell git ls-files -co --exclude-standard '*.go')
TOOL := go tool -modfile=tools.mod

# The race detector watches our code, PocketBase and database/sql. SQLite itself is C that was translated to Go, and to watch
# each of its reads and writes of memory takes most of the time of the tests.
RACE := -race -gcflags='modernc.org/...=-race=0 -d=checkptr=0'

FUZZTIME ?= 15s
LOGBOOK_FUZZTIME ?= $(FUZZTIME)

.PHONY: help run build test check lint oracle fuzz model soak test-security mail-preview bench web web-check web-test FORCE

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build and serve the demo on http://127.0.0.1:8090 (data in pb_data_demo/)
	$(BINARY) serve --demo --http 127.0.0.1:8090 --dir pb_data_demo

build: ## build/cragbase, one binary with everything in it
	go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o $(BINARY) .

test: ## everything that needs no browser, with the race detector, and the attacks on the real binary
	go test $(RACE) -timeout 20m $$(go list ./... | grep -v /internal/blackbox)
	@$(MAKE) --no-print-directory test-security

check: lint test web-check oracle ## all that a commit must pass

lint: ## go vet, staticcheck, gofumpt, tidy modules
	go vet ./...
	$(TOOL) staticcheck ./...
	@unformatted=$$($(TOOL) gofumpt -l $(GOFILES)); if [ -n "$$unformatted" ]; then echo "gofumpt: $$unformatted"; exit 1; fi
	go mod tidy -diff

oracle: ## our grades against OpenBeta's sandbag library: every grade and every conversion (needs `make web` once)
	cd web && npm run oracle

fuzz: ## every fuzz test for FUZZTIME (default 15s), those of the logbooks' files for LOGBOOK_FUZZTIME (default FUZZTIME)
	@set -e; for pkg in $$(go list ./internal/...); do \
		for name in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			time=$(FUZZTIME); [[ $$pkg != */internal/logbook/* ]] || time=$(LOGBOOK_FUZZTIME); \
			echo "$$pkg $$name $$time"; go test -run '^$$' -fuzz "^$$name$$" -fuzztime $$time $$pkg; \
		done; \
	done

model: ## billing under random use, several operations at once, with the race detector
	go test $(RACE) -run '^TestModel$$' -v ./internal/billing -at-once -rapid.checks 100

soak: ## billing under random use: RUNS runs of the model (default 20000), seed printed when one fails
	@set -o pipefail; go test -run '^TestModel$$' -v -timeout 60m ./internal/billing -at-once -rapid.checks $${RUNS:-20000} | grep -vE '^=== '

test-security: ## attacks on the real binary, one line for each rule and how many hold
	@set -o pipefail; go test ./internal/blackbox -run Security -v -count=1 | { grep -vE '^(=== |PASS)' || true; }

mail-preview: ## every mail as HTML and text, with example data, in build/mails/
	go run ./internal/notice/preview -out build/mails

bench: build ## ratios against stock PocketBase and raw SQLite, printed and written to bench.json
	go run ./internal/bench -binary $(BINARY) -out bench.json

web: ## build the web app into pb_public/ (needs Node 20 or newer)
	cd web && npm ci --no-audit --no-fund && npm run build

web-check: web ## types and unit tests of the web app, and that pb_public/ is what its source builds
	cd web && npm run check && npm test
	@test -z "$$(git status --porcelain pb_public)" || { git status --short pb_public; echo "pb_public/ differs from what web/ builds: commit it"; exit 1; }

web-test: build ## the web app in a real browser and through the PocketBase SDK (needs chromium)
	cd web && CRAGBASE_BIN=$(CURDIR)/$(BINARY) npm run sdk && CRAGBASE_BIN=$(CURDIR)/$(BINARY) npm run e2e
