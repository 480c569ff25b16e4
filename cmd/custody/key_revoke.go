package main

import (
	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
)

func keyRevoke(t *tool) *cli.Command {
	return &cli.Command{
		Name: "revoke", Usage: "end an officer's key for good", ArgsUsage: "OFFICER",
		Description: "What the key signs after the leaf of the revocation does not count; what it signed before does. Items that the officer holds " +
			"stay held by that key: offer them on before, or seal them anew with --continues.",
		UsageText: "custody key revoke kov --reason 'left the service'",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "reason", Required: true, Usage: "why: `TEXT`"},
			asFlag(), dryRunFlag(),
		},
		Action: func(c *cli.Context) error { return t.keyRevoke(c) },
	}
}

func (t *tool) keyRevoke(c *cli.Context) error {
	alias := c.Args().First()
	s, err := t.openDesk(c)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := t.confirmEnd(c, "end the key of "+alias+" for good"); err != nil {
		return err
	}
	out, err := t.revoke(c, s, alias, c.String("reason"))
	if err != nil {
		return err
	}
	return t.term.Summary("key revoke", out, out.text)
}

func (t *tool) revoke(c *cli.Context, s *desk.Session, alias, reason string) (*officerOutput, error) {
	out := &officerOutput{Officer: alias, DryRun: s.DryRun}
	done, err := s.RevokeOfficer(c.Context, alias, reason)
	if result := desk.OutcomeOf(err); result.DryRun != nil {
		out.Would = result.DryRun.Acts
		return out, result.Err
	}
	if err != nil {
		return nil, err
	}
	out.Revoked, out.Leaf = alias, done.Cite()
	return out, nil
}
