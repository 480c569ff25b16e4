package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
)

// Limits of one request (spec/node.md).
const (
	MaxBody   = 10 << 20 // bytes
	MaxEvents = 256      // of one submission
)

// Formats of bodies that say which they are.
const (
	SubmissionFormat   = "custody/submission/v1"
	SubmittedFormat    = "custody/submitted/v1"
	IntroductionFormat = "custody/introduction/v1"
	LedgerFormat       = "custody/ledger/v1"
	LoggedFormat       = "custody/logged/v1"
)

// What became of an event that was submitted.
const (
	Logged  = "logged"  // in the ledger, with a receipt
	Pending = "pending" // in the ledger; cosignatures are missing, so there is no receipt yet
	Refused = "refused" // not in the ledger
)

// ErrForm reports a body that is not in its one form.
var ErrForm = errors.New("not in the form of spec/node.md")

// Submission asks for events to be logged, in their order.
type Submission struct {
	Events []Event `json:"events"` // 1 … [MaxEvents]
	Format string  `json:"format"` // [SubmissionFormat]
	// Proofs is a dossier by file (spec/package.md): the events that the node lacks
	// to judge these (rule P13).
	Proofs map[string][]byte `json:"proofs,omitempty"`
}

// Event is one event and what opens its leaf.
type Event struct {
	Envelope []byte          `json:"envelope"` // verbatim (rule P19)
	Leaf     HexLeaf         `json:"leaf"`     // as the submitter computed it
	Record   json.RawMessage `json:"record"`   // spec/record.md, "View"
	Salt     evidence.Hash   `json:"salt"`     // of the leaf's commitments
	SealKey  evidence.Hash   `json:"seal_key"` // of the seal that the event closes
}

// Recompute returns the leaf that belongs to the event's envelope, salt and seal key.
func (e Event) Recompute() ledger.Leaf {
	return ledger.EventLeaf(evidence.SealKey(e.SealKey), e.Salt, e.Envelope)
}

// Submitted answers a [Submission]: one result for each event, in their order.
type Submitted struct {
	Format  string   `json:"format"` // [SubmittedFormat]
	Results []Result `json:"results"`
}

// Result is what became of one event.
type Result struct {
	Index   *uint64       `json:"index,omitempty"` // of its leaf, unless it was refused
	Leaf    evidence.Hash `json:"leaf"`            // leaf hash
	Problem *Problem      `json:"problem,omitempty"`
	Receipt string        `json:"receipt,omitempty"` // C2SP tlog-proof
	Retried bool          `json:"retried,omitempty"` // it was in the ledger before
	Status  string        `json:"status"`            // [Logged], [Pending] or [Refused]
}

// ParseSubmission reads a submission, or returns [ErrForm].
func ParseSubmission(b []byte) (*Submission, error) {
	s := new(Submission)
	if err := atMost(b, "events", MaxEvents); err != nil {
		return nil, err
	}
	if err := parse(b, s); err != nil {
		return nil, err
	}
	if n := len(s.Events); s.Format != SubmissionFormat || n == 0 || n > MaxEvents {
		return nil, fmt.Errorf("format %.40q, %d events: %w", s.Format, n, ErrForm)
	}
	return s, nil
}

// Marshal returns the canonical bytes of the submission.
func (s *Submission) Marshal() ([]byte, error) {
	s.Format = SubmissionFormat
	return evidence.Canonical(s)
}

// ParseSubmitted reads the answer to a submission of n events, or returns [ErrForm].
func ParseSubmitted(b []byte, n int) (*Submitted, error) {
	s := new(Submitted)
	if err := atMost(b, "results", n); err != nil {
		return nil, err
	}
	if err := parse(b, s); err != nil {
		return nil, err
	}
	if s.Format != SubmittedFormat || len(s.Results) != n {
		return nil, fmt.Errorf("format %.40q, %d results for %d events: %w", s.Format, len(s.Results), n, ErrForm)
	}
	for _, r := range s.Results {
		if !r.complete() {
			return nil, fmt.Errorf("result %.12s %q: %w", r.Leaf, r.Status, ErrForm)
		}
	}
	return s, nil
}

// complete reports whether the result says what its status needs.
func (r Result) complete() bool {
	switch r.Status {
	case Logged:
		return r.Index != nil && r.Receipt != "" && r.Problem == nil
	case Pending:
		return r.Index != nil && r.Receipt == "" && r.Problem == nil
	case Refused:
		return r.Index == nil && r.Receipt == "" && r.Problem != nil && !r.Retried
	}
	return false
}

// Marshal returns the canonical bytes of the answer.
func (s *Submitted) Marshal() ([]byte, error) {
	s.Format = SubmittedFormat
	return evidence.Canonical(s)
}

func parse(b []byte, into any) error {
	if err := evidence.ParseCanonical(b, into); err != nil {
		return fmt.Errorf("%w: %w", ErrForm, err)
	}
	return nil
}

// atMost refuses an object whose member is a list of more than n things, before they
// are made: an empty one of two bytes becomes many times as much.
func atMost(b []byte, member string, n int) error {
	if bytes.Count(b, []byte(",")) < n {
		return nil // more than n things have n commas between them
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return fmt.Errorf("not an object: %w", ErrForm)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return fmt.Errorf("%w: %w", ErrForm, err)
		}
		// As encoding/json finds members: in any case.
		if s, ok := name.(string); !ok || !strings.EqualFold(s, member) {
			if err := skip(d); err != nil {
				return err
			}
			continue
		}
		if t, err := d.Token(); err != nil || t != json.Delim('[') {
			return fmt.Errorf("%s is no list: %w", member, ErrForm)
		}
		for i := 0; d.More(); i++ {
			if i == n {
				return fmt.Errorf("more than %d %s: %w", n, member, ErrForm)
			}
			if err := skip(d); err != nil {
				return err
			}
		}
		if _, err := d.Token(); err != nil {
			return fmt.Errorf("%w: %w", ErrForm, err)
		}
	}
	return nil
}

// skip passes one value over.
func skip(d *json.Decoder) error {
	var v json.RawMessage
	if err := d.Decode(&v); err != nil {
		return fmt.Errorf("%w: %w", ErrForm, err)
	}
	return nil
}
