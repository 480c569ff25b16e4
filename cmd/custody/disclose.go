package main

import (
	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/evidence"
	"example.org/custody/evidence/mla"
)

func discloseVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name: "disclose", Category: groupActs, ArgsUsage: "[ITEM…]",
		Usage: "record that items were shown, or copies given, to someone",
		Description: "Custody stays where it is. Who got to see the item stands in the record, which can be held back; " +
			"the event itself shows the kind, the reference and the state only.",
		UsageText: "custody disclose 4f2a9c01 --to 'defence counsel' --kind court --ref 'DC-2026-7' --purpose 'disclosure under Art. 40'",
		Flags: actFlags(append(append(partyFlags("court"),
			caseFlag("every item of the proceeding `REFERENCE`"),
			&cli.StringFlag{Name: "purpose", Usage: "what for: `TEXT`"}), useFlags()...)...),
		Action: func(c *cli.Context) error {
			return t.act(c, plainAct{action: evidence.Disclose, text: []string{"purpose"}, shape: toUser})
		},
	}
}

// toUser reads who gets to see it and what for.
func toUser(c *cli.Context, a *desk.Act) error {
	if a.Use = use(c); a.Use == nil {
		a.Use = &mla.Use{}
	}
	if a.Use.Purpose == "" {
		a.Use.Purpose = c.String("purpose")
	}
	return toParty(c, a)
}
