package mla

import (
	"fmt"
	"slices"
	"time"
)

// Use is what somebody means to do with evidence.
type Use struct {
	State        string        // of the recipient, alpha-2
	Proceeding   string        //
	Purpose      string        //
	Exception    ExceptionKind // claimed; "": none
	Noticed      bool          // the givers were told before
	Handling     []string      // codes that the recipient takes over
	ShowsRequest bool          // the fact of the request is shown with it
	Consents     []Consent
	At           time.Time
}

// Consent is one that a giver has stated.
type Consent struct {
	Giver     string // alpha-2
	Reference string // where it stands; "" is no consent
}

// Outcome is what limits say of a use.
type Outcome struct {
	Decision Decision
	Ask      []string // the states to be asked, sorted; none unless Decision is Ask
	Reasons  []Reason // of every limit that does not simply allow
}

// Reason is what one limit says.
type Reason struct {
	Limit    string   `json:"limit"` // its id
	Giver    string   `json:"giver"`
	Decision Decision `json:"decision"` // allow: a consent or an exception makes it so
	Text     string   `json:"text"`
	Source   string   `json:"source"`
}

// Evaluate says whether a use is allowed, whom to ask, or why it is denied. It is
// pure: the same limits and use give the same outcome.
func (l Limits) Evaluate(u *Use) Outcome {
	out := Outcome{Decision: Allow}
	for i := range l.list {
		one := &l.list[i]
		decision, reasons := one.judge(u)
		out.Decision = narrower(out.Decision, decision)
		out.Reasons = append(out.Reasons, reasons...)
		if decision == Ask && !slices.Contains(out.Ask, one.Giver) {
			out.Ask = append(out.Ask, one.Giver)
		}
	}
	if out.Decision != Ask {
		out.Ask = nil
	}
	slices.Sort(out.Ask)
	return out
}

// narrower returns the narrower of two decisions.
func narrower(a, b Decision) Decision {
	for _, d := range []Decision{Deny, Ask} {
		if a == d || b == d {
			return d
		}
	}
	return Allow
}

// judge gathers the answers of one limit.
func (l *Limit) judge(u *Use) (Decision, []Reason) {
	var reasons []Reason
	narrowest := Allow
	answer := func(d Decision, format string, args ...any) {
		text := fmt.Sprintf(format, args...)
		if ref := u.consentOf(l.Giver); d == Ask && ref != "" {
			d, text = Allow, text+"; "+l.Giver+" consents, "+ref
		}
		narrowest = narrower(narrowest, d)
		reasons = append(reasons, Reason{Limit: l.ID, Giver: l.Giver, Decision: d, Text: text, Source: l.Source})
	}
	if slices.Contains(l.Never, u.State) {
		answer(Deny, "it never goes to %s, whatever anybody agrees to", u.State)
	}
	if u.State == l.Giver {
		return narrowest, reasons // who would be asked is bound by nothing else
	}
	if !l.Expires.IsZero() && !u.At.Before(l.Expires) {
		answer(Deny, "it could be used until %s", l.Expires.Format(time.RFC3339))
	}
	if !slices.Contains(l.States, u.State) {
		answer(l.Onward, "%s is not one of the states that may have it", u.State)
	}
	l.purpose(u, answer)
	for _, code := range l.Handling {
		if !slices.Contains(u.Handling, code) {
			answer(Ask, "the recipient does not take over the handling code %s", code)
		}
	}
	if l.Confidential && u.ShowsRequest {
		answer(Ask, "the fact of the request is confidential")
	}
	return narrowest, reasons
}

// purpose judges what the evidence is wanted for.
func (l *Limit) purpose(u *Use, answer func(Decision, string, ...any)) {
	if slices.Contains(l.Proceedings, u.Proceeding) && slices.Contains(l.Purposes, u.Purpose) {
		return
	}
	at := slices.IndexFunc(l.Exceptions, func(x LimitException) bool { return x.Kind == u.Exception })
	switch {
	case at < 0:
		answer(l.OtherUse, "it was given for another proceeding or purpose")
	case l.Exceptions[at].Notice && !u.Noticed:
		answer(Ask, "the exception %s needs notice to %s before", u.Exception, l.Giver)
	default:
		answer(Allow, "the exception %s allows it", u.Exception)
	}
}

// consentOf returns where the consent of a state stands, "" when there is none.
func (u *Use) consentOf(state string) string {
	for _, c := range u.Consents {
		if c.Giver == state && c.Reference != "" {
			return c.Reference
		}
	}
	return ""
}
