package rules

import (
	"encoding/json"
	"slices"
	"strings"

	"example.org/custody/evidence"
)

// Names under which a person confirms a text of an envelope.
const (
	textAppointment = "appointment"
	textRef         = "ref"
	textOrder       = "order"
)

// envelopeTexts lists the texts of an event's envelope, which are seen by whoever
// sees the envelope. Each stands under the name by which it is confirmed.
func envelopeTexts(e *evidence.Event) (out []placedText) {
	add := func(name, text string) {
		if text != "" {
			out = append(out, placedText{name, name, text, true})
		}
	}
	for _, s := range e.Signers {
		add(textAppointment, s.Appointment)
	}
	if e.Counterparty != nil {
		add(textRef, e.Counterparty.Ref)
	}
	for _, x := range e.Erases {
		add(textOrder, x.Order)
	}
	return out
}

// ActFields are the entries of an act's record that are references, or say why
// the act was done: they are filed and read out where others than the holders of
// the record are. Who received, attended or carried stays free: that is what
// the record is for.
func ActFields() []string {
	return append(VisibleFields(), "acting", "approval", "condition", "confirms", "inventory", textOrder, "purpose", "reason", "tracking", "written-receipt")
}

// CheckAct returns a [*FieldError] for the first text of an act that must not
// identify a person and looks like it: in its envelope, or in the entries of its
// record that are [ActFields]. Entries of the record's [FieldPersonalChecked] are
// confirmed as g.Checked are. It never repeats the value.
func (g *Guard) CheckAct(e *evidence.Event, record []evidence.Entry) error {
	fields := map[string]any{}
	for _, one := range record {
		var v any
		if json.Unmarshal(one.Value, &v) == nil {
			fields[one.Name] = v
		}
	}
	act := Guard{Names: g.Names, Checked: append(slices.Clone(g.Checked), confirmed(fields[FieldPersonalChecked])...)}
	if p := e.Counterparty; p != nil && (p.Kind == evidence.PartyPerson || p.Kind == evidence.PartyOwner) {
		if who, ok := fields["to"].(string); ok && !strings.EqualFold(who, string(p.Kind)) {
			act.Names = append(slices.Clone(act.Names), who)
		}
	}
	return act.refuse(append(envelopeTexts(e), actTexts(e, fields)...), act.Names)
}

// actTexts lists the texts of an act's record that identify nobody. What a
// correction says is right of a field stands where that field does.
func actTexts(e *evidence.Event, fields map[string]any) (out []placedText) {
	visit := func(name string, v any) {
		walkTexts(nil, name, v, true, func(path, text string, _ bool) {
			out = append(out, placedText{name, path, text, true})
		})
	}
	for _, name := range ActFields() {
		visit(name, fields[name])
	}
	if corrected, ok := fields["field"].(string); ok && e.Action == evidence.Correct && slices.Contains(ActFields(), corrected) {
		visit(corrected, fields["new"])
	}
	return out
}

// confirmed reads the value of [FieldPersonalChecked].
func confirmed(v any) (names []string) {
	list, _ := v.([]any)
	for _, n := range list {
		if s, ok := n.(string); ok {
			names = append(names, s)
		}
	}
	return names
}
