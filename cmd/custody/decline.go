package main

import (
	"github.com/urfave/cli/v2"

	"example.org/custody/evidence"
)

func declineVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name: "decline", Category: groupCustody, ArgsUsage: "[ITEM|FILE…]",
		Usage: "refuse items that were offered; they stay with the giver",
		Description: "The reason is part of the record. Given an offer.age from another desk it writes the answer for the giver, " +
			"who gives that to `custody accept`.",
		UsageText: "custody decline 4f2a9c01 --as kov --reason 'physical seal broken' --seal-found 0017732\ncustody decline handoff/offer.age --reason 'wrong case'",
		Flags: actFlags(
			caseFlag("every offered item of the proceeding `REFERENCE`"),
			&cli.StringFlag{Name: "reason", Required: true, Usage: "why: `TEXT`"},
			&cli.StringFlag{Name: "condition", Usage: "in what condition it arrived: `TEXT`"},
		),
		Action: func(c *cli.Context) error { return t.answer(c, evidence.Decline, "reason", "condition") },
	}
}
