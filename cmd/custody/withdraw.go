package main

import (
	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
)

func withdrawVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name: "withdraw", Category: groupCustody, ArgsUsage: "[ITEM…]",
		Usage: "take back an offer that was not answered",
		Description: "Once the answer is overdue the giver may withdraw alone; before that the receiver signs as well (--second). " +
			"If the answer is logged first, it stands.",
		UsageText: "custody withdraw 4f2a9c01 --reason 'carrier did not come'",
		Flags: actFlags(
			caseFlag("every item of the proceeding `REFERENCE`"),
			&cli.StringFlag{Name: "reason", Usage: "why: `TEXT`"},
			secondFlag("before the answer is due: the receiver"),
		),
		Action: func(c *cli.Context) error { return t.withdraw(c) },
	}
}

func (t *tool) withdraw(c *cli.Context) error {
	fields, err := record(c, "reason")
	if err != nil {
		return err
	}
	at, err := occurred(c)
	if err != nil {
		return err
	}
	s, err := t.openDesk(c)
	if err != nil {
		return err
	}
	defer s.Close()
	items, err := t.chooseOffered(c, s, c.Args().Slice())
	if err != nil {
		return err
	}
	r, err := t.newReport(c, "withdraw", items)
	if err != nil {
		return err
	}
	done, err := s.Withdraw(c.Context, desk.Withdrawing{Items: items, Fields: fields, Second: c.String("second"), At: at})
	r.add(done, err)
	return r.end()
}
