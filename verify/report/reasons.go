package report

import (
	"cmp"
	"slices"
	"strings"

	"example.org/custody/verify"
	"example.org/custody/verify/report/plain"
)

// reason is why a verdict does not hold: a finding that rests on no other, or a
// question that is required and does not apply.
type reason struct {
	item     string // short id of the item it stands under; empty for the file itself
	finding  verify.Finding
	question *verify.Question // when there is no finding
}

// reasons are those of the whole verdict, each once, what fails first.
func (b *builder) reasons() []reason {
	if b.v.Status == verify.Holds {
		return nil
	}
	r := reasons{b: b, seen: map[reasonKey]bool{}}
	r.take("", b.v.Container)
	for _, i := range b.v.Items {
		for n := range i.Questions {
			if q := &i.Questions[n]; q.N <= 6 && q.Status == verify.Fails || b.keepsOpen(*q) {
				r.question(i.Item.Short(), q)
			}
		}
	}
	slices.SortStableFunc(r.list, func(x, y reason) int { return cmp.Compare(x.rank(), y.rank()) })
	return r.list
}

// rank orders reasons: what fails; that there is no list, from which all that is
// undecided may follow; what is undecided; what does not apply.
func (r reason) rank() int {
	switch {
	case r.question != nil:
		return 3
	case r.finding.Status == verify.Fails:
		return 0
	case r.finding.Check == listCheck:
		return 1
	}
	return 2
}

// because describes a reason.
func (b *builder) because(r reason) Finding {
	if r.question == nil {
		return b.finding(r.item, []verify.Finding{r.finding})
	}
	return Finding{
		Mark: b.mark(r.question.Status), Title: b.text("question." + number(r.question.N)),
		Means: b.text("lead.not-applicable"), Detail: plain.Text(r.question.Sentence),
	}
}

// reasonKey tells reasons apart: every item has a file/1, all else is named once
// in a verdict.
type reasonKey struct {
	findingKey
	item string
}

// reasons gathers reasons.
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
func (r *reasons) question(item string, q *verify.Question) {
	n := len(r.list)
	r.take(item, q.Findings)
	for _, f := range q.Findings {
		if rests(f) {
			r.add(item, r.b.roots.of(f))
		}
	}
	if len(r.list) == n && q.Status == verify.NotApplicable {
		r.list = append(r.list, reason{item: item, question: q})
	}
}

func (r *reasons) add(item string, f verify.Finding) {
	key := reasonKey{keyOf(f), ""}
	if strings.HasPrefix(f.Subject, filePrefix) {
		key.item = item
	}
	if !r.seen[key] {
		r.seen[key] = true
		r.list = append(r.list, reason{item: item, finding: f})
	}
}
