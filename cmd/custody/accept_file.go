package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
)

// answerFile takes the next step of a handoff between desks, which the file
// decides.
func (t *tool) answerFile(c *cli.Context, s *desk.Session, file string, a desk.Answer) error {
	step, err := s.HandoffStep(file)
	if err != nil {
		return err
	}
	r, err := t.newReport(c, string(a.Action), nil)
	if err != nil {
		return err
	}
	if step == desk.StepFollow && a.Action == evidence.Decline {
		return ui.Usage("custody accept "+file, "a history asks for no answer")
	}
	switch step {
	case desk.StepAnswer:
		return t.replyToOffer(c, s, file, a, r)
	case desk.StepLog:
		return t.logAnswers(c, s, file, r)
	case desk.StepFollow:
		return t.follow(c, s, file, r)
	default:
		return t.takeOver(c, s, file, r)
	}
}

// replyToOffer is the receiver's first step.
func (t *tool) replyToOffer(c *cli.Context, s *desk.Session, file string, a desk.Answer, r *report) error {
	got, err := s.Receive(c.Context, file, a.Progress)
	if err != nil {
		return err
	}
	r.name(got.Items)
	if got.Undecided != "" {
		t.term.Warn("what came with the offer contradicts nothing, but is not vouched for here: %s", got.Undecided)
	}
	t.term.Say("%s offered by %s of %s", ui.Count(len(got.Items), "item", "items"), got.From.Alias, got.From.State)
	t.sayRequests(s, got.Items)
	reply, err := s.Reply(c.Context, got, a)
	if reply != nil {
		r.handoff(reply.File)
		r.extra = func(w io.Writer) error {
			for _, id := range reply.Items {
				if _, err := fmt.Fprintf(w, "%s of item %s is signed; it counts once the giver's ledger has it\n", a.Action, id.Short()); err != nil {
					return err
				}
			}
			return nil
		}
		t.term.Say("send %s back to the giver; custody has not passed before %s comes", desk.AnswerFile, desk.ReceiptFile)
	}
	r.add(nil, err)
	r.out.Answered = answered(reply)
	return r.end()
}

func answered(reply *desk.Replied) []evidence.ItemID {
	if reply == nil {
		return nil
	}
	return reply.Items
}

// logAnswers is the giver's step: here exactly one answer can win.
func (t *tool) logAnswers(c *cli.Context, s *desk.Session, file string, r *report) error {
	done, receipt, err := s.LogAnswers(c.Context, file)
	if receipt != "" {
		r.handoff(receipt)
		t.term.Say("send %s to the receiver", desk.ReceiptFile)
	}
	if waits(done) {
		t.term.Say("what waits is in no receipt yet: give %s again once the node has it, nothing is signed again", desk.AnswerFile)
	}
	for _, d := range done {
		if it, err := s.Load(c.Context, d.Entry.Event.Item); err == nil {
			r.name([]*desk.Item{it})
		}
	}
	r.add(done, err)
	return r.end()
}

// takeOver is the receiver's last step.
func (t *tool) takeOver(c *cli.Context, s *desk.Session, file string, r *report) error {
	taken, err := s.TakeOver(c.Context, file)
	r.add(nil, err)
	if taken != nil {
		r.taken(taken)
		t.sayRequests(s, taken.Accepted)
	}
	return r.end()
}

// follow takes in how a request goes on at another desk.
func (t *tool) follow(c *cli.Context, s *desk.Session, file string, r *report) error {
	got, err := s.Follow(c.Context, file)
	r.add(nil, err)
	if got == nil {
		return r.end()
	}
	if got.Undecided != "" {
		t.term.Warn("what came with the history contradicts nothing, but is not vouched for here: %s", got.Undecided)
	}
	t.term.Say("%s new, shown by %s of %s; who holds the request goes on with it", ui.Count(len(got.New), "event", "events"), got.From.Alias, got.From.State)
	t.sayRequests(s, []*desk.Item{got.Item})
	r.name([]*desk.Item{got.Item})
	for _, e := range got.New {
		r.out.Acts = append(r.out.Acts, actLineOfEntry(e, r.exhibits[got.Item.ID]))
	}
	return r.end()
}

// taken reports what a receipt settled.
func (r *report) taken(t *desk.Taken) {
	r.name(t.Accepted)
	r.name(t.Declined)
	for _, it := range append(t.Accepted, t.Declined...) {
		r.out.Acts = append(r.out.Acts, actLineOfEntry(it.Last(), r.exhibits[it.ID]))
	}
	for _, x := range t.Refused {
		r.out.Refused = append(r.out.Refused, refusedLine{Item: x.Item, Code: codeAnswerLost, Reason: x.Reason})
		r.causes = append(r.causes, ui.NewProblem(codeAnswerLost, nil, "item %s: the giver's ledger did not take the answer: %s", x.Item.Short(), x.Reason))
	}
}
