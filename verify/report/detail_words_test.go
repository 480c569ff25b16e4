package report

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"example.org/custody/verify/report/phrase"
)

// sources are the files whose words end up in the details and facts of a verdict.
var sources = []string{"../*.go", "../admit/*.go", "../standard/judge.go", "../standard/words.go", "../../evidence/fold*.go", "../../ledger/witness/alarm_verify.go"}

// elsewhere are functions whose words are in other groups of the catalogue, or are
// commands: sentences of answers, names of facts, what to do by hand.
var elsewhere = map[string]bool{
	"betweenSentence": true, "judgedFor": true, "completeSentence": true, "asOfName": true, "says": true,
	"byHand": true, "tokenByHand": true, "damagedOnTheWay": true,
	"reasons": true, "conclude": true, // the verdict's one sentence, which a report says in its lead
}

// noDetails are words in those files that are shown nowhere, or are no words.
var noDetails = regexp.MustCompile(strings.Join([]string{
	`^internal error`, `%w`, // faults, and errors that stand in a gap as they are
	`^%s size %d$`, `^%s line %d$`, `^rests on $|^the request cannot be read: $`, // subjects, and how some details begin
	`^the sender's verdict names a trust list$`, `^chosen by the reader$`, `^event %d: %s: %s$`, // for callers
	`^names or digests of files are held back$`, // which a caller knows again
	`^%d, %s$|other-use %s; onward %s$|^%s ✓ `,  // values alone
}, "|"))

// alternatives are what an argument of a format makes of its gap.
var alternatives = map[string][]string{
	"best.subject()":                   {"%s size %d"},
	"damagedOnTheWay(x.checksum)":      {"", "; the container's checksum differs too, which points to damage on the way"},
	"p.Cause":                          {"absent", "malformed"},
	"statedTime(first.event)":          {"%s", "%s, the act by another clock that it says was %s off", "%s, by a clock that it says was %s off: %s"},
	"listedReaders(recipients)":        {"%s"},
	"damagedOnTheWay(checksum != nil)": {"", "; the container's checksum differs too, which points to damage on the way"},
}

// Every sentence that verify can say is in the catalogue, gap for gap.
func TestEveryDetailHasWords(t *testing.T) {
	known := map[string]bool{}
	l := languageFor("en")
	for key, e := range l.messages {
		for _, text := range e {
			if _, named := phrase.GroupOf(key); named {
				between, _ := phrase.Split(text)
				text = strings.Join(between, "%")
			}
			known[shape(text)] = true
		}
	}
	found := 0
	for _, pattern := range sources {
		for _, file := range glob(t, pattern) {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, s := range spokenIn(t, file) {
				if noDetails.MatchString(s.text) || l.has("fact."+slug(s.text)) || l.has("limit."+slug(s.text)) || l.has("status."+s.text) {
					continue
				}
				if found++; !known[shape(s.text)] {
					t.Errorf("%s: the catalogue has no %q", s.at, s.text)
				}
			}
		}
	}
	if found < 330 {
		t.Fatalf("only %d sentences found", found)
	}
}

// shape is a text with its gaps alike, whatever their verbs or names.
func shape(text string) string {
	return strings.ReplaceAll(regexp.MustCompile(`%(\.\d+)?[a-z]`).ReplaceAllString(text, "%"), `"%"`, "%")
}

// spokenText is a text in a program, and where.
type spokenText struct{ at, text string }

// scanner finds the texts of a file.
type scanner struct {
	t    *testing.T
	set  *token.FileSet
	list []spokenText
}

// spokenIn returns the texts of a file that have several words, or are formats.
func spokenIn(t *testing.T, file string) []spokenText {
	t.Helper()
	s := &scanner{t: t, set: token.NewFileSet()}
	tree, err := parser.ParseFile(s.set, file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(tree, s.visit)
	return s.list
}

func (s *scanner) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ImportSpec, *ast.Field: // paths and tags
		return false
	case *ast.FuncDecl:
		return !elsewhere[n.Name.Name]
	case *ast.ValueSpec:
		return !elsewhere[n.Names[0].Name]
	case *ast.CallExpr:
		return !s.format(n)
	case ast.Expr:
		text, ok := constant(n)
		s.say(n, text)
		return !ok
	}
	return true
}

func (s *scanner) say(n ast.Node, text string) {
	if strings.Contains(strings.Trim(text, " ,;"), " ") {
		s.list = append(s.list, spokenText{s.set.Position(n.Pos()).String(), text})
	}
}

// format takes a call that fills in a format, with what its arguments make of it.
func (s *scanner) format(call *ast.CallExpr) bool {
	for i, arg := range call.Args {
		text, ok := constant(arg)
		if !ok || !strings.Contains(text, "%") {
			continue
		}
		for _, filled := range s.filled(text, call.Args[i+1:]) {
			s.say(call, filled)
		}
		for j, other := range call.Args {
			if j != i && s.alternatives(other) == nil {
				ast.Inspect(other, s.visit)
			}
		}
		return true
	}
	return false
}

// filled puts into a format what its arguments may make of their gaps.
func (s *scanner) filled(text string, args []ast.Expr) []string {
	out := []string{""}
	verb := regexp.MustCompile(`%(\.\d+)?[a-z]`)
	for n := 0; ; n++ {
		at := verb.FindStringIndex(text)
		if at == nil || n >= len(args) {
			for i := range out {
				out[i] += text
			}
			return out
		}
		may := s.alternatives(args[n])
		if may == nil {
			may = []string{text[at[0]:at[1]]}
		}
		var next []string
		for _, before := range out {
			for _, one := range may {
				next = append(next, before+text[:at[0]]+one)
			}
		}
		out, text = next, text[at[1]:]
	}
}

func (s *scanner) alternatives(arg ast.Expr) []string {
	if call, ok := arg.(*ast.CallExpr); ok && len(call.Args) == 3 {
		if f, ok := call.Fun.(*ast.Ident); ok && f.Name == "count" {
			one, _ := constant(call.Args[1])
			many, _ := constant(call.Args[2])
			return []string{"%d " + one, "%d " + many}
		}
	}
	var b strings.Builder
	if err := format.Node(&b, s.set, arg); err != nil {
		s.t.Fatal(err)
	}
	return alternatives[b.String()]
}

func constant(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, e.Kind == token.STRING && err == nil
	case *ast.BinaryExpr:
		a, ok := constant(e.X)
		b, also := constant(e.Y)
		return a + b, ok && also && e.Op == token.ADD
	case *ast.Ident:
		if e.Name == "restsOn" {
			return "rests on ", true
		}
	}
	return "", false
}

// samples are what stands in the gaps of each kind in a test.
var samples = map[string]string{}

func init() {
	hash := strings.Repeat("0a", 32)
	for names, sample := range map[string]string{
		"seal item leaf digest key root offer": hash,
		"short":                                "0123456789ab", "event": hash + "/7", "place": "log.AA.example/1#12", "ledger": "log.AA.example/1",
		"n index size leaves seq covered named held alone checked different entries quorum version question questions objects bytes some all count delivered shown": "5",
		"time": "2026-11-24T08:00:00.5Z", "date": "2026-11-24", "duration": "-24h0m0s", "gap": "GAP-SEAL", "state": "AA", "states": "AA, BB",
		"value": hash, "standard": "common/1", "stage deadline": "acknowledged", "channel": "states", "quoted": `"a \"b\": c; d, e"`, "act": "collect", "itemstate": "held",
		"check": "leaf.included", "status": "fails", "roles": "examiner, custodian or collector", "causes": "held back: f.a; not yet due: f.b",
		"measure": "content tree", "seals": "AA 1, AA 2", "error": "some error: of ours", "history": "has number 5", "detail": "signed by the ledger of AA",
		"name": "a name", "text": "words", "rule": "A rule is kept.", "source": "a law, article 1", "files": "a.txt, b.txt", "recipients": "age1abc, age1def",
		"recipient": "age1abc", "field": "f.power_state", "subject": hash + "/3",
	} {
		for name := range strings.FieldsSeq(names) {
			samples[name] = sample
		}
	}
}

// sample fills the gaps of a text.
func sample(t *testing.T, l *Language, text string, deep int) (filled string, values map[string]string) {
	t.Helper()
	between, gaps := phrase.Split(text)
	values = map[string]string{}
	filled = between[0]
	for i, gap := range gaps {
		kind := phrase.KindOf(gap)
		value, ok := samples[kind]
		if !ok {
			value = aPhrase(t, l, kind, deep)
		}
		values[gap] = value
		filled += value + between[i+1]
	}
	return filled, values
}

// aPhrase is one of a group, filled.
func aPhrase(t *testing.T, l *Language, group string, deep int) string {
	t.Helper()
	best := ""
	for key := range l.messages {
		if g, ok := phrase.GroupOf(key); ok && g == group && (best == "" || key < best) {
			best = key
		}
	}
	if best == "" || deep == 0 {
		t.Fatalf("no phrase in group %q", group)
	}
	e := l.messages[best]
	text, _ := sample(t, l, e[""]+e["other"], deep-1)
	return text
}

// What is made of a sentence is found again as that sentence, with the same values,
// and no other is as exact.
func TestDetailsAreFoundAgain(t *testing.T) {
	l := languageFor("en")
	seen := map[string]string{}
	for key, e := range l.messages {
		group, ok := phrase.GroupOf(key)
		if !ok {
			continue
		}
		for form, text := range e {
			id := fmt.Sprint(group, regexp.MustCompile(`-[a-z-]+}`).ReplaceAllString(text, "}")) // with the kinds of its gaps
			if old, twice := seen[id]; twice && old != key {
				t.Errorf("%s and %s say the same: %q", key, old, text)
			}
			seen[id] = key
			filled, values := sample(t, l, text, 4)
			got := book().ParseIn(group, filled)
			if got == nil || got.Key != key {
				t.Errorf("%s %s: %q is read as %+v", key, form, filled, got)
				continue
			}
			for gap, want := range values {
				if got.Gaps[gap] == nil || got.Gaps[gap].Text != want {
					t.Errorf("%s: the gap %s of %q is read as %+v", key, gap, filled, got.Gaps[gap])
				}
			}
		}
	}
	if len(seen) < 400 {
		t.Fatalf("only %d sentences", len(seen))
	}
}
