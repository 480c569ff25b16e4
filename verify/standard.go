package verify

// standard answers question 7: was it gathered to the agreed standard?
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
		a.add(conclude(checkStandard, first.subject, undecided("it was sealed under %s; its rules are not evaluated here", first.event.Standard)))
	}
	return a.question(map[Status]string{
		Undecided:     "Whether the standard was met is not decided here.",
		NotApplicable: "No standard was named, so there is none to hold it against.",
	})
}
