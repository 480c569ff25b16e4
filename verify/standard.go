package verify

import (
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/rules"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/standard"
)

// standard answers question 7: was it gathered to the agreed standard? Rule by
// rule, as the pack that it names decides, if the reader's trust list names it.
func (c *itemCase) standard() Question {
	a := newAnswer(7)
	first := c.first()
	switch {
	case first == nil || first.event == nil:
		a.add(conclude(checkStandard, c.line.Item.String(), undecided("the event that sealed the item is not shown")))
	case first.event.Standard == "":
		a.add(conclude(checkStandard, first.subject, notApplicable("no standard was named when it was sealed")))
	default:
		a.fact("standard", first.event.Standard)
		in := c.ruleInput()
		j, err := standard.Judge(standard.Asked{Library: c.rulePacks(), Pins: c.pins(), Input: in})
		if err != nil {
			a.add(conclude(checkStandard, first.subject, undecided("its rules could not be evaluated: %v", err)))
			break
		}
		c.judged(a, first, j, in.Links)
	}
	return a.weighed(standardSentences)
}

var standardSentences = map[Status]string{
	Holds:         "Every rule of the standard that counts holds, or does not apply.",
	Fails:         "A rule of the standard was not kept.",
	Undecided:     "Whether the standard was met is not decided here.",
	NotApplicable: "No standard was named, so there is none to hold it against.",
}

// specStandards is the page that says what the findings of a pack rest on.
const specStandards = "spec/standards.md"

// Checks of question 7, beside [checkStandard]: whether the pack counts.
const (
	checkInForce = "standard.inforce"
	checkFields  = "standard.fields"
	checkRule    = "standard.rule"   // of severity block or error
	checkAdvice  = "standard.advice" // of severity warning or information: weighs nothing
)

// judged turns a judgement into findings. Nothing that a pack says counts when
// the reader's list does not name it, or when the record is not the one sealed.
func (c *itemCase) judged(a *answer, first *eventCase, j *standard.Judgement, links []evidence.Link) {
	adopted := about(conclude(checkStandard, first.subject, answerResult(j.Adopted), first.sound(), first.record))
	a.add(adopted)
	if j.Result == nil {
		return
	}
	a.fact("standard, SHA-256", j.Result.SHA256.String())
	a.fact("standard, reviewed", reviewed(j.Pack.Standard))
	a.add(c.ofPack(checkInForce, first.subject, answerResult(j.InForce), adopted))
	a.add(c.ofPack(checkFields, first.subject, answerResult(j.Fields), adopted))
	c.lines(a, j, links, adopted)
}

// ofPack is a finding of a pack, which says nothing unless the pack counts.
func (c *itemCase) ofPack(check, subject string, r result, adopted *Finding) *Finding {
	return c.resting(conclude(check, subject, r), adopted)
}

func (c *itemCase) resting(f, adopted *Finding) *Finding {
	if adopted.Status != Holds && f.Status != NotApplicable {
		f.rest(adopted)
	}
	return about(f)
}

// about names the page of a finding that rests on a pack.
func about(f *Finding) *Finding {
	f.Spec = specStandards
	return f
}

func answerResult(a standard.Answer) result {
	r := result{status: Status(a.Status), detail: a.Detail}
	if r.status == Fails {
		r.proof = Proof{"found": a.Detail}
	}
	return r
}

// lineResult says what became of a rule, in the rule's own words.
func lineResult(l *standard.Line) result {
	switch l.Status {
	case rules.Holds:
		return holds("%s (%s; source: %s)", l.Rule.Text, l.Severity, l.Sources())
	case rules.Fails:
		return fails(Proof{"rule": l.Rule.Holds}, "not so: %s (%s; source: %s)", l.Rule.Text, l.Severity, l.Sources())
	case rules.NotApplicable:
		return notApplicable("does not apply: %s (%s; source: %s)", l.Rule.Text, l.Severity, l.Sources())
	}
	return undecided("%s: %s (%s; source: %s)", l.Why(), l.Rule.Text, l.Severity, l.Sources())
}

// court holds the reader's own pack against the item, beside the one it names.
func (c *itemCase) court() *standard.Comparison {
	if c.opts.Court == nil {
		return nil
	}
	in := c.ruleInput()
	own, err := standard.Under(c.opts.Court, in)
	if err != nil {
		return nil
	}
	named, err := standard.Judge(standard.Asked{Library: c.rulePacks(), Pins: c.pins(), Input: in})
	if err != nil {
		named = nil
	}
	return standard.Compare(named, own)
}

func reviewed(s *rules.Standard) string {
	if s.Reviewed == nil {
		return "by nobody yet"
	}
	return s.Reviewed.By + ", " + s.Reviewed.Date
}

// weighed finishes the answer; what only advises is shown and decides nothing.
func (a *answer) weighed(sentences map[Status]string) Question {
	all := a.findings
	a.findings = nil
	for _, f := range all {
		if f.Check != checkAdvice {
			a.findings = append(a.findings, f)
		}
	}
	q := a.question(sentences)
	if all != nil {
		q.Findings = all
	}
	return q
}

// rulePacks returns the packs that are known: those of this program, and those
// that the reader brings.
func (s *session) rulePacks() *rules.Library {
	if s.opts.Standards == nil {
		return rules.Builtin()
	}
	if s.packs == nil {
		s.packs = rules.Builtin().With(s.opts.Standards)
	}
	return s.packs
}

func (s *session) pins() []trust.Pin {
	if s.list == nil {
		return nil
	}
	return s.list.Standards
}

// ruleInput is what a pack sees of the item.
func (c *itemCase) ruleInput() *rules.Input {
	in := &rules.Input{Timeline: c.custody.timeline, Now: c.foldedFor()}
	for _, e := range c.history {
		in.Links = append(in.Links, c.link(e))
	}
	first := c.first()
	if first == nil || first.event == nil {
		return in
	}
	in.Tokens = c.tokenTimes(first)
	if first.event.Parent == nil {
		in.Rooted = rules.FactTrue
		return in
	}
	for _, f := range c.custody.findings {
		if f.Check == checkParent && f.Subject == first.subject {
			in.Rooted = map[Status]rules.Fact{Holds: rules.FactTrue, Fails: rules.FactFalse}[f.Status]
		}
	}
	in.ParentHeld = c.parentHeld(first.event)
	return in
}

// parentHeld asks whether whoever signed the collection was custodian of the
// parent when it began.
func (c *itemCase) parentHeld(e *evidence.Event) rules.Fact {
	history := c.items[e.Parent.Item]
	if len(history) == 0 || e.Parent.Item == c.line.Item {
		return rules.FactUnknown
	}
	links := make([]evidence.Link, len(history))
	for i, one := range history {
		if f := all(one.sound(), one.allowed); f == nil || f.Status != Holds {
			return rules.FactUnknown
		}
		links[i] = c.link(one)
	}
	t, err := evidence.Fold(links, time.Time{})
	if err != nil || t.Erased > 0 {
		return rules.FactUnknown
	}
	from, _ := e.Occurred.Reference()
	for _, s := range t.Spans {
		if !s.Begin.IsZero() && !s.Begin.After(from) && (s.End.IsZero() || s.End.After(from)) {
			if s.Custodian == nil {
				return rules.FactUnknown
			}
			if s.Custodian.Key == e.Signer().Key {
				return rules.FactTrue
			}
			return rules.FactFalse
		}
	}
	return rules.FactFalse
}
