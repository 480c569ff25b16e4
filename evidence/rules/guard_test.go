package rules

import (
	"errors"
	"strings"
	"testing"

	"example.org/custody/evidence"
)

// Nothing that looks like a person stands where others see it; what may be
// personal stays free; a refusal names the field and never its value.
func TestGuard(t *testing.T) {
	p := compileText(t, []byte(strings.Replace(string(packWith(t, `true`)),
		`{"name": "version", "type": "text", "label": "Version", "help": "Version."}`,
		`{"name": "version", "type": "text", "label": "Version", "help": "Version."}, {"name": "by", "type": "text", "personal": "record", "label": "By", "help": "Who."}`, 1)))
	for _, c := range []struct {
		name    string
		pack    *Pack
		fields  map[string]any
		names   []string
		checked []string
		refused string // the field; "": taken
	}{
		{"plain", p, map[string]any{"make": "Acme", "case": "KOS-2026-0042"}, nil, nil, ""},
		{"e-mail in a guarded field", p, map[string]any{"make": "of anna@example.org"}, nil, nil, "make"},
		{"the same, confirmed", p, map[string]any{"make": "of anna@example.org"}, nil, []string{"make"}, ""},
		{"in a field that may be personal", p, map[string]any{"imei": []any{"490154203237518"}}, nil, nil, ""},
		{"what that says, in another", p, map[string]any{"imei": []any{"490154203237518"}, "make": "phone 490154203237518"}, nil, nil, "make"},
		{"a number of another record field", p, map[string]any{"imei": []any{"AB 17"}, "make": "phone AB-17"}, nil, nil, "make"},
		{"the words of a dictionary", p, map[string]any{"make": "phone of ERIKSSON, Anna"}, []string{"Eriksson"}, nil, "make"},
		{"part of a word is none", p, map[string]any{"make": "Erikssonia"}, []string{"Eriksson"}, nil, ""},
		{"too short to mean anything", p, map[string]any{"make": "an old phone"}, []string{"an"}, nil, ""},
		{"a member of a group", p, map[string]any{"tool": []any{map[string]any{"version": "7.2.1.104"}}}, nil, nil, ""},
		{"a mail address as version", p, map[string]any{"tool": []any{map[string]any{"version": "a@example.org"}}}, nil, nil, "tool[0].version"},
		{"a member that may be personal", p, map[string]any{"tool": []any{map[string]any{"by": "a@example.org"}}}, nil, nil, ""},
		{"its text elsewhere", p, map[string]any{"make": "used by Eriksson", "tool": []any{map[string]any{"by": "Eriksson"}}}, nil, nil, "make"},
		{"who collected is no secret", p, map[string]any{"collector": "AA-OFF-0311", "tool": []any{map[string]any{"by": "AA-OFF-0311"}}}, nil, nil, ""},
		{"a label, without a pack", nil, map[string]any{"label": "+44 20 7946 0958"}, nil, nil, "label"},
		{"another field, without a pack", nil, map[string]any{"note": "+44 20 7946 0958"}, nil, nil, ""},
	} {
		g := Guard{Pack: c.pack, Names: c.names, Checked: c.checked}
		err := g.Check(c.fields)
		var at *FieldError
		switch {
		case c.refused == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.refused != "" && (!errors.As(err, &at) || at.Field != c.refused):
			t.Errorf("%s: %v, want a refusal of %s", c.name, err, c.refused)
		case err != nil && (strings.Contains(err.Error(), "example.org") || strings.Contains(err.Error(), "Eriksson")):
			t.Errorf("%s: the refusal says the value: %v", c.name, err)
		}
	}
}

// An act says nothing that looks like a person in its envelope or in a reference;
// who received stays free in the record.
func TestGuardOfActs(t *testing.T) {
	mail, phone := "anna@example.org", "+44 20 7946 0958"
	to := func(kind evidence.PartyKind, ref string) evidence.Event {
		return evidence.Event{Action: evidence.Disclose, Counterparty: &evidence.Counterparty{Kind: kind, Ref: ref}}
	}
	for _, c := range []struct {
		name    string
		event   evidence.Event
		record  map[string]any
		names   []string
		refused string // the field; "": taken
	}{
		{"plain", to(evidence.PartyCourt, "3 K 17/26"), map[string]any{"to": "District Court", "purpose": "trial", "order": "DO 7/26"}, nil, ""},
		{"a reference", to(evidence.PartyCourt, mail), nil, nil, "ref"},
		{"the same, confirmed", to(evidence.PartyCourt, mail), map[string]any{FieldPersonalChecked: []string{"ref"}}, nil, ""},
		{"another one confirmed", to(evidence.PartyCourt, mail), map[string]any{FieldPersonalChecked: []string{"order"}}, nil, "ref"},
		{"a person's name in the reference", to(evidence.PartyPerson, "Anna-Eriksson 1"), map[string]any{"to": "Anna Eriksson"}, nil, "ref"},
		{"only what it is", to(evidence.PartyOwner, "owner 1"), map[string]any{"to": "owner"}, nil, ""},
		{"a protected name", to(evidence.PartyLab, "exhibit of Eriksson"), nil, []string{"Eriksson"}, "ref"},
		{"an appointment", evidence.Event{Action: evidence.Examine, Signers: []evidence.Signer{{Appointment: mail}}}, nil, nil, "appointment"},
		{"an order to erase", evidence.Event{Action: evidence.Dispose, Erases: []evidence.Erasure{{Order: mail}}}, nil, nil, "order"},
		{"a purpose", evidence.Event{Action: evidence.Examine}, map[string]any{"purpose": "ask " + phone}, nil, "purpose"},
		{"a tracking number", evidence.Event{Action: evidence.Offer}, map[string]any{"tracking": phone, "carrier": phone}, nil, "tracking"},
		{"who received", evidence.Event{Action: evidence.Disclose}, map[string]any{"to": mail, "note": mail, "attending": mail}, nil, ""},
		{"what is right of a label", evidence.Event{Action: evidence.Correct}, map[string]any{"field": "exhibit", "new": mail, "old": "E-1"}, nil, "exhibit"},
		{"what is right of a person", evidence.Event{Action: evidence.Correct}, map[string]any{"field": "owner", "new": mail, "old": "x"}, nil, ""},
	} {
		r, err := evidence.NewRecord(evidence.NewRecordKey(), c.record)
		if err != nil {
			t.Fatal(err)
		}
		g := Guard{Names: c.names}
		err = g.CheckAct(&c.event, r.Entries())
		var at *FieldError
		switch {
		case c.refused == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.refused != "" && (!errors.As(err, &at) || at.Field != c.refused):
			t.Errorf("%s: %v, want a refusal of %s", c.name, err, c.refused)
		case err != nil && (strings.Contains(err.Error(), "example.org") || strings.Contains(err.Error(), "Eriksson") || strings.Contains(err.Error(), "7946")):
			t.Errorf("%s: the refusal says the value: %v", c.name, err)
		}
	}
}

// What a person confirmed of an envelope is not among what the rules see as visible.
func TestConfirmedReferencesAreNotVisible(t *testing.T) {
	p := compileText(t, packWith(t, `item.visible.all(x, !personal(x))`))
	for checked, want := range map[string]Status{"": Fails, "order": Fails, "ref": Holds} {
		in := collected(viewOf(t, nil))
		act := evidence.Link{
			Event: &evidence.Event{Action: evidence.Disclose, Counterparty: &evidence.Counterparty{Kind: evidence.PartyCourt, Ref: "+44 20 7946 0958"}},
			View:  viewOf(t, map[string]any{FieldPersonalChecked: []string{checked}}),
		}
		in.Links = append(in.Links, act)
		r, err := p.Evaluate(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Results[0].Status; got != want {
			t.Errorf("%q confirmed: %s, want %s", checked, got, want)
		}
		in.Links[1].View = viewOf(t, map[string]any{FieldPersonalChecked: []string{checked}}, FieldPersonalChecked)
		if r, err = p.Evaluate(in); err != nil || r.Results[0].Status != Undecided {
			t.Errorf("what is confirmed is held back: %v, %v", r.Results, err)
		}
	}
	in := collected(viewOf(t, map[string]any{"label": "+44 20 7946 0958", FieldPersonalChecked: []string{"label"}}, FieldPersonalChecked))
	if r, err := p.Evaluate(in); err != nil || r.Results[0].Status != Undecided {
		t.Errorf("what is confirmed of a label is held back: %v, %v", r.Results, err)
	}
}

// Answers come from flags, files and forms, and leave in the types of the record.
func TestAnswers(t *testing.T) {
	p := compileText(t, packWith(t, `true`))
	got, err := p.Answers(map[string]any{"count": "3", "yes": "no", "imei": "490154203237518", "tool": `[{"version":"1"}]`, "note": "kept", "begun": "2026-11-26"})
	if err == nil {
		t.Error("a list of groups as one text is taken")
	}
	got, err = p.Answers(map[string]any{"count": "3", "yes": "no", "imei": "490154203237518", "tool": []any{map[string]any{"version": "1"}}, "note": "kept"})
	if err != nil {
		t.Fatal(err)
	}
	if got["count"] != int64(3) || got["yes"] != false || len(got["imei"].([]any)) != 1 || got["note"] != "kept" {
		t.Error(got)
	}
	for field, v := range map[string]any{
		"count": "three", "yes": "perhaps", "power-state": "asleep", "begun": "yesterday", "make": "", "imei": []any{}, "photo": 3, "mkae": "x",
		"tool": []any{map[string]any{"verison": "1"}}, "other": strings.Repeat("x", 2001),
	} {
		_, err := p.Answers(map[string]any{field: v})
		var at *FieldError
		if !errors.As(err, &at) || !strings.HasPrefix(at.Field, field) {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := p.Answers(map[string]any{"pwer-state": "on"}); err == nil || !strings.Contains(err.Error(), "did you mean power-state?") {
		t.Error(err)
	}
	if _, err := p.Answers(map[string]any{"tool": []any{map[string]any{"verison": "1"}}}); err == nil || !strings.Contains(err.Error(), "did you mean version?") {
		t.Error(err)
	}
}
