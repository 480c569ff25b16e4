package main

import (
	"github.com/urfave/cli/v2"

	"example.org/custody/evidence"
)

func holdVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name: "hold", Category: groupActs, ArgsUsage: "[ITEM…]",
		Usage:       "forbid that items are returned or disposed of",
		Description: "A prosecutor, a court, or the custodian puts a hold on an item; it stays until it is released. Several holds add up.",
		UsageText:   "custody hold 4f2a9c01 --order 'KO 12/26' --reason 'appeal pending'",
		Flags: actFlags(
			caseFlag("every item of the proceeding `REFERENCE`"),
			&cli.StringFlag{Name: "order", Usage: "the `REFERENCE` of the order"},
			&cli.StringFlag{Name: "reason", Usage: "why: `TEXT`"},
		),
		Action: func(c *cli.Context) error {
			return t.act(c, plainAct{action: evidence.Hold, text: []string{"order", "reason"}})
		},
	}
}
