package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/signing/trust"
)

const codeApart ui.Code = "E-TRUST-APART"

var _ = ui.Register(ui.Entry{Code: codeApart, Class: ui.ErrUsage, Title: "Not one list", For: []error{trustlist.ErrApart},
	Means: "nothing was written: signatures of different lists cannot be joined, and a list with another word in it is another list",
	Do:    []string{"custody trust show FILE shows what each says", "send all states the same file to sign"}})

func trustJoin(t *tool) *cli.Command {
	return &cli.Command{
		Name: "join", Usage: "gather signatures that states gave to copies of one list", ArgsUsage: "FILE…",
		Description: "A proposed list may go to all states at once: each signs its copy, and the copies are joined. Whoever joins the same signatures gets the same file, " +
			"so all desks pin one list. It needs no key.",
		UsageText: "custody trust join bb.trust cc.trust --out common.trust",
		Flags: []cli.Flag{
			&cli.PathFlag{Name: "out", Required: true, Usage: "the trust `FILE` to write"},
			forceFlag(), dryRunFlag(),
		},
		Action: t.trustJoin,
	}
}

// joinedOutput is the output of trust join.
type joinedOutput struct {
	DryRun  bool     `json:"dry_run"`
	File    string   `json:"file"`
	Signed  []string `json:"signed"`            // states
	Missing string   `json:"missing,omitempty"` // what it lacks by its own rule; a desk asks for its pinned list's signers too
}

func (t *tool) trustJoin(c *cli.Context) error {
	if c.Args().Len() == 0 {
		return ui.Usage("name the signed copies", "trust join needs FILE…")
	}
	out, err := t.term.Output(c.Path("out"), ui.OutputOptions{Force: c.Bool("force")})
	if err != nil {
		return err
	}
	defer out.Close()
	copies := make([]*trustlist.File, c.Args().Len())
	for i, file := range c.Args().Slice() {
		if copies[i], err = trustlist.ReadFile(file); err != nil {
			return err
		}
	}
	f, err := trustlist.Join(copies...)
	if err != nil {
		return err
	}
	done := joinedOutput{DryRun: c.Bool("dry-run"), File: c.Path("out")}
	l, err := f.Draft()
	if err != nil {
		return err
	}
	done.Signed = trustlist.SignedBy(l, f.Note)
	if _, err := trust.Open(f.Note, nil); err != nil {
		done.Missing = err.Error()
	}
	if !done.DryRun {
		b, err := f.Marshal()
		if err == nil {
			_, err = out.Write(b)
		}
		if err == nil {
			err = out.Commit()
		}
		if err != nil {
			return err
		}
	}
	return t.term.Summary("trust join", done, done.text)
}

func (d joinedOutput) text(w io.Writer) error {
	fmt.Fprintf(w, "signed by %s\n", ui.Clean(strings.Join(d.Signed, ", ")))
	if d.Missing != "" {
		fmt.Fprintf(w, "missing: %s\n", ui.Clean(d.Missing))
	}
	if d.DryRun {
		_, err := fmt.Fprintln(w, "nothing was written")
		return err
	}
	_, err := fmt.Fprintf(w, "Next: custody trust adopt %s\n", ui.Name(d.File))
	return err
}
