package rules

import (
	"fmt"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"example.org/custody/evidence"
)

// events returns the variables events and handoffs.
func (w *world) events(in *Input) (events, handoffs ref.Val) {
	var all, offers []ref.Val
	for i, l := range in.Links {
		path := fmt.Sprintf("events[%d]", i)
		if l.Event == nil {
			all = append(all, unknown(NotShown, path))
			continue
		}
		all = append(all, w.event(&l, path))
		if l.Event.Action == evidence.Offer {
			offers = append(offers, w.handoff(in.Links, i, fmt.Sprintf("handoffs[%d]", len(offers))))
		}
	}
	return list(all), list(offers)
}

func (w *world) event(l *evidence.Link, path string) ref.Val {
	e, o := l.Event, newObject(typeEvent, path, w.m)
	from, to := e.Occurred.Reference()
	by := e.Signer()
	set := func(name string, v ref.Val) { o.vals[name] = v }
	set("seq", types.Int(e.Seq))
	set("action", types.String(e.Action))
	set("clock", types.String(e.Occurred.Clock))
	set("occurred", moment{Interval{from, to}, path + ".occurred"})
	set("recorded", moment{At(e.Made()), path + ".recorded"})
	set("logged", logged(l, path+".logged"))
	set("role", types.String(by.Role))
	set("authority", types.String(by.Authority))
	set("key", types.String(by.Key.String()))
	set("signers", types.Int(len(e.Signers)))
	if by.Appointment != "" {
		set("appointment", types.String(by.Appointment))
	}
	if !e.Due.IsZero() {
		set("due", moment{At(e.Due), path + ".due"})
	}
	party(o, e.Counterparty)
	w.eventRecord(o, l.View)
	return o
}

// logged is when the ledger had the event, by its receipt: not before it was
// made, as stated, and not after the receipt's time.
func logged(l *evidence.Link, path string) ref.Val {
	if l.NotAfter.IsZero() {
		return unknown(NotShown, path)
	}
	from := l.Event.Made()
	if from.After(l.NotAfter) {
		from = l.NotAfter
	}
	return moment{Interval{from, l.NotAfter}, path}
}

func party(o *object, c *evidence.Counterparty) {
	if c == nil {
		return
	}
	o.vals["to_kind"] = types.String(c.Kind)
	if c.State != "" {
		o.vals["to_state"] = types.String(c.State)
	}
	if c.Ref != "" {
		o.vals["to_reference"] = types.String(c.Ref)
	}
}

// recordTexts and recordIdents save what every event asks for anew.
var (
	recordTexts  = RecordTexts()
	recordIdents = func() map[string]string {
		m := map[string]string{}
		for _, name := range RecordTexts() {
			m[name] = ident(name)
		}
		return m
	}()
)

// eventRecord reads what an event's own record says.
func (w *world) eventRecord(o *object, view *evidence.View) {
	x := indexOf(view)
	o.absence.hidden = x.hidden
	for _, name := range recordTexts {
		o.read(x, name, recordIdents[name], func(v any) (ref.Val, bool) {
			s, ok := v.(string)
			return types.String(s), ok
		})
	}
	o.read(x, "analysis", "analysis", func(v any) (ref.Val, bool) {
		b, ok := v.(bool)
		return types.Bool(b), ok
	})
	o.read(x, "inventory-due", "inventory_due", func(v any) (ref.Val, bool) {
		at, problem := parseMoment(v)
		return moment{at, o.path + ".inventory_due"}, problem == ""
	})
	o.read(x, evidence.FieldSealBefore, "seals_before", textList)
	o.read(x, evidence.FieldSealAfter, "seals_after", textList)
	o.read(x, evidence.FieldDigests, "rechecked", func(v any) (ref.Val, bool) {
		check, _ := v.(map[string]any)
		different, ok := check["different"].([]any)
		return types.Bool(len(different) == 0), ok
	})
	if _, there := o.vals["rechecked"]; !there && !x.hidden {
		o.vals["rechecked"] = types.False
	}
	for _, name := range []string{"appointment", "due", "to_kind", "to_state", "to_reference"} {
		if _, there := o.vals[name]; !there { // of the envelope, which hides nothing
			o.vals[name], o.has[name] = unknown(Absent, o.path+"."+name), types.False
		}
	}
}

// read sets one member from an entry of the record.
func (o *object) read(x *recordIndex, name, member string, as func(any) (ref.Val, bool)) {
	path := o.path + "." + member
	raw, shown := x.shown[name]
	if !shown {
		if x.held[name] {
			o.vals[member] = unknown(Withheld, path)
		}
		return
	}
	v, err := decodeValue(raw)
	val, ok := ref.Val(nil), false
	if err == nil {
		val, ok = as(v)
	}
	if !ok {
		val = unknown(Malformed, path)
	}
	o.vals[member] = val
}

func textList(v any) (ref.Val, bool) {
	all, ok := v.([]any)
	out := make([]ref.Val, 0, len(all))
	for _, one := range all {
		s, is := one.(string)
		ok = ok && is
		out = append(out, types.String(s))
	}
	return list(out), ok
}

// handoff sets out an offer with what answered it.
func (w *world) handoff(links []evidence.Link, i int, path string) ref.Val {
	o, offer := newObject(typeHandoff, path, w.m), links[i].Event
	o.vals["seq"], o.vals["due"] = types.Int(offer.Seq), moment{At(offer.Due), path + ".due"}
	party(o, offer.Counterparty)
	x := indexOf(links[i].View)
	o.absence.hidden = x.hidden
	for _, name := range []string{"reason", "attending"} {
		o.read(x, name, name, func(v any) (ref.Val, bool) {
			s, ok := v.(string)
			return types.String(s), ok
		})
	}
	answer(o, links, i)
	return o
}

func answer(o *object, links []evidence.Link, i int) {
	o.vals["answer"], o.vals["distinct"] = types.String(""), types.False
	if i+1 >= len(links) {
		return
	}
	next := links[i+1].Event
	switch {
	case next == nil:
		o.vals["answer"], o.vals["distinct"] = unknown(NotShown, o.path+".answer"), unknown(NotShown, o.path+".answer")
	case next.Action == evidence.Accept:
		o.vals["distinct"] = types.Bool(next.Signer().Key != links[i].Event.Signer().Key)
		fallthrough
	case next.Action == evidence.Decline, next.Action == evidence.Withdraw:
		o.vals["answer"] = types.String(next.Action)
	}
}

func (w *world) spans(t *evidence.Timeline) ref.Val {
	if t == nil {
		return unknown(NotShown, varSpans)
	}
	var out []ref.Val
	for i, s := range t.Spans {
		path := fmt.Sprintf("spans[%d]", i)
		o := newObject(typeSpan, path, w.m)
		o.vals["kind"] = types.String(s.Kind)
		o.vals["from"], o.vals["to"] = exact(s.Begin, path+".from"), unknown(NotYetDue, path+".to")
		if !s.End.IsZero() {
			o.vals["to"] = exact(s.End, path+".to")
		}
		if s.Custodian != nil {
			o.vals["key"], o.vals["role"] = types.String(s.Custodian.Key.String()), types.String(s.Custodian.Role)
		}
		out = append(out, o)
	}
	return list(out)
}
