package verify

import "strconv"

// sealed answers question 2: who sealed it, and were they entitled?
func (c *itemCase) sealed() Question {
	a := newAnswer(2)
	if first := c.first(); first != nil && first.event != nil {
		for _, who := range first.event.Signers {
			a.fact("sealed by", signer(who))
		}
		a.fact("stated time", statedTime(first.event))
	}
	for _, e := range c.history {
		if e.event == nil && e.line.Erased != nil {
			continue // question 4 judges its place
		}
		a.add(e.form)
		a.add(e.signatures...)
		a.add(e.enrolled...)
		a.add(e.period...)
		a.add(e.allowed)
	}
	for _, k := range c.keys {
		a.add(k.findings()...)
	}
	if len(c.history) == 0 {
		a.add(conclude(checkEnvelope, c.line.Item.String(), undecided("no event of this item is in the package")))
	}
	a.fact("events", strconv.Itoa(len(c.history)))
	a.fact("keys that signed", strconv.Itoa(len(c.keys)))
	return a.question(map[Status]string{
		Holds:     "Every act shown is signed by a key that an authority had enrolled for it and not revoked.",
		Fails:     "An act was signed by someone who was not entitled to it, or not signed as it says.",
		Undecided: "It could not be decided whether everyone who signed was entitled to it.",
	})
}
