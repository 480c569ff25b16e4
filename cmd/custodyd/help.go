package main

import (
	_ "embed"
	"fmt"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/ui"
)

// guide is what whoever operates a node needs to know.
//
//go:embed README.md
var guide string

// helpCommand is the library's help, with the operator guide as a topic of it.
func helpCommand(std ui.Streams) *cli.Command {
	return &cli.Command{
		Name:      "help",
		Aliases:   []string{"h"},
		Usage:     "what a verb does; help deploy prints the operator guide",
		ArgsUsage: "[VERB | deploy]",
		Action: func(c *cli.Context) error {
			switch name := c.Args().First(); {
			case c.NArg() > 1:
				return ui.Usage("custodyd help deploy", "help takes one word")
			case name == "":
				return cli.ShowAppHelp(c)
			case name == "deploy":
				_, err := fmt.Fprint(std.Out, guide)
				return err
			case c.App.Command(name) == nil:
				return ui.Usage("custodyd help", "there is no help about %q", name)
			default:
				return cli.ShowCommandHelp(c.Lineage()[1], name) // as a verb of the program, not of help
			}
		},
	}
}
