package verify

import "example.org/custody/verify/pack"

// answer gathers one question's findings and facts. Findings are the session's
// own or the item's; the same one may stand under several questions.
type answer struct {
	n        int
	findings []Finding
	facts    []Fact
	sentence string
	seen     map[*Finding]bool
}

func newAnswer(n int) *answer { return &answer{n: n, seen: map[*Finding]bool{}} }

// add takes findings in order, each once, and leaves nil ones out.
func (a *answer) add(findings ...*Finding) {
	for _, f := range findings {
		if f != nil && !a.seen[f] {
			a.seen[f] = true
			a.findings = append(a.findings, *f)
		}
	}
}

// fresh adds a finding that nobody else has, and so cannot come a second time: of many
// thousand files it need not be remembered which were added.
func (a *answer) fresh(f *Finding) { a.findings = append(a.findings, *f) }

func (a *answer) fact(name, value string) { a.facts = append(a.facts, Fact{name, value}) }

// question finishes the answer with the sentence for its status.
func (a *answer) question(sentences map[Status]string) Question {
	q := Question{ByHand: byHand[a.n], Facts: a.facts, Findings: a.findings, N: a.n, Status: statusOf(a.findings)}
	if q.Facts == nil {
		q.Facts = []Fact{}
	}
	if q.Findings == nil {
		q.Findings = []Finding{}
	}
	q.Sentence = a.sentence
	if s, ok := sentences[q.Status]; ok && q.Sentence == "" {
		q.Sentence = s
	}
	return q
}

// itemCase is what the ten answers about one item share.
type itemCase struct {
	*session
	line    *pack.ItemLine
	history []*eventCase
	keys    []*keyCase // that signed, in the order they first did
	custody custodyCase
}

// items answers the ten questions about every item asked about.
func (s *session) verdicts() []ItemVerdict {
	out := make([]ItemVerdict, len(s.d.Items))
	for i := range s.d.Items {
		c := &itemCase{session: s, line: &s.d.Items[i], history: s.items[s.d.Items[i].Item]}
		c.keys = s.signedBy(c.history)
		c.custody = c.fold()
		out[i] = ItemVerdict{
			Item: c.line.Item,
			Questions: []Question{
				c.same(), c.sealed(), c.held(), c.complete(), c.between(),
				c.vouched(), c.standard(), c.authorised(), c.withheld(), c.limits(),
			},
			Timeline: c.custody.spans,
		}
		out[i].Court = c.court()
	}
	return out
}

// signedBy returns the keys whose enrolments an item's signers name.
func (s *session) signedBy(history []*eventCase) []*keyCase {
	var list []*keyCase
	seen := map[*keyCase]bool{}
	for _, e := range history {
		if e.event == nil {
			continue
		}
		for _, who := range e.event.Signers {
			if k := s.keys[who.Enrolled]; k != nil && !seen[k] {
				seen[k] = true
				list = append(list, k)
			}
		}
	}
	return list
}

// logsOf returns the ledgers that hold an event of the item, and then those of
// the keys that signed, each once.
func (c *itemCase) logsOf(withKeys bool) []*logCase {
	var list []*logCase
	seen := map[*logCase]bool{}
	add := func(e *eventCase) {
		if e != nil && e.log != nil && !seen[e.log] {
			seen[e.log] = true
			list = append(list, e.log)
		}
	}
	for _, e := range c.history {
		add(e)
	}
	if withKeys {
		for _, k := range c.keys {
			add(k.enrol)
		}
	}
	return list
}
