package main

import (
	"fmt"
	"io"

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
	r, err := desk.Restore(file, home, bar)
	if err != nil {
		return err
	}
	bar.Close()
	return t.term.Summary("restore", r, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s: %s of %s, %s, as of %s\nNext: custody doctor --home %s\n", ui.Clean(home),
			ui.Count(r.Files, "file", "files"), r.From, ui.Bytes(r.Bytes), r.Made.Format("2006-01-02T15:04:05Z"), ui.Clean(home))
		return err
	})
}
