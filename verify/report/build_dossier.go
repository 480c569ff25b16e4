package report

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/verify"
	"example.org/custody/verify/report/plain"
)

// shownFields are the fields of the first record that describe an item to a
// court (spec/record.md, "Fields"), in the order of a report.
var shownFields = []string{"exhibit", "label", "object", "description", "case", "authority", "place", "collector", "physical-seal", "custody.before"}

// shown repeats what the first record says of the item.
func (b *builder) shown(v *verify.ItemVerdict) []Fact {
	first := b.dossier.first(v.Item)
	if first == nil || first.record == nil {
		return []Fact{{Name: b.text("shown.description"), Value: b.text("shown.not-proven")}}
	}
	var list []Fact
	for _, field := range shownFields {
		name := b.text("shown." + slug(field))
		for _, e := range first.record.Entries {
			switch {
			case e.Name != field:
			case e.Form == evidence.Shown:
				list = append(list, Fact{Name: name, Value: readable(string(e.Value))})
			default:
				list = append(list, Fact{Name: name, Value: b.text("shown.held-back", b.reason(e.Withheld.Code))})
			}
		}
	}
	return list
}

// name is what an item is called in a table: the first of its describing fields
// that is shown, else the name of its first file.
func (b *builder) name(v *verify.ItemVerdict) string {
	first := b.dossier.first(v.Item)
	if first == nil || first.record == nil {
		return b.text("item.unknown")
	}
	for _, field := range []string{"label", "exhibit", "object", "description"} {
		if text, p, err := evidence.Value[string](first.record, field); p == evidence.Present && err == nil {
			return plain.Shorten(plain.Text(text), 60)
		}
	}
	for _, e := range first.record.Files() {
		if f, err := evidence.ParseFileValue(e.Value); e.Form == evidence.Shown && err == nil {
			return plain.Shorten(plain.Name(f.Path), 60)
		}
	}
	return b.text("item.unknown")
}

func (b *builder) reason(code evidence.ReasonCode) string {
	return b.or("reason."+string(code), plain.Text(string(code)))
}

// files lists the files that were recorded when the item was sealed.
func (b *builder) files(v *verify.ItemVerdict) Table {
	t := Table{Caption: b.text("table.files"), Head: []string{
		b.text("table.file"), b.text("table.path"), b.text("table.size"), b.text("table.copy"), b.text("table.sha256"),
	}}
	if b.dossier == nil {
		return t
	}
	first := b.dossier.first(v.Item)
	if first == nil || first.record == nil {
		return t
	}
	copies := map[string]bool{}
	for _, p := range b.dossier.lines[v.Item].Payload {
		copies[p.File] = true
	}
	for n, e := range first.record.Files() {
		t.Rows = append(t.Rows, b.fileRow(n, e, copies[evidence.FileName(n)]))
	}
	return t
}

func (b *builder) fileRow(n int, e evidence.ViewEntry, enclosed bool) []Cell {
	row := []Cell{{Text: number(n)}, {}, {}, {Text: b.text("table.copy-none")}, {}}
	if e.Form != evidence.Shown {
		row[3].Text = b.text("table.copy-withheld", b.reason(e.Withheld.Code))
		return row
	}
	if enclosed {
		row[3].Text = b.text("table.copy-enclosed")
	}
	f, err := evidence.ParseFileValue(e.Value)
	if err != nil {
		return row
	}
	row[1].Text = plain.Name(f.Path)
	if f.Kind != evidence.KindFile {
		row[1].Text += " (" + plain.Text(string(f.Kind)) + ")"
	}
	if f.Digests != nil {
		row[2].Text = strconv.FormatInt(f.Digests.Size, 10)
		if f.Digests.SHA256 != (evidence.Hash{}) {
			row[4] = Cell{Text: f.Digests.SHA256.String(), Code: true}
		}
	}
	return row
}

// acts lists what was done, act by act.
func (b *builder) acts(v *verify.ItemVerdict) Table {
	t := Table{Caption: b.text("table.acts"), Head: []string{
		b.text("table.event"), b.text("table.act"), b.text("table.recorded"),
	}}
	if b.dossier == nil {
		return t
	}
	for _, a := range b.dossier.items[v.Item] {
		row := []Cell{{Text: strconv.FormatUint(a.seq, 10)}, {Text: b.text("table.act-unreadable")}, {}}
		switch {
		case a.line.Erased != nil:
			row[1].Text = b.text("table.act-erased")
		case a.event != nil:
			e := a.event
			row[1].Text = b.or("act."+string(e.Action), plain.Text(string(e.Action)))
			row[1].Below = b.signers(e.Signers)
			row[2] = Cell{Text: e.Recorded.Format(time.RFC3339Nano), Below: plain.Text(string(e.Origin)) + "#" + strconv.FormatUint(a.line.Index, 10)}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (b *builder) signers(list []evidence.Signer) string {
	var names []string
	for _, s := range list {
		names = append(names, b.text("table.signer", b.named("role", string(s.Role)), plain.Text(string(s.Authority)), s.Key.String()[:12]))
	}
	return strings.Join(names, ", ")
}

// withheld lists what is held back from the item's records.
func (b *builder) withheld(v *verify.ItemVerdict) Table {
	t := Table{Caption: b.text("table.withheld"), Open: true, Head: []string{
		b.text("table.event"), b.text("table.entry"), b.text("table.why"), b.text("table.authority"), b.text("table.looked-at"),
	}}
	if b.dossier == nil {
		return t
	}
	for _, a := range b.dossier.items[v.Item] {
		if a.record == nil {
			continue
		}
		held := slices.DeleteFunc(slices.Clone(a.record.Entries), func(e evidence.ViewEntry) bool { return e.Form == evidence.Shown })
		for _, e := range held {
			name := plain.Text(e.Name)
			if e.Form == evidence.NameWithheld {
				name = b.text("table.name-withheld")
			}
			t.Rows = append(t.Rows, []Cell{
				{Text: strconv.FormatUint(a.seq, 10)}, {Text: name}, {Text: b.reason(e.Withheld.Code)},
				{Text: plain.Text(e.Withheld.Authority)}, {Text: plain.Text(e.Withheld.Review)},
			})
		}
	}
	return t
}
