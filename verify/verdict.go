package verify

import (
	"example.org/custody/evidence"
	"example.org/custody/verify/standard"
)

// Status is the result of one check or one question (spec/verdict.md).
type Status string

// The four results. Fails means proven wrong, Undecided that it could not be
// decided; they share no exit code.
const (
	Holds         Status = "holds"
	Fails         Status = "fails"
	Undecided     Status = "undecided"
	NotApplicable Status = "not applicable"
)

// Exit codes of a verdict (rule P18).
const (
	ExitHolds     = 0  // every required question holds, nothing fails
	ExitFails     = 10 // proven not authentic
	ExitUndecided = 11 // could not be decided
)

// Formats of spec/verdict.md.
const (
	Format       = "custody/verdict/v1"
	SenderFormat = "custody/sender-verdict/v1"
)

// Verdict is what verify answers (spec/verdict.md).
type Verdict struct {
	Container []Finding     `json:"container"` // about the file itself; empty for a dossier
	Exit      int           `json:"exit"`      // 0, 10 or 11
	Format    string        `json:"format"`    // Format
	Items     []ItemVerdict `json:"items"`     // in the order of items.jsonl
	Package   *PackageFacts `json:"package,omitempty"`
	Sentence  string        `json:"sentence"` // the whole in one plain sentence
	Status    Status        `json:"status"`
	Trust     TrustFacts    `json:"trust"`
}

// ItemVerdict holds the ten answers about one item.
type ItemVerdict struct {
	// Court is what the reader's own pack says beside the one that the item names;
	// nil when the reader brought none. It is no part of any answer.
	Court     *standard.Comparison `json:"court,omitempty"`
	Item      evidence.ItemID      `json:"item"`
	Questions []Question           `json:"questions"` // ten, in order
	Timeline  []Span               `json:"timeline"`  // who held it from when to when
}

// Question is the answer to one of the court's questions.
type Question struct {
	ByHand   string    `json:"by_hand"` // how to check it without this program
	Facts    []Fact    `json:"facts"`
	Findings []Finding `json:"findings"`
	N        int       `json:"n"` // 1 to 10
	Sentence string    `json:"sentence"`
	Status   Status    `json:"status"`
}

// Fact is one value an answer rests on, for people.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Finding is the result of one check.
type Finding struct {
	Check   string `json:"check"`           // for example leaf.included; stable
	Detail  string `json:"detail"`          // one plain sentence
	Proof   Proof  `json:"proof,omitempty"` // on failure, the values that contradict
	Spec    string `json:"spec"`            // the page that says what is right
	Status  Status `json:"status"`
	Subject string `json:"subject"` // <item>/<seq>, file/<n>, <origin>#<index>, …
}

// Proof holds the values that show a failure, by name: enough for anyone to see
// it without this program.
type Proof map[string]string

// Span is one stretch of the timeline (rule P14). Times are RFC 3339; To is
// absent while it goes on, From when erased events hide it.
type Span struct {
	Custodian string `json:"custodian,omitempty"` // who answers, as role, authority and key; absent when unknown or ended
	From      string `json:"from,omitempty"`
	FromSeq   int64  `json:"from_seq"` // the event it begins with
	Key       string `json:"key,omitempty"`
	Kind      string `json:"kind"` // held, offered, with-carrier, disputed, unknown, ended
	To        string `json:"to,omitempty"`
}

// PackageFacts says which package was verified.
type PackageFacts struct {
	Manifest string   `json:"manifest"`           // SHA-256 of the manifest that the packer signed
	Packed   string   `json:"packed"`             // the packer's claimed time
	Signers  []string `json:"signers"`            // role, authority, key id of each
	Stamped  string   `json:"stamped,omitempty"`  // the timestamp token's time, when it counts
	Archived []string `json:"archived,omitempty"` // times of the archive timestamps that count, the oldest first
	To       string   `json:"to,omitempty"`
}

// TrustFacts says which trust list was used (rule P10).
type TrustFacts struct {
	Root    *TrustRoot `json:"root,omitempty"`   // the reader's own, when the list in use is a newer one that was proven from it
	SHA256  string     `json:"sha256,omitempty"` // of the whole note
	Source  Source     `json:"source"`           // of Root, when there is one
	Version uint64     `json:"version,omitempty"`
}

// TrustRoot is the list from which a newer one was proven (rule P12).
type TrustRoot struct {
	SHA256  string `json:"sha256"`
	Version uint64 `json:"version"`
}

// Source says where the trust list came from (rule P10).
type Source string

// A list from inside the package is never a source.
const (
	SourceGiven  Source = "given"  // named by the reader for this verdict
	SourcePinned Source = "pinned" // the reader's own, kept from before
	SourceNone   Source = "none"   // there is none; nothing can be decided
)
