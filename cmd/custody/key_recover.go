package main

import (
	"errors"
	"os"

	"filippo.io/age"
	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/signing/keyfile"
)

func keyRecover(t *tool) *cli.Command {
	return &cli.Command{
		Name: "recover", Usage: "make a new officer with the recovery identity", ArgsUsage: "OFFICER",
		Description: "When nobody knows a passphrase any more, the recovery identity that init handed out opens the home and enrols a new officer. " +
			"--lost revokes the officer whose passphrase is gone.\n\n" +
			"The lost signing key itself cannot come back: nobody but its holder ever had it. Items it held go on as new ones: custody seal --continues.",
		UsageText: "custody key recover ann-2 --role custodian --lost ann --recovery-file /media/usb/recovery.txt",
		Flags: []cli.Flag{
			roleFlag(),
			&cli.PathFlag{Name: "recovery-file", Usage: "read the recovery identity from `FILE`; otherwise it is asked for like a passphrase"},
			&cli.StringFlag{Name: "lost", Usage: "the `OFFICER` whose passphrase is lost; the key is revoked"},
			&cli.StringFlag{Name: "name", Usage: "the holder's `NAME`, in the certificate; it stays in the desk's record"},
			dryRunFlag(),
		},
		Action: func(c *cli.Context) error { return t.keyRecover(c) },
	}
}

func (t *tool) keyRecover(c *cli.Context) error {
	id, err := t.recoveryIdentity(c)
	if err != nil {
		return err
	}
	h, err := t.takeHome(c)
	if err != nil {
		return err
	}
	s, err := h.Recover(c.Context, id)
	if err != nil {
		return errors.Join(err, h.Close())
	}
	defer s.Close()
	t.sayResumed(s)
	out, err := t.addOfficer(c, s)
	if err != nil {
		return err
	}
	if lost := c.String("lost"); lost != "" {
		if err := t.revokeLost(c, s, lost, out); err != nil {
			return err
		}
	}
	return t.term.Summary("key recover", out, out.text)
}

func (t *tool) revokeLost(c *cli.Context, s *desk.Session, lost string, out *officerOutput) error {
	if s.DryRun {
		return nil // the new officer does not exist, and the last one is not revoked
	}
	gone, err := t.revoke(c, s, lost, "its passphrase is lost; the desk was opened with the recovery identity")
	if err != nil {
		return err
	}
	out.Revoked, out.Leaf = gone.Revoked, gone.Leaf
	return nil
}

// recoveryIdentity reads the identity from its file, or asks for it like for a
// passphrase: the line of the file, or the rows of the sheet without breaks.
func (t *tool) recoveryIdentity(c *cli.Context) (*age.X25519Identity, error) {
	if path := c.Path("recovery-file"); path != "" {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		return keyfile.ParseRecovery(b)
	}
	text, err := t.term.Passphrase(c.Context, ui.Secret{Name: "recovery (the identity that init handed out)"})
	if err != nil {
		return nil, err
	}
	return keyfile.ParseRecovery([]byte(text))
}
