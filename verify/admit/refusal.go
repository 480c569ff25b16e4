package admit

import "fmt"

// Code is the stable reason of a refusal.
type Code string

// Reasons, one for each column of the table and each rule beside it.
const (
	CodeAction    Code = "action"    // nobody may do this to an item of this kind
	CodeState     Code = "state"     // not from this state of custody
	CodeHold      Code = "hold"      // the item is under a hold, or is not where it must be
	CodeRole      Code = "role"      // the signer's role does not allow it
	CodeCustodian Code = "custodian" // only the custodian may
	CodeReceiver  Code = "receiver"  // only the key that the offer names may
	CodeSecond    Code = "second"    // the second signature is missing or not the right one
	CodeAuthority Code = "authority" // an authority's key of that state is needed
	CodeChain     Code = "chain"     // not the next event of this history
	CodeParent    Code = "parent"    // the parent's derive does not name this item
	CodeEnrolment Code = "enrolment" // the key is not enrolled as it says
	CodePeriod    Code = "period"    // outside the enrolment (rule P8)
)

// Refusal says why an event may not be added. A nil *Refusal is permission.
type Refusal struct {
	Code Code
	What string // what was refused, for example "examine by 3f0c…"
	Why  string // one plain sentence without its full stop
	// Undecided is set when nothing proves that the event is not allowed, but
	// what would show that it is is missing. Desk and node refuse all the same.
	Undecided bool
}

// Error implements error.
func (r *Refusal) Error() string { return r.What + ": " + r.Why }

func refuse(code Code, what, why string, args ...any) *Refusal {
	return &Refusal{Code: code, What: what, Why: fmt.Sprintf(why, args...)}
}

func undecided(code Code, what, why string, args ...any) *Refusal {
	r := refuse(code, what, why, args...)
	r.Undecided = true
	return r
}
