package main

import (
	"github.com/urfave/cli/v2"

	"example.org/custody/evidence"
)

func releaseVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name: "release", Category: groupActs, ArgsUsage: "[ITEM…]",
		Usage:       "take one hold off items",
		Description: "Each release takes off one hold. What a prosecutor or a court ordered, only a prosecutor or a court\nreleases; a custodian's own hold the custodian may.",
		UsageText:   "custody release 4f2a9c01 --order 'KO 12/26-2'",
		Flags: actFlags(
			caseFlag("every item of the proceeding `REFERENCE`"),
			&cli.StringFlag{Name: "order", Usage: "the `REFERENCE` of the order"},
			&cli.StringFlag{Name: "reason", Usage: "why: `TEXT`"},
		),
		Action: func(c *cli.Context) error {
			return t.act(c, plainAct{action: evidence.Release, text: []string{"order", "reason"}})
		},
	}
}
