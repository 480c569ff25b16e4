package verify

import "fmt"

// vouched answers question 6: which states vouch for the log?
func (c *itemCase) vouched() Question {
	a := newAnswer(6)
	alone := false
	for _, l := range c.logsOf(true) {
		a.add(l.shared.signed, l.court())
		a.add(c.anchored[l.line.Origin]...)
		c.voiced[l.line.Origin] = true
		own := "unknown"
		if c.list != nil {
			if s, ok := c.list.StateOf(string(l.line.Origin)); ok {
				own = s
			}
		}
		a.fact(string(l.line.Origin), fmt.Sprintf("of %s, size %d; witnesses: %s; auditors: %s", own, l.shared.cp.Size, states(l.shared.witnesses), states(l.shared.auditors)))
		alone = alone || l.shared.alone
	}
	if len(c.logsOf(true)) == 0 {
		a.add(conclude(checkLog, c.line.Item.String(), undecided("the package proves nothing about any ledger")))
	}
	if alone && statusOf(a.findings) == Undecided {
		a.sentence = "The ledger stands on the word of one state alone."
	}
	return a.question(map[Status]string{
		Holds:     "Other states have signed the ledger's checkpoint, and auditors in other states vouch for having read every leaf below it.",
		Fails:     "A signature under a ledger's checkpoint is wrong.",
		Undecided: "Not enough states that count have signed the ledger's checkpoint.",
	})
}
