package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk/inspect"
	"example.org/custody/cmd/internal/ui"
)

// codeUnknownFile reports a file that is none of ours.
const codeUnknownFile ui.Code = "E-UNKNOWN-FILE"

var _ = ui.Register(ui.Entry{Code: codeUnknownFile, Title: "Not one of this tool's files",
	Means: "nothing can be said about it",
	Do:    []string{"custody help formats lists the files that are known", "check that the whole file arrived"},
	For:   []error{inspect.ErrUnknown}})

// inspectVerb is `custody inspect FILE`.
func inspectVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name:      "inspect",
		Category:  groupLook,
		Usage:     "say what a file is: package, key, card, trust list, receipt, handoff, policy, backup, home",
		ArgsUsage: "FILE",
		UsageText: "custody inspect package.asice\ncustody inspect ann.card",
		Description: "It reads what a file says of itself, asks for no passphrase and decrypts nothing. " +
			"Nothing is verified by it; custody verify does that.",
		Action: func(c *cli.Context) error { return t.inspect(c.Args().First()) },
	}
}

// inspect says what a file is.
func (t *tool) inspect(path string) error {
	i, err := inspect.Look(path)
	if err != nil {
		if p := damagedStart(path); p != nil {
			return p
		}
		return err
	}
	return t.term.Summary("inspect", i, func(w io.Writer) error { return writeInspection(w, i) })
}

// writeInspection prints the title, the facts in two columns, and the note.
func writeInspection(w io.Writer, i *inspect.Inspection) error {
	size := ""
	if i.Size > 0 {
		size = ", " + ui.Bytes(i.Size)
	}
	fmt.Fprintf(w, "%s: %s%s\n", ui.Clean(i.File), i.Title, size)
	var rows facts
	for _, f := range i.Facts {
		rows.add(f.Name, f.Value)
	}
	if err := rows.write(w); err != nil {
		return err
	}
	if i.Note == "" {
		return nil
	}
	_, err := fmt.Fprintf(w, "\n%s\n", wrap(ui.Clean(i.Note), 78, ""))
	return err
}
