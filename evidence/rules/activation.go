package rules

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"example.org/custody/evidence"
)

// world is the variables of one item, and what is wrong with its fields.
type world struct {
	m        *model
	record   *recordIndex
	vars     map[string]any
	problems []Why
}

func (p *Pack) world(in *Input) (*world, error) {
	first, view := in.first()
	w := &world{m: p.model, record: indexOf(view), vars: map[string]any{}}
	fields := w.fields(p.fields)
	events, handoffs := w.events(in)
	w.vars[varFields] = fields
	w.vars[varItem] = w.item(in, first)
	w.vars[varEvents], w.vars[varHandoffs] = events, handoffs
	w.vars[varSpans] = w.spans(in.Timeline)
	w.vars[varNow] = exact(in.Now, "now")
	return w, nil
}

func (w *world) activation() (cel.Activation, error) { return cel.NewActivation(w.vars) }

// fields reads the pack's fields from the record.
func (w *world) fields(fields []*Field) *object {
	o := newObject(typeFields, varFields, w.m)
	o.absence.hidden = w.record.hidden
	for _, f := range fields {
		w.field(o, f)
	}
	return o
}

func (w *world) field(o *object, f *Field) {
	path := varFields + "." + f.Ident()
	raw, shown := w.record.shown[f.Name]
	switch {
	case shown:
		v, err := decodeValue(raw)
		var val ref.Val
		if err == nil {
			val, err = w.m.value(f, v, typeFields, path, f.Name)
		}
		if err != nil {
			val = unknown(Malformed, path)
			o.has[f.Ident()] = types.True
			w.problems = append(w.problems, Why{Malformed, f.Name})
		}
		o.vals[f.Ident()] = val
	case w.record.held[f.Name]:
		o.vals[f.Ident()] = unknown(Withheld, path)
	case f.Required && w.record.hidden:
		w.problems = append(w.problems, Why{Withheld, f.Name})
	case f.Required:
		w.problems = append(w.problems, Why{Absent, f.Name})
	}
}

// exact is a moment known exactly, or not shown when it is zero.
func exact(t time.Time, path string) ref.Val {
	if t.IsZero() {
		return unknown(NotShown, path)
	}
	return moment{At(t), path}
}

func (f Fact) val(path string) ref.Val {
	if f == FactUnknown {
		return unknown(NotShown, path)
	}
	return types.Bool(f == FactTrue)
}

func list(vals []ref.Val) ref.Val { return types.NewRefValList(types.DefaultTypeAdapter, vals) }

func (w *world) item(in *Input, first *evidence.Event) ref.Val {
	o := newObject(typeItem, varItem, w.m)
	it := &itemObject{object: o, files: map[string]*object{}, hidden: w.record.hidden}
	o.vals["files"] = w.files(in, it)
	o.vals["visible"] = w.visible(in)
	o.vals["rooted"], o.vals["parent_held"] = in.Rooted.val("item.rooted"), in.ParentHeld.val("item.parent_held")
	o.vals["children"], o.vals["tokens"] = children(in), tokens(in)
	it.custody(in)
	if first == nil {
		for _, name := range []string{"id", "derived", "derivation", "sealed"} {
			o.vals[name] = unknown(NotShown, "item."+name)
		}
		return it
	}
	from, to := first.Occurred.Reference()
	o.vals["id"], o.vals["sealed"] = types.String(first.Item.String()), moment{Interval{from, to}, "item.sealed"}
	o.vals["derived"], o.vals["derivation"] = types.Bool(first.Parent != nil), types.String("")
	if first.Parent != nil {
		o.vals["derivation"] = types.String(first.Parent.Kind)
	}
	return it
}

func (w *world) files(in *Input, it *itemObject) ref.Val {
	if in.FilesPending {
		it.hidden = true
		return unknown(NotShown, "item.files")
	}
	if w.record.hidden {
		return unknown(Withheld, "item.files")
	}
	var out []ref.Val
	for n := 1; ; n++ {
		name, path := evidence.FileName(n), fmt.Sprintf("item.files[%d]", n-1)
		raw, shown := w.record.shown[name]
		if !shown && !w.record.held[name] {
			return list(out)
		}
		o := newObject(typeFile, path, w.m)
		out = append(out, o)
		value, err := evidence.ParseFileValue(raw)
		if !shown || err != nil {
			it.hidden, o.absence.hidden = true, true
			continue
		}
		o.fill(&value)
		it.files[value.Path] = o
	}
}

// fill sets the members of a File.
func (o *object) fill(v *evidence.FileValue) {
	o.vals["path"], o.vals["kind"] = types.String(v.Path), types.String(v.Kind)
	o.vals["sha256"], o.vals["sha512"], o.vals["size"] = types.String(""), types.String(""), types.Int(0)
	if v.Modified != nil {
		o.vals["modified"] = moment{At(*v.Modified), o.path + ".modified"}
	}
	if d := v.Digests; d != nil {
		o.vals["size"] = types.Int(d.Size)
		if d.SHA256 != (evidence.Hash{}) {
			o.vals["sha256"] = types.String(d.SHA256.String())
		}
		if d.SHA512 != (evidence.Hash512{}) {
			o.vals["sha512"] = types.String(d.SHA512.String())
		}
	}
}

func children(in *Input) ref.Val {
	var out []ref.Val
	for _, l := range in.Links {
		switch {
		case l.Event == nil:
			out = append(out, unknown(NotShown, "item.children"))
		default:
			for range l.Event.Opens.Children {
				out = append(out, types.String("child"))
			}
		}
	}
	return list(out)
}

func tokens(in *Input) ref.Val {
	if in.Tokens == nil {
		return unknown(NotShown, "item.tokens")
	}
	var out []ref.Val
	for i, t := range in.Tokens {
		out = append(out, moment{At(t), fmt.Sprintf("item.tokens[%d]", i)})
	}
	return list(out)
}

// visible lists the texts that may be seen beside the record.
func (w *world) visible(in *Input) ref.Val {
	var out []ref.Val
	checked := confirmedIn(w.record.shown[FieldPersonalChecked])
	for _, name := range VisibleFields() {
		switch v, err := decodeValue(w.record.shown[name]); {
		case slices.Contains(checked, name):
		case w.record.held[name]:
			out = append(out, unknown(Withheld, varFields+"."+ident(name)))
		case err == nil:
			s, _ := v.(string)
			out = append(out, visibleText(s, w.record.held[FieldPersonalChecked]))
		}
	}
	for _, l := range in.Links {
		out = append(out, visibleOf(l)...)
	}
	return list(out)
}

// visibleOf lists the texts of one event's envelope, without those that its own
// record confirms.
func visibleOf(l evidence.Link) (out []ref.Val) {
	if l.Event == nil {
		return nil
	}
	var checked []string
	held := false
	if l.View != nil {
		for _, e := range l.View.Entries {
			switch {
			case e.Name != FieldPersonalChecked:
			case e.Form == evidence.Shown:
				checked = confirmedIn(e.Value)
			default:
				held = true
			}
		}
	}
	for _, t := range envelopeTexts(l.Event) {
		if !slices.Contains(checked, t.field) {
			out = append(out, visibleText(t.text, held))
		}
	}
	return out
}

// visibleText is a text that may be seen; unknown when it looks like a person and
// what may confirm that it is none is held back.
func visibleText(s string, held bool) ref.Val {
	if held && Identifies(s) != "" {
		return unknown(Withheld, varFields+"."+ident(FieldPersonalChecked))
	}
	return types.String(s)
}

// confirmedIn reads the shown value of [FieldPersonalChecked], nil when there is none.
func confirmedIn(raw json.RawMessage) []string {
	v, err := decodeValue(raw)
	if err != nil {
		return nil
	}
	return confirmed(v)
}
