package report

import (
	"example.org/custody/verify"
	"example.org/custody/verify/report/plain"
)

// maxReasons is how many reasons stand at the head of a report; the others
// stand with their questions.
const maxReasons = 5

// lead is the answer and why.
func (b *builder) lead() Lead {
	if b.sender {
		return Lead{Label: b.text("page.answer"), Sentence: b.text("sender.sentence"), Means: b.text("lead.sender.means"), Do: b.text("lead.sender.do")}
	}
	key := "lead." + string(b.v.Status)
	l := Lead{
		Label: b.text("page.answer"), Mark: b.mark(b.v.Status), Sentence: plain.Text(b.v.Sentence),
		Means: b.text(key + ".means"), Do: b.text(key + ".do"), Why: b.text("lead.reasons"),
	}
	list, most := b.reasons(), maxReasons
	if b.noList() {
		most = 1 // the others follow from it
	}
	if more := len(list) - most; more > 0 {
		list, l.More = list[:most], b.text("lead.more", more)
	}
	for _, r := range list {
		l.Reasons = append(l.Reasons, b.because(r))
	}
	switch {
	case b.noList():
		l.Sentence = b.text("lead.undecided.no-list")
	case b.v.Status == verify.Holds:
		l.Sentence = b.text("lead.holds.sentence", b.text("count.items", len(b.v.Items)))
	case len(l.Reasons) > 0:
		l.Sentence = b.text(key+".sentence") + " " + l.Reasons[0].Title
	}
	if b.english != nil {
		l.Original = b.english.lead().Sentence
	}
	return l
}

// noList reports whether nothing can be decided because nobody gave a list.
func (b *builder) noList() bool {
	return b.v.Trust.Source == verify.SourceNone && b.v.Status == verify.Undecided && len(b.v.Items) > 0
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
