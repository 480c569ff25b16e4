package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/ui"
)

// fakeVerbs are a tool of its own for tests of the skeleton: verbs that print
// what reached them, of every shape a verb can have.
var fakeVerbs = []verb{writeVerb, groupVerb, lookVerb, maybeVerb, breakVerb, waitVerb, stubbornVerb, helpVerb, completeVerb, completionVerb}

// writeVerb stands for every verb that writes.
func writeVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name:      "write",
		Aliases:   []string{"w"},
		Category:  groupCustody,
		Usage:     "pretend to write",
		ArgsUsage: "PATH…",
		UsageText: "fake write disk.e01",
		Flags: []cli.Flag{
			dryRunFlag(),
			&cli.StringFlag{Name: "case", Aliases: []string{"c"}, Usage: "the `REFERENCE` of the proceeding"},
			&cli.StringSliceFlag{Name: "photo", Usage: "a `FILE`"},
			&cli.IntFlag{Name: "copies", Value: 1, Usage: "how many"},
			choiceFlag("when", "`WHEN`", "now", "later"),
		},
		Action: func(c *cli.Context) error {
			return t.report("write", c, "dry-run", "case", "photo", "copies", "when")
		},
	}
}

// groupVerb has subverbs, one with a required flag.
func groupVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name:     "group",
		Category: groupAgreed,
		Usage:    "a verb with subverbs",
		Flags:    []cli.Flag{&cli.StringFlag{Name: "ref", Usage: "the `REFERENCE` of the request"}},
		Subcommands: []*cli.Command{
			{
				Name: "new", Usage: "make one", ArgsUsage: "FROM TO", UsageText: "fake group new a b --to AA",
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "to", Required: true, EnvVars: []string{"CUSTODY_FAKE_TO"}, Usage: "the `STATE`"},
					dryRunFlag(),
				},
				Action: func(c *cli.Context) error { return t.report("new", c, "to", "ref", "dry-run") },
			},
			{
				Name: "list", Usage: "list them", UsageText: "fake group list",
				Action: func(c *cli.Context) error { return t.report("list", c, "ref") },
			},
		},
	}
}

func lookVerb(t *tool) *cli.Command {
	return &cli.Command{Name: "look", Category: groupLook, Usage: "look", UsageText: "fake look",
		Action: func(c *cli.Context) error { return t.report("look", c) }}
}

func maybeVerb(t *tool) *cli.Command {
	return &cli.Command{Name: "maybe", Category: groupLook, Usage: "take one file or none", ArgsUsage: "[FILE]", UsageText: "fake maybe",
		Action: func(c *cli.Context) error { return t.report("maybe", c) }}
}

// breakVerb fails as it is told.
func breakVerb(t *tool) *cli.Command {
	return &cli.Command{Name: "break", Category: groupTool, Usage: "fail", ArgsUsage: "HOW", UsageText: "fake break panic",
		Action: func(c *cli.Context) error {
			switch c.Args().First() {
			case "panic":
				panic("broken invariant")
			case "authentic":
				return ui.Shown(fmt.Errorf("it is not: %w", ui.ErrNotAuthentic))
			case "undecided":
				return fmt.Errorf("no trust list: %w", ui.ErrUndecided)
			case "usage":
				return ui.Usage("give --that", "--this goes with --that")
			case "confirm":
				return t.term.Confirm(c.Context, "go on")
			case "passphrase":
				s, err := t.term.Passphrase(c.Context, ui.Secret{Name: "the fake key"})
				if err == nil {
					_, err = fmt.Fprintf(t.term.Out(), "passphrase %q\n", s)
				}
				return err
			default:
				return fmt.Errorf("cannot break %s", c.Args().First())
			}
		}}
}

// waitVerb works until it is interrupted. It makes FILE when it begins.
func waitVerb(t *tool) *cli.Command {
	return &cli.Command{Name: "wait", Category: groupTool, Usage: "wait for an interrupt", ArgsUsage: "FILE", UsageText: "fake wait ready",
		Action: func(c *cli.Context) error {
			p := t.term.Progress()
			defer p.Close()
			p.Stage("waiting", 100, 1)
			if err := os.WriteFile(c.Args().First(), nil, 0o600); err != nil {
				return err
			}
			<-c.Context.Done()
			return fmt.Errorf("waiting: %w", c.Context.Err())
		}}
}

// stubbornVerb does not stop when it is interrupted. It makes FILE and
// FILE.interrupted.
func stubbornVerb(*tool) *cli.Command {
	return &cli.Command{Name: "stubborn", Category: groupTool, Usage: "ignore an interrupt", ArgsUsage: "FILE", UsageText: "fake stubborn ready",
		Action: func(c *cli.Context) error {
			for path := c.Args().First(); ; path += ".interrupted" {
				if err := os.WriteFile(path, nil, 0o600); err != nil {
					return err
				}
				<-c.Context.Done()
				if path != c.Args().First() {
					select {}
				}
			}
		}}
}

// report prints what reached a verb.
func (t *tool) report(verb string, c *cli.Context, flags ...string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s", verb)
	for _, f := range flags {
		if f == "photo" {
			fmt.Fprintf(&b, " photo=%q", c.StringSlice(f))
			continue
		}
		fmt.Fprintf(&b, " %s=%v", f, c.Value(f))
	}
	fmt.Fprintf(&b, " json=%v quiet=%v args=%q\n", c.Bool("json"), c.Bool("quiet"), c.Args().Slice())
	_, err := t.term.Out().Write([]byte(b.String()))
	return err
}
