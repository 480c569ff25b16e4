package pack

import (
	"fmt"
	"strconv"
	"strings"

	"example.org/custody/evidence"
)

// Names of the files of a package (spec/package.md).
const (
	ReadmeName    = "README.txt"
	ReportName    = "report/summary.html"
	ItemsName     = "record/items.jsonl"
	EventsName    = "record/events.jsonl"
	InventoryName = "record/inventory.csv"
	WithheldName  = "record/withheld.csv"
	ReadersName   = "record/readers.jsonl"
	VerdictName   = "record/verdict.json"
	LogsName      = "proof/logs.jsonl"
	GraphName     = "case/graph.jsonld"
	NotesName     = "proof/notes.jsonl"
	AnchorsName   = "proof/anchors.jsonl"
	ManifestName  = "META-INF/ASiCManifest001.xml"
	SignatureName = "META-INF/package.dsse"
	CAdESName     = "META-INF/signature001.p7s"
	TimestampName = "META-INF/timestamp001.tst"
	StampedName   = "META-INF/ASiCManifest002.xml"

	InventoryJSONName = "record/inventory.json"
	WithheldJSONName  = "record/withheld.json"
)

const (
	trustPrefix   = "trust/"
	tokenPrefix   = "proof/token-"
	payloadPrefix = "payload/"

	agreementPrefix = "trust/channel-"
)

// Limits of spec/package.md, "Limits". A reader answers undecided above them.
const (
	MaxEvents     = 10_000   // lines of events.jsonl
	MaxItems      = 10_000   // lines of items.jsonl
	MaxAnchors    = 100      // lines of anchors.jsonl
	MaxEventsFile = 64 << 20 // bytes of events.jsonl
	MaxFile       = 16 << 20 // bytes of every other file of a dossier
	// MaxRead is how many bytes outside payload/ a reader takes into memory:
	// the files that are limited one by one could be many.
	MaxRead = 512 << 20
)

// ListName returns the name of the trust list of that version.
func ListName(version uint64) string { return fmt.Sprintf("trust/list-%d.note", version) }

// PolicyName returns the name of the policy with that SHA-256.
func PolicyName(digest evidence.Hash) string { return "trust/policy-" + digest.String() + ".txt" }

// CertName returns the name of the certificate whose DER has that SHA-256.
func CertName(digest evidence.Hash) string { return "trust/cert-" + digest.String() + ".der" }

// TokenName returns the name of the timestamp token with that SHA-256.
func TokenName(digest evidence.Hash) string { return tokenPrefix + digest.String() + ".tst" }

// AgreementName returns the name of the agreement about a channel whose file has that
// SHA-256.
func AgreementName(digest evidence.Hash) string { return agreementPrefix + digest.String() + ".json" }

// PayloadName returns the name of an evidence copy: file n (from 1) of item i
// (its line number in items.jsonl, from 1). ext is the extension with its dot,
// at most 10 letters and digits, or empty; anything else is dropped, because it
// comes from a path that may name a person.
func PayloadName(i, n int, ext string) string {
	return fmt.Sprintf("payload/%d/%d%s", i, n, plainExt(ext))
}

// BagName returns the name of the inner bag of item i (from 1); [BagMember] those of
// the copies in it.
func BagName(i int) string { return fmt.Sprintf("payload/%d.zip", i) }

// IsDossier reports whether a file of a package belongs to the dossier: all but
// report, README, registers, verdict, payload and META-INF.
func IsDossier(name string) bool {
	switch name {
	case ItemsName, EventsName, LogsName, NotesName, AnchorsName, ReadersName:
		return true
	}
	return strings.HasPrefix(name, trustPrefix) || strings.HasPrefix(name, tokenPrefix)
}

func plainExt(ext string) string {
	if len(ext) < 2 || len(ext) > 11 || ext[0] != '.' {
		return ""
	}
	for _, c := range []byte(ext[1:]) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return ""
		}
	}
	return strings.ToLower(ext)
}

// listVersion reads the version out of a trust list's name.
func listVersion(name string) (uint64, bool) {
	s, ok := between(name, "trust/list-", ".note")
	if !ok {
		return 0, false
	}
	v, err := strconv.ParseUint(s, 10, 53)
	return v, err == nil && v > 0 && ListName(v) == name
}

// nameDigest reads the digest out of a policy's or certificate's name.
func nameDigest(name, prefix, suffix string) (evidence.Hash, bool) {
	s, ok := between(name, prefix, suffix)
	if !ok {
		return evidence.Hash{}, false
	}
	h, err := evidence.ParseHash(s)
	return h, err == nil
}

func between(s, prefix, suffix string) (string, bool) {
	s, ok := strings.CutPrefix(s, prefix)
	if !ok {
		return "", false
	}
	return strings.CutSuffix(s, suffix)
}
