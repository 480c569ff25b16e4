package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"example.org/custody/verify"
	"example.org/custody/verify/report/plain"
	"example.org/custody/verify/standard"
)

// Bounds of a report, so that it stays one that people read and a package may
// carry; the JSON verdict has everything.
const (
	maxDescribed = 1000    // findings that do not hold, in all
	maxLetters   = 1 << 20 // characters of values that contradict, in all
	maxRows      = 500     // of one table

	maxFindings = 50   // described that do not hold
	maxEach     = 5    // sentences of one kind of check that holds
	maxSubjects = 10   // subjects of findings that say the same
	maxProof    = 4000 // characters of one value that contradicts
)

// question answers one of the ten questions about an item.
func (b *builder) question(anchor, item string, q verify.Question) Question {
	out := b.checks(fmt.Sprintf("%s-question-%d", anchor, q.N), item, q.Findings)
	out.Number, out.Title = number(q.N), b.text("question."+number(q.N))
	out.Mark = b.mark(q.Status)
	out.Sentence, _ = b.sentence(plain.Text(q.Sentence))
	out.Original = b.original(func(e *builder) string { return e.text("question."+number(q.N)) + " " + plain.Text(q.Sentence) })
	out.Facts = b.facts(q)
	if q.ByHand != "" {
		out.ByHand = Fact{Name: b.text("question.by-hand"), Value: plain.Text(q.ByHand)}
	}
	return out
}

// checks sorts findings: what does not hold is described; what rests on others is
// counted, and so are digests that the reader chose not to compute, what holds and
// what does not apply.
func (b *builder) checks(anchor, item string, findings []verify.Finding) Question {
	q := Question{Anchor: anchor}
	var holding, idle, resting, stated, open []verify.Finding
	for _, f := range findings {
		switch {
		case f.Status == verify.Holds:
			holding = append(holding, f)
		case f.Status == verify.NotApplicable:
			idle = append(idle, f)
		case rests(f):
			resting = append(resting, f)
		case f.Status == verify.Undecided && isPlainDigest(f):
			stated = append(stated, f)
		default:
			open = append(open, f)
		}
	}
	groups := alike(open)
	most := min(maxFindings, b.findings)
	if more := len(groups) - most; more > 0 {
		groups, q.More = groups[:most], b.text("count.more", more)
	}
	b.findings -= len(groups)
	for _, g := range groups {
		q.Findings = append(q.Findings, b.finding(item, g))
	}
	if len(resting) > 0 {
		q.Resting = b.text("count.resting", len(resting), b.titles(resting))
	}
	if len(stated) > 0 {
		q.Stated = b.text("count.stated", len(stated))
	}
	q.Holding = b.counted("question.holding", item, holding)
	q.Idle = b.counted("question.idle", item, idle)
	return q
}

// alike puts findings together that say the same about several subjects. One
// with values that contradict stands alone.
func alike(findings []verify.Finding) [][]verify.Finding {
	var groups [][]verify.Finding
	place := map[findingKey]int{}
	for _, f := range findings {
		key := findingKey{f.Check, string(f.Status), f.Detail}
		n, ok := place[key]
		if !ok || len(f.Proof) > 0 {
			place[key] = len(groups)
			groups = append(groups, []verify.Finding{f})
			continue
		}
		groups[n] = append(groups[n], f)
	}
	return groups
}

// titles names what findings rest on, each kind of check once.
func (b *builder) titles(resting []verify.Finding) string {
	var list []string
	for _, f := range resting {
		title := "“" + b.title(b.roots.of(f)) + "”"
		if !slices.Contains(list, title) {
			list = append(list, title)
		}
	}
	return strings.Join(list, ", ")
}

// title says in plain words what a finding checked.
func (b *builder) title(f verify.Finding) string {
	if code, ok := gapCode(f); ok && b.has("gap."+code) {
		return b.text("gap.title", b.text("gap."+code))
	}
	return b.or("check."+f.Check+".title", b.text("check.other.title"))
}

// finding describes what does not hold: one finding, or several that say the
// same about several subjects.
func (b *builder) finding(item string, group []verify.Finding) Finding {
	f := group[0]
	key := "check." + f.Check + "."
	if !b.has(key + "title") {
		key = "check.other."
	}
	checked := b.text(key + "title")
	out := Finding{
		Mark: b.mark(f.Status), Title: b.or(key+string(f.Status), checked), Detail: b.detail(item, group...), Rule: b.rule(f),
		Context: b.text("finding.context", checked, plain.Text(f.Check), plain.Text(f.Spec)),
		Proof:   Facts{Title: b.text("finding.proof")},
	}
	if _, gap := gapCode(f); gap {
		out.Title, out.Means = b.title(f), out.Title
	}
	if b.has(key + "do") {
		out.Do = b.text("finding.do", b.text(key+"do"))
	}
	out.Original = b.original(func(e *builder) string { return e.described(item, group, out.Detail) })
	if isAlone(f) {
		out.Title, out.Do = b.text("alone.title"), b.text("finding.do", b.text("alone.do"))
	}
	for _, name := range slices.Sorted(maps.Keys(f.Proof)) {
		out.Proof.code(plain.Text(name), b.proof(f.Proof[name]))
	}
	return out
}

// detail is the verdict's own sentence, what it is about before it.
func (b *builder) detail(item string, group ...verify.Finding) Words {
	var w Words
	if about := b.subjects(group, func(subject string) string { return b.about(item, subject) }); about != "" {
		w = w.add(Part{Text: about + ": "})
	}
	for _, p := range b.Language.detail(group[0].Detail) {
		w = w.add(p)
	}
	return w
}

// described is a finding in English, beside words of another language: its title, and
// its detail where those words say it.
func (b *builder) described(item string, group []verify.Finding, said Words) string {
	f := b.finding(item, group)
	if !said.translated() {
		return f.Title
	}
	return f.Title + " — " + f.Detail.String()
}

// rule is the sentence of the rule that a finding is about, in the report's
// language; "" when its detail has that, or there is none.
func (b *builder) rule(f verify.Finding) string {
	if !strings.HasPrefix(f.Check, "standard.") { // nothing else is about a rule
		return ""
	}
	text, reviewed := standard.Sentence(b.Code, f.Subject, f.Detail)
	switch {
	case text == "":
		return ""
	case reviewed:
		return b.text("finding.rule", plain.Text(text))
	}
	return b.text("finding.rule-unreviewed", plain.Text(text))
}

// subjects names what findings are about, up to ten of them.
func (b *builder) subjects(group []verify.Finding, name func(string) string) string {
	var list []string
	for _, f := range group {
		if n := name(f.Subject); n != "" && !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	if more := len(list) - maxSubjects; more > 0 {
		list = append(list[:maxSubjects], b.text("finding.more-subjects", more))
	}
	return strings.Join(list, ", ")
}

// about names a finding's subject for a sentence: an event or a file by its
// number, else the subject itself; an item's own id is left out. item is the one
// that the finding stands under.
func (b *builder) about(item, subject string) string {
	id, seq, ok := strings.Cut(subject, "/")
	switch {
	case id == "file" && len(b.v.Items) > 1 && item != "":
		return b.text("finding.file-of-item", plain.Text(seq), item)
	case id == "file":
		return b.text("finding.file", plain.Text(seq))
	}
	if !isHash(id) {
		return plain.Text(subject)
	}
	mine := slices.ContainsFunc(b.v.Items, func(i verify.ItemVerdict) bool { return i.Item.String() == id })
	switch {
	case !ok:
		return ""
	case !mine:
		return b.text("finding.event-of-key", plain.Text(seq), id[:12])
	case len(b.v.Items) == 1:
		return b.text("finding.event", plain.Text(seq))
	}
	return b.text("finding.event-of-item", plain.Text(seq), id[:12])
}

func isHash(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}

func (b *builder) proof(value string) string {
	letters := []rune(value)
	most := min(maxProof, b.letters)
	b.letters -= min(len(letters), most)
	if len(letters) <= most {
		return plain.Text(value)
	}
	return b.text("finding.shortened", plain.Text(string(letters[:most])), len(letters))
}

// counted lists checks by kind: a few with their sentences, many as a number.
func (b *builder) counted(key, item string, findings []verify.Finding) Counted {
	if len(findings) == 0 {
		return Counted{}
	}
	c := Counted{Title: b.text(key, len(findings))}
	kinds := map[string][]verify.Finding{}
	var order []string
	for _, f := range findings {
		if kinds[f.Check] == nil {
			order = append(order, f.Check)
		}
		kinds[f.Check] = append(kinds[f.Check], f)
	}
	for _, check := range order {
		of := kinds[check]
		if len(of) > maxEach {
			c.List = append(c.List, Fact{Name: b.title(of[0]), Value: b.text("count.checks", len(of))})
			continue
		}
		for _, f := range of {
			c.List = append(c.List, b.check(item, f))
		}
	}
	return c
}

// check is a check that holds or does not apply, with its sentence.
func (b *builder) check(item string, f verify.Finding) Fact {
	said := b.detail(item, f)
	if rule := b.rule(f); rule != "" {
		said = append(Words{{Text: rule + " — "}}, said...)
	}
	out := Fact{Name: b.title(f), Value: said.String(), Words: said}
	if said.translated() {
		out.Original = b.original(func(e *builder) string { return e.detail(item, f).String() })
	}
	return out
}

// facts are the values that an answer rests on.
func (b *builder) facts(q verify.Question) Facts {
	out := Facts{Title: b.text("question.facts")}
	for _, f := range q.Facts {
		name := b.or("fact."+slug(f.Name), b.or("reason."+f.Name, plain.Text(f.Name)))
		value := b.fact(f.Value)
		switch {
		case q.N == 3 && f.Name == "state":
			value = b.or("state."+f.Value, value)
		case f.Name == "age of the proof":
			if age, err := time.ParseDuration(f.Value); err == nil {
				value = b.duration(age)
			}
		}
		out.List = append(out.List, Fact{Name: name, Value: value, Code: isHash(value)})
	}
	return out
}

// named is a phrase of a group in the language, or the text itself.
func (b *builder) named(group, text string) string {
	if said, ok := b.phrased(group, text); ok {
		return said
	}
	return plain.Text(text)
}

// fact is the value of a fact, as the record has it or in words of the catalogue.
func (b *builder) fact(value string) string {
	if said, ok := b.phrased("fact", value); ok {
		return said
	}
	return readable(value)
}

// slug turns a fact's name into a key.
func slug(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}), "-")
}

// readable shows a value of a record: text as it is, lists and objects without
// the signs of JSON.
func readable(value string) string {
	var v any
	d := json.NewDecoder(strings.NewReader(value))
	d.UseNumber()
	if !strings.ContainsAny(value[:min(1, len(value))], `[{"`) || d.Decode(&v) != nil || d.More() {
		return plain.Text(value)
	}
	return spoken(v)
}

func spoken(v any) string {
	var parts []string
	switch v := v.(type) {
	case string:
		return plain.Text(v)
	case []any:
		for _, x := range v {
			parts = append(parts, spoken(x))
		}
		return strings.Join(parts, ", ")
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, plain.Text(name)+": "+spoken(v[name]))
		}
		return strings.Join(parts, "; ")
	}
	return plain.Text(fmt.Sprint(v))
}

// limits is question 10, whose facts are the same for every package. Its words
// are the catalogue's where it has them.
func (b *builder) limits() Question {
	q := Question{Anchor: "limits", Number: "10", Title: b.text("question.10"), Mark: b.always()}
	q.Facts.Title = b.text("limits.title")
	for _, i := range b.v.Items {
		for _, x := range i.Questions {
			if x.N == 10 {
				q.Sentence, _ = b.sentence(plain.Text(x.Sentence))
				for _, f := range x.Facts {
					q.Facts.List = append(q.Facts.List, Fact{Name: plain.Text(f.Name), Value: b.or("limit."+slug(f.Name), plain.Text(f.Value))})
				}
				return q
			}
		}
	}
	q.Facts.List = b.fixedLimits()
	return q
}

// always marks question 10: what no package proves is no result of a check.
func (b *builder) always() Mark {
	return Mark{Status: verify.NotApplicable, Sign: b.text("question.always-sign"), Word: b.text("question.always")}
}

// fixedLimits are the limits of a verdict without any item.
func (b *builder) fixedLimits() []Fact {
	var list []Fact
	for _, name := range []string{"content", "before", "person", "not logged", "sealed earlier", "later"} {
		list = append(list, Fact{Name: name, Value: b.text("limit." + slug(name))})
	}
	return list
}
