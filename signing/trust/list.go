package trust

import "time"

// MaxList is the largest signed list in bytes (spec/trust.md).
const MaxList = 1 << 20

// List is the content of a trust list. Times are UTC in whole seconds; windows
// are inclusive at both ends. What [Open] returns is complete and free of
// contradictions; it must not be changed.
type List struct {
	Version    int64         // 1, 2, …
	Previous   Digest        // SHA-256 of the whole note before; zero for version 1
	Issued     time.Time     // when the list was made
	NextUpdate time.Time     // about later signatures the list says nothing
	Signers    int           // how many of States must sign the next list, 1 … len(States)
	Require    []int         // questions that must hold for exit 0, rising, 1 … 9
	MaxAge     time.Duration // how old completeness may be; whole hours

	States      []State
	Logs        []Log
	Retired     []Retirement
	Witnesses   []Cosigner
	Auditors    []Cosigner
	Authorities []Authority
	Compromised []Compromise
	TSAs        []TSA
	Revoked     []Revocation
	Policies    []PolicyPin
	Standards   []Pin
	Instruments []Pin

	note []byte // as opened; nil for a list that was only built
}

// State is a member state and the key with which it signs lists.
type State struct {
	Code string // 2 to 8 letters A–Z
	Key  VKey   // type 0x01
}

// Log gives a ledger's key for checkpoints of size ≥ FromSize, until another
// Log of the same origin with a larger FromSize takes over.
type Log struct {
	Origin   string // also the key's name
	State    string
	Key      VKey   // type 0x01
	FromSize uint64 // at most 2^63−1
}

// Retirement pins the last checkpoint of a ledger that takes no more leaves.
type Retirement struct {
	Final     Point
	Successor string // origin where seals still open are closed; "" for none
}

// Cosigner is a witness's or auditor's key, bounded by its own cosignature time.
type Cosigner struct {
	Name  string // 1 to 64 of letters, digits, . _ - /
	State string
	Key   VKey // type 0x04 or 0x06
	From  time.Time
	To    time.Time // zero: open
}

// Authority is a certificate that enrols keys in its own state's ledgers.
type Authority struct {
	State  string
	Digest Digest // SHA-256 of the certificate's DER
	From   time.Time
	To     time.Time // zero: open
}

// Compromise says that what an authority enrolled in a ledger counts only below
// the size of the pinned checkpoint (rule P8).
type Compromise struct {
	State     string
	Digest    Digest // of the authority's certificate
	GoodUntil Point
}

// TSA is the certificate of a timestamp authority, bounded by its tokens' own
// time. Whoever has its key can date a token as they like, so one that was
// compromised is taken out of the list, not ended.
type TSA struct {
	State  string // whose word it is
	Digest Digest // SHA-256 of the certificate's DER
	From   time.Time
	To     time.Time // zero: open
}

// Revocation says up to which checkpoint of a ledger a log's, witness's or
// auditor's key still counts. For a ledger that no revocation of the key names,
// the key no longer counts at all.
type Revocation struct {
	Key       VKey
	Reason    string // code: 1 to 32 of a–z and -
	GoodUntil Point
}

// PolicyKind says what a policy is for (rule P17).
type PolicyKind string

// The two policies of every ledger.
const (
	Receipt PolicyKind = "receipt" // when an act counts: witnesses
	Court   PolicyKind = "court"   // when a court may rely on it: witnesses and f+1 auditors
)

// PolicyPin names a policy by the digest of its text.
type PolicyPin struct {
	Origin string
	Kind   PolicyKind
	Digest Digest
	F      int // court only: how many states may lie, 0 or more
}

// Pin names a standard or an instrument by digest.
type Pin struct {
	Name   string // id/version
	Digest Digest
}
