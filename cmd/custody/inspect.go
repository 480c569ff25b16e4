package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"

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
		UsageText: "custody inspect package.asice\ncustody inspect --part event/1 package.asice\ncustody inspect ann.card",
		Description: "It reads what a file says of itself, asks for no passphrase and decrypts nothing. " +
			"Nothing is verified by it; custody verify does that. Of a package it lists the parts; --part " +
			"shows one: a file by its name, a bag's list of copies by the bag's, one of them as payload/1.zip/7, " +
			"an event with its leaf and its proof as event/1, its receipt as receipt/1.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "part", Usage: "show this part of a package: the `NAME` of a file in it, event/N or receipt/N"},
			&cli.BoolFlag{Name: "raw", Usage: "with --part: the exact bytes, not a form for reading"},
		},
		Action: func(c *cli.Context) error {
			if name := c.String("part"); name != "" {
				return t.inspectPart(c.Args().First(), name, c.Bool("raw"))
			}
			return t.inspect(c.Args().First())
		},
	}
}

// codeNoPart reports a part that a package does not have.
const codeNoPart ui.Code = "E-NO-PART"

var _ = ui.Register(ui.Entry{Code: codeNoPart, Title: "No such part of the package",
	Means: "nothing is said about the package by it",
	Do:    []string{"custody inspect FILE lists the parts that there are"},
	For:   []error{inspect.ErrNoPart, inspect.ErrNotPackage}})

// inspectPart shows one part of a package, and says on stderr what that proves.
func (t *tool) inspectPart(path, name string, raw bool) error {
	var shown bytes.Buffer
	out := t.term.Out()
	if t.term.OutIsTerminal() { // what a stranger wrote must not steer it
		out = &shown
	}
	note, err := inspect.Show(out, path, name, raw)
	if err != nil {
		return err
	}
	for line := range strings.Lines(shown.String()) {
		fmt.Fprintln(t.term.Out(), ui.Clean(strings.TrimSuffix(line, "\n")))
	}
	t.term.Say("%s", note)
	return nil
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
	if len(i.Parts) > 0 {
		fmt.Fprintln(w, "\nparts:")
	}
	for _, p := range i.Parts {
		fmt.Fprintf(w, "  %12d  %s\n", p.Size, ui.Clean(p.Name))
	}
	if i.Note == "" {
		return nil
	}
	_, err := fmt.Fprintf(w, "\n%s\n", wrap(ui.Clean(i.Note), 78, ""))
	return err
}
