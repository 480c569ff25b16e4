package verify

import (
	"fmt"
	"strconv"

	"example.org/custody/evidence"
)

// withheld answers question 9: what has been withheld, and why?
func (c *itemCase) withheld() Question {
	a := newAnswer(9)
	held, all := 0, 0
	codes := map[evidence.ReasonCode]int{}
	for _, e := range c.history {
		if e.event == nil {
			continue
		}
		mine := 0
		for _, x := range e.line.Record.Entries {
			if x.Form != evidence.Shown {
				codes[x.Withheld.Code]++
				mine++
			}
		}
		held, all = held+mine, all+len(e.line.Record.Entries)
		a.add(conclude(checkWithheld, e.subject,
			holds("%d of %s held back, each with its reason, who decided, and when it is looked at again", mine, count(len(e.line.Record.Entries), "entry", "entries")), e.record))
	}
	a.fact("held back", fmt.Sprintf("%d of %d", held, all))
	for _, code := range evidence.ReasonCodes() {
		if codes[code] > 0 {
			a.fact(string(code), strconv.Itoa(codes[code]))
		}
	}
	a.sentence = fmt.Sprintf("%d of %d entries of the records are held back; each says why and by whose decision.", held, all)
	if held == 0 {
		a.sentence = "Nothing is held back from the records shown."
	}
	if statusOf(a.findings) != Holds {
		a.sentence = "It could not be decided what is held back, because a record shown is not proven."
	}
	return a.question(nil)
}
