package main

import (
	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/evidence"
)

func examineVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name: "examine", Category: groupActs, ArgsUsage: "[ITEM…]",
		Usage: "record that items were examined",
		Description: "Whoever looks into an item says so, before or right after. With --check every stored byte is read again and compared " +
			"with the sealed digests, and the result is part of the record, also when something differs.",
		UsageText: "custody examine 4f2a9c01 --purpose 'file system listing' --tool 'tsk 4.12'\ncustody examine --case KOS-2026-0042 --check",
		Flags: actFlags(
			caseFlag("every item of the proceeding `REFERENCE`"),
			&cli.StringFlag{Name: "purpose", Usage: "what for: `TEXT`"},
			&cli.StringSliceFlag{Name: "tool", Usage: "a tool that was used, with its version: `TEXT`"},
			&cli.BoolFlag{Name: "check", Usage: "read every stored byte again and record the result"},
		),
		Action: func(c *cli.Context) error {
			return t.act(c, plainAct{action: evidence.Examine, text: []string{"purpose"}, shape: func(c *cli.Context, a *desk.Act) error {
				a.Recheck = c.Bool("check")
				useTools(c, a.Fields)
				return nil
			}})
		},
	}
}

// useTools puts the tools that were used into a record.
func useTools(c *cli.Context, fields map[string]any) {
	if tools := c.StringSlice("tool"); len(tools) > 0 {
		fields["tools"] = tools
	}
}
