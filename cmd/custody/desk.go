package main

import (
	"errors"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/signing/keyfile"
)

// lookDesk takes the home for a verb that needs no passphrase.
func (t *tool) lookDesk(c *cli.Context) (*desk.Home, error) {
	dir, err := t.needHome()
	if err != nil {
		return nil, err
	}
	h, err := desk.Open(dir)
	if err != nil {
		return nil, err
	}
	h.DryRun = c.Bool("dry-run")
	return h, nil
}

// openDesk takes the home, asks for the passphrase of the officer who acts (and
// of the second one, when the verb was given one), and says what an interrupted
// command had left. The caller closes the session.
func (t *tool) openDesk(c *cli.Context) (*desk.Session, error) {
	h, err := t.lookDesk(c)
	if err != nil {
		return nil, err
	}
	s, err := t.unlock(c, h)
	if err != nil {
		return nil, errors.Join(err, h.Close())
	}
	t.sayResumed(s)
	if err := t.unlockSecond(c, s); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (t *tool) unlock(c *cli.Context, h *desk.Home) (*desk.Session, error) {
	alias, err := h.Officer(c.String("as"))
	if err != nil {
		return nil, err
	}
	var s *desk.Session
	err = t.askPassphrase(c, "officer "+alias, func(passphrase string) (err error) {
		s, err = h.Unlock(c.Context, alias, passphrase)
		return err
	})
	return s, err
}

func (t *tool) unlockSecond(c *cli.Context, s *desk.Session) error {
	second := c.String("second")
	if second == "" {
		return nil
	}
	if _, err := s.Officer(second); err != nil {
		return err
	}
	return t.askPassphrase(c, "officer "+second+", who signs second", func(passphrase string) error {
		return s.UnlockSecond(second, passphrase)
	})
}

// passphraseTries is how often a person may mistype.
const passphraseTries = 3

// askPassphrase gets a passphrase and tries it; a person at a terminal may try
// again.
func (t *tool) askPassphrase(c *cli.Context, name string, try func(passphrase string) error) error {
	tries := 1
	if t.asksPerson(c) {
		tries = passphraseTries
	}
	for {
		passphrase, err := t.term.Passphrase(c.Context, ui.Secret{Name: name})
		if err != nil {
			return err
		}
		err = try(passphrase)
		if tries--; tries == 0 || !errors.Is(err, keyfile.ErrPassphrase) {
			return err
		}
		t.term.Warn("wrong passphrase for %s; try again", name)
	}
}

// asksPerson reports whether passphrases are typed by a person.
func (t *tool) asksPerson(c *cli.Context) bool {
	return t.term.InIsTerminal() && c.Int("passphrase-fd") < 0 && t.term.Getenv(ui.PassphraseVariable) == ""
}

// sayResumed tells what was found unfinished, and what was done about it.
func (t *tool) sayResumed(s *desk.Session) {
	for _, r := range s.Resumed {
		if r.Item == (desk.Resumed{}).Item {
			t.term.Say("an interrupted %s was found: %s", r.Action, r.What)
			continue
		}
		t.term.Say("an interrupted %s of item %s was found: %s", r.Action, r.Item.Short(), r.What)
	}
}
