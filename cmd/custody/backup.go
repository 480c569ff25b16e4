package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/backup"
	"example.org/custody/cmd/internal/ui"
)

// codeBackup reports a backup that is not whole.
const codeBackup ui.Code = "E-BACKUP"

var _ = ui.Register(ui.Entry{Code: codeBackup, Title: "The backup is damaged or is none",
	Means: "nothing was restored and nothing was left; the backup file is as it was",
	Do:    []string{"use another backup", "custody inspect FILE reads a whole backup and compares it with its own list"},
	For:   []error{backup.ErrDamaged}})

// backupVerb is `custody backup FILE`.
func backupVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name:      "backup",
		Category:  groupKeep,
		Usage:     "write the whole desk to one file",
		ArgsUsage: "FILE",
		UsageText: "custody backup /media/stick/desk-2026-11-24.tar",
		Description: "The file is a tar of the home: keys, ledger, vault, store, queue. What is secret in it is encrypted as it is in the " +
			"home. The cosigner's keys are left out, because a cosigner restored from an old state could sign two histories of " +
			"another state's ledger.",
		Flags:  []cli.Flag{forceFlag(), dryRunFlag()},
		Action: t.backup,
	}
}

// backup writes the home to a file that appears whole or not at all.
func (t *tool) backup(c *cli.Context) (err error) {
	h, err := t.openHome(c, desk.OpenToLook)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	if !h.Quiet() {
		return h.Stuck() // what changes while it is saved is no backup
	}
	t.sayStuck(h)
	file := c.Args().First()
	if err := h.CheckBackupFile(file); err != nil {
		return ui.Usage("name a file outside of the home", "%v", err)
	}
	out, err := t.term.Output(file, ui.OutputOptions{Force: c.Bool("force"), Private: true, Binary: true})
	if err != nil {
		return err
	}
	defer out.Close()
	if c.Bool("dry-run") {
		r, err := h.PlanBackup()
		if err != nil {
			return err
		}
		r.Path = file
		return t.saySaved("backup", r, ui.Clean(file)+" would hold")
	}
	bar := t.term.Progress()
	defer bar.Close()
	r, err := h.Backup(out, bar)
	if err != nil {
		return err
	}
	if err := out.Commit(); err != nil {
		return err
	}
	bar.Close()
	if err := h.Whole(); err != nil {
		t.term.Warn("what was saved is no whole desk, so earlier backups are not to be thrown away: %v", err)
	} else if err := h.NoteBackup(r.Made); err != nil {
		t.term.Warn("the backup is whole, and the desk could not note it, so that custody doctor goes on asking for one: %v", err)
	}
	r.Path = file
	if file == "-" {
		return nil // standard output holds the backup itself
	}
	return t.saySaved("backup", r, ui.Clean(file)+":")
}

// saySaved prints what a backup or restore covered, behind how it begins.
func (t *tool) saySaved(verb string, r backup.Report, begins string) error {
	return t.term.Summary(verb, r, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s %s of %s, %s, as of %s\n", begins, ui.Count(r.Files, "file", "files"), r.From, ui.Bytes(r.Bytes), r.Made.Format(shownTime))
		return err
	})
}
