package main

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/nodehome"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/node"
)

// unlocking are the flags of verbs that need an officer's passphrase.
func unlocking() []cli.Flag {
	return []cli.Flag{
		&cli.PathFlag{Name: "home", EnvVars: []string{"CUSTODY_HOME"}, Usage: "the `FOLDER` of the desk"},
		&cli.StringFlag{Name: "as", Usage: "`ALIAS` of the officer; needed when the desk has several"},
		&cli.IntFlag{Name: "passphrase-fd", Value: -1, DefaultText: "none", Usage: "read the passphrase from descriptor `N`"},
	}
}

// unlocked calls do with the home unlocked.
func unlocked(c *cli.Context, std ui.Streams, do func(*desk.Session) error) (err error) {
	if err := plain(c); err != nil {
		return err
	}
	term := ui.NewTerminal(std)
	term.Configure(ui.Options{PassphraseFD: c.Int("passphrase-fd")})
	h, err := desk.Open(c.Path("home"))
	if err != nil {
		return err
	}
	alias, err := h.Officer(c.String("as"))
	if err != nil {
		return errors.Join(err, h.Close())
	}
	passphrase, err := term.Passphrase(c.Context, ui.Secret{Name: "the key of " + alias})
	if err != nil {
		return errors.Join(err, h.Close())
	}
	s, err := h.Unlock(c.Context, alias, passphrase)
	if err != nil {
		return errors.Join(err, h.Close())
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return do(s)
}

func initCommand(std ui.Streams) *cli.Command {
	return &cli.Command{
		Name:  "init",
		Usage: "make the folder node/ of a home: from then on its node can keep the ledger",
		Description: "With --address the home remembers where its node is, and every desk verb logs there without --node or CUSTODY_NODE. " +
			"Given for a home that has a node, it takes the place of the address before, and nothing else changes. " +
			"With --engine trillian the ledger moves to Trillian first, the same leaves under the same root: custodyd makes the tree and its guards in the database.",
		Flags: append(append(unlocking(),
			&cli.StringFlag{Name: "address", Usage: "the `ADDRESS` at which the desk reaches the node, as https://node.aa.example"}), engineFlags()...),
		Action: func(c *cli.Context) error {
			return unlocked(c, std, func(s *desk.Session) error {
				if err := useEngine(c, s); err != nil {
					return err
				}
				return makeNode(s, c.String("address"))
			})
		},
	}
}

// makeNode makes the home's node and remembers its address, if there is one. A home that
// has a node takes another address.
func makeNode(s *desk.Session, address string) error {
	if address == "" {
		return s.MakeNode()
	}
	if _, err := client.ParseAddress(address); err != nil {
		return ui.Usage("--address https://node.aa.example", "%v", err)
	}
	if err := s.MakeNode(); err != nil && !errors.Is(err, nodehome.ErrMade) {
		return err
	}
	return s.UseNode(address)
}

func mandateCommand(std ui.Streams) *cli.Command {
	return &cli.Command{
		Name:  "mandate",
		Usage: "sign what lets an auditor read what the node keeps; prints the value of Custody-Mandate",
		Flags: append(unlocking(),
			&cli.StringFlag{Name: "auditor", Required: true, Usage: "`KEY` id of the auditor, enrolled with that role"},
			&cli.StringSliceFlag{Name: "item", Usage: "id of an `ITEM`; may be repeated; none: all items"},
			&cli.BoolFlag{Name: "access-log", Usage: "the access log too"},
			&cli.StringFlag{Name: "reference", Required: true, Usage: "file `NUMBER` of the audit; never a name"},
			&cli.DurationFlag{Name: "for", Value: 30 * 24 * time.Hour, Usage: "`TIME` for which it is good"},
		),
		Action: func(c *cli.Context) error {
			return unlocked(c, std, func(s *desk.Session) error {
				text, err := signMandate(c.Context, c, s)
				if err == nil {
					_, err = std.Out.Write([]byte(text + "\n"))
				}
				return err
			})
		},
	}
}

// signMandate signs a mandate as the desk's authority.
func signMandate(ctx context.Context, c *cli.Context, s *desk.Session) (string, error) {
	now := evidence.Instant(s.Now().Truncate(time.Second))
	m := node.Mandate{
		From: now, To: now.Add(c.Duration("for")), Log: c.Bool("access-log"), Ledger: s.Config.Origin, Reference: c.String("reference"),
	}
	key, err := evidence.ParseHash(c.String("auditor"))
	if err != nil {
		return "", ui.Usage("custody key list shows key ids", "--auditor: %v", err)
	}
	m.Auditor = evidence.KeyID(key)
	for _, text := range c.StringSlice("item") {
		id, err := evidence.ParseHash(text)
		if err != nil {
			return "", ui.Usage("custody list shows item ids", "--item: %v", err)
		}
		m.Items = append(m.Items, evidence.ItemID(id))
	}
	signer, err := s.AuthoritySigner()
	if err != nil {
		return "", err
	}
	b, err := m.Sign(ctx, signer)
	return base64.StdEncoding.EncodeToString(b), err
}
