package contract

import (
	"errors"
	"fmt"
	"strings"
)

// Code says why a transaction is refused. It stands first in the chaincode's answer,
// before a colon, so that whoever submitted can tell the reasons apart.
type Code string

// The reasons.
const (
	Malformed    Code = "malformed"    // arguments out of form
	NotAdopted   Code = "not-adopted"  // no trust list, or not the one this follows
	Unlisted     Code = "unlisted"     // the trust list names no such ledger, size or state
	NotOwn       Code = "not-own"      // another state's ledger
	WrongKey     Code = "wrong-key"    // not signed by the key that counts
	Caught       Code = "caught"       // an alarm about the ledger is recorded
	Ended        Code = "ended"        // past the end of a retired ledger, or another end
	Already      Code = "already"      // recorded already: nothing to do
	Smaller      Code = "smaller"      // less than what is anchored
	Inconsistent Code = "inconsistent" // does not continue what is anchored
	NoProof      Code = "no-proof"     // an alarm that proves nothing
	Absent       Code = "absent"       // asked for what is not there
)

// RefusedError reports a transaction that the rules refuse. It writes nothing.
type RefusedError struct {
	Code Code
	Err  error
}

// Error returns the answer of the chaincode.
func (e *RefusedError) Error() string { return string(e.Code) + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *RefusedError) Unwrap() error { return e.Err }

// CodeOf finds the code of a refusal in the text that a peer answered with, "" when it
// has none.
func CodeOf(answer string) Code {
	for _, c := range []Code{Malformed, NotAdopted, Unlisted, NotOwn, WrongKey, Caught, Ended, Already, Smaller, Inconsistent, NoProof, Absent} {
		if strings.Contains(answer, refusal+string(c)+": ") {
			return c
		}
	}
	return ""
}

// refusal begins the answer of a refused transaction.
const refusal = "refused, "

// Answer returns the text with which a chaincode refuses.
func (e *RefusedError) Answer() string { return refusal + e.Error() }

func refuse(c Code, format string, args ...any) error {
	return &RefusedError{c, fmt.Errorf(format, args...)}
}

// IsRefused reports whether err is a refusal with the code.
func IsRefused(err error, c Code) bool {
	var r *RefusedError
	return errors.As(err, &r) && r.Code == c
}
