package report_test

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"example.org/custody/verify"
	"example.org/custody/verify/report"
	"example.org/custody/verify/report/plain"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files again")

// Golden files, with digests and keys numbered, so that they show words and
// layout and not the values of a world.
func TestGolden(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(worlds)) {
		s := worlds[name](t)
		golden(t, name+".txt", text(t, s, s.o))
		switch name {
		case "holds":
			o := s.o
			o.All, o.ByHand, o.Width = true, true, 100
			golden(t, "holds-all.txt", text(t, s, o))
			golden(t, "sender.html", string(statement(t, s)))
		case "fails", "gaps", "several", "withheld":
			golden(t, name+".html", html(t, s))
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	got = numbered(got)
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s differs; look at it and run with -update:\n%s", name, d)
	}
}

// numbered puts for every run of 12 and more hexadecimal digits its number, as
// long as before.
func numbered(s string) string {
	seen := map[string]int{}
	return regexp.MustCompile(`\b[0-9a-f]{12,}\b`).ReplaceAllStringFunc(s, func(h string) string {
		n, ok := seen[h[:12]]
		if !ok {
			n = len(seen) + 1
			seen[h[:12]] = n
		}
		return fmt.Sprintf("%012d", n) + strings.Repeat("0", len(h)-12)
	})
}

// Every layout shows every word of the document, in its order.
func TestLayoutsShowEveryWord(t *testing.T) {
	for name, world := range worlds {
		s := world(t)
		var words []string
		report.New(s.v, s.o).Walk(func(w string) { words = append(words, w) })
		o := s.o
		o.All, o.ByHand, o.Width = true, true, 1<<20
		if w, missing := inOrder(words[1:], text(t, s, o)); missing { // the terminal has no title
			t.Errorf("%s: the text lacks %q, or has it elsewhere", name, w)
		}
		if w, missing := inOrder(words, visible(t, html(t, s))); missing {
			t.Errorf("%s: the page lacks %q, or has it elsewhere", name, w)
		}
	}
}

// inOrder returns the first of the words that text does not have after those
// before it. White space counts as one space.
func inOrder(words []string, text string) (string, bool) {
	text = strings.Join(strings.Fields(text), " ")
	for _, w := range words {
		_, rest, ok := strings.Cut(text, strings.Join(strings.Fields(w), " "))
		if !ok {
			return w, true
		}
		text = rest
	}
	return "", false
}

// The verdict comes first, the count last.
func TestFirstAndLastLine(t *testing.T) {
	for name, want := range map[string][2]string{
		"holds":     {"✓ HOLDS  Every required question holds for 1 item.", "1 item, 4 events: every check holds"},
		"fails":     {"✗ FAILS  Proven not authentic as shown. The copy enclosed is not what was", "1 item, 3 events: "},
		"undecided": {"? UNDECIDED  Could not be decided. No trust list was given, so there is nobody", "1 item, 4 events: "},
		"withheld":  {"✓ HOLDS  Every required question holds for 1 item.", "1 item, 4 events: every "},
		"gaps":      {"? UNDECIDED  Could not be decided. A gap: the numbers of the physical seals do", "1 item, 3 events: 2 checks are undecided, none fails"},
		"container": {"? UNDECIDED  Could not be decided. The end of the file is missing, so nothing in", "0 items, 0 events: 1 check is undecided, none fails"},
		"alone":     {"? UNDECIDED  Could not be decided. The ledger stands on the word of one state", "1 item, 1 event: "},
		"required":  {"? UNDECIDED  Could not be decided. Was it gathered to the agreed standard?", "1 item, 1 event: nothing fails, and a required question is not answered"},
	} {
		s := worlds[name](t)
		lines := strings.Split(strings.TrimSpace(text(t, s, s.o)), "\n")
		if first := lines[0]; first != want[0] {
			t.Errorf("%s begins %q, want %q", name, first, want[0])
		}
		if last := lines[len(lines)-1]; !strings.HasPrefix(last, want[1]) {
			t.Errorf("%s ends %q, want %q", name, last, want[1])
		}
	}
}

// A ledger that stands alone is one reason, with advice of its own.
func TestAloneIsOneReason(t *testing.T) {
	s := worlds["alone"](t)
	out := strings.Join(strings.Fields(text(t, s, s.o)), " ")
	why, _, _ := strings.Cut(out, "What this was checked against")
	if strings.Count(why, "? UNDECIDED") != 2 || !strings.Contains(why, "→ Ask for a trust list under which other states vouch for this ledger") {
		t.Errorf("the reasons are: %s", why)
	}
}

// The trust list's version, digest and origin stand in every output (rule P10).
func TestEveryOutputNamesTheTrustList(t *testing.T) {
	s := worlds["holds"](t)
	for source, want := range map[verify.Source]string{
		verify.SourceGiven: "named by the reader for this check: trust.note", verify.SourcePinned: "the reader's own, kept from before: trust.note",
	} {
		s.v.Trust.Source = source
		for kind, out := range map[string]string{"text": text(t, s, wide(s.o)), "page": visible(t, html(t, s))} {
			for _, w := range []string{"version 1", s.v.Trust.SHA256, want} {
				if !strings.Contains(out, w) {
					t.Errorf("%s under a list that is %s does not say %q", kind, source, w)
				}
			}
		}
	}
	s = worlds["undecided"](t)
	if out := text(t, s, wide(s.o)); !strings.Contains(out, "Trust list          none") && !strings.Contains(out, "nobody gave one") {
		t.Error("the text does not say that there is no list")
	}
}

// A newer list from the package, and a timestamp, are named as what they are.
func TestBasisNamesRootAndTimestamp(t *testing.T) {
	v := *worlds["holds"](t).v
	v.Trust.Root = &verify.TrustRoot{SHA256: strings.Repeat("ab", 32), Version: 41}
	p := *v.Package
	p.Stamped = "2026-11-24T11:22:33Z"
	v.Package = &p
	var b bytes.Buffer
	if err := report.Text(&b, &v, wide(report.Options{})); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"proven from the reader's own list", "version 41", strings.Repeat("ab", 32), "by a timestamp authority", "2026-11-24T11:22:33Z"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the report does not say %q", want)
		}
	}
}

func TestNoLineIsTooLong(t *testing.T) {
	for name, world := range worlds {
		s := world(t)
		for _, width := range []int{1, 40, 80, 132} {
			for _, all := range []bool{false, true} {
				o := s.o
				o.Width, o.All, o.ByHand = width, all, all
				for line := range strings.Lines(text(t, s, o)) {
					if n := plain.Width(strings.TrimRight(line, "\n")); n > max(width, 40) {
						t.Errorf("%s at %d columns: %d: %s", name, width, n, line)
					}
				}
			}
		}
	}
}

// The style hook colours; it neither adds nor takes a word.
func TestStyleLeavesTheWords(t *testing.T) {
	used := map[report.Look]bool{}
	for name, world := range worlds {
		s := world(t)
		o := s.o
		o.Style = func(look report.Look, text string) string {
			used[look] = true
			return fmt.Sprintf("\x1b[%dm%s\x1b[0m", 30+look, text)
		}
		styled := regexp.MustCompile("\x1b\\[[0-9]+m").ReplaceAllString(text(t, s, o), "")
		if d := cmp.Diff(trimmed(text(t, s, s.o)), trimmed(styled)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	for look := report.LookHeading; look <= report.LookNotApplicable; look++ {
		if !used[look] {
			t.Errorf("look %d is never used", look)
		}
	}
}

func trimmed(s string) string { return regexp.MustCompile(`(?m) +$`).ReplaceAllString(s, "") }

// Same verdict, same bytes.
func TestDeterminism(t *testing.T) {
	for name, world := range worlds {
		a, b := world(t), world(t)
		if text(t, a, a.o) != text(t, b, b.o) || html(t, a) != html(t, b) {
			t.Errorf("%s comes out in two ways", name)
		}
		if a.o.Dossier != nil && explained(t, a) != explained(t, b) {
			t.Errorf("the steps of %s come out in two ways", name)
		}
	}
}

// What came from evidence is shown so that a reader sees it.
func TestHostileText(t *testing.T) {
	s := worlds["hostile"](t)
	o := s.o
	o.All, o.ByHand = true, true
	outputs := map[string]string{"text": text(t, s, o), "page": html(t, s), "steps": explained(t, s), "statement": string(statement(t, s))}
	for kind, out := range outputs {
		for _, r := range out {
			if unicode.IsControl(r) && r != '\n' || unicode.Is(unicode.Cf, r) || unicode.In(r, unicode.Zl, unicode.Zp) {
				t.Fatalf("%s lets %U through", kind, r)
			}
		}
		if kind != "steps" && kind != "text" && strings.Contains(out, "<script") {
			t.Errorf("%s has markup from evidence", kind)
		}
	}
	for _, kind := range []string{"text", "page"} {
		if want := `\u202egpj.exe`; !strings.Contains(outputs[kind], want) {
			t.Errorf("%s does not show %s", kind, want)
		}
	}
}

// Of very many items a terminal gets a table and what needs attention.
func TestManyItems(t *testing.T) {
	s := worlds["several"](t)
	items := s.v.Items
	for len(s.v.Items) < 200 {
		s.v.Items = append(s.v.Items, items[1])
	}
	out := text(t, s, s.o)
	if n := strings.Count(out, "\n"); n > 500 {
		t.Errorf("200 items take %d lines", n)
	}
	table, item := strings.Index(out, "Questions 1 to 9"), strings.Index(out, "Item 4\n")
	if table < 0 || item < table {
		t.Errorf("the table stands at %d, the first item at %d", table, item)
	}
	if !strings.Contains(out, "198 items hold and are not described further here.") {
		t.Error("it is not said how many hold")
	}
	if got := strings.Count(html(t, s), `class="item"`); got != 200 {
		t.Errorf("the page describes %d items", got)
	}
	for len(s.v.Items) < 400 {
		s.v.Items = append(s.v.Items, items[3]) // one that fails
	}
	out = text(t, s, s.o)
	if described, told := strings.Count(out, "As described by"), strings.Contains(out, "152 items are left out of this page"); described != 50 || !told {
		t.Errorf("of 202 items that need attention %d are described; that others are left out is said: %v", described, told)
	}
	page := html(t, s)
	if described, told := strings.Count(page, `class="item"`), strings.Contains(page, "2 items are left out of this page"); described != 200 || !told {
		t.Errorf("the page describes %d of 202 items; that others are left out is said: %v", described, told)
	}
}

// A check of a later version has no words here; its name and its sentence do.
func TestUnknownCheck(t *testing.T) {
	s := worlds["gaps"](t)
	s.v.Items[0].Questions[0].Findings[0] = verify.Finding{Check: "moon.phase", Detail: "the moon was new", Spec: "spec/moon.md", Status: verify.Undecided, Subject: "moon"}
	s.v.Items[0].Questions[0].Status = verify.Undecided
	out := text(t, s, s.o)
	for _, want := range []string{"moon.phase", "the moon was new", "Something that is needed for an answer is missing"} {
		if !strings.Contains(out, want) {
			t.Errorf("the text does not say %q", want)
		}
	}
}

func text(t testing.TB, s subject, o report.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Text(&b, s.v, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func html(t testing.TB, s subject) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.HTML(&b, s.v, s.o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func wide(o report.Options) report.Options { o.Width = 300; return o }
