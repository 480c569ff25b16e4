package main

import (
	"github.com/urfave/cli/v2"

	"example.org/custody/evidence"
)

func returnVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name: "return", Category: groupActs, ArgsUsage: "[ITEM…]",
		Usage:       "give items back, which ends their custody",
		Description: "Nothing can follow a return. It is refused while a hold is on the item.",
		UsageText:   "custody return 4f2a9c01 --to 'the owner' --kind owner --reason 'proceedings closed'",
		Flags: actFlags(append(partyFlags("owner"),
			caseFlag("every item of the proceeding `REFERENCE`"),
			&cli.StringFlag{Name: "reason", Usage: "why: `TEXT`"},
			&cli.StringFlag{Name: "order", Usage: "the `REFERENCE` of the order"})...),
		Action: func(c *cli.Context) error {
			if err := t.confirmEnd(c, "return ends the custody of the items for good"); err != nil {
				return err
			}
			return t.act(c, plainAct{action: evidence.Return, text: []string{"reason", "order"}, shape: toParty})
		},
	}
}

// confirmEnd asks before something that cannot be taken back. A dry run, and a
// line in a script, are not asked.
func (t *tool) confirmEnd(c *cli.Context, what string) error {
	if c.Bool("dry-run") || !t.term.InIsTerminal() {
		return nil
	}
	return t.term.Confirm(c.Context, what+"; go on")
}
