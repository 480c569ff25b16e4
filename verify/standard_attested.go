package verify

import (
	"fmt"
	"strconv"

	"example.org/custody/evidence"
	"example.org/custody/evidence/rules"
	"example.org/custody/verify/standard"
)

// checkAttested is in the place of [checkRule] where a reviewer states what
// became of a rule whose fields are held back here.
const checkAttested = "standard.attested"

// lines adds a finding for each rule: as the pack decides it, or on a reviewer's
// word where it cannot because something is held back.
func (c *itemCase) lines(a *answer, j *standard.Judgement, links []evidence.Link, adopted *Finding) {
	words, stood := j.Attested(links), 0
	for i := range j.Lines {
		l := &j.Lines[i]
		subject := string(l.From) + " " + l.Rule.ID
		if w, ok := words[l.Rule.ID]; ok && l.Weighs() {
			f := c.attested(subject, l, w)
			if f.Status == Holds || f.Status == Fails {
				stood++
			}
			a.add(c.resting(f, adopted))
			continue
		}
		check := checkAdvice
		if l.Weighs() {
			check = checkRule
		}
		a.add(c.ofPack(check, subject, lineResult(l), adopted))
	}
	if stood > 0 {
		a.fact("rules on the word of a reviewer", strconv.Itoa(stood))
	}
}

// attested is a finding on a reviewer's word. It rests on the event in which the
// word stands, and on all its signers.
func (c *itemCase) attested(subject string, l *standard.Line, w standard.Word) *Finding {
	e := c.history[w.Link]
	words := fmt.Sprintf("on the word of %s, who saw what is held back, in %s; not computed here: %s (%s; source: %s)",
		signer(w.Signer), e.subject, l.Rule.Text, l.Severity, l.Sources())
	r := result{status: Status(w.Status), detail: words}
	if w.Status == rules.Fails {
		r.proof = Proof{"rule": l.Rule.Holds}
	}
	rest := append([]*Finding{e.sound(), e.allowed, e.record}, e.enrolled...)
	return conclude(checkAttested, subject, r, append(rest, e.period...)...)
}
