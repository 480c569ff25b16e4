module example.org/custody

go 1.26.0

// Each with the reason why it is here, and why at this version where that is not
// simply the newest one tried.
require (
	cel.dev/cel-go v0.33.2 // expressions of standards: typed, always end, cost limits; reaches no network. github.com/google/cel-go moved here
	codeberg.org/go-pdf/fpdf v0.12.0 // reports on paper; reaches no network. Moved here from an archived repository
	filippo.io/age v1.3.2 // encryption at rest, key files, readers of a package; standard age opens what it wrote
	filippo.io/torchwood v0.9.1-0.20260706112420-c22a68158d96 // tests only: second reader of proofs, receipts and the map. Exact: the tagged release has no mpt package, and versions cannot be listed
	github.com/anishathalye/porcupine v1.3.1 // tests only: is a history of closes linearizable
	github.com/bep/imagemeta v1.0.1 // EXIF of photographs: what Hugo reads them with; no network, limits on tags and their sizes
	github.com/cloudflare/circl v1.6.5 // private matching: the oblivious pseudo-random function of RFC 9497
	github.com/cpuguy83/go-md2man/v2 v2.0.7 // the manual; what urfave/cli/v2 itself uses
	github.com/digitorus/timestamp v0.0.0-20231217203849-220c5c2851b7 // tests only: a second reader and writer of timestamp tokens. Its pkcs7 imports os/exec and testing, so never in a binary; head needs Go 1.27
	github.com/go-sql-driver/mysql v1.10.1 // MariaDB under Trillian: the same as pgx for PostgreSQL. The version that trillian itself has
	github.com/golang/protobuf v1.5.4 // the messages of fabric-sdk-go, which are of the old interface
	github.com/google/go-cmp v0.7.0 // tests only: differences that can be read
	github.com/google/trillian v1.8.0 // the distributed ledger: client of its log server. Exact: the schema below it is read, too
	github.com/gowebpki/jcs v1.0.2 // RFC 8785, the canonical JSON of events
	github.com/hyperledger/fabric-chaincode-go/v2 v2.3.0 // the states' chaincode, a program of its own
	github.com/hyperledger/fabric-protos-go v0.0.0-20211118165945-23d738fc3553 // the messages of fabric-sdk-go
	github.com/hyperledger/fabric-protos-go-apiv2 v0.3.7 // the messages of the chaincode. Never in one program with fabric-protos-go: both register the same names
	github.com/hyperledger/fabric-sdk-go v1.0.1-0.20240123083657-5d6ca326e01b // the states' channel is asked for through it, and is archived: ledger/channel alone. Exact, because v1.0.0 fails when the root of any member has a signature with high S
	github.com/jackc/pgx/v5 v5.11.0 // the database under Trillian: the guards, and who publishes
	github.com/minio/minio-go/v7 v7.4.1 // object storage of any maker: locks, parts, ranges; no service's own library
	github.com/prometheus/client_golang v1.25.0 // a node's metrics
	github.com/rogpeppe/go-internal v1.16.0 // tests only: testscript and txtar
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 // tests only: our schemas of draft 2020-12; reaches no network
	github.com/schollz/progressbar/v3 v3.19.1 // the bar on a terminal; reaches net/http, so cmd/internal/ui alone
	github.com/secure-systems-lab/go-securesystemslib v0.11.1 // DSSE envelopes, the library of sigstore and in-toto
	github.com/sigstore/sigstore v1.10.11 // the Signer and Verifier interfaces. The last that builds with Go 1.26: v1.11 needs 1.27
	github.com/sigstore/timestamp-authority/v2 v2.1.3 // tests only: a third reader of timestamp tokens. The last that builds with Go 1.26
	github.com/smallstep/pkcs7 v0.2.3 // tests only: a second reader of CMS; takes BER and SHA-1, and dates by the machine's clock
	github.com/transparency-dev/formats v0.1.1 // C2SP notes, checkpoints, cosignatures
	github.com/transparency-dev/merkle v0.0.2 // RFC 6962 and RFC 9162 proofs
	github.com/transparency-dev/tessera v1.0.4 // the embedded ledger; exact, because its folder is read back by later versions
	github.com/urfave/cli/v2 v2.27.7 // the command line; v2 is asked for, and is in maintenance: v3 is another interface
	go.yaml.in/yaml/v3 v3.0.5 // answers to a standard in YAML; kept by the YAML organisation. In tests spec/openapi.yaml
	golang.org/x/crypto v0.57.0 // cryptobyte: strict DER
	golang.org/x/mod v0.42.0 // signed notes and tiles (sumdb)
	golang.org/x/sync v0.24.0 // errgroup; a semaphore whose wait ends with a request
	golang.org/x/sys v0.49.0 // fsync of folders, locks, statfs
	golang.org/x/term v0.47.0 // is it a terminal; a passphrase without echo
	golang.org/x/text v0.43.0 // Unicode: names that differ in form or case only; how wide a character is on a terminal; plural rules of reports
	golang.org/x/time v0.16.0 // rate: a node's limits for each client
	google.golang.org/grpc v1.83.2 // how Trillian is called
	google.golang.org/protobuf v1.36.12 // messages of that
	k8s.io/klog/v2 v2.140.0 // only to silence it: tessera logs through it
	pgregory.net/rapid v1.3.0 // tests only: properties, with shrinking
	rsc.io/qr v0.2.0 // the label; small, finished, no dependencies
)

require (
	cel.dev/expr v0.25.2 // indirect
	filippo.io/hpke v0.4.0 // indirect
	filippo.io/mldsa v0.0.0-20260215214346-43d0283efc3e // indirect
	github.com/antlr4-go/antlr/v4 v4.13.1 // indirect
	github.com/beorn7/perks v1.0.1 // indirect
	github.com/cenkalti/backoff/v5 v5.0.3 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/digitorus/pkcs7 v0.0.0-20230818184609-3a137a874352 // indirect
	github.com/dustin/go-humanize v1.0.1 // indirect
	github.com/go-logr/logr v1.4.4 // indirect
	github.com/go-logr/stdr v1.2.2 // indirect
	github.com/google/go-containerregistry v0.21.9 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/hashicorp/golang-lru/v2 v2.0.7 // indirect
	github.com/klauspost/compress v1.20.1 // indirect
	github.com/klauspost/cpuid/v2 v2.4.0 // indirect
	github.com/klauspost/crc32 v1.3.0 // indirect
	github.com/minio/crc64nvme v1.1.1 // indirect
	github.com/minio/md5-simd v1.1.2 // indirect
	github.com/mitchellh/colorstring v0.0.0-20190213212951-d06e56a500db // indirect
	github.com/munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822 // indirect
	github.com/opencontainers/go-digest v1.0.0 // indirect
	github.com/philhofer/fwd v1.2.0 // indirect
	github.com/pkg/errors v0.9.1 // indirect
	github.com/prometheus/client_model v0.6.3 // indirect
	github.com/prometheus/common v0.72.0 // indirect
	github.com/prometheus/procfs v0.22.0 // indirect
	github.com/rivo/uniseg v0.4.7 // indirect
	github.com/rs/xid v1.6.0 // indirect
	github.com/russross/blackfriday/v2 v2.1.0 // indirect
	github.com/sigstore/protobuf-specs v0.5.2 // indirect
	github.com/tinylib/msgp v1.6.4 // indirect
	github.com/xrash/smetrics v0.0.0-20240521201337-686a1a2994c1 // indirect
	github.com/youmark/pkcs8 v0.0.0-20240726163527-a2c0da244d78 // indirect
	github.com/zeebo/xxh3 v1.1.0 // indirect
	go.opentelemetry.io/auto/sdk v1.2.1 // indirect
	go.opentelemetry.io/otel v1.45.0 // indirect
	go.opentelemetry.io/otel/metric v1.45.0 // indirect
	go.opentelemetry.io/otel/trace v1.45.0 // indirect
	golang.org/x/exp v0.0.0-20260603202125-055de637280b // indirect
	golang.org/x/net v0.60.0 // indirect
	golang.org/x/tools v0.51.0 // indirect
	google.golang.org/genproto/googleapis/api v0.0.0-20260803160001-6ac0973c030d // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20260825221802-da73d73af1c5 // indirect
	gopkg.in/ini.v1 v1.67.3 // indirect
)

require (
	filippo.io/edwards25519 v1.2.0 // indirect
	github.com/Knetic/govaluate v3.0.1-0.20171022003610-9aa49832a739+incompatible // indirect
	github.com/bwesterb/go-ristretto v1.2.4 // indirect
	github.com/cloudflare/cfssl v1.4.1 // indirect
	github.com/fsnotify/fsnotify v1.9.0 // indirect
	github.com/go-kit/kit v0.10.0 // indirect
	github.com/go-logfmt/logfmt v0.5.0 // indirect
	github.com/go-viper/mapstructure/v2 v2.5.0 // indirect
	github.com/golang/mock v1.7.0-rc.1 // indirect
	github.com/google/certificate-transparency-go v1.0.21 // indirect
	github.com/hyperledger/fabric-config v0.0.5 // indirect
	github.com/hyperledger/fabric-lib-go v1.0.0 // indirect
	github.com/jackc/pgpassfile v1.0.0 // indirect
	github.com/jackc/pgservicefile v0.0.0-20240606120523-5a60cdf6a761 // indirect
	github.com/jackc/puddle/v2 v2.2.2 // indirect
	github.com/mitchellh/mapstructure v1.5.0 // indirect
	github.com/pelletier/go-toml/v2 v2.4.3 // indirect
	github.com/sagikazarmark/locafero v0.11.0 // indirect
	github.com/sourcegraph/conc v0.3.1-0.20240121214520-5f936abd7ae8 // indirect
	github.com/spf13/afero v1.15.0 // indirect
	github.com/spf13/cast v1.10.0 // indirect
	github.com/spf13/pflag v1.0.10 // indirect
	github.com/spf13/viper v1.21.0 // indirect
	github.com/stretchr/testify v1.12.1 // indirect
	github.com/subosito/gotenv v1.6.0 // indirect
	github.com/weppos/publicsuffix-go v0.5.0 // indirect
	github.com/zmap/zcrypto v0.0.0-20190729165852-9051775e6a2e // indirect
	github.com/zmap/zlint v0.0.0-20190806154020-fd021b4cfbeb // indirect
	gopkg.in/yaml.v2 v2.4.0 // indirect
)
