package main

import (
	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/evidence"
)

// plainAct is a verb that does one thing to each of several items, with what its
// flags say in the record.
type plainAct struct {
	action evidence.Action
	text   []string // text flags that go into the record under their own name
	shape  func(c *cli.Context, a *desk.Act) error
}

// act runs a plain act.
func (t *tool) act(c *cli.Context, p plainAct) error {
	model, err := p.model(c)
	if err != nil {
		return err
	}
	s, err := t.openDesk(c)
	if err != nil {
		return err
	}
	defer s.Close()
	items, err := t.chooseItems(c, s, c.Args().Slice())
	if err != nil {
		return err
	}
	progress := t.term.Progress()
	defer progress.Close()
	acts := make([]desk.Act, len(items))
	for i, it := range items {
		acts[i] = model
		acts[i].Item, acts[i].Progress = it, progress
	}
	r, err := t.newReport(c, string(p.action), items)
	if err != nil {
		return err
	}
	done, err := s.DoMany(c.Context, acts)
	progress.Close()
	r.add(done, err)
	return r.end()
}

// model is the act on an item yet to be named.
func (p plainAct) model(c *cli.Context) (desk.Act, error) {
	a := desk.Act{Action: p.action, Second: c.String("second")}
	var err error
	if a.Fields, err = record(c, p.text...); err != nil {
		return a, err
	}
	if a.At, err = occurred(c); err != nil {
		return a, err
	}
	if p.shape != nil {
		err = p.shape(c, &a)
	}
	return a, err
}

// partyFlags name the other side of an act.
func partyFlags(kind string) []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "to", Required: true, Usage: "who receives it: `WHO`, kept in the record only"},
		choiceFlag("kind", "what that is: `KIND` is court, authority, lab, carrier, owner, person or unknown", partyKinds(kind)...),
		&cli.StringFlag{Name: "ref", Usage: "the receiver's `REFERENCE`; it can be seen by whoever sees the event, so no name"},
		&cli.StringFlag{Name: "state", Usage: "the receiver's state, `CODE` as AA"},
	}
}

// partyKinds lists the kinds of a counterparty, the usual one first.
func partyKinds(first string) []string {
	kinds := []string{first}
	for _, k := range []evidence.PartyKind{
		evidence.PartyCourt, evidence.PartyAuthority, evidence.PartyLab, evidence.PartyCarrier,
		evidence.PartyOwner, evidence.PartyPerson, evidence.PartyUnknown,
	} {
		if string(k) != first {
			kinds = append(kinds, string(k))
		}
	}
	return kinds
}

// toParty reads partyFlags.
func toParty(c *cli.Context, a *desk.Act) error {
	a.Counterparty = &evidence.Counterparty{
		Kind: evidence.PartyKind(c.String("kind")), Ref: c.String("ref"), State: evidence.StateCode(c.String("state")),
	}
	a.Fields["to"] = c.String("to")
	return nil
}
