package main

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"example.org/custody/cmd/internal/desk/copies"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
	courtreport "example.org/custody/verify/report"
	"example.org/custody/verify/report/pdf"
)

// reportPage is the page that `custody verify --report` writes, or none.
type reportPage struct {
	out  *ui.Output
	form func(io.Writer, *verify.Verdict, courtreport.Options) error
}

// reportOutput finds out before anything is read whether the page can be written.
func (t *tool) reportOutput(in verifying) (*reportPage, error) {
	if in.report == "" {
		return &reportPage{}, nil
	}
	out, err := t.term.Output(in.report, ui.OutputOptions{Force: in.force, Inputs: []string{in.file, in.trust}})
	form := courtreport.HTML
	if strings.HasSuffix(in.report, ".pdf") {
		form = pdf.Write
	}
	return &reportPage{out, form}, err
}

// write writes the page.
func (p *reportPage) write(v *verify.Verdict, o courtreport.Options) error {
	if p.out == nil {
		return nil
	}
	o.File, o.List = filepath.Base(o.File), filepath.Base(o.List) // a page goes to others, who have other folders
	if err := p.form(p.out, v, o); err != nil {
		return err
	}
	return p.out.Commit()
}

// Close removes what was not finished.
func (p *reportPage) Close() error {
	if p.out == nil {
		return nil
	}
	return p.out.Close()
}

// reportOptions are what both forms of the report are told beside the verdict.
func (t *tool) reportOptions(in verifying, p *pack.Package, root verify.Trust) courtreport.Options {
	o := courtreport.Options{Language: in.lang, File: in.file, List: t.listFile(in, root), ByHand: in.explain, All: in.explain, Width: min(t.term.OutWidth(), lineWidth)}
	if p != nil {
		o.Dossier = p.Dossier
	}
	if root.List != nil {
		o.Require = root.List.Require
	}
	o.Style = t.look
	return o
}

// listFile is the file that the trust list was read from.
func (t *tool) listFile(in verifying, root verify.Trust) string {
	if root.Source == verify.SourcePinned {
		return filepath.Join(t.home, "trust", "list.note")
	}
	return in.trust
}

// look colours a piece of the report.
func (t *tool) look(l courtreport.Look, s string) string {
	switch l {
	case courtreport.LookHeading:
		return t.term.Heading(s)
	case courtreport.LookHolds:
		return t.term.Painted(ui.Holds, s)
	case courtreport.LookFails:
		return t.term.Painted(ui.Fails, s)
	case courtreport.LookUndecided:
		return t.term.Painted(ui.Undecided, s)
	}
	return t.term.Painted(ui.NotApplicable, s)
}

// writeVerdict prints the verdict for people, and what else was asked for.
func (r verifyResult) write(w io.Writer, o courtreport.Options) error {
	if err := courtreport.Text(w, r.Verdict, o); err != nil {
		return err
	}
	if err := r.writeCourt(w); err != nil {
		return err
	}
	if r.Against != nil {
		if err := writeComparison(w, r.Against); err != nil {
			return err
		}
	}
	if r.Report != "" {
		if _, err := fmt.Fprintf(w, "\nReport written to %s\n", ui.Clean(r.Report)); err != nil {
			return err
		}
	}
	if r.Steps == "" {
		return nil
	}
	_, err := io.WriteString(w, "\n"+r.Steps)
	return err
}

// steps returns every hash step of a verdict, as a script that redoes them.
func steps(d *pack.Dossier, root verify.Trust) (string, error) {
	var b bytes.Buffer
	err := courtreport.Explain(&b, d, root)
	return b.String(), err
}

// writeComparison prints how the reader's own files stand to the record.
func writeComparison(w io.Writer, c *copies.Comparison) error {
	table := ui.NewTable("Result", "Your file", "Recorded as", "What differs")
	for _, f := range c.Files {
		recorded := f.File
		if f.Recorded != "" {
			recorded += " " + f.Recorded
		}
		table.Row(string(f.Result), f.Path, recorded, f.Detail)
	}
	if _, err := fmt.Fprintf(w, "\nYour own copy, %s\n", ui.Clean(c.Path)); err != nil {
		return err
	}
	return table.Write(w)
}
