package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk/copies"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/verify"
	"example.org/custody/verify/report/certificate"
)

// convertVerb is `custody convert FILE`.
func convertVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name:      "convert",
		Category:  groupProve,
		Usage:     "write a package's evidence in a form that an office takes, only after it verifies",
		ArgsUsage: "FILE",
		UsageText: "custody convert --bagit --trust trust.note --out bag package.asice\n" +
			"custody convert --pdf --trust trust.note --out answers.pdf package.asice\n" +
			"custody convert --certificate continuity --trust trust.note --out statement.pdf package.asice",
		Description: "The package is verified first, as custody verify does; unless everything required holds, nothing is written. " +
			"With --bagit the evidence copies become a BagIt bag (RFC 8493), with SHA-256 and SHA-512 and with what the package says of them. " +
			"A bag shows damage and proves nothing else: keep the package with it.\n\n" +
			"With --pdf the ten answers become a document for paper, with what was found of every file. It proves nothing by itself either.\n\n" +
			"With --certificate a statement that a court asks a person to make is drafted as a PDF, in English: what the package proves is filled in, what only a person can say stands in brackets. " +
			"Whoever signs it answers for it.",
		Flags: []cli.Flag{
			trustFlag(), identityFlag(),
			&cli.BoolFlag{Name: "bagit", Usage: "a BagIt bag"},
			&cli.BoolFlag{Name: "pdf", Usage: "the answers as a PDF"},
			choiceFlag("certificate", "the draft of a `STATEMENT`: "+strings.Join(certificate.IDs(), ", "), append([]string{""}, certificate.IDs()...)...),
			&cli.PathFlag{Name: "out", Required: true, Usage: "the `PATH` to make: a folder for a bag, or FILE.pdf"},
			&cli.StringFlag{Name: "item", Usage: "take one item only into a bag, the `ID` or its beginning"},
			langFlag(),
		},
		Action: func(c *cli.Context) error {
			id, forms := c.String("certificate"), 0
			for _, named := range []bool{c.Bool("bagit"), c.Bool("pdf"), id != ""} {
				if named {
					forms++
				}
			}
			switch {
			case forms != 1:
				return ui.Usage("say --bagit, --pdf or --certificate STATEMENT", "one form to convert to has to be named, and no more")
			case c.Bool("pdf"):
				return t.convertPDF(c.Context, readPDF(c))
			case id != "":
				return t.convertCertificate(c.Context, readPDF(c), id)
			}
			return t.convert(c.Context, opening{file: c.Args().First(), trust: c.Path("trust"), out: c.Path("out"), item: c.String("item"), identity: c.Path("identity")})
		},
	}
}

// converted is what `custody convert` prints.
type converted struct {
	*copies.Bagged
	File  string            `json:"file"`
	Trust verify.TrustFacts `json:"trust"`
}

// convert verifies a package and makes a bag of its evidence copies.
func (t *tool) convert(ctx context.Context, in opening) error {
	return t.takeOut(ctx, in, func(x copies.Extraction, v *verify.Verdict) (func() error, error) {
		out, err := copies.Bag(ctx, x)
		return func() error {
			t.sayExtracted(out.Extracted, v)
			return t.term.Summary("convert", converted{out, in.file, v.Trust}, func(w io.Writer) error { return writeExtracted(w, out.Extracted) })
		}, err
	})
}

// readPDF reads what a PDF is asked to be: a report of a verification.
func readPDF(c *cli.Context) verifying {
	return verifying{file: c.Args().First(), trust: c.Path("trust"), identity: c.Path("identity"), report: c.Path("out"), lang: c.String("lang")}
}

// convertedPDF is what `custody convert --pdf` prints.
type convertedPDF struct {
	File  string            `json:"file"`
	PDF   string            `json:"pdf"`
	Trust verify.TrustFacts `json:"trust"`
}

// convertPDF verifies a package and writes the answers for paper.
func (t *tool) convertPDF(ctx context.Context, in verifying) error {
	if !strings.HasSuffix(in.report, ".pdf") {
		return ui.Usage("give a name that ends in .pdf", "--pdf writes a PDF, and %q has another ending", in.report)
	}
	page, err := t.reportOutput(in)
	if err != nil {
		return err
	}
	defer page.Close()
	v, p, root, err := t.verdictOf(ctx, in)
	if err != nil {
		return err
	}
	if refused := (verifyResult{Verdict: v, File: in.file}).problem(); refused != nil {
		return fmt.Errorf("nothing was written: %w", refused)
	}
	if err := page.write(v, t.reportOptions(in, p, root)); err != nil {
		return err
	}
	return t.term.Summary("convert", convertedPDF{in.file, in.report, v.Trust}, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s: the answers about %s\n", ui.Clean(in.report), ui.Clean(in.file))
		return err
	})
}
