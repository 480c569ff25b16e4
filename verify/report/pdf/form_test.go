package pdf_test

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/rogpeppe/go-internal/txtar"

	"example.org/custody/evidence/mla"
	"example.org/custody/evidence/mla/paper"
	"example.org/custody/spec"
	"example.org/custody/verify/report/pdf"
)

// formPDF lays out the copy of a form for a side.
func formPDF(t *testing.T, f paper.Filled, side mla.Side) []byte {
	t.Helper()
	d, err := paper.New(mla.Builtin(), f, side, "", time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := pdf.WriteForm(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var (
	streams  = regexp.MustCompile(`(?s)stream\n(.*?)\nendstream`)
	literals = regexp.MustCompile(`(?s)\(((?:[^\\)]|\\.)*)\) ?Tj`)
)

// pdfText returns the text of a PDF of this package, page by page: literal strings
// in UTF-16 (ISO 32000-1, 7.3.4.2), in streams that are deflated.
func pdfText(t *testing.T, b []byte) (pages []string) {
	t.Helper()
	for _, m := range streams.FindAllSubmatch(b, -1) {
		r, err := zlib.NewReader(bytes.NewReader(m[1]))
		if err != nil {
			continue
		}
		content, err := io.ReadAll(r)
		if err != nil || !bytes.Contains(content, []byte(" Tf ET")) {
			continue
		}
		var page strings.Builder
		for _, s := range literals.FindAllSubmatch(content, -1) {
			page.WriteString(utf16Text(unescaped(s[1])) + " ")
		}
		pages = append(pages, page.String())
	}
	return pages
}

func unescaped(b []byte) (out []byte) {
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' && i+1 < len(b) {
			i++
			if b[i] == 'r' {
				out = append(out, '\r')
				continue
			}
		}
		out = append(out, b[i])
	}
	return out
}

func utf16Text(b []byte) string {
	var units []uint16
	for i := 0; i+1 < len(b); i += 2 {
		units = append(units, uint16(b[i])<<8|uint16(b[i+1]))
	}
	return string(utf16.Decode(units))
}

func completeForm(t *testing.T, form *mla.Form) (fields map[string]any) {
	t.Helper()
	id, _, _ := strings.Cut(string(form.Form), "/")
	b, err := spec.Vectors.ReadFile("vectors/form-" + id + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range txtar.Parse(b).Files {
		if file.Name == "complete.json" {
			if err := json.Unmarshal(file.Data, &fields); err != nil {
				t.Fatal(err)
			}
		}
	}
	return fields
}

// Every form is on paper, with sections, labels, boxes and answers; a draft says so
// on every page, and what was signed on none.
func TestWriteForm(t *testing.T) {
	count := 0
	for _, i := range mla.Builtin().Instruments() {
		for n := range i.Forms {
			form := &i.Forms[n]
			count++
			f := paper.Filled{Instrument: i, Form: form, Fields: completeForm(t, form)}
			b := formPDF(t, f, mla.Issuing)
			pages := pdfText(t, b)
			if len(pages) != len(pageCount.FindAll(b, -1)) {
				t.Fatalf("%s: text of %d pages of %d", form.ID, len(pages), len(pageCount.FindAll(b, -1)))
			}
			formIsThere(t, f, strings.Join(pages, " "))
			for _, page := range pages {
				if !strings.HasPrefix(page, "DRAFT · ") {
					t.Errorf("%s: a page of a draft begins with %.40s", form.ID, page)
				}
			}
			f.Signed = true
			if text := strings.Join(pdfText(t, formPDF(t, f, mla.Issuing)), " "); strings.Contains(text, "DRAFT") {
				t.Errorf("%s: signed, and a draft", form.ID)
			}
			if dir := os.Getenv("PDF_OUT"); dir != "" {
				if err := os.WriteFile(filepath.Join(dir, i.ID+"-"+form.ID+".pdf"), b, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if count < 16 {
		t.Errorf("%d forms", count)
	}
}

func formIsThere(t *testing.T, f paper.Filled, text string) {
	t.Helper()
	text = squeezed(text)
	pack, err := mla.Builtin().Pack(f.Form)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, s := range f.Form.Sections {
		want = append(want, "Section "+s.ID+": "+s.Title)
	}
	for _, field := range pack.AllFields() {
		want = append(want, field.Label)
		for _, v := range field.Values {
			want = append(want, map[bool]string{true: "☒ ", false: "☐ "}[ticked(f.Fields[field.Name], v.Code)]+v.Label)
		}
		if s, ok := f.Fields[field.Name].(string); ok && len(field.Values) == 0 {
			want = append(want, s)
		}
	}
	for _, w := range want {
		if !strings.Contains(text, squeezed(w)) {
			t.Errorf("%s: %q is not in the PDF", f.Form.ID, w)
		}
	}
}

// squeezed leaves out spaces: lines are broken anywhere.
func squeezed(s string) string { return strings.Join(strings.Fields(s), "") }

func ticked(v any, code string) bool {
	all, ok := v.([]any)
	return v == code || ok && slices.Contains(all, any(code))
}

// The PDF of a copy has nothing of a section that is for another side alone: its
// text is what the letters on it are, not what the file is searched for.
func TestFormLeavesOut(t *testing.T) {
	i, err := mla.Builtin().Instrument("e-evidence")
	if err != nil {
		t.Fatal(err)
	}
	form := i.FormFor("epoc")
	fields := completeForm(t, form)
	fields["m-summary"], fields["m-necessity"] = "apart one", "apart two"
	for _, side := range mla.Sides() {
		text := squeezed(strings.Join(pdfText(t, formPDF(t, paper.Filled{Instrument: i, Form: form, Fields: fields}, side)), " "))
		want := side == mla.Issuing || side == mla.Enforcing
		for _, apart := range []string{"apartone", "aparttwo", "SectionM", "Fortheenforcingauthorityonly"} {
			if strings.Contains(text, apart) != want {
				t.Errorf("copy for %s: %s is in it: %t", side, apart, !want)
			}
		}
		if !strings.Contains(text, "SectionL") {
			t.Errorf("copy for %s: no section L", side)
		}
	}
}

// A name that the fonts cannot set, or would set in the wrong order, is not set.
func TestFormOtherScripts(t *testing.T) {
	i, err := mla.Builtin().Instrument("eio")
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]any{"g1-summary": "said by سامي", "g1-stage": "account ७७१", "k-name": "Суд в Києві, Δικαστήριο, Sąd, 12/26"}
	text := squeezed(strings.Join(pdfText(t, formPDF(t, paper.Filled{Instrument: i, Form: i.FormFor("annex-a"), Fields: fields}, mla.Issuing)), " "))
	if strings.Contains(text, "saidby") || strings.Contains(text, "account७") || strings.Count(text, "inascriptthatthisPDFdoesnotset") != 2 {
		t.Error("a name in Arabic letters, or a number in Indian digits")
	}
	if !strings.Contains(text, squeezed(fields["k-name"].(string))) {
		t.Error("a name in Cyrillic and Greek letters is missing")
	}
}
