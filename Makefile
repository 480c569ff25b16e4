# Everything is built without cgo: the verifier must not reach a C library,
# and a binary must run on any machine of its system.
export CGO_ENABLED = 0
export GOTOOLCHAIN = local

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
DEMO    ?= demo
FUZZTIME ?= 10s

.PHONY: all build demo test check race fuzz cross bench soak clean

all: build

build: ## the tool, in bin/
	go build -trimpath -o bin/custody ./cmd/custody

demo: build ## the whole story on the shipped sample, in demo/
	rm -rf "$(DEMO)"
	bin/custody tour --out "$(DEMO)"

test: ## what .ci/run calls: formatting, vet, every test
	.ci/test

race: ## the packages with goroutines, under the race detector (needs a C compiler)
	CGO_ENABLED=1 go test -race -count=1 ./evidence/... ./ledger/... ./cmd/internal/desk/...

fuzz: ## each fuzz target for FUZZTIME
	.ci/fuzz $(FUZZTIME)

cross: ## linux, darwin and windows
	for os in linux darwin windows; do for arch in amd64 arm64; do \
	  echo "$$os/$$arch"; GOOS=$$os GOARCH=$$arch go build -trimpath -o /dev/null ./cmd/custody || exit 1; done; done

bench: build ## the figures of the README beside their peers, with ratios
	.ci/bench

soak: build ## long and rare: second versions, gigabytes, long fuzzing
	.ci/soak

clean:
	rm -rf bin demo tmp
