package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/cpuguy83/go-md2man/v2/md2man"
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

// manual prints the manual on standard output.
func (t *tool) manual(format string) error {
	text := []byte(manualPage(t.app))
	if format == "man" {
		text = md2man.Render(append([]byte("% CUSTODY 1\n\n"), text...))
	}
	_, err := t.term.Out().Write(text)
	return err
}

// manualPage is the whole help as one page of Markdown.
func manualPage(app *cli.App) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# NAME\n\ncustody - %s\n\n# SYNOPSIS\n\n**custody** *VERB* [*flags*] *ARGUMENTS*\n", app.Usage)
	for _, group := range groups {
		wroteGroup := false
		walk(app.Commands, func(path []*cli.Command) {
			if path[0].Category != group || hidden(path) {
				return
			}
			if !wroteGroup {
				fmt.Fprintf(&b, "\n# %s\n", strings.ToUpper(group))
			}
			wroteGroup = true
			manualVerbPart(&b, path)
		})
	}
	fmt.Fprintf(&b, "\n# FLAGS OF EVERY VERB\n")
	manualFlags(&b, app.Flags)
	for _, part := range []struct{ head, text string }{
		{"EXIT STATUS", exitCodesPage()}, {"ENVIRONMENT", environmentPage()}, {"PROBLEMS", problemsPage()},
	} {
		fmt.Fprintf(&b, "\n# %s\n\n%s", part.head, asCode(part.text))
	}
	return b.String()
}

// hidden reports whether a command or one above it is hidden.
func hidden(path []*cli.Command) bool {
	for _, c := range path {
		if c.Hidden {
			return true
		}
	}
	return false
}

// manualVerbPart writes what the manual says about one verb.
func manualVerbPart(w io.Writer, path []*cli.Command) {
	v := path[len(path)-1]
	fmt.Fprintf(w, "\n## %s\n\n%s\n", synopsis(path), v.Usage)
	if v.Description != "" {
		fmt.Fprintf(w, "\n%s\n", strings.TrimSpace(v.Description))
	}
	manualFlags(w, v.Flags)
	if v.UsageText != "" {
		fmt.Fprintf(w, "\n%s", asCode(strings.Join(examples(v), "\n")))
	}
}

// manualFlags writes flags as a list.
func manualFlags(w io.Writer, flags []cli.Flag) {
	for _, row := range flagRows(flags) {
		fmt.Fprintf(w, "\n**%s**\n: %s\n", row[0], row[1])
	}
}

// asCode indents text, less its title, so that Markdown keeps its layout.
func asCode(text string) string {
	_, body, titled := strings.Cut(text, "\n\n")
	if !titled {
		body = text
	}
	lines := strings.Split(strings.Trim(body, "\n"), "\n")
	for i, l := range lines {
		if l != "" {
			lines[i] = "    " + l
		}
	}
	return strings.Join(lines, "\n") + "\n"
}
