package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk/standards"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/verify/standard"
)

// standardDiffOutput is the output of custody standard diff.
type standardDiffOutput struct {
	First   string            `json:"first"`
	Second  string            `json:"second"`
	Changes []standard.Change `json:"changes"`
}

func standardDiff(t *tool) *cli.Command {
	return &cli.Command{
		Name:        "diff",
		Usage:       "what one standard changes of another",
		ArgsUsage:   "OLD NEW",
		UsageText:   "custody standard diff device-seizure/1 device-seizure/2\ncustody standard diff device-seizure/1 our-own-1.json",
		Description: "Field by field and rule by rule, with the old words and the new. Rules are the same when their ids are.",
		Action: func(c *cli.Context) error {
			if c.Args().Len() != 2 {
				return ui.Usage("custody standard diff OLD NEW", "two standards are compared, %d are named", c.Args().Len())
			}
			var both [2]*standards.Choice
			for i := range both {
				var err error
				if both[i], err = findStandard(c.Args().Get(i), ""); err != nil {
					return err
				}
			}
			out := &standardDiffOutput{string(both[0].Pack.Name()), string(both[1].Pack.Name()), standard.Diff(both[0].Pack, both[1].Pack)}
			if out.Changes == nil {
				out.Changes = []standard.Change{}
			}
			return t.term.Summary("standard diff", out, out.write)
		},
	}
}

func (o *standardDiffOutput) write(w io.Writer) error {
	fmt.Fprintf(w, "from %s to %s: %s\n", o.First, o.Second, ui.Count(len(o.Changes), "change", "changes"))
	for _, c := range o.Changes {
		fmt.Fprintf(w, "%s %s: %s", c.Kind, c.Name, c.What)
		if c.About != "" {
			fmt.Fprintf(w, " (%s)", ui.Name(c.About))
		}
		fmt.Fprintln(w)
		if c.Old != "" || c.New != "" {
			fmt.Fprintf(w, "  - %s\n  + %s\n", ui.Name(c.Old), ui.Name(c.New))
		}
	}
	return nil
}
