package main

import (
	"io"

	"github.com/urfave/cli/v2"
)

// manualVerb is the hidden `custody manual`, from which the released man page
// and the reference in Markdown are made, so that neither can differ from the
// tool.
func manualVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name:      "manual",
		Hidden:    true,
		Category:  groupTool,
		Usage:     "print the manual made from the command tree",
		UsageText: "custody manual --format man > custody.1",
		Flags:     []cli.Flag{choiceFlag("format", "`FORMAT` is man or markdown", "man", "markdown")},
		Action:    func(c *cli.Context) error { return t.manual(c.String("format")) },
	}
}

// manual prints the manual.
func (t *tool) manual(format string) error {
	render := t.app.ToMarkdown
	if format == "man" {
		render = func() (string, error) { return t.app.ToManWithSection(1) }
	}
	text, err := render()
	if err != nil {
		return err
	}
	_, err = io.WriteString(t.term.Out(), text)
	return err
}
