package main

import (
	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
)

var _ = ui.Register(ui.Entry{Code: "E-NO-SIDE", Class: ui.ErrUsage, Title: "Nobody to tell there", For: []error{desk.ErrNoSide, desk.ErrOwn},
	Means: "nothing was signed and nothing was shown; the history of a request is for the states that take part in it",
	Do:    []string{"give the card of an officer of the other side: custody key card over there", "a key that no pinned trust list proves counts once the request names it: custody request send ITEM --other CARD"}})

// handFlags let a step, and the offer of the request to whoever acts next or its history
// for the other side, be one command.
func handFlags() []cli.Flag {
	return append([]cli.Flag{
		&cli.StringFlag{Name: "hand-to", Usage: "hand the request over with the step: the `CARD` of who has to act next, or an officer of this desk"},
		&cli.StringFlag{Name: "tell", Usage: "show the other side how it stands, and keep it: the `CARD` of an officer there"},
	}, handMore("with --hand-to or --tell: ")...)
}

func handMore(when string) []cli.Flag {
	return []cli.Flag{
		&cli.PathFlag{Name: "out", Usage: when + "`FOLDER` for the files, when that is at another desk"},
		&cli.StringFlag{Name: "due", Value: "72h", Usage: "with --hand-to: by when it has to be taken over: `TIME` as 48h or 7d, or 2026-03-05T12:00:00Z"},
		toAuthorityFlag("the receiver gets"),
	}
}

// handing reads handFlags; nil when nobody gets the request.
func handing(c *cli.Context, s *desk.Session) (o *desk.Offering, err error) {
	name := c.String("hand-to") + c.String("tell")
	switch {
	case c.String("hand-to") != "" && c.String("tell") != "":
		return nil, ui.Usage("--hand-to CARD, or --tell CARD", "who holds the request has no need to be told how it stands")
	case name == "":
		for _, flag := range []string{"out", "due", "to-authority"} {
			if c.IsSet(flag) {
				return nil, ui.Usage("--hand-to CARD, or --tell CARD", "--%s is about who gets the request", flag)
			}
		}
		return nil, nil
	}
	o = &desk.Offering{Dir: c.Path("out"), ToAuthority: c.Bool("to-authority"), Fields: map[string]any{}}
	if o.To, err = s.CardOf(name); err != nil {
		return nil, ui.NewProblem(codeReceiver, err, "the receiver cannot be told")
	}
	o.Due, err = parseDue(c.String("due"), s.Now())
	return o, err
}

// stepped takes the step, and hands the request over, or shows it, where that is asked for.
func (r *report) stepped(c *cli.Context, s *desk.Session, st desk.RequestStep) ([]desk.Done, error) {
	o, err := handing(c, s)
	if err != nil {
		return nil, err
	}
	switch {
	case o == nil:
		return s.TakeStep(c.Context, st)
	case c.String("tell") != "":
		done, file, err := s.TakeAndTell(c.Context, st, *o)
		r.handoff(file)
		return done, err
	}
	done, offered, err := s.TakeAndHand(c.Context, st, *o)
	if offered != nil {
		r.handoff(offered.File)
		done = append(done, offered.Done...)
	}
	return done, err
}

func requestTell(t *tool) *cli.Command {
	return &cli.Command{
		Name: "tell", ArgsUsage: "ITEM", Usage: "show the other side's desk how a request stands",
		Description: "Writes history.age for the desk of a card: every step up to now, proven. custody accept of that file over there takes it in, and its clocks and history are those of this desk then. " +
			"That it was shown is logged (disclose), and nobody holds the request but who held it before. A step does the same with --tell.",
		UsageText: "custody request tell 4f2a9c01 --to de-court.card --out to-de",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "to", Required: true, Usage: "the `CARD` of an officer of the other side"},
			&cli.PathFlag{Name: "out", Required: true, Usage: "`FOLDER` for the file"},
			toAuthorityFlag("the receiver gets"), asFlag(), dryRunFlag(),
		},
		Action: t.requestTell,
	}
}

func (t *tool) requestTell(c *cli.Context) error {
	if c.NArg() != 1 {
		return ui.Usage("custody request tell ITEM --to CARD --out FOLDER", "one item is needed, and no more")
	}
	s, err := t.openDesk(c)
	if err != nil {
		return err
	}
	defer s.Close()
	to, err := s.CardOf(c.String("to"))
	if err != nil {
		return ui.NewProblem(codeReceiver, err, "the receiver cannot be told")
	}
	q, err := findRequest(c, s, c.Args().First())
	if err != nil {
		return err
	}
	t.sayRefused(q)
	r, err := t.newReport(c, "request tell", []*desk.Item{q.Item})
	if err != nil {
		return err
	}
	done, file, err := s.Tell(c.Context, q, to, c.Path("out"), c.Bool("to-authority"))
	r.handoff(file)
	r.add(done, err)
	return r.end()
}

// sayRequests tells where the requests among items stand, and what can follow here.
func (t *tool) sayRequests(s *desk.Session, items []*desk.Item) {
	for _, it := range items {
		r, err := s.Request(it)
		if err != nil {
			continue // it is none, or custody request says why it cannot be read
		}
		t.term.Say("item %s is a request of %s to %s; it stands at %s.%s", it.ID.Short(), r.Law.From, r.Law.To, r.History.State(), nextWords(r.NextOf(s.Config.State)))
	}
}
