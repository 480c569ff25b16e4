package main

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/standards"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/signing/keyfile"
)

// takeHome takes the home for a verb that needs no passphrase.
func (t *tool) takeHome(c *cli.Context) (*desk.Home, error) { return t.openHome(c, desk.Open) }

// lookHome opens the home for a verb that looks, needs no passphrase, and works where
// nobody can act; it says why that is so.
func (t *tool) lookHome(c *cli.Context) (*desk.Home, error) {
	h, err := t.openHome(c, desk.OpenToLook)
	if err == nil {
		t.sayStuck(h)
	}
	return h, err
}

func (t *tool) openHome(c *cli.Context, open func(dir string) (*desk.Home, error)) (*desk.Home, error) {
	dir, err := t.needHome()
	if err != nil {
		return nil, err
	}
	h, err := open(dir)
	if err != nil {
		return nil, err
	}
	h.DryRun, h.StoreWaits = c.Bool("dry-run"), t.sayWaiting
	if t.node != "" {
		h.Node = t.node
	}
	return h, nil
}

// sayStuck tells why nobody can act at the desk.
func (t *tool) sayStuck(h *desk.Home) {
	switch why := h.Stuck(); {
	case errors.Is(why, desk.ErrHomeInUse):
		t.term.Warn("another process works on the desk: it can be looked at and nothing else, and what is shown may change meanwhile")
	case why != nil:
		t.term.Warn("the desk can be looked at and nothing else, because it cannot act: %v", why)
	}
}

// openDesk takes the home, asks for the passphrase of the officer who acts (and
// of the second one, when the verb was given one), and says what an interrupted
// command had left. The caller closes the session.
func (t *tool) openDesk(c *cli.Context) (*desk.Session, error) {
	h, err := t.takeHome(c)
	if err != nil {
		return nil, err
	}
	return t.openSession(c, h)
}

// lookDesk is openDesk for a verb that looks; it works where nobody can act.
func (t *tool) lookDesk(c *cli.Context) (*desk.Session, error) {
	h, err := t.lookHome(c)
	if err != nil {
		return nil, err
	}
	before := h.Stuck()
	s, err := t.openSession(c, h)
	if err == nil && before == nil {
		t.sayStuck(s.Home)
	}
	return s, whileInUse(h, err)
}

// whileInUse says of what failed in a look that another process changes the desk
// meanwhile: it may be no damage.
func whileInUse(h *desk.Home, err error) error {
	if err == nil || !errors.Is(h.Stuck(), desk.ErrHomeInUse) || errors.Is(err, desk.ErrNoItem) || errors.Is(err, keyfile.ErrPassphrase) {
		return err
	}
	return fmt.Errorf("%w, and looking meanwhile failed: %v", desk.ErrHomeInUse, err)
}

// lookAt does what a looking verb does with the open desk.
func (t *tool) lookAt(c *cli.Context, do func(*desk.Session) error) error {
	s, err := t.lookDesk(c)
	if err != nil {
		return err
	}
	err = whileInUse(s.Home, do(s))
	t.closeLook(s)
	return err
}

// closeLook closes a session that only looked. What it could not keep concerns the
// next one alone.
func (t *tool) closeLook(s *desk.Session) {
	if err := s.Close(); err != nil {
		t.term.Warn("the desk could not keep what it had learnt of its ledger: %v", err)
	}
}

// lookAtItem is lookAt for verbs about the one item that is named.
func (t *tool) lookAtItem(c *cli.Context, do func(*desk.Session, *desk.Item) error) error {
	return t.lookAt(c, func(s *desk.Session) error {
		it, err := s.Find(c.Context, c.Args().First())
		if err != nil {
			return err
		}
		return do(s, it)
	})
}

func (t *tool) openSession(c *cli.Context, h *desk.Home) (_ *desk.Session, err error) {
	if file := c.Path(namesFlag); file != "" {
		if h.Names, err = standards.ReadNames(file); err != nil {
			return nil, errors.Join(err, h.Close())
		}
	}
	if h.Patience, err = patience(c, h); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	s, err := t.unlock(c, h)
	if err != nil {
		return nil, errors.Join(err, h.Close())
	}
	t.sayResumed(s)
	if err := s.Unreached(); err != nil {
		t.term.Warn("acts of this desk wait in the queue, and what is signed now waits behind them: %s", err)
	}
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
		unmap() // deriving a key takes the most memory of all
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
		if r.Action == "" {
			t.term.Say("item %s: %s", r.Item.Short(), r.What)
			continue
		}
		t.term.Say("an interrupted %s of item %s was found: %s", r.Action, r.Item.Short(), r.What)
	}
}
