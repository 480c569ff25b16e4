package verify

import "slices"

// notProven is what no package can show, in fixed sentences.
var notProven = []Fact{
	{"content", "That what the evidence says is true."},
	{"before", "What happened to it before it was sealed, or that it is what the record calls it."},
	{"person", "That a certain person acted. A key did; who holds it, the authority that enrolled it answers for."},
	{"not logged", "That nothing was done to it. An act that was never put into a ledger would not show here."},
	{"sealed earlier", "That it was not sealed before, as another item."},
	{"later", "Anything after the moment up to which the history is complete."},
}

// limits answers question 10: what does this not prove?
func (c *itemCase) limits() Question {
	a := newAnswer(10)
	a.facts = slices.Clone(notProven)
	a.add(conclude(checkNotProven, c.line.Item.String(), notApplicable("these limits hold for every package")))
	a.sentence = "This says whether the record of the evidence is whole and unchanged, not whether the evidence is true."
	return a.question(nil)
}
