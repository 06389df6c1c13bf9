# `make help` lists the targets. Everything works with go alone; lint fetches its
# own tool.
GO       ?= go
OUT      ?= quickstart

.DEFAULT_GOAL := help
.PHONY: help build test lint race generate bench quickstart walk ci clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build ./csnet
	CGO_ENABLED=0 $(GO) build -trimpath -o csnet ./cmd/csnet

test: ## run the tests (reference data: CSNET_SHARED, default ../shared)
	$(GO) test ./...

lint: ## gofmt, vet and golangci-lint, the layers among them
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	bash scripts/golangci.sh run ./...

race: ## run the tests under the race detector (slow)
	CGO_ENABLED=1 $(GO) test -race -short ./...

generate: ## write the generated files anew: assembly, docs/config.md
	$(GO) generate ./...

bench: ## benchmarks of the kernels
	$(GO) test -run '^$$' -bench . -benchtime 200ms ./internal/kernel/...

quickstart: ## draw a set, train, prune, fine-tune, evaluate; OUT=folder
	$(GO) run ./cmd/csnet quickstart --out $(OUT)

walk: ## walk over the command line as a user would
	bash scripts/ci_walk.sh

ci: ## all that CI does
	bash .ci/run

clean: ## remove what build leaves behind
	rm -f csnet
