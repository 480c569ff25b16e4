package report_test

import (
	"bytes"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/evidence/asic"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/report"
)

// statement is the page that the packer of a world encloses.
func statement(t testing.TB, s subject) []byte {
	t.Helper()
	p, err := pack.Open(bytes.NewReader(s.raw), int64(len(s.raw)))
	if err != nil {
		t.Fatal(err)
	}
	var said verify.SenderVerdict
	if err := evidence.ParseCanonical(p.Verdict, &said); err != nil {
		t.Fatal(err)
	}
	page, err := report.Sender(&said)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// The page in a package is headed as what it is, and gives no verdict (rule P16).
func TestSenderIsAStatement(t *testing.T) {
	page := string(statement(t, worlds["holds"](t)))
	seen := visible(t, page)
	for _, want := range []string{"<h1>Statement of the sender</h1>", "<title>Statement of the sender</title>", `class="lead sender"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if !strings.Contains(seen, "It is not a verdict") || strings.Contains(seen, "Verdict on evidence") {
		t.Error("the page does not say that it is no verdict")
	}
	lead, _, _ := strings.Cut(page, "</section>")
	if strings.Contains(lead, "HOLDS") {
		t.Error("the statement begins with a result")
	}
}

// However many items a package has, its reader takes the page: what
// [asic.PackageSize] allows is not passed.
func TestSenderStaysBelowTheLimit(t *testing.T) {
	s := worlds["several"](t)
	heavy := s.v.Items[3]
	for i := range heavy.Questions {
		q := &heavy.Questions[i]
		for range 60 {
			q.Findings = append(q.Findings, verify.Finding{Check: "signature", Status: verify.Fails, Proof: verify.Proof{"payload": strings.Repeat("é&<", 3000)}})
		}
	}
	for name, c := range map[string]struct {
		item  verify.ItemVerdict
		count int
	}{"many items": {s.v.Items[0], pack.MaxItems}, "long failures": {heavy, 220}} {
		items := make([]verify.ItemVerdict, c.count)
		for i := range items {
			items[i] = c.item
		}
		page, err := report.Statement(&verify.Verdict{Items: items, Package: &verify.PackageFacts{Packed: "2026-11-24T10:00:00Z"}, Trust: s.v.Trust})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if limit := asic.PackageSize(pack.ReportName); int64(len(page)) > limit {
			t.Errorf("%s: %d bytes, more than %d", name, len(page), limit)
		}
		if n := bytes.Count(page, []byte(`<li class="finding`)); name == "long failures" && (n != 1000 || len(page) > 10<<20 || bytes.Count(page, []byte(`class="item"`)) != 200) {
			t.Errorf("%d findings in %d bytes about %d items", n, len(page), bytes.Count(page, []byte(`class="item"`)))
		}
		if !bytes.HasSuffix(page, []byte("</html>\n")) && !bytes.HasSuffix(page, []byte("</html>")) {
			t.Errorf("%s: the page is not whole", name)
		}
	}
}
