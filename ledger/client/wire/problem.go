package wire

import (
	"fmt"
	"time"

	"example.org/custody/evidence"
)

// ProblemKind is the media type of a [Problem] (RFC 9457).
const ProblemKind = "application/problem+json"

// Codes that a client acts on; spec/node.md, "Refusals" has all.
const (
	CodeSealClosed      = "seal-closed"      // another leaf has closed the seal: Index and Leaf are its
	CodeFollows         = "follows"          // the event it follows was refused
	CodeHistoryNeeded   = "history-needed"   // send what the event rests on as proofs
	CodeEnrolmentNeeded = "enrolment-needed" // send the signers' enrolments as proofs
	CodeKeyUnknown      = "key-unknown"      // introduce the key
	CodeClock           = "clock"            // Now is the node's clock
	CodeReplayed        = "replayed"         // sign again
	CodeReadOnly        = "read-only"
)

// Problem is a refusal: for a machine its code, for a person three lines.
type Problem struct {
	Code   string         `json:"code"`
	Detail string         `json:"detail,omitempty"`
	Do     []string       `json:"do"`              // what to do
	Index  *uint64        `json:"index,omitempty"` // of the leaf that won
	Leaf   *evidence.Hash `json:"leaf,omitempty"`  // its leaf hash
	Means  string         `json:"means"`           // for the evidence
	Now    *time.Time     `json:"now,omitempty"`   // the node's clock
	Status int            `json:"status"`
	Title  string         `json:"title"` // what happened
	Type   string         `json:"type"`  // urn:custody:problem:<code>
}

// Error implements error.
func (p *Problem) Error() string {
	if p.Detail == "" {
		return p.Title
	}
	return p.Title + ": " + p.Detail
}

// ParseProblem reads a problem, or returns [ErrForm].
func ParseProblem(b []byte) (*Problem, error) {
	p := new(Problem)
	if err := parse(b, p); err != nil {
		return nil, err
	}
	if p.Code == "" || p.Type != "urn:custody:problem:"+p.Code {
		return nil, fmt.Errorf("problem %.40q: %w", p.Type, ErrForm)
	}
	return p, nil
}
