package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/cmd/internal/ui"
)

func trustVerify(t *tool) *cli.Command {
	return &cli.Command{
		Name: "verify", Usage: "check that lists follow the trusted one, one after the other", ArgsUsage: "FILE…",
		Description: "The walk begins with the list that the desk has pinned, or the one given with --from, and takes the files in order, oldest first. " +
			"Each must name the one before it and have the signatures that list asks for and its own. Nothing is pinned by it.\n\n" +
			"Exit code 10: a signature is wrong. 11: a list does not follow.",
		UsageText: "custody trust verify common.trust\ncustody trust verify --from trust-1.note trust-2.note trust-3.note",
		Flags: []cli.Flag{
			&cli.PathFlag{Name: "from", DefaultText: "the desk's own", Usage: "the list that is trusted already, a `NOTE` of your own state's authority"},
		},
		Action: t.trustVerify,
	}
}

func (t *tool) trustVerify(c *cli.Context) error {
	from, name, err := trustlist.First(t.home, c.Path("from"))
	if err != nil {
		return err
	}
	for _, file := range c.Args().Slice() {
		if p := damagedStart(file); p != nil {
			return p
		}
	}
	chain, err := trustlist.Walk(from, name, c.Args().Slice(), now())
	if err != nil {
		return err
	}
	return t.term.Summary("trust verify", chain, func(w io.Writer) error { return writeChain(w, chain) })
}

func writeChain(w io.Writer, c *trustlist.Chain) error {
	fmt.Fprintf(w, "version %d  trusted  sha256 %s\n", c.From.Version, c.From.SHA256)
	for _, l := range c.Lists {
		fmt.Fprintf(w, "version %d  follows  sha256 %s  %s\n", l.Version, l.SHA256, ui.Clean(l.File))
	}
	if len(c.Lists) == 0 {
		fmt.Fprintln(w, "no newer list was given")
	}
	_, err := fmt.Fprintf(w, "version %d is in force, %s old\n", c.Last.Version, ui.Count(c.Last.AgeDays, "day", "days"))
	if c.Last.Warning != "" && err == nil {
		_, err = fmt.Fprintln(w, c.Last.Warning)
	}
	return err
}
