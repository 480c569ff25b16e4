# Everything is built without cgo: the verifier must not reach a C library,
# and a binary must run on any machine of its system.
export CGO_ENABLED = 0
export GOTOOLCHAIN = local

DEMO     ?= demo
FUZZTIME ?= 10s

.PHONY: all build courtroom demo test engines readmes race fuzz cross bench soak clean

all: build

build: ## the tool, the node, and what anchors its ledger on the states' channel, in bin/
	go build -trimpath -o bin/ ./cmd/custody ./cmd/custodyd ./cmd/custody-channel

# The tool prints the page's digest, so that a court can check the checker.
courtroom: ## the judge's page, bin/courtroom.html, and the tool that states its digest
	mkdir -p bin
	go run ./cmd/courtroom --out bin/courtroom.html $(if $(TRUST),--trust "$(TRUST)") | tee bin/courtroom.sha256
	go build -trimpath -ldflags "-X main.courtroomDigest=$$(cut -c1-64 bin/courtroom.sha256)" -o bin/ ./cmd/custody

demo: build ## the whole story on the shipped sample, in demo/
	rm -rf "$(DEMO)"
	bin/custody tour --out "$(DEMO)"

test: ## what .ci/run calls: formatting, vet, every test
	.ci/test

engines: ## conformance and faults of the engines against real servers, which are built once
	.ci/servers
	.ci/engines

readmes: ## what the engines' pages say to type, typed in a clean clone
	.ci/readmes

race: ## what starts goroutines, under the race detector (needs a C compiler)
	.ci/race

fuzz: ## each fuzz target for FUZZTIME
	.ci/fuzz $(FUZZTIME)

cross: ## for other systems and machines, and the pure floors for a browser
	.ci/cross

bench: ## our figures beside those of our peers, with the ratios (about 15 minutes)
	.ci/bench

soak: ## hours: long fuzzing, many crashes, gigabytes beside cosign
	.ci/soak

clean:
	rm -rf bin demo tmp
