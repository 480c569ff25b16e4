package report

// Walk calls f with every text of the document that a reader can see, in order.
// A layout is complete when it shows all of them in this order.
func (d *Document) Walk(f func(text string)) {
	say := func(texts ...string) {
		for _, t := range texts {
			if t != "" {
				f(t)
			}
		}
	}
	say(d.Title, d.Notice)
	d.Lead.walk(say)
	if len(d.Overview.Rows) > 0 {
		say(d.Glance)
	}
	d.Overview.walk(say)
	say(d.Legend, d.Brief, d.LeftOut)
	d.Basis.walk(say)
	if d.Package != nil {
		d.Package.walk(say)
	}
	for i := range d.Items {
		d.Items[i].walk(say)
	}
	d.Limits.walk(say)
	say(d.Footer...)
	say(d.Summary)
}

func (l *Lead) walk(say func(...string)) {
	l.Mark.walk(say)
	say(l.Sentence, l.Original, l.Means, l.Do)
	if len(l.Reasons) > 0 {
		say(l.Why)
	}
	for _, r := range l.Reasons {
		r.walkBrief(say)
	}
	say(l.More)
}

func (m *Mark) walk(say func(...string)) { say(m.Sign, m.Word) }

func (f *Facts) walk(say func(...string)) {
	if len(f.List) == 0 {
		return
	}
	say(f.Title)
	walkFacts(f.List, say)
}

func walkFacts(list []Fact, say func(...string)) {
	for _, g := range grouped(list) {
		say(g[0].Name)
		for _, x := range g {
			say(x.Value, x.Original)
		}
	}
}

func (i *Item) walk(say func(...string)) {
	i.Mark.walk(say)
	say(i.Title, i.ID.Name, i.ID.Value)
	i.Shown.walk(say)
	for n := range i.Questions {
		i.Questions[n].walk(say)
	}
}

func (q *Question) walk(say func(...string)) {
	q.Mark.walk(say)
	say(q.Number, q.Title, q.Sentence, q.Original)
	for n := range q.Findings {
		q.Findings[n].walk(say)
	}
	say(q.More, q.Stated, q.Resting)
	if q.Timeline != nil {
		say(q.Timeline.Note)
		q.Timeline.Table.walk(say)
	}
	q.Facts.walk(say)
	for n := range q.Tables {
		q.Tables[n].walk(say)
	}
	for _, c := range []Counted{q.Holding, q.Idle} {
		say(c.Title)
		walkFacts(c.List, say)
	}
	say(q.ByHand.Name, q.ByHand.Value)
}

// walkBrief is a finding among the reasons of the lead: the values that
// contradict stand with the question.
func (f *Finding) walkBrief(say func(...string)) {
	f.Mark.walk(say)
	say(f.Title, f.Means, f.Rule, f.Detail.String(), f.Original, f.Do)
}

func (f *Finding) walk(say func(...string)) {
	f.Mark.walk(say)
	say(f.Title, f.Means, f.Rule, f.Detail.String(), f.Original, f.Do, f.Context)
	f.Proof.walk(say)
}

func (t *Table) walk(say func(...string)) {
	if len(t.Rows) == 0 {
		return
	}
	say(t.Caption)
	say(t.Head...)
	for _, row := range t.Rows {
		for _, c := range row {
			if c.Mark != nil {
				say(c.Mark.Sign)
			}
			say(c.Text, c.Below)
		}
	}
	say(t.More)
}

// grouped puts facts that follow on each other with one name together.
func grouped(list []Fact) [][]Fact {
	var groups [][]Fact
	for _, f := range list {
		if n := len(groups) - 1; n >= 0 && groups[n][0].Name == f.Name {
			groups[n] = append(groups[n], f)
			continue
		}
		groups = append(groups, []Fact{f})
	}
	return groups
}
