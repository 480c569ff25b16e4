package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/signing/tsa"
	"example.org/custody/verify"
)

// codeStampOrder reports a token that would contradict the package.
const codeStampOrder ui.Code = "E-TIMESTAMP-ORDER"

var _ = ui.Register(ui.Entry{Code: codeStampOrder, Title: "A timestamp older than the package",
	Means: "no package was written; the package is as good as it was, and one of the clocks is wrong: the authority's, or that of whoever packed or stamped it",
	Do:    []string{"wait until the time that the package says is over", "ask another timestamp authority", "custody doctor --tsa URL compares the authority's clock with this one"},
	For:   []error{desk.ErrStampOrder}})

// renewVerb is `custody renew FILE`.
func renewVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name:      "renew",
		Category:  groupKeep,
		Usage:     "add an archive timestamp to a package before certificates end or digests grow weak",
		ArgsUsage: "FILE",
		UsageText: "custody renew --trust trust.note --tsa https://time.aa.example/tsr --out package-2036.asice package.asice",
		Description: "A timestamp authority, which the trust list must name, says that the whole package as it stands was there, by SHA-512. " +
			"Everything in the package stays as it is; the new file has the archive timestamp behind it, and the old file is left alone. " +
			"It can be done again and again, by anybody who has the package: each archive timestamp is over those before it.\n\n" +
			"Do it while the certificate of the last timestamp is valid; custody verify says until when that was so. " +
			"A package that is proven not authentic is not renewed.",
		Flags: []cli.Flag{
			trustFlag(),
			&cli.StringFlag{Name: "tsa", Required: true, Usage: "the timestamp authority at this `URL`"},
			&cli.PathFlag{Name: "out", Required: true, Usage: "the package to write, `FILE.asice`"},
			dryRunFlag(), forceFlag(),
		},
		Action: func(c *cli.Context) error {
			return t.renew(c.Context, renewing{file: c.Args().First(), trust: c.Path("trust"), tsa: c.String("tsa"), out: c.Path("out"), force: c.Bool("force"), dry: c.Bool("dry-run")})
		},
	}
}

// renewing is what `custody renew` was asked.
type renewing struct {
	file, trust, tsa, out string
	force, dry            bool
}

// renew verifies a package and, unless it is proven false, writes it with one more
// archive timestamp.
func (t *tool) renew(ctx context.Context, in renewing) error {
	if err := tsa.CheckURL(in.tsa); err != nil {
		return ui.Usage("write it like https://time.aa.example/tsr", "--tsa: %v", err)
	}
	if !in.force { // refused later as well; here before everything is read
		if err := t.checkOutput(in.out); err != nil {
			return err
		}
	}
	root, err := t.root(in.trust)
	if err != nil {
		return err
	}
	if root.List == nil {
		return trustlist.ErrNone
	}
	f, size, err := openRegular(in.file)
	if err != nil {
		return err
	}
	defer f.Close()
	bar := t.term.Progress()
	defer bar.Close()
	v, p, err := verify.File(ctx, f, size, root, verify.Options{Progress: barOf(bar, "verifying")})
	if err != nil {
		return err
	}
	if p == nil || v.Exit == verify.ExitFails {
		return fmt.Errorf("nothing was renewed: %w", verifyResult{Verdict: v, File: in.file}.problem())
	}
	if in.dry {
		return t.renewPlan(in, len(p.Archives())+1)
	}
	done, err := desk.Renew(ctx, desk.Renewing{Package: p, Out: in.out, Force: in.force, List: root.List, Stamp: tsa.Client{URL: in.tsa, Now: now}, Progress: bar})
	if err != nil {
		return err
	}
	bar.Close()
	return t.term.Summary("renew", done, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s: archive timestamp %d, %s\nThe authority's certificate is valid until %s: renew again before then.\nNext: custody verify %s\n",
			ui.Clean(done.File), done.Archive, done.Stamped.Format(time.RFC3339), done.Ends.Format(time.DateOnly), ui.Clean(done.File))
		return err
	})
}

// renewPlan says what would be done.
func (t *tool) renewPlan(in renewing, n int) error {
	plan := struct {
		DryRun  bool   `json:"dry_run"`
		File    string `json:"file"`
		Archive int    `json:"archive"`
	}{true, in.out, n}
	return t.term.Summary("renew", plan, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s would be %s with archive timestamp %d; nobody was asked and nothing was written\n", ui.Clean(in.out), ui.Clean(in.file), n)
		return err
	})
}
