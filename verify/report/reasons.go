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
	if len(r.list) == 0 && len(r.hanging) > 0 {
		return r.hanging[:1]
	}
	slices.SortStableFunc(r.list, func(x, y reason) int { return cmp.Compare(x.rank(), y.rank()) })
	return r.list
}

// rank orders reasons: what fails; that there is no list, or that a ledger is not
// vouched for, from which all else that is undecided may follow; what is
// undecided; what does not apply.
func (r reason) rank() int {
	switch {
	case r.question != nil:
		return 4
	case r.finding.Status == verify.Fails:
		return 0
	case r.finding.Check == listCheck:
		return 1
	case strings.HasPrefix(r.finding.Check, "checkpoint."):
		return 2
	}
	return 3
}

// because describes a reason.
func (b *builder) because(r reason) Finding {
	if r.question == nil {
		return b.finding(r.item, []verify.Finding{r.finding})
	}
	sentence, _ := b.sentence(plain.Text(r.question.Sentence))
	return Finding{
		Mark: b.mark(r.question.Status), Title: b.text("question." + number(r.question.N)),
		Means: b.text("lead.not-applicable"), Detail: Words{{Text: sentence}},
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
	// hanging are those that rest on a finding which the verdict does not show.
	hanging []reason
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
		if !rests(f) {
			continue
		}
		if root := r.b.roots.of(f); !rests(root) {
			r.add(item, root)
		} else {
			r.hanging = append(r.hanging, reason{item: item, finding: root})
		}
	}
	if q.Status == verify.NotApplicable && len(r.list) == n {
		r.list = append(r.list, reason{item: item, question: q})
	}
}

func (r *reasons) add(item string, f verify.Finding) {
	key := reasonKey{keyOf(f), ""}
	switch {
	case strings.HasPrefix(f.Subject, filePrefix):
		key.item = item
	case isAlone(f):
		key.findingKey = findingKey{check: courtCheck} // one reason for all its checkpoints
	}
	if !r.seen[key] {
		r.seen[key] = true
		r.list = append(r.list, reason{item: item, finding: f})
	}
}
