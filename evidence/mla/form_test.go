package mla_test

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"example.org/custody/evidence/mla"
	"example.org/custody/evidence/rules"
	"example.org/custody/spec"
)

// today is the moment for which the fixtures are complete.
var today = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// forms returns every form of the program by the id of its standard.
func forms(t *testing.T) map[string]*mla.Form {
	t.Helper()
	all := map[string]*mla.Form{}
	for _, i := range mla.Builtin().Instruments() {
		for n := range i.Forms {
			id, _, _ := strings.Cut(string(i.Forms[n].Form), "/")
			all[id] = &i.Forms[n]
		}
	}
	return all
}

// fixture is a vector of a form.
type fixture struct {
	complete map[string]any
	changes  map[string]change // by folder and rule, as refused/A-01
}

type change struct {
	Field string         `json:"field"`
	Patch map[string]any `json:"patch"`
}

func fixtureOf(t *testing.T, form string) fixture {
	t.Helper()
	b, err := spec.Vectors.ReadFile("vectors/form-" + form + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	f := fixture{changes: map[string]change{}}
	for _, file := range txtar.Parse(b).Files {
		if file.Name == "complete.json" {
			if err := json.Unmarshal(file.Data, &f.complete); err != nil {
				t.Fatalf("%s: %v", form, err)
			}
			continue
		}
		var c change
		if err := json.Unmarshal(file.Data, &c); err != nil {
			t.Fatalf("%s %s: %v", form, file.Name, err)
		}
		f.changes[strings.TrimSuffix(file.Name, ".json")] = c
	}
	return f
}

// patched is the complete form with a merge patch (RFC 7386; no field has null
// or a patch within).
func (f fixture) patched(c change) map[string]any {
	out := maps.Clone(f.complete)
	for name, v := range c.Patch {
		out[name] = v
		if v == nil {
			delete(out, name)
		}
	}
	return out
}

// One complete fixture of each form can be signed, with no warning either.
func TestCompleteFormsCanBeSigned(t *testing.T) {
	all := forms(t)
	if len(all) != 17 {
		t.Errorf("%d forms, 17 are meant", len(all))
	}
	for id, form := range all {
		problems, err := mla.Builtin().Check(form, fixtureOf(t, id).complete, today)
		if err != nil || len(problems) > 0 {
			t.Errorf("%s: %+v %v", id, problems, err)
		}
	}
}

// Each rule of each form has a fixture that breaks it alone, and the problem
// names rule and field.
func TestEachRuleIsBrokenAlone(t *testing.T) {
	for id, form := range forms(t) {
		pack, err := mla.Builtin().Pack(form)
		if err != nil {
			t.Fatal(err)
		}
		f := fixtureOf(t, id)
		for _, rule := range pack.AllRules() {
			folder, severity := "refused/", rules.Block
			if rule.Severity == rules.Warning {
				folder, severity = "warned/", rules.Warning
			}
			c, ok := f.changes[folder+rule.ID]
			if !ok {
				t.Errorf("%s: no fixture breaks rule %s", id, rule.ID)
				continue
			}
			delete(f.changes, folder+rule.ID)
			broken(t, id, form, f.patched(c), rule.ID, c.Field, severity)
		}
		for name := range f.changes {
			t.Errorf("%s: the fixture %s is of no rule", id, name)
		}
	}
}

func broken(t *testing.T, id string, form *mla.Form, fields map[string]any, rule, field string, severity rules.Severity) {
	t.Helper()
	problems, err := mla.Builtin().Check(form, fields, today)
	if err != nil || len(problems) != 1 {
		t.Errorf("%s %s: %+v %v", id, rule, problems, err)
		return
	}
	p := problems[0]
	if p.Rule != rule || p.Field != field || p.Severity != severity || p.Section == "" || p.Label == "" || p.Text == "" || p.Source == "" {
		t.Errorf("%s %s: %+v", id, rule, p)
	}
	err = mla.Builtin().Complete(form, fields, today)
	if refused := errors.Is(err, mla.ErrIncomplete); refused != (severity == rules.Block) || refused && !strings.Contains(err.Error(), field) {
		t.Errorf("%s %s: %v", id, rule, err)
	}
}

// A form without one of its required fields is refused, and names it.
func TestRequiredFieldsAreNamed(t *testing.T) {
	count := 0
	for id, form := range forms(t) {
		pack, err := mla.Builtin().Pack(form)
		if err != nil {
			t.Fatal(err)
		}
		complete := fixtureOf(t, id).complete
		for _, field := range pack.AllFields() {
			if !field.Required {
				continue
			}
			count++
			without := maps.Clone(complete)
			delete(without, field.Name)
			var in *mla.Incomplete
			err := mla.Builtin().Complete(form, without, today)
			if !errors.As(err, &in) || !slices.ContainsFunc(in.Problems, func(p mla.Problem) bool { return p.Field == field.Name && p.Rule == "" }) {
				t.Errorf("%s without %s: %v", id, field.Name, err)
			}
		}
	}
	if count < 100 {
		t.Errorf("only %d required fields", count)
	}
}

// What a form does not have, or cannot have, is refused by name.
func TestOtherFieldsAreRefused(t *testing.T) {
	form := forms(t)["eio-annex-a"]
	for name, v := range map[string]any{"a-issuing": "DE", "f-kind": "z", "p-rights": "yes", "g3-max-months": -1} {
		fields := maps.Clone(fixtureOf(t, "eio-annex-a").complete)
		fields[name] = v
		var in *mla.Incomplete
		if err := mla.Builtin().Complete(form, fields, today); !errors.As(err, &in) || in.Problems[0].Field != name && in.Problems[len(in.Problems)-1].Field != name {
			t.Errorf("%s = %v: %v", name, v, err)
		}
	}
}

// asked is one line of testdata/forms.txt: what a published form asks for.
type asked struct {
	form, section, what string
	fields              []string
}

func askedFields(t *testing.T) (all []asked) {
	t.Helper()
	b, err := os.ReadFile("testdata/forms.txt")
	if err != nil {
		t.Fatal(err)
	}
	form := ""
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		if id, ok := strings.CutPrefix(line, "form "); ok {
			form = id
		} else if line != "" && line[0] == '#' {
			continue
		} else if cells := strings.Split(line, " | "); len(cells) == 3 {
			all = append(all, asked{form, cells[0], cells[1], strings.Fields(cells[2])})
		}
	}
	return all
}

// Everything that a published form asks for has its field, in its section, and is
// mandatory where it is there; and no field is one that no form asks for.
func TestFormsAskForEverything(t *testing.T) {
	all, seen := forms(t), map[string]bool{}
	for _, a := range askedFields(t) {
		form, ok := all[a.form]
		if !ok {
			t.Fatalf("there is no form %s", a.form)
		}
		pack, err := mla.Builtin().Pack(form)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range a.fields {
			seen[a.form+" "+name] = true
			top, inner, _ := strings.Cut(name, ".")
			field, section := fieldNamed(pack.AllFields(), top, inner), form.SectionOf(top)
			if field == nil || section == nil || section.ID != a.section {
				t.Errorf("%s, section %s, %s: there is no field %s", a.form, a.section, a.what, name)
				continue
			}
			if mandatory := strings.HasSuffix(a.what, "!"); field.Required != mandatory {
				t.Errorf("%s, section %s, %s: %s is required: %t", a.form, a.section, a.what, name, !mandatory)
			}
		}
	}
	for id, form := range all {
		for _, s := range form.Sections {
			for _, name := range s.Fields {
				if !seen[id+" "+name] {
					t.Errorf("%s, section %s: nothing asks for the field %s", id, s.ID, name)
				}
			}
		}
	}
}

// fieldNamed finds a field, or the member inner of a group.
func fieldNamed(fields []*rules.Field, name, inner string) *rules.Field {
	for _, f := range fields {
		switch {
		case f.Name != name:
		case inner == "":
			return f
		default:
			for i := range f.Fields {
				if f.Fields[i].Name == inner {
					return &f.Fields[i]
				}
			}
		}
	}
	return nil
}

// The provider's copy of a production order never has section M.
func TestTheProviderNeverSeesSectionM(t *testing.T) {
	form, complete := forms(t)["epoc"], fixtureOf(t, "epoc").complete
	for side, seen := range map[mla.Side]bool{mla.Provider: false, mla.Executing: false, mla.Enforcing: true, mla.Issuing: true} {
		got := form.Copy(complete, side)
		if _, summary := got["m-summary"]; summary != seen {
			t.Errorf("%s: section M seen %t", side, summary)
		}
		if _, necessity := got["m-necessity"]; necessity != seen || got["a-file"] != complete["a-file"] {
			t.Errorf("%s: %v", side, got)
		}
	}
}
