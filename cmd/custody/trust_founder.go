package main

import (
	"errors"
	"io"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
)

func trustFounder(t *tool) *cli.Command {
	return &cli.Command{
		Name: "founder", Usage: "write what this desk's state brings to a trust list",
		Description: "The file has the state's list key, its ledger's key, its witness's and its auditor's key and its authority's certificate, and is signed by the list key. " +
			"It holds no secret. Compare the digest that is printed with the receiver by another way.\n\n" +
			"Of a state that is listed already it brings new cosigners: after a restore, with --new-cosigner, because a backup holds none. " +
			"They count from the list that names them on; what the old ones signed before still counts.",
		UsageText: "custody trust founder --out bb.founder\ncustody trust founder --new-cosigner --out bb.founder",
		Flags: []cli.Flag{
			&cli.PathFlag{Name: "out", Required: true, Usage: "the `FILE` to write"},
			&cli.BoolFlag{Name: "new-cosigner", Usage: "make the witness's and the auditor's keys that the desk lacks"},
			forceFlag(), asFlag(), dryRunFlag(),
		},
		Action: t.trustFounder,
	}
}

// founderOutput is the output of trust founder.
type founderOutput struct {
	DryRun    bool   `json:"dry_run"`
	File      string `json:"file"`
	SHA256    string `json:"sha256"`
	State     string `json:"state"`
	Key       string `json:"key"`
	Log       string `json:"log"`
	Witness   string `json:"witness"`
	Auditor   string `json:"auditor"`
	Authority string `json:"authority"` // SHA-256 of the certificate's DER
}

func (t *tool) trustFounder(c *cli.Context) (err error) {
	out, err := t.term.Output(c.Path("out"), ui.OutputOptions{Force: c.Bool("force")})
	if err != nil {
		return err
	}
	defer out.Close()
	s, err := t.founderDesk(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	b, f, err := s.FounderFile()
	if err != nil {
		return err
	}
	done := founderOutput{s.DryRun, c.Path("out"), digestHex(b), f.State, f.Key.String(), f.Log.String(), f.Witness.String(), f.Auditor.String(), f.Authority.Hex()}
	if !s.DryRun {
		if _, err := out.Write(b); err != nil {
			return err
		}
		if err := out.Commit(); err != nil {
			return err
		}
	}
	return t.term.Summary("trust founder", done, func(w io.Writer) error {
		return writeRows(w, [][2]string{{"state", done.State}, {"ledger", f.Log.Name()}, {"sha256", done.SHA256}, {"file", done.File}})
	})
}

// founderDesk opens the desk, and makes its cosigner's keys if that was asked.
func (t *tool) founderDesk(c *cli.Context) (*desk.Session, error) {
	if !c.Bool("new-cosigner") {
		return t.lookDesk(c)
	}
	if c.Bool("dry-run") {
		return nil, ui.Usage("custody trust founder --new-cosigner --out FILE", "--dry-run and --new-cosigner: keys that are not made cannot be shown")
	}
	s, err := t.openDesk(c)
	if err != nil {
		return nil, err
	}
	if err := s.NewCosigner(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}
