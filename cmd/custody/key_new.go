package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/signing/keyfile"
)

func keyNew(t *tool) *cli.Command {
	return &cli.Command{
		Name: "new", Usage: "make and enrol an officer's key", ArgsUsage: "OFFICER",
		Description: "Someone who has a key of this desk opens it; then the new officer chooses a passphrase. One key signs in one role: " +
			"a person with two roles has two keys.",
		UsageText: "custody key new kov --role examiner\ncustody key new ola --role approver --as ann",
		Flags: []cli.Flag{
			roleFlag(),
			&cli.StringFlag{Name: "name", Usage: "the holder's `NAME`, in the certificate; it stays in the desk's record"},
			asFlag(), dryRunFlag(),
		},
		Action: func(c *cli.Context) error { return t.keyNew(c) },
	}
}

func (t *tool) keyNew(c *cli.Context) error {
	s, err := t.openDesk(c)
	if err != nil {
		return err
	}
	defer s.Close()
	out, err := t.addOfficer(c, s)
	if err != nil {
		return err
	}
	return t.term.Summary("key new", out, out.text)
}

// addOfficer asks for the new passphrase and enrols the key.
func (t *tool) addOfficer(c *cli.Context, s *desk.Session) (*officerOutput, error) {
	n := newOfficer(c)
	out := &officerOutput{Officer: n.Alias, Role: string(n.Role), DryRun: s.DryRun}
	if err := s.CanAdd(n); err != nil {
		return nil, err
	}
	var err error
	if n.Passphrase, err = t.newOfficersPassphrase(c, s, n.Alias); err != nil {
		return nil, err
	}
	card, err := s.AddOfficer(c.Context, n)
	if result := desk.OutcomeOf(err); result.DryRun != nil {
		out.Would = result.DryRun.Acts
		return out, result.Err
	}
	if err != nil {
		return nil, err
	}
	out.Key, out.Card = card.Key.ID().String(), s.CardFile(n.Alias)
	return out, nil
}

// newOfficersPassphrase is not asked for in a dry run: no key file is written.
func (t *tool) newOfficersPassphrase(c *cli.Context, s *desk.Session, alias string) (string, error) {
	if s.DryRun {
		return keyfile.SuggestPassphrase(), nil
	}
	return t.newPassphrase(c, "officer "+alias)
}

// writeRows prints name and value in two columns; rows without a value are left out.
func writeRows(w io.Writer, rows [][2]string) error {
	for _, row := range rows {
		if row[1] == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "%-8s %s\n", row[0], ui.Name(row[1])); err != nil {
			return err
		}
	}
	return nil
}

func keyPasswd(t *tool) *cli.Command {
	return &cli.Command{
		Name: "passwd", Usage: "change an officer's passphrase", ArgsUsage: "[OFFICER]",
		Description: "Copies of the old key file, as in backups, still open with the old passphrase: when others may know that, revoke the key.",
		UsageText:   "custody key passwd ann",
		Flags:       []cli.Flag{dryRunFlag()},
		Action:      func(c *cli.Context) error { return t.keyPasswd(c) },
	}
}

func (t *tool) keyPasswd(c *cli.Context) error {
	h, err := t.takeHome(c)
	if err != nil {
		return err
	}
	defer h.Close()
	alias, err := h.Officer(c.Args().First())
	if err != nil {
		return err
	}
	out := officerOutput{Officer: alias, DryRun: h.DryRun}
	var old string
	err = t.askPassphrase(c, "officer "+alias, func(p string) error {
		old = p
		return h.CheckPassphrase(alias, p)
	})
	if err != nil || h.DryRun {
		if err == nil {
			err = t.term.Summary("key passwd", out, nil)
		}
		return err
	}
	fresh, err := t.newPassphrase(c, "officer "+alias)
	if err != nil {
		return err
	}
	if err := h.ChangePassphrase(alias, old, fresh); err != nil {
		return err
	}
	t.term.Say("backups made before still open with the old passphrase")
	return t.term.Summary("key passwd", out, out.text)
}
