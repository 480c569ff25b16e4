package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/ui"
)

// helpCommand is the library's help, with the operators' pages as a topic of it.
func helpCommand(std ui.Streams) *cli.Command {
	return &cli.Command{
		Name:      "help",
		Aliases:   []string{"h"},
		Usage:     "what a verb does; help deploy prints the operator's guide, of the node or of one of its engines",
		ArgsUsage: "[VERB | deploy [" + strings.Join(pageNames(), " | ") + "]]",
		Action: func(c *cli.Context) error {
			name, rest := c.Args().First(), c.Args().Tail()
			switch {
			case name == "deploy" && len(rest) <= 1:
				return deploy(std, strings.Join(rest, ""))
			case len(rest) > 0:
				return ui.Usage("custodyd help VERB, or custodyd help deploy", "help takes one word, and one more behind deploy")
			case name == "":
				return cli.ShowAppHelp(c)
			case c.App.Command(name) == nil:
				return ui.Usage("custodyd help", "there is no help about %q", name)
			default:
				return cli.ShowCommandHelp(c.Lineage()[1], name) // as a verb of the program, not of help
			}
		},
	}
}

// deploy prints a page.
func deploy(std ui.Streams, name string) error {
	p, ok := pageOf(name)
	if !ok {
		return ui.Usage("custodyd help deploy, alone or with "+strings.Join(pageNames(), ", "), "there is no page about %q", name)
	}
	_, err := fmt.Fprint(std.Out, p.plain())
	return err
}
