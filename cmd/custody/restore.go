package main

import (
	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
)

// restoreVerb is `custody restore FILE`.
func restoreVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name:      "restore",
		Category:  groupKeep,
		Usage:     "make a desk from a backup",
		ArgsUsage: "FILE",
		UsageText: "custody restore /media/stick/desk-2026-11-24.tar --home ~/.custody",
		Description: "The home must not exist yet. Every file is compared with the backup's own list; when one differs, nothing is left. " +
			"A ledger that is older than what another state has cosigned can be read and not be written: acts after the backup " +
			"would otherwise have two histories.",
		Flags:  []cli.Flag{dryRunFlag()},
		Action: t.restore,
	}
}

// restore makes the home from a backup.
func (t *tool) restore(c *cli.Context) error {
	home, err := t.needHome()
	if err != nil {
		return err
	}
	file := c.Args().First()
	f, _, err := openRegular(file)
	if err != nil {
		return err
	}
	f.Close()
	bar := t.term.Progress()
	defer bar.Close()
	if c.Bool("dry-run") {
		r, err := desk.PlanRestore(file, home, bar)
		if err != nil {
			return err
		}
		bar.Close()
		return t.saySaved("restore", r, ui.Clean(home)+" would be made from")
	}
	r, err := desk.Restore(file, home, bar)
	if err != nil {
		return err
	}
	bar.Close()
	t.term.Say("next: custody doctor --home %s", home)
	return t.saySaved("restore", r, ui.Clean(home)+":")
}
