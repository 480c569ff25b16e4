package report

import (
	"slices"
	"strings"

	"example.org/custody/verify"
	"example.org/custody/verify/report/plain"
)

// maxReasons is how many reasons stand at the head of a report; the others
// stand with their questions.
const maxReasons = 5

// lead is the answer and why.
func (b *builder) lead() Lead {
	if b.sender {
		return Lead{Sentence: b.text("sender.sentence"), Means: b.text("lead.sender.means"), Do: b.text("lead.sender.do")}
	}
	key := "lead." + string(b.v.Status)
	l := Lead{Mark: b.mark(b.v.Status), Sentence: plain.Text(b.v.Sentence), Means: b.text(key + ".means"), Do: b.text(key + ".do"), Why: b.text("lead.reasons")}
	l.Reasons = b.reasons()
	if b.has(key+".sentence") && len(l.Reasons) > 0 {
		l.Sentence = b.text(key+".sentence") + " " + l.Reasons[0].Title
	}
	most := maxReasons
	if b.noList() {
		most = 1 // the others follow from it
		l.Sentence = b.text("lead.undecided.no-list")
	}
	if more := len(l.Reasons) - most; more > 0 {
		l.Reasons, l.More = l.Reasons[:most], b.text("lead.more", more)
	}
	return l
}

// reasons are the findings that keep the verdict from holding, those that
// others rest on only; each once, what fails first.
func (b *builder) reasons() []Finding {
	if b.v.Status == verify.Holds {
		return nil
	}
	r := reasons{b: b, seen: map[reasonKey]bool{}}
	r.take("", b.v.Container)
	for _, i := range b.v.Items {
		for _, q := range i.Questions {
			if q.N <= 6 && q.Status == verify.Fails || b.keepsOpen(q) {
				r.question(i.Item.Short(), q)
			}
		}
	}
	slices.SortStableFunc(r.list, func(x, y reason) int {
		if d := rank(x.Mark.Status) - rank(y.Mark.Status); d != 0 || !b.noList() || x.check == y.check {
			return d
		}
		return map[bool]int{true: -1, false: 0}[x.check == listCheck] + map[bool]int{true: 1, false: 0}[y.check == listCheck]
	})
	list := make([]Finding, len(r.list))
	for i, x := range r.list {
		list[i] = x.Finding
	}
	return list
}

// noList reports whether nothing can be decided because nobody gave a list.
func (b *builder) noList() bool {
	return b.v.Trust.Source == verify.SourceNone && b.v.Status == verify.Undecided
}

// reason is a finding with the name of its check.
type reason struct {
	check string
	Finding
}

// reasonKey tells reasons apart: every item has a file/1, all else is named once
// in a verdict.
type reasonKey struct {
	findingKey
	item string
}

// reasons gathers findings.
type reasons struct {
	b    *builder
	seen map[reasonKey]bool
	list []reason
}

// take gathers those of the findings that others rest on. Of a copy that is not
// what was sealed the content tree says it all.
func (r *reasons) take(item string, findings []verify.Finding) {
	other := map[string]bool{}
	for _, f := range findings {
		if f.Check == treeCheck && f.Status == verify.Fails {
			other[f.Subject] = true
		}
	}
	for _, f := range findings {
		if f.Check != treeCheck && strings.HasPrefix(f.Check, "content.") && other[f.Subject] {
			continue
		}
		if f.Status == verify.Fails || f.Status == verify.Undecided && !rests(f) && !isPlainDigest(f) {
			r.add(item, f)
		}
	}
}

// question gathers the reasons why one question does not hold. What it rests on
// may stand under another question, and a question that is required and does not
// apply has no finding that says so.
func (r *reasons) question(item string, q verify.Question) {
	n := len(r.list)
	r.take(item, q.Findings)
	for _, f := range q.Findings {
		if rests(f) {
			r.add(item, r.b.roots.of(f))
		}
	}
	if len(r.list) == n && q.Status == verify.NotApplicable {
		r.list = append(r.list, reason{"", Finding{
			Mark: r.b.mark(q.Status), Title: r.b.text("question." + number(q.N)), Detail: plain.Text(q.Sentence),
			Means: r.b.text("lead.not-applicable"),
		}})
	}
}

func (r *reasons) add(item string, f verify.Finding) {
	key := reasonKey{keyOf(f), ""}
	if strings.HasPrefix(f.Subject, filePrefix) {
		key.item = item
	}
	if !r.seen[key] {
		r.seen[key] = true
		r.list = append(r.list, reason{f.Check, r.b.finding(item, []verify.Finding{f})})
	}
}

func rank(s verify.Status) int {
	return slices.Index([]verify.Status{verify.Fails, verify.Undecided, verify.NotApplicable, verify.Holds}, s)
}

// summary is the last line.
func (b *builder) summary() string {
	count, events := b.count()
	items, acts := b.text("count.items", len(b.v.Items)), b.text("count.events", events)
	failing, open := b.text("count.failing", count[verify.Fails]), b.text("count.undecided", count[verify.Undecided])
	switch {
	case b.sender:
		return b.text("summary.sender", items, acts)
	case count[verify.Fails] > 0:
		return b.text("summary.fails", items, acts, failing, open)
	case b.v.Status == verify.Holds && count[verify.Undecided] > 0:
		return b.text("summary.holds-but", items, acts, open)
	case b.v.Status == verify.Holds:
		return b.text("summary.all", items, acts)
	case count[verify.Undecided] == 0:
		return b.text("summary.open", items, acts)
	}
	return b.text("summary.undecided", items, acts, open)
}

// count counts findings by status, and events.
func (b *builder) count() (map[verify.Status]int, int) {
	count, events := map[verify.Status]int{}, 0
	add := func(findings []verify.Finding) {
		for _, f := range findings {
			count[f.Status]++
		}
	}
	add(b.v.Container)
	for _, i := range b.v.Items {
		for _, q := range i.Questions {
			add(q.Findings)
		}
		events += eventsOf(i)
	}
	return count, events
}
