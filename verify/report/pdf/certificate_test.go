package pdf_test

import (
	"bytes"
	"strings"
	"testing"

	"example.org/custody/verify/report"
	"example.org/custody/verify/report/certificate"
	"example.org/custody/verify/report/pdf"
)

// A statement on paper has all its parts, and says on every page that it is a draft.
func TestWriteCertificate(t *testing.T) {
	d := &certificate.Document{
		Form: "hash/1", Language: "en", Title: "Certificate of digests", Law: "A general form.", Draft: "DRAFT", Note: "Nobody has made it.",
		Parts: []certificate.Part{{Text: "I, [full name], state:"}, {Heading: "Item one"}},
	}
	table := &report.Table{Caption: "Files", Head: []string{"File", "SHA-256"}}
	for range 200 {
		table.Rows = append(table.Rows, []report.Cell{{Text: "a.txt"}, {Text: strings.Repeat("0", 64), Code: true}})
	}
	d.Parts = append(d.Parts, certificate.Part{Table: table}, certificate.Part{Text: "Signature: [signature]"})
	var b bytes.Buffer
	if err := pdf.WriteCertificate(&b, d); err != nil {
		t.Fatal(err)
	}
	pages := pdfText(t, b.Bytes())
	if len(pages) < 3 {
		t.Fatalf("%d pages", len(pages))
	}
	for _, page := range pages {
		if !strings.HasPrefix(page, "DRAFT · Certificate of digests") {
			t.Errorf("a page begins with %.60s", page)
		}
	}
	whole := squeezed(strings.Join(pages, " "))
	for _, want := range []string{"Nobody has made it.", "A general form.", "I, [full name], state:", "Item one", "Files", "SHA-256: 000", "Signature: [signature]", "hash/1"} {
		if !strings.Contains(whole, squeezed(want)) {
			t.Errorf("no %q", want)
		}
	}
}
