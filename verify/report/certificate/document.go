package certificate

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/verify"
	"example.org/custody/verify/report"
	"example.org/custody/verify/report/plain"
)

// Errors of [New].
var (
	ErrUnknown = errors.New("no statement of that name")
	ErrOpen    = errors.New("a statement is drafted of a package that holds, and of no other")
)

// Document is a statement filled in: a draft, in one language, before any layout. All
// texts are safe to show as they are and none is markup.
type Document struct {
	Form     string // "<id>/<version>"
	Language string
	Title    string
	Law      string
	Draft    string // the mark, for the top and the head of every page
	Note     string // what a draft is
	Parts    []Part
}

// Part is a heading, a paragraph or a table: one of them.
type Part struct {
	Heading string
	Text    string
	Table   *report.Table
}

// Running is what stands at the head of every page.
func (d *Document) Running() string { return d.Draft + " · " + d.Title }

// New fills a statement in from the verdict on a package, as o would have it reported
// but for the language, which is the statement's. inventory is the SHA-256 of the
// package's record/inventory.csv. It returns [ErrUnknown], or [ErrOpen] where the
// verdict does not hold.
func New(id string, v *verify.Verdict, o report.Options, inventory evidence.Hash) (*Document, error) {
	form := find(id)
	if form == nil {
		return nil, fmt.Errorf("%q: %w; there are %s", id, ErrUnknown, strings.Join(IDs(), ", "))
	}
	if v.Status != verify.Holds || v.Package == nil {
		return nil, ErrOpen
	}
	for _, item := range v.Items {
		for _, q := range item.Questions {
			if q.Status != verify.Holds && slices.Contains(form.Holds, q.N) {
				return nil, fmt.Errorf("question %d about item %s does not hold: %w", q.N, item.Item.Short(), ErrOpen)
			}
		}
	}
	o.Language = form.Language
	f := &filler{v: v, said: report.New(v, o)}
	f.values = f.packageValues(inventory)
	d := &Document{
		Form: form.ID + "/" + strconv.Itoa(form.Version), Language: form.Language,
		Title: form.Title, Law: form.Law, Draft: form.Draft, Note: form.DraftNote,
	}
	for _, b := range form.Blocks {
		if b.Each == nil {
			d.Parts = append(d.Parts, f.part(b, nil))
			continue
		}
		for i := range v.Items {
			item := f.ofItem(i)
			for _, one := range b.Each {
				d.Parts = append(d.Parts, item.part(one, &f.said.Items[i]))
			}
		}
	}
	return d, nil
}

// filler knows what stands in braces.
type filler struct {
	v      *verify.Verdict
	said   *report.Document
	values []string // name in braces and value, in turn
}

func (f *filler) packageValues(inventory evidence.Hash) []string {
	packed := f.v.Package.Packed
	if f.v.Package.Stamped != "" {
		packed = f.v.Package.Stamped
	}
	return []string{
		"{package}", plain.Text(f.v.Package.Manifest), "{packed}", plain.Text(packed), "{inventory}", inventory.String(),
		"{list}", strconv.FormatUint(f.v.Trust.Version, 10), "{list-digest}", plain.Text(f.v.Trust.SHA256), "{items}", strconv.Itoa(len(f.v.Items)),
	}
}

// ofItem returns a filler that knows what stands in braces of one item as well.
func (f *filler) ofItem(i int) *filler {
	v, said := &f.v.Items[i], &f.said.Items[i]
	values := append(f.values[:len(f.values):len(f.values)], "{id}", v.Item.String())
	var shown []string
	for _, fact := range said.Shown.List {
		shown = append(shown, fact.Name+": "+fact.Value)
	}
	values = append(values, "{shown}", strings.Join(shown, "\n"))
	for _, q := range said.Questions {
		values = append(values, "{q"+q.Number+"}", q.Mark.Word+". "+q.Sentence)
	}
	return &filler{f.v, f.said, values}
}

// part fills one block in; item is nil outside of items.
func (f *filler) part(b Block, item *report.Item) Part {
	fill := strings.NewReplacer(f.values...).Replace
	p := Part{Heading: fill(b.Heading), Text: fill(b.Text)}
	if b.Table != "" && item != nil {
		p.Table = tableOf(b.Table, item)
	}
	return p
}

// tableOf returns one of the report's tables about an item; nil where it has none.
func tableOf(name string, item *report.Item) *report.Table {
	for i := range item.Questions {
		q := &item.Questions[i]
		switch {
		case name == "files" && q.Number == "1" && len(q.Tables) > 0, name == "acts" && q.Number == "3" && len(q.Tables) > 0:
			return &q.Tables[0]
		case name == "custody" && q.Number == "3" && q.Timeline != nil:
			return &q.Timeline.Table
		}
	}
	return nil
}
