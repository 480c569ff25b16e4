module example.org/custody

go 1.26.0

// Each with the reason why it is here, and why at this version where that is not
// simply the newest one tried.
require (
	filippo.io/age v1.3.2 // encryption at rest, key files, readers of a package; standard age opens what it wrote
	filippo.io/torchwood v0.9.1-0.20260706112420-c22a68158d96 // tests only: second reader of proofs, receipts and the map. Exact: the tagged release has no mpt package, and versions cannot be listed
	github.com/anishathalye/porcupine v1.3.1 // tests only: is a history of closes linearizable
	github.com/cpuguy83/go-md2man/v2 v2.0.7 // the manual; what urfave/cli/v2 itself uses
	github.com/google/go-cmp v0.7.0 // tests only: differences that can be read
	github.com/gowebpki/jcs v1.0.2 // RFC 8785, the canonical JSON of events
	github.com/prometheus/client_golang v1.25.0 // a node's metrics
	github.com/rogpeppe/go-internal v1.16.0 // tests only: testscript and txtar
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 // tests only: our schemas of draft 2020-12; reaches no network
	github.com/schollz/progressbar/v3 v3.19.1 // the bar on a terminal; reaches net/http, so cmd/internal/ui alone
	github.com/secure-systems-lab/go-securesystemslib v0.11.1 // DSSE envelopes, the library of sigstore and in-toto
	github.com/sigstore/sigstore v1.10.11 // the Signer and Verifier interfaces. The last that builds with Go 1.26: v1.11 needs 1.27
	github.com/transparency-dev/formats v0.1.1 // C2SP notes, checkpoints, cosignatures
	github.com/transparency-dev/merkle v0.0.2 // RFC 6962 and RFC 9162 proofs
	github.com/transparency-dev/tessera v1.0.4 // the embedded ledger; exact, because its folder is read back by later versions
	github.com/urfave/cli/v2 v2.27.7 // the command line; v2 is asked for, and is in maintenance: v3 is another interface
	golang.org/x/mod v0.42.0 // signed notes and tiles (sumdb)
	golang.org/x/sync v0.24.0 // errgroup
	golang.org/x/sys v0.49.0 // fsync of folders, locks, statfs
	golang.org/x/term v0.47.0 // is it a terminal; a passphrase without echo
	golang.org/x/text v0.43.0 // Unicode: names that differ in form or case only; how wide a character is on a terminal; plural rules of reports
	golang.org/x/time v0.16.0 // rate: a node's limits for each client
	k8s.io/klog/v2 v2.140.0 // only to silence it: tessera logs through it
	pgregory.net/rapid v1.3.0 // tests only: properties, with shrinking
	rsc.io/qr v0.2.0 // the label; small, finished, no dependencies
)

require (
	filippo.io/hpke v0.4.0 // indirect
	filippo.io/mldsa v0.0.0-20260215214346-43d0283efc3e // indirect
	github.com/beorn7/perks v1.0.1 // indirect
	github.com/cenkalti/backoff/v5 v5.0.3 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/go-logr/logr v1.4.3 // indirect
	github.com/go-logr/stdr v1.2.2 // indirect
	github.com/google/go-containerregistry v0.21.9 // indirect
	github.com/hashicorp/golang-lru/v2 v2.0.7 // indirect
	github.com/mitchellh/colorstring v0.0.0-20190213212951-d06e56a500db // indirect
	github.com/munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822 // indirect
	github.com/opencontainers/go-digest v1.0.0 // indirect
	github.com/prometheus/client_model v0.6.3 // indirect
	github.com/prometheus/common v0.72.0 // indirect
	github.com/prometheus/procfs v0.22.0 // indirect
	github.com/rivo/uniseg v0.4.7 // indirect
	github.com/russross/blackfriday/v2 v2.1.0 // indirect
	github.com/sigstore/protobuf-specs v0.5.2 // indirect
	github.com/xrash/smetrics v0.0.0-20240521201337-686a1a2994c1 // indirect
	github.com/youmark/pkcs8 v0.0.0-20240726163527-a2c0da244d78 // indirect
	go.opentelemetry.io/auto/sdk v1.2.1 // indirect
	go.opentelemetry.io/otel v1.44.0 // indirect
	go.opentelemetry.io/otel/metric v1.44.0 // indirect
	go.opentelemetry.io/otel/trace v1.44.0 // indirect
	golang.org/x/crypto v0.55.0 // indirect
	golang.org/x/exp v0.0.0-20260603202125-055de637280b // indirect
	golang.org/x/tools v0.51.0 // indirect
	google.golang.org/genproto/googleapis/api v0.0.0-20260727163830-6c54dddc4772 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
)
