package intake

import (
	"fmt"

	"example.org/custody/evidence"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/verify/admit"
)

// Codes of refusals beside those of verify/admit and of package wire.
const (
	CodeEvent  = "event"  // not an event in its one form, or not for this ledger
	CodeLeaf   = "leaf"   // the leaf stated is not that of envelope, salt and seal key
	CodeRecord = "record" // the view is not of the record that the event signs
	CodeSigner = "signer" // a signature is missing, too many, or wrong
	CodeProof  = "proof"  // what was sent as proof proves nothing
)

// Refusal says why an event is not taken.
type Refusal struct {
	Code   string
	Detail string        // one plain clause
	Winner *wire.Closing // the leaf that closed the seal, for [wire.CodeSealClosed]
}

// Error implements error.
func (r *Refusal) Error() string { return r.Code + ": " + r.Detail }

func refuse(code, format string, args ...any) *Refusal {
	return &Refusal{Code: code, Detail: fmt.Sprintf(format, args...)}
}

// refusalOf turns what verify/admit refused into a refusal of the node. What only a
// later receipt can decide (the period of a key in another ledger), or nobody can any
// more (a hold that an erased event may have set), does not stop an event: the verdict
// says so (as a desk has it).
func refusalOf(r *admit.Refusal) *Refusal {
	if r == nil || r.Undecided && (r.Code == admit.CodePeriod || r.Code == admit.CodeHold) {
		return nil
	}
	return refuse(string(r.Code), "%s: %s", r.What, r.Why)
}

func closedBy(seal evidence.Seal, index uint64, leaf evidence.Hash) *Refusal {
	r := refuse(wire.CodeSealClosed, "the seal %.12s is closed by leaf %d", seal, index)
	r.Winner = &wire.Closing{Index: index, Leaf: leaf}
	return r
}
