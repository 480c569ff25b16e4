package mla

import (
	"slices"
	"time"
)

// Addressee returns the side that gets what the issuing side sends with a step: of an
// order to a provider the provider, but for what is notified to the authority of its
// state or put before it to be enforced.
func (r *Request) Addressee(to State) Side {
	orders := []string{"production-order", "preservation-order"}
	switch {
	case !slices.Contains(orders, r.Form.Machine):
		return Executing
	case to == "notified" || to == "enforcement":
		return Enforcing
	}
	return Provider
}

// SignedForm returns when the form was signed last, and whether it was: in the state
// that it is signed for, or issued in an emergency before it was validated.
func (r *Request) SignedForm(h History) (at time.Time, signed bool) {
	for _, s := range slices.Backward(h) {
		if s.To == r.Form.Step || s.To == "issued-unvalidated" {
			return s.At, true
		}
	}
	return time.Time{}, false
}
