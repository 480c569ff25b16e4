package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/cmd/internal/ui"
)

func trustSign(t *tool) *cli.Command {
	return &cli.Command{
		Name: "sign", Usage: "add this state's signature to a proposed list", ArgsUsage: "FILE",
		Description: "Read what it changes first: --dry-run prints that. The list must have this state's own keys as they are, and policies strong enough. " +
			"The signature is added in FILE itself, unless --out names another. One file goes round, or each state signs its copy and custody trust join gathers them: each signature changes the list's digest, and all desks pin the same one.",
		UsageText: "custody trust sign --dry-run common.trust\ncustody trust sign common.trust",
		Flags: []cli.Flag{
			&cli.PathFlag{Name: "out", DefaultText: "FILE itself", Usage: "write the signed list to another `FILE`"},
			forceFlag(), asFlag(), dryRunFlag(),
		},
		Action: t.trustSign,
	}
}

// proposedOutput is the output of trust propose and trust sign.
type proposedOutput struct {
	DryRun  bool            `json:"dry_run"`
	File    string          `json:"file"`
	Again   bool            `json:"again"` // this state had signed it before
	Changes []string        `json:"changes"`
	Signed  []string        `json:"signed"`
	Missing string          `json:"missing,omitempty"` // what it lacks to be pinned
	List    *trustlist.View `json:"list"`
}

func (t *tool) trustSign(c *cli.Context) (err error) {
	file := c.Args().First()
	if p := damagedStart(file); p != nil {
		return p
	}
	f, err := trustlist.ReadFile(file)
	if err != nil {
		return err
	}
	to, force := file, true
	if c.Path("out") != "" {
		to, force = c.Path("out"), c.Bool("force")
	}
	out, err := t.term.Output(to, ui.OutputOptions{Force: force})
	if err != nil {
		return err
	}
	defer out.Close()
	s, err := t.lookDesk(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	p, err := s.SignTrust(f)
	if err != nil {
		return err
	}
	return t.putProposed("trust sign", p, out, to, s.DryRun)
}

// putProposed writes the trust file and says what it changes and lacks.
func (t *tool) putProposed(verb string, p *desk.Proposed, out *ui.Output, to string, dry bool) error {
	done := proposedOutput{dry, to, p.Again, p.Changes, p.Signed, p.Missing, p.View}
	if !dry {
		b, err := p.File.Marshal()
		if err == nil {
			_, err = out.Write(b)
		}
		if err == nil {
			err = out.Commit()
		}
		if err != nil {
			return err
		}
	}
	return t.term.Summary(verb, done, done.text)
}

func (d proposedOutput) text(w io.Writer) error {
	fmt.Fprintf(w, "Trust list, version %d, against the pinned one\n", d.List.Version)
	for _, change := range d.Changes {
		fmt.Fprintf(w, "  %s\n", ui.Clean(change))
	}
	if d.DryRun {
		_, err := fmt.Fprintln(w, "nothing was signed or written")
		return err
	}
	fmt.Fprintf(w, "signed by %s\n", ui.Clean(strings.Join(d.Signed, ", ")))
	if d.Missing == "" {
		_, err := fmt.Fprintf(w, "Next: custody trust adopt %s\n", ui.Clean(d.File))
		return err
	}
	_, err := fmt.Fprintf(w, "missing: %s\nNext: the other states run custody trust sign %s\n", ui.Clean(d.Missing), ui.Clean(d.File))
	return err
}

func digestHex(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
