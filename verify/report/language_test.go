package report

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/message/catalog"

	"example.org/custody/evidence"
	"example.org/custody/spec"
	"example.org/custody/verify"
	"example.org/custody/verify/report/phrase"
)

func TestPlurals(t *testing.T) {
	l := languageFor("en")
	for n, want := range map[int]string{0: "0 items", 1: "1 item", 2: "2 items", 21: "21 items", 12345: "12,345 items"} {
		if got := l.text("count.items", n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

// Counts follow the language's own rules; digits of digests, indexes and times
// are texts and stay as they are.
func TestPluralsOfOtherLanguages(t *testing.T) {
	for _, c := range []struct{ code, forms, first, few string }{
		{"uk", `{"one":"%d предмет %s","few":"%d предмети %s","other":"%d предметів %s"}`, "21 предмет 5f3e12", "3 предмети 5f3e12"},
		{"ar", `{"many":"%d x-many %s","few":"%d x-few %s","other":"%d x-other %s"}`, "٢١ x-many 5f3e12", "٣ x-few 5f3e12"},
	} {
		l, err := parseLanguage([]byte(`{"language":"` + c.code + `","messages":{"count":{"items":` + c.forms + `}}}`))
		if err != nil {
			t.Fatal(err)
		}
		if got := l.text("count.items", 21, "5f3e12"); got != c.first {
			t.Errorf("%s: %q, want %q", c.code, got, c.first)
		}
		if got := l.text("count.items", 3, "5f3e12"); got != c.few {
			t.Errorf("%s: %q, want %q", c.code, got, c.few)
		}
	}
}

func TestLanguageIsNearest(t *testing.T) {
	for _, tag := range []string{"", "en", "en-GB", "tlh", "not a tag", "zz"} {
		if l := languageFor(tag); l.Code != "en" {
			t.Errorf("%q gives %s", tag, l.Code)
		}
	}
}

// A report never shows a raw key: a key that is missing ends the program.
func TestMissingKey(t *testing.T) {
	defer func() {
		if r := fmt.Sprint(recover()); !strings.Contains(r, "internal error: no message no.such.key in language en") {
			t.Errorf("recovered %s", r)
		}
	}()
	languageFor("en").text("no.such.key")
}

// What a catalogue must be is refused when it is not.
func TestParseLanguageRefuses(t *testing.T) {
	for name, in := range map[string]string{
		"no JSON":     `{`,
		"no language": `{"messages":{"a":"b"}}`,
		"a number":    `{"language":"en","messages":{"a":1}}`,
		"a list":      `{"language":"en","messages":{"a":["b"]}}`,
		"half a form": `{"language":"en","messages":{"a":{"other":"x","one":1}}}`,
		"an odd form": `{"language":"en","messages":{"a":{"other":"%d","odd":"%d"}}}`,
		"another's":   `{"language":"en","messages":{"a":{"other":"%d","few":"%d"}}}`,
	} {
		if l, err := parseLanguage([]byte(in)); err == nil {
			t.Errorf("%s is taken: %v", name, l.messages)
		}
	}
}

// Every language has every key, with the same verbs in the same order, and says
// who read it and when.
func TestEveryLanguageIsWhole(t *testing.T) {
	list := Languages()
	if list[0].Code != "en" {
		t.Fatalf("the first language is %s", list[0].Code)
	}
	for _, l := range list {
		for _, fault := range faults(list[0], l) {
			t.Errorf("%s: %s", l.Code, fault)
		}
	}
}

// A whole report in every language: no key is missing, and words that nobody has
// reviewed are shown as that, with the English ones beside the answer.
func TestReportInEveryLanguage(t *testing.T) {
	v := &verify.Verdict{Status: verify.Undecided, Trust: verify.TrustFacts{Source: verify.SourceNone}, Items: []verify.ItemVerdict{{Questions: []verify.Question{
		{N: 1, Status: verify.Holds, Sentence: "Something shown here is not what was sealed."},
		{N: 4, Status: verify.Holds, Sentence: "Nothing was left out up to T; packed at P, as the packer says. Later acts would not show."},
	}}}}
	for _, l := range Languages() {
		d := New(v, Options{Language: l.Code})
		q := d.Items[0].Questions
		want := ""
		if l.Code != "en" {
			want = l.text("page.unreviewed")
		}
		if d.Notice != want {
			t.Errorf("%s: notice %q, want %q", l.Code, d.Notice, want)
		}
		if l.reviewed() {
			continue
		}
		if d.Lead.Original != "Could not be decided. No trust list was given, so there is nobody whose word counts." {
			t.Errorf("%s: the English answer beside it is %q", l.Code, d.Lead.Original)
		}
		want = l.text("sentence.4.holds", l.text("sentence.4.until", "T"), l.text("sentence.4.packed", "P"))
		if q[0].Sentence != l.text("sentence.1.fails") || q[1].Sentence != want {
			t.Errorf("%s: %q, %q", l.Code, q[0].Sentence, q[1].Sentence)
		}
		if !strings.HasSuffix(q[0].Original, v.Items[0].Questions[0].Sentence) {
			t.Errorf("%s: beside it stands %q", l.Code, q[0].Original)
		}
	}
}

// The check itself finds what it is for.
func TestFaultsAreFound(t *testing.T) {
	en := languageFor("en")
	broken := &Language{Code: "xx", messages: maps.Clone(en.messages)}
	delete(broken.messages, "status.holds")
	broken.messages["finding.event"] = entry{"": "event"}
	broken.messages["count.resting"] = entry{"other": "%s %d"}
	broken.messages["status.fails"] = entry{"": ""}
	broken.messages["of.nobody"] = entry{"": "x"}
	broken.messages["detail.seal.unbroken"] = entry{"": "the seal {item} is unbroken"}
	broken.messages["detail.package.items"] = entry{"": "items: {n}"}
	broken.messages["detail.time.anchors"] = entry{"few": "{n}", "other": "{n}"}
	got := strings.Join(faults(en, broken), "\n")
	for _, want := range []string{"status.holds is missing", `finding.event has the verbs ""`, `count.resting has the verbs "%s%d"`, "status.fails is empty", "of.nobody is unknown", "no date", `direction ""`,
		`detail.seal.unbroken has the gaps item, not seal`, "detail.package.items has plural forms", "detail.time.anchors: "} {
		if !strings.Contains(got, want) {
			t.Errorf("not found: %s in\n%s", want, got)
		}
	}
}

func faults(en, l *Language) []string {
	var list []string
	say := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if l.ReviewedBy == "" && l.Code == en.Code { // a translation may wait for its reader; the original may not
		say("nobody is named who read it")
	}
	if !regexp.MustCompile(`^\d{4}-\d\d-\d\d$`).MatchString(l.Date) {
		say("no date")
	}
	if l.Direction != "ltr" && l.Direction != "rtl" {
		say("direction %q", l.Direction)
	}
	for _, key := range slices.Sorted(maps.Keys(en.messages)) {
		mine, ok := l.messages[key]
		if !ok {
			say("%s is missing", key)
			continue
		}
		original := en.messages[key]["other"] + en.messages[key][""]
		want, gaps := verbs(original), gapsOf(original)
		for form, text := range mine {
			if text == "" {
				say("%s is empty", key)
			}
			if got := verbs(text); got != want {
				say("%s has the verbs %q, not %q, in the form %q", key, got, want, form)
			}
			if got := gapsOf(text); got != gaps {
				say("%s has the gaps %s, not %s, in the form %q", key, got, gaps, form)
			}
		}
		if err := catalog.NewBuilder().Set(l.tag, key, mine.message()...); err != nil { // which knows the forms that a language has
			say("%s: %v", key, err)
		}
		if (mine[""] == "") != (en.messages[key][""] == "") {
			say("%s has plural forms in one of the two", key)
		}
	}
	for key := range l.messages {
		if _, ok := en.messages[key]; !ok {
			say("%s is unknown", key)
		}
	}
	return list
}

// gapsOf names the gaps of a detail or phrase, in an order that does not depend on
// where they stand.
func gapsOf(text string) string {
	_, gaps := phrase.Split(text)
	slices.Sort(gaps)
	return strings.Join(gaps, " ")
}

func verbs(text string) string {
	return strings.Join(regexp.MustCompile(`%[a-z]`).FindAllString(strings.ReplaceAll(text, "%%", ""), -1), "")
}

// Whatever verify and evidence can say has words: checks, facts, codes.
func TestEveryNameHasWords(t *testing.T) {
	l := languageFor("en")
	var want []string
	checks := scan(t, "..", `\bcheck[A-Z]\w*\s*= "([a-z0-9.]+)"`)
	if len(checks) < 40 {
		t.Fatalf("only %d checks found", len(checks))
	}
	for _, c := range checks {
		want = append(want, "check."+c+".title")
		if c != "not.proven" { // never anything but not applicable
			want = append(want, "check."+c+".fails", "check."+c+".undecided", "check."+c+".do")
		}
	}
	facts := scan(t, "..", `a\.fact\("([^"]+)"`)
	if len(facts) < 15 {
		t.Fatalf("only %d facts found", len(facts))
	}
	for _, f := range facts {
		want = append(want, "fact."+slug(f))
	}
	for _, f := range scan(t, "..", `return "(as of|packed[^"]*)"`) {
		want = append(want, "fact."+slug(f))
	}
	for _, a := range evidence.Actions() {
		want = append(want, "act."+string(a))
	}
	for _, c := range evidence.ReasonCodes() {
		want = append(want, "reason."+string(c))
	}
	for kind, prefix := range map[string]string{`Gap\w+\s+GapCode\s+= "([A-Z-]+)"`: "gap.", `Span\w+\s+SpanKind\s+= "([a-z-]+)"`: "span.", `State\w+\s+ItemState\s+= "([a-z-]+)"`: "state."} {
		found := scan(t, filepath.Join("..", "..", "evidence"), kind)
		if len(found) < 5 {
			t.Fatalf("%s: only %v", kind, found)
		}
		for _, name := range found {
			want = append(want, prefix+name)
		}
	}
	for _, s := range []verify.Source{verify.SourceGiven, verify.SourcePinned, verify.SourceNone} {
		want = append(want, "basis.source."+string(s))
	}
	for _, s := range []verify.Status{verify.Holds, verify.Fails, verify.Undecided, verify.NotApplicable} {
		want = append(want, "sign."+string(s), "status."+string(s), "package.sentence."+string(s))
	}
	for _, f := range shownFields {
		want = append(want, "shown."+slug(f))
	}
	for _, key := range want {
		if !l.has(key) {
			t.Errorf("no words for %s", key)
		}
	}
}

// scan returns what a pattern's group finds in the Go files of a folder, each once.
func scan(t *testing.T, folder, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s: %v", folder, err)
	}
	found := map[string]bool{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(b), -1) {
			found[m[1]] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// families are beginnings of keys whose ends are names of verify, evidence and
// trust; the others stand in the code word for word.
var families = []string{
	"act.", "basis.source.", "check.", "detail.", "fact.", "gap.GAP-", "lead.", "limit.", "package.sentence.", "phrase.", "question.", "reason.", "court.", "sentence.", "shown.", "sign.", "span.", "state.", "status.", "time.",
}

// Every key that the code asks for is there, and every key is asked for.
func TestKeysAndCodeAgree(t *testing.T) {
	l := languageFor("en")
	used := map[string]bool{}
	for _, file := range append(glob(t, "*.go"), "page.html") {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?:\.text\(|\bor\(|\bword |counted\(|list, from := |list, from = |key: |\{)"([a-z][a-z-]*\.[a-z0-9.-]*[a-z0-9])"`).FindAllStringSubmatch(string(b), -1) {
			used[m[1]] = true
			if !l.has(m[1]) {
				t.Errorf("%s asks for %s, which the catalogue does not have", file, m[1])
			}
		}
	}
	if len(used) < 60 {
		t.Fatalf("only %d keys found in the code", len(used))
	}
	for key := range l.messages {
		family := slices.ContainsFunc(families, func(f string) bool { return strings.HasPrefix(key, f) })
		if !used[key] && !family {
			t.Errorf("nothing asks for %s", key)
		}
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no %s: %v", pattern, err)
	}
	return files
}

// The English limits are the verdict's own, word for word.
func TestLimitsAreTheVerdicts(t *testing.T) {
	l := languageFor("en")
	b, err := os.ReadFile(filepath.Join("..", "limits.go"))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`\{"([a-z ]+)", "([^"]+)"\}`).FindAllStringSubmatch(string(b), -1)
	if len(found) < 6 {
		t.Fatalf("only %d limits found", len(found))
	}
	for _, m := range found {
		if got := l.text("limit." + slug(m[1])); got != m[2] {
			t.Errorf("%s: %q in the catalogue, %q in the verdict", m[1], got, m[2])
		}
	}
	fixed := newBuilder(&verify.Verdict{}, Options{}).fixedLimits()
	if len(fixed) != len(found) {
		t.Errorf("%d limits without an item, %d with one", len(fixed), len(found))
	}
}

// Never the words that a court decides on, nor those that law reserves.
func TestNoForbiddenWords(t *testing.T) {
	names, err := fs.Glob(spec.Languages, "lang/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		b, err := fs.ReadFile(spec.Languages, name)
		if err != nil {
			t.Fatal(err)
		}
		if m := regexp.MustCompile(`(?i)admissib\w*|qualified`).FindString(string(b)); m != "" {
			t.Errorf("%s says %q", name, m)
		}
	}
}

// What a finding rests on is read back from its sentence, which is verify's.
func TestRestsOnIsWhatVerifySays(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "finding.go"))
	if err != nil {
		t.Fatal(err)
	}
	begin := regexp.MustCompile(`restsOn = "([^"]+)"`).FindStringSubmatch(string(b))
	ends := regexp.MustCompile(`Sprintf\(restsOn\+"([^"]+)"`).FindAllStringSubmatch(string(b), -1)
	if begin == nil || len(ends) != 2 {
		t.Fatal("verify words it in another way")
	}
	for _, end := range ends {
		detail := fmt.Sprintf(begin[1]+end[1], "leaf.included", "log.AA.example/1, which#3")
		m := restsOn.FindStringSubmatch(detail)
		if m == nil || m[1] != "leaf.included" || m[2] != "log.AA.example/1, which#3" {
			t.Errorf("%q is read as %q", detail, m)
		}
	}
}

// That a ledger stands alone is read back from a sentence, too.
func TestAloneIsWhatVerifySays(t *testing.T) {
	found := scan(t, "..", `undecided\("the %s policy asks for no other state: it stands (on the word of one state alone)"`)
	if len(found) != 1 || found[0] != aloneWords {
		t.Errorf("verify says %q", found)
	}
}

// Findings that rest on each other in a ring, which no verdict should have, end.
func TestRootsOfARing(t *testing.T) {
	a := verify.Finding{Check: "a", Subject: "x", Status: verify.Undecided, Detail: "rests on b of y, which is undecided"}
	b := verify.Finding{Check: "b", Subject: "y", Status: verify.Undecided, Detail: "rests on a of x, which is undecided"}
	bottom := verify.Finding{Check: "c", Subject: "z", Status: verify.Fails, Detail: "wrong"}
	top := verify.Finding{Check: "d", Subject: "z", Status: verify.Undecided, Detail: "rests on c of z, which fails"}
	r := newRoots(&verify.Verdict{Container: []verify.Finding{a, b, bottom, top}})
	if got := r.of(a); got.Check != "a" && got.Check != "b" {
		t.Errorf("the root of a ring is %v", got)
	}
	if got := r.of(top); got.Check != "c" {
		t.Errorf("the root is %s", got.Check)
	}
}
