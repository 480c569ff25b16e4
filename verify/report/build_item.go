package report

import (
	"strings"

	"example.org/custody/verify"
)

// item describes item i with its answers.
func (b *builder) item(i int) Item {
	v := &b.v.Items[i]
	anchor := "item-" + number(i+1)
	out := Item{
		Anchor: anchor, Title: b.text("item.heading", number(i+1)),
		ID:    Fact{Name: b.text("item.id"), Value: v.Item.String(), Code: true},
		Shown: Facts{Title: b.text("item.shown")},
	}
	if !b.sender {
		out.Mark = b.mark(b.itemStatus(v))
	}
	if b.dossier != nil {
		out.Shown.List = b.shown(v)
	}
	for _, q := range v.Questions {
		if q.N == 10 {
			continue // one answer for all items, at the end
		}
		x := b.question(anchor, v.Item.Short(), q)
		switch q.N {
		case 1:
			x.Tables = b.table(b.files(v))
		case 3:
			x.Timeline = b.timeline(v)
			x.Tables = b.table(b.acts(v))
		case 9:
			x.Tables = b.table(b.withheld(v))
		}
		out.Questions = append(out.Questions, x)
	}
	return out
}

// table returns a list of one table, or of none when it has no row. Rows past
// the bound are counted.
func (b *builder) table(t Table) []Table {
	if len(t.Rows) == 0 {
		return nil
	}
	if more := len(t.Rows) - b.rows; more > 0 {
		t.Rows, t.More = t.Rows[:b.rows], b.text("count.more-rows", more)
	}
	return []Table{t}
}

// overview shows the answers at a glance: ten rows for one item, one row an item
// for several.
func (b *builder) overview() (Table, string) {
	switch len(b.v.Items) {
	case 0:
		return Table{}, ""
	case 1:
		return b.overviewOfOne(), ""
	}
	t := Table{Caption: b.text("overview.caption"), Head: []string{b.text("overview.item")}}
	if b.dossier != nil {
		t.Head = append(t.Head, b.text("overview.what"))
	}
	if !b.sender {
		t.Head = append(t.Head, b.text("overview.result"))
	}
	for n := 1; n <= 9; n++ {
		t.Head = append(t.Head, number(n))
	}
	for i := range b.v.Items {
		t.Rows = append(t.Rows, b.overviewRow(i))
	}
	var signs []string
	for _, s := range []verify.Status{verify.Holds, verify.Fails, verify.Undecided, verify.NotApplicable} {
		signs = append(signs, b.text("sign."+string(s))+" "+b.text("status."+string(s)))
	}
	return t, b.text("overview.legend", strings.Join(signs, ", "))
}

func (b *builder) overviewRow(i int) []Cell {
	v := &b.v.Items[i]
	row := []Cell{{Text: v.Item.Short(), Code: true, Link: "item-" + number(i+1)}}
	if b.dossier != nil {
		row = append(row, Cell{Text: b.name(v)})
	}
	if !b.sender {
		m := b.mark(b.itemStatus(v))
		row = append(row, Cell{Mark: &m, Text: m.Word})
	}
	for _, q := range v.Questions[:min(9, len(v.Questions))] {
		m := b.mark(q.Status)
		row = append(row, Cell{Mark: &m})
	}
	return row
}

func (b *builder) overviewOfOne() Table {
	t := Table{
		Caption: b.text("overview.caption-one"),
		Head:    []string{b.text("overview.number"), b.text("overview.question"), b.text("overview.answer")},
	}
	for _, q := range b.v.Items[0].Questions {
		m, link := b.mark(q.Status), "item-1-question-"+number(q.N)
		if q.N == 10 {
			m, link = b.always(), "limits"
		}
		t.Rows = append(t.Rows, []Cell{
			{Text: number(q.N)}, {Text: b.text("question." + number(q.N)), Link: link}, {Mark: &m, Text: m.Word},
		})
	}
	return t
}
