package main

import (
	"encoding/json"
	"io"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
)

func keyVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name: "key", Category: groupAgreed,
		Usage: "officers' keys: make, list, show, revoke, recover",
		Description: "An officer's key is enrolled by the desk's authority in the ledger, and revoked there. The card of a key is what other desks " +
			"need in order to offer something to it; it names no person.",
		Subcommands: []*cli.Command{keyNew(t), keyList(t), keyCard(t), keyPasswd(t), keyRevoke(t), keyRecover(t)},
	}
}

func keyList(t *tool) *cli.Command {
	return &cli.Command{
		Name: "list", Usage: "list the officers of the desk", UsageText: "custody key list",
		Action: func(c *cli.Context) error { return t.keyList(c) },
	}
}

// keyListOutput is the output of key list.
type keyListOutput struct {
	Officers []desk.OfficerInfo `json:"officers"`
}

func (t *tool) keyList(c *cli.Context) error {
	h, err := t.lookHome(c)
	if err != nil {
		return err
	}
	defer h.Close()
	all, err := h.OfficerList()
	if err != nil {
		return err
	}
	return t.term.Summary("key list", keyListOutput{all}, func(w io.Writer) error {
		table := ui.NewTable("OFFICER", "ROLE", "KEY", "STATE")
		for _, o := range all {
			state := "enrolled"
			switch {
			case o.Revoked:
				state = "revoked"
			case !o.Complete:
				state = "not complete"
			}
			table.Row(o.Alias, o.Role, o.Key[:12], state)
		}
		return table.Write(w)
	})
}

func keyCard(t *tool) *cli.Command {
	return &cli.Command{
		Name: "card", Aliases: []string{"show"}, Usage: "print an officer's card, for other desks", ArgsUsage: "[OFFICER]",
		UsageText: "custody key card ann > ann.card\ncustody key card ann --out ann.card",
		Flags: []cli.Flag{
			&cli.PathFlag{Name: "out", Usage: "write it to `FILE`"},
			forceFlag(),
		},
		Action: func(c *cli.Context) error { return t.keyCard(c) },
	}
}

// keyCardOutput is the output of key card.
type keyCardOutput struct {
	Officer string          `json:"officer"`
	Card    json.RawMessage `json:"card"`
}

func (t *tool) keyCard(c *cli.Context) error {
	h, err := t.lookHome(c)
	if err != nil {
		return err
	}
	defer h.Close()
	alias, err := h.Officer(c.Args().First())
	if err != nil {
		return err
	}
	card, err := h.CardOf(alias)
	if err != nil {
		return err
	}
	raw, err := card.Marshal()
	if err != nil {
		return err
	}
	path := c.Path("out")
	if path == "" && t.term.JSON() {
		return t.term.Summary("key card", keyCardOutput{alias, raw}, nil)
	}
	if path == "" {
		if t.term.OutIsTerminal() {
			raw = append(raw, '\n') // a file has the bytes and no more
		}
		_, err := t.term.Out().Write(raw)
		return err
	}
	out, err := t.term.Output(path, ui.OutputOptions{Force: c.Bool("force")})
	if err != nil {
		return err
	}
	defer out.Close()
	if _, err := out.Write(raw); err != nil {
		return err
	}
	if err := out.Commit(); err != nil {
		return err
	}
	t.term.Say("wrote %s", path)
	return nil
}

// officerOutput is the output of the verbs that make or change one officer.
type officerOutput struct {
	DryRun  bool           `json:"dry_run"`
	Officer string         `json:"officer"`
	Role    string         `json:"role,omitempty"`
	Key     string         `json:"key,omitempty"`  // key id
	Card    string         `json:"card,omitempty"` // file to give to other desks
	Leaf    string         `json:"leaf,omitempty"` // of the revocation
	Revoked string         `json:"revoked,omitempty"`
	Would   []desk.Preview `json:"would_sign,omitempty"` // a dry run
}

func (o *officerOutput) text(w io.Writer) error {
	for _, p := range o.Would {
		if err := writePreview(w, p); err != nil {
			return err
		}
	}
	if o.DryRun {
		return nil
	}
	table := [][2]string{{"officer", o.Officer}, {"role", o.Role}, {"key", o.Key}, {"card", o.Card}, {"revoked", o.Revoked}, {"leaf", o.Leaf}}
	return writeRows(w, table)
}

func newOfficer(c *cli.Context) desk.NewOfficer {
	return desk.NewOfficer{Alias: c.Args().First(), Role: evidence.Role(c.String("role")), Name: c.String("name")}
}
