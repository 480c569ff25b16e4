package pdf_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/verify"
	"example.org/custody/verify/report"
	"example.org/custody/verify/report/pdf"
	"example.org/custody/verify/verifytest"
)

// subject is a verdict with what a report adds to it.
func subject(t *testing.T, items int, list bool) (*verify.Verdict, report.Options) {
	t.Helper()
	w := verifytest.New(verifytest.Config{})
	ann, bob := w.State("AA").Enrol(evidence.RoleCollector), w.State("BB").Enrol(evidence.RoleExaminer)
	var all []*verifytest.Item
	var files [][]verifytest.File
	for range items {
		f := []verifytest.File{{Path: "statement 𝔘 — Ґава.txt", Content: []byte("I saw the van at nine.\n")}}
		i := ann.Collect(verifytest.Record{Files: f, Fields: map[string]any{"label": strings.Repeat("a long label ", 30), "exhibit": "E-17"}})
		i.Offer(ann, bob)
		w.Tick(72 * time.Hour)
		i.Accept(bob)
		all, files = append(all, i), append(files, f)
	}
	b := w.Package(verifytest.Packing{By: bob, Items: all, Files: files, To: "KLA-2026/5"})
	root := w.Trust()
	if !list {
		root = verify.Trust{Source: verify.SourceNone}
	}
	v, p, err := verify.File(t.Context(), bytes.NewReader(b), int64(len(b)), root, verify.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return v, report.Options{Dossier: p.Dossier, File: "package.asice", List: "trust.note"}
}

var pageCount = regexp.MustCompile(`/Type /Page\n`)

// A report in every language that is written from left to right: the summary is
// one page, and the rest follows.
func TestWrite(t *testing.T) {
	for name, make := range map[string]func() (*verify.Verdict, report.Options){
		"holds or gaps": func() (*verify.Verdict, report.Options) { return subject(t, 1, true) },
		"no list":       func() (*verify.Verdict, report.Options) { return subject(t, 1, false) },
		"twenty items":  func() (*verify.Verdict, report.Options) { return subject(t, 20, true) },
	} {
		v, o := make()
		for _, l := range report.Languages() {
			o.Language = l.Code
			var first bytes.Buffer
			err := pdf.Write(&first, v, o)
			if l.Direction == "rtl" {
				if !errors.Is(err, pdf.ErrDirection) || first.Len() > 0 {
					t.Errorf("%s, %s: %v, %d bytes", name, l.Code, err, first.Len())
				}
				continue
			}
			if err != nil {
				t.Fatalf("%s, %s: %v", name, l.Code, err)
			}
			if y := pdf.SummaryEnd(v, o); y > 297-18 {
				t.Errorf("%s, %s: the summary ends at %.0f mm", name, l.Code, y)
			}
			if cut := pdf.CutFacts(v, o); cut != nil {
				t.Errorf("%s, %s: cut on the summary: %q", name, l.Code, cut)
			}
			if n := len(pageCount.FindAll(first.Bytes(), -1)); n < 3 {
				t.Errorf("%s, %s: %d pages", name, l.Code, n)
			}
			if dir := os.Getenv("PDF_OUT"); dir != "" {
				if err := os.WriteFile(filepath.Join(dir, name+"-"+l.Code+".pdf"), first.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}
