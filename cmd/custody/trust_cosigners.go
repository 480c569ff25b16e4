package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/ui"
)

func trustCosigners(t *tool) *cli.Command {
	return &cli.Command{
		Name: "cosigners", Usage: "name the cosigner folders of other states that this machine reaches", ArgsUsage: "[DIR…]",
		Description: "Each DIR is the folder cosigner of another state's desk: its witness and its auditor watch this desk's ledger and sign its checkpoints. " +
			"The folders named take the place of those before. Without DIR they are listed.",
		UsageText: "custody trust cosigners /mnt/bb/cosigner /mnt/cc/cosigner\ncustody trust cosigners --none",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "none", Usage: "ask nobody"},
			dryRunFlag(),
		},
		Action: t.trustCosigners,
	}
}

// cosignersOutput is the output of trust cosigners.
type cosignersOutput struct {
	DryRun    bool     `json:"dry_run"`
	Cosigners []string `json:"cosigners"` // folders
}

func (t *tool) trustCosigners(c *cli.Context) error {
	dirs := c.Args().Slice()
	if c.Bool("none") && len(dirs) > 0 {
		return ui.Usage("give one of them", "--none and folders contradict each other")
	}
	h, err := t.lookDesk(c)
	if err != nil {
		return err
	}
	defer h.Close()
	if c.Bool("none") || len(dirs) > 0 {
		if err := h.NameCosigners(dirs...); err != nil {
			return err
		}
	}
	out := cosignersOutput{h.DryRun, h.CosignerFolders()}
	if h.DryRun && (c.Bool("none") || len(dirs) > 0) {
		out.Cosigners = dirs
	}
	return t.term.Summary("trust cosigners", out, func(w io.Writer) error {
		for _, dir := range out.Cosigners {
			if _, err := fmt.Fprintln(w, ui.Clean(dir)); err != nil {
				return err
			}
		}
		if len(out.Cosigners) == 0 {
			_, err := fmt.Fprintln(w, "no cosigner folder is named")
			return err
		}
		return nil
	})
}
