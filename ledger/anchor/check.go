package anchor

import "fmt"

// Check is one of the checks of an anchor proof (spec/anchor.md, "Anchor proof").
type Check string

// The checks, in their order.
const (
	CheckForm        Check = "form"
	CheckBlock       Check = "block"
	CheckOrderer     Check = "orderer"
	CheckChannel     Check = "channel"
	CheckCreator     Check = "creator"
	CheckProposal    Check = "proposal"
	CheckEndorsement Check = "endorsement"
	CheckQuorum      Check = "quorum"
	CheckWrites      Check = "writes"
	CheckAnswer      Check = "answer"
)

// ProofError reports an anchor proof that proves nothing, with the first check that
// does not hold.
type ProofError struct {
	Check Check
	Err   error
}

// Error implements error.
func (e *ProofError) Error() string { return fmt.Sprintf("anchor proof, %s: %v", e.Check, e.Err) }

// Unwrap returns the cause.
func (e *ProofError) Unwrap() error { return e.Err }

func failed(c Check, format string, args ...any) error {
	return &ProofError{c, fmt.Errorf(format, args...)}
}

// at names the check under which an error came up, unless there is none.
func at(c Check, err error) error {
	if err == nil {
		return nil
	}
	return &ProofError{c, err}
}
