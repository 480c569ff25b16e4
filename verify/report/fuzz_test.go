package report_test

import (
	"bytes"
	"fmt"
	"testing"
	"unicode"
	"unicode/utf8"

	"example.org/custody/evidence"
	"example.org/custody/verify"
	"example.org/custody/verify/report"
)

// FuzzEscaping puts any text in every place of a verdict that holds one. The
// page has the same tags as with a plain word, whatever the text; neither layout
// lets through what a reader cannot see.
func FuzzEscaping(f *testing.F) {
	for _, s := range []string{
		"plain", hostile, "", "<", "</style><script>", "\x00\xff", "\u202e\u2066", "{{.}}", "]]>", "-->", "'\"`", "\\", "%s%d%!", "a\nb",
		"{\"a\":[1,\"<b>\"]}", "[", "rests on a of b, which fails", "GAP-SEAL: x", "&lt;", "0123456789abcdef", "\u2028", "javascript:x",
	} {
		f.Add(s)
	}
	want := skeleton(f, verdictOf("word"), "word")
	f.Fuzz(func(t *testing.T, s string) {
		if got := skeleton(t, verdictOf(s), s); got != want {
			t.Errorf("%q changes the tags of the page", s)
		}
		var b bytes.Buffer
		if err := report.Text(&b, verdictOf(s), report.Options{All: true, ByHand: true, File: s, List: s}); err != nil {
			t.Fatal(err)
		}
		onlyVisible(t, b.String())
	})
}

// skeleton is the tags of a page, in order, without what they hold.
func skeleton(t testing.TB, v *verify.Verdict, s string) string {
	var b bytes.Buffer
	if err := report.HTML(&b, v, report.Options{File: s + "x", List: s + "x"}); err != nil {
		t.Fatal(err)
	}
	onlyVisible(t, b.String())
	var out bytes.Buffer
	for _, x := range tags(t, b.String()) {
		if x.name != "text" { // of a picture there are as many as its lines are
			fmt.Fprint(&out, x.close, x.name, len(x.attr), " ")
		}
	}
	return out.String()
}

func onlyVisible(t testing.TB, out string) {
	t.Helper()
	if !utf8.ValidString(out) {
		t.Fatal("not UTF-8")
	}
	for _, r := range out {
		if unicode.IsControl(r) && r != '\n' || unicode.Is(unicode.Cf, r) && r != 0x200c && r != 0x200d || unicode.In(r, unicode.Zl, unicode.Zp) {
			t.Fatalf("lets %U through", r)
		}
	}
}

// verdictOf has the text wherever a verdict has one.
func verdictOf(s string) *verify.Verdict {
	id := evidence.ItemID{1}
	finding := func(status verify.Status) verify.Finding {
		return verify.Finding{Check: s + "x", Detail: "x" + s, Proof: verify.Proof{"name": s}, Spec: s, Status: status, Subject: s}
	}
	v := &verify.Verdict{
		Container: []verify.Finding{finding(verify.Fails), finding(verify.Holds)}, Exit: verify.ExitFails, Sentence: s, Status: verify.Fails,
		Package: &verify.PackageFacts{Manifest: s, Packed: s, To: s + "x", Signers: []string{s}}, Trust: verify.TrustFacts{SHA256: s + "x", Source: verify.SourceGiven, Version: 1},
	}
	item := verify.ItemVerdict{Item: id, Timeline: []verify.Span{{Custodian: "x" + s, From: s, To: s, Key: s + "of twelve letters", Kind: "held"}, {Kind: "k" + s}}}
	for n := 1; n <= 10; n++ {
		item.Questions = append(item.Questions, verify.Question{
			N: n, ByHand: s + "x", Facts: []verify.Fact{{Name: s, Value: s}}, Sentence: s, Status: verify.Fails,
			Findings: []verify.Finding{finding(verify.Fails), finding(verify.Undecided), finding(verify.Holds), finding(verify.NotApplicable), {Check: "custody.gap", Detail: s + ": x", Status: verify.Undecided, Subject: s}},
		})
	}
	v.Items = []verify.ItemVerdict{item}
	return v
}
