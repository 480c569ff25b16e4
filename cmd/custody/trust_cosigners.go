package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/ui"
)

func trustCosigners(t *tool) *cli.Command {
	return &cli.Command{
		Name: "cosigners", Usage: "name whom the desk asks to watch its ledger and sign its checkpoints", ArgsUsage: "[ADDRESS|DIR…]",
		Description: "An ADDRESS is that of another state's node. A DIR is the folder cosigner of another state's desk, with its witness and its auditor, when this machine reaches it. " +
			"Those named take the place of those before. Without any they are listed.",
		UsageText: "custody trust cosigners https://node.bb.example /mnt/cc/cosigner\ncustody trust cosigners\ncustody trust cosigners --none",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "none", Usage: "ask nobody"},
			asFlag(), dryRunFlag(),
		},
		Action: t.trustCosigners,
	}
}

// cosignersOutput is the output of trust cosigners.
type cosignersOutput struct {
	DryRun    bool     `json:"dry_run"`
	Cosigners []string `json:"cosigners"` // addresses and folders
}

func (t *tool) trustCosigners(c *cli.Context) error {
	names, none := c.Args().Slice(), c.Bool("none")
	if none && len(names) > 0 {
		return ui.Usage("give one of them", "--none and cosigners contradict each other")
	}
	out := cosignersOutput{DryRun: c.Bool("dry-run")}
	var err error
	if none || len(names) > 0 {
		out.Cosigners, err = t.nameCosigners(c, names)
	} else {
		out.Cosigners, err = t.namedCosigners(c)
	}
	if err != nil {
		return err
	}
	return t.term.Summary("trust cosigners", out, func(w io.Writer) error {
		for _, name := range out.Cosigners {
			if _, err := fmt.Fprintln(w, ui.Clean(name)); err != nil {
				return err
			}
		}
		if len(out.Cosigners) == 0 {
			_, err := fmt.Fprintln(w, "nobody is named")
			return err
		}
		return nil
	})
}

func (t *tool) namedCosigners(c *cli.Context) ([]string, error) {
	h, err := t.lookHome(c)
	if err != nil {
		return nil, err
	}
	return h.NamedCosigners(), h.Close()
}

func (t *tool) nameCosigners(c *cli.Context, names []string) ([]string, error) {
	s, err := t.lookDesk(c)
	if err != nil {
		return nil, err
	}
	if err := s.NameCosigners(names...); err != nil || s.DryRun {
		return names, errors.Join(err, s.Close())
	}
	return s.NamedCosigners(), s.Close()
}
