package verify

import (
	"encoding/json"
	"slices"
	"time"

	"example.org/custody/evidence"
)

// legalAuthority is the record's field authority (spec/record.md, "Fields").
type legalAuthority struct {
	From      string `json:"from,omitempty"`
	Kind      string `json:"kind,omitempty"`
	Reference string `json:"reference,omitempty"`
	To        string `json:"to,omitempty"`
}

// authorised answers question 8: under which request or authority, with which
// use limits? Of an authority it repeats what was sealed and checks the dates; of a
// request and of use limits it says what the events shown say of them.
func (c *itemCase) authorised() Question {
	a := newAnswer(8)
	first := c.first()
	if first == nil || first.event == nil {
		a.add(conclude(checkAuthority, c.line.Item.String(), undecided("the event that sealed the item is not shown")))
		return a.question(authorisedSentences)
	}
	v := first.view()
	raw, found := v.Lookup("authority")
	switch found {
	case evidence.Absent:
		a.add(conclude(checkAuthority, first.subject, notApplicable("the record states no authority")))
	case evidence.Unknown:
		a.add(conclude(checkAuthority, first.subject, undecided("whether an authority is stated is held back"), first.record))
	default:
		a.fact("authority, as stated", string(raw))
		a.add(conclude(checkAuthority, first.subject, stated(raw, first.event), first.record))
	}
	if limits, p := v.Lookup("use-limits"); p == evidence.Present {
		a.fact("use limits, as stated", string(limits))
	}
	c.use(a)
	asked := c.requests(a)
	return a.question(c.authorisedSentences(a, asked))
}

// authorisedSentences are those for what question 8 is about: a request, use limits,
// or an authority stated.
func (c *itemCase) authorisedSentences(a *answer, asked bool) map[Status]string {
	limited := slices.ContainsFunc(a.findings, func(f Finding) bool { return f.Check == checkLimits && f.Status != NotApplicable })
	stated := slices.ContainsFunc(a.findings, func(f Finding) bool { return f.Check == checkAuthority && f.Status != NotApplicable })
	switch {
	case blamed(a.findings, checkAuthority):
		return authorisedSentences
	case asked, limited && statusOf(a.findings) != Holds:
		return requestedSentences
	case limited && !stated:
		return map[Status]string{Holds: "Its use limits were kept as far as the records show; under which authority it was gathered is not stated."}
	}
	return authorisedSentences
}

// blamed reports whether one check alone makes the answer what it is, and that is not
// that it holds.
func blamed(findings []Finding, check string) bool {
	status := statusOf(findings)
	return status != Holds && status != NotApplicable && !slices.ContainsFunc(findings, func(f Finding) bool { return f.Status == status && f.Check != check })
}

var requestedSentences = map[Status]string{
	Holds:     "It came under a request that was signed, recognised and delivered as shown; whether the request covers it is not decided here.",
	Fails:     "Something about the request under which it came, or about its use limits, is not as it has to be.",
	Undecided: "Not everything about the request under which it came, or about its use limits, could be decided.",
}

var authorisedSentences = map[Status]string{
	Holds:         "The sealed record states an authority, and the act lies within its dates; whether it covers the act is not decided here.",
	Fails:         "The act lies outside the dates of the authority that the record states.",
	Undecided:     "Under which authority it was gathered is not shown, or cannot be read.",
	NotApplicable: "No authority is stated.",
}

// stated checks that the act lies within the dates of the authority stated.
func stated(raw json.RawMessage, e *evidence.Event) result {
	var x legalAuthority
	if err := json.Unmarshal(raw, &x); err != nil {
		return undecided("an authority is stated in a form that cannot be read")
	}
	from, to := e.Occurred.Reference()
	begin, ok := day(x.From, false)
	if !ok || begin.After(from) {
		return outside(ok, x, "the stated authority begins within the act, or apart from it")
	}
	end, ok := day(x.To, true)
	if !ok || !end.IsZero() && end.Before(to) {
		return outside(ok, x, "the stated authority ends within the act, or apart from it")
	}
	return holds("authority %q %q, stated in the sealed record", x.Kind, x.Reference)
}

func outside(read bool, x legalAuthority, what string) result {
	if !read {
		return undecided("the dates of the stated authority cannot be read")
	}
	return fails(Proof{"from": x.From, "to": x.To}, "%s", what)
}

// day reads a date or a time; an empty one is no bound. The end of a day is its
// last moment.
func day(s string, end bool) (time.Time, bool) {
	if s == "" {
		return time.Time{}, true
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, true
	}
	t, err := time.Parse(time.DateOnly, s)
	if err == nil && end {
		t = t.Add(24*time.Hour - time.Millisecond)
	}
	return t, err == nil
}
