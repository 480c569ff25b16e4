package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/report/certificate"
	"example.org/custody/verify/report/pdf"
)

const codeStatement ui.Code = "E-STATEMENT"

var _ = ui.Register(ui.Entry{Code: codeStatement, Class: ui.ErrUndecided, Title: "This statement cannot be drafted of this package",
	Means: "no statement was written: it would have said what the package does not prove",
	Do:    []string{"custody verify FILE says which question does not hold, and why"},
	For:   []error{certificate.ErrOpen}})

// convertedCertificate is what `custody convert --certificate` prints.
type convertedCertificate struct {
	Certificate string            `json:"certificate"` // "<id>/<version>"
	File        string            `json:"file"`
	PDF         string            `json:"pdf"`
	Trust       verify.TrustFacts `json:"trust"`
}

// convertCertificate verifies a package and drafts a statement that a person is to make.
func (t *tool) convertCertificate(ctx context.Context, in verifying, id string) error {
	if !strings.HasSuffix(in.report, ".pdf") {
		return ui.Usage("give a name that ends in .pdf", "--certificate writes a PDF, and %q has another ending", in.report)
	}
	out, err := t.term.Output(in.report, ui.OutputOptions{Inputs: []string{in.file, in.trust}})
	if err != nil {
		return err
	}
	defer out.Close()
	v, p, root, err := t.verdictOf(ctx, in)
	if err != nil {
		return err
	}
	if refused := (verifyResult{Verdict: v, File: in.file}).problem(); refused != nil {
		return fmt.Errorf("nothing was written: %w", refused)
	}
	o := t.reportOptions(in, p, root)
	o.File, o.List = filepath.Base(o.File), filepath.Base(o.List)
	d, err := certificate.New(id, v, o, inventoryOf(p))
	if err != nil {
		return err
	}
	if err := pdf.WriteCertificate(out, d); err != nil {
		return err
	}
	if err := out.Commit(); err != nil {
		return err
	}
	t.term.Say("It is a draft: a qualified person completes what stands in brackets, and signs.")
	return t.term.Summary("convert", convertedCertificate{d.Form, in.file, in.report, v.Trust}, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s: draft of the %s about %s\n", ui.Clean(in.report), strings.ToLower(d.Title[:1])+d.Title[1:], ui.Clean(in.file))
		return err
	})
}

// inventoryOf is the digest that the manifest lists of the inventory.
func inventoryOf(p *pack.Package) evidence.Hash {
	e, _ := p.Entry(pack.InventoryName) // a package that holds has one
	return e.Digest
}
