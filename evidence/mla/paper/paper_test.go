package paper_test

import (
	"bytes"
	"encoding/json"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"example.org/custody/evidence/mla"
	"example.org/custody/evidence/mla/paper"
	"example.org/custody/spec"
	"example.org/custody/spec/spectest"
)

var today = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// each calls f with every form of the program, once for each instrument that has it.
func each(t *testing.T, f func(name string, i *mla.Instrument, form *mla.Form)) {
	t.Helper()
	seen := map[string]bool{}
	for _, i := range mla.Builtin().Instruments() {
		for n := range i.Forms {
			id, _, _ := strings.Cut(string(i.Forms[n].Form), "/")
			seen[id] = true
			f(id, i, &i.Forms[n])
		}
	}
	if len(seen) < 16 {
		t.Errorf("%d forms, at least 16 are meant", len(seen))
	}
}

// complete returns the vector of a form that can be signed.
func complete(t *testing.T, form string) (fields map[string]any) {
	t.Helper()
	b, err := spec.Vectors.ReadFile("vectors/form-" + form + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range txtar.Parse(b).Files {
		if file.Name == "complete.json" {
			if err := json.Unmarshal(file.Data, &fields); err != nil {
				t.Fatal(err)
			}
		}
	}
	return fields
}

func document(t *testing.T, f paper.Filled, side mla.Side, language string) *paper.Document {
	t.Helper()
	d, err := paper.New(mla.Builtin(), f, side, language, today)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func page(t *testing.T, d *paper.Document) string {
	t.Helper()
	var b bytes.Buffer
	if err := paper.HTML(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var tags = regexp.MustCompile(`<[^>]*>`)

// words are what a page says, without its style.
func words(page string) string {
	_, body, _ := strings.Cut(page, "<body>")
	return html.UnescapeString(tags.ReplaceAllString(body, ""))
}

// Every form has all its sections, fields, boxes and answers on paper, complete and
// empty, and keeps its schema.
func TestEverythingIsOnPaper(t *testing.T) {
	schema := spectest.Schema(t, "paper")
	each(t, func(name string, i *mla.Instrument, form *mla.Form) {
		for _, fields := range []map[string]any{complete(t, name), nil} {
			d := document(t, paper.Filled{Instrument: i, Form: form, Fields: fields}, mla.Issuing, "")
			if d.Complete != (fields != nil) {
				t.Errorf("%s: complete %t, %+v", name, d.Complete, d.Wanted)
			}
			shown := words(page(t, d))
			for _, s := range form.Sections {
				if !strings.Contains(shown, "Section "+s.ID+": "+s.Title) {
					t.Errorf("%s: no section %s", name, s.ID)
				}
			}
			for _, text := range texts(t, form, fields) {
				if !strings.Contains(shown, text) {
					t.Errorf("%s: %q is not on the page", name, text)
				}
			}
			if n := strings.Count(shown, "not filled in"); fields == nil && n < len(fieldsOf(form)) {
				t.Errorf("%s: %d of %d fields are shown as not filled in", name, n, len(fieldsOf(form)))
			}
			var b bytes.Buffer
			if err := paper.JSON(&b, d); err != nil {
				t.Fatal(err)
			}
			if err := spectest.Check(schema, b.Bytes()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func fieldsOf(form *mla.Form) (names []string) {
	for _, s := range form.Sections {
		names = append(names, s.Fields...)
	}
	return names
}

// texts are labels and boxes of a form, and the text of what is answered.
func texts(t *testing.T, form *mla.Form, fields map[string]any) (all []string) {
	pack, err := mla.Builtin().Pack(form)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range pack.AllFields() {
		all = append(all, f.Label)
		for _, v := range f.Values {
			all = append(all, v.Label)
		}
		if s, ok := fields[f.Name].(string); ok && len(f.Values) == 0 {
			all = append(all, s)
		}
		for _, one := range f.Fields {
			groups, _ := fields[f.Name].([]any)
			for _, g := range groups {
				if s, ok := g.(map[string]any)[one.Name].(string); ok && len(one.Values) == 0 {
					all = append(all, s)
				}
			}
		}
	}
	return all
}

// No rendering of a copy has anything of a section that is for another side alone.
func TestCopiesLeaveOut(t *testing.T) {
	apart := 0
	each(t, func(name string, i *mla.Instrument, form *mla.Form) {
		for _, s := range form.Sections {
			if s.Only == "" {
				continue
			}
			apart++
			fields := complete(t, name)
			for n, field := range s.Fields {
				fields[field] = "apart " + string(rune('A'+n))
			}
			for _, side := range mla.Sides() {
				copyLeavesOut(t, paper.Filled{Instrument: i, Form: form, Fields: fields}, side, s)
			}
		}
	})
	if apart != 1 {
		t.Errorf("%d sections are for one side, section M of the production order is meant", apart)
	}
}

func copyLeavesOut(t *testing.T, f paper.Filled, side mla.Side, s mla.Section) {
	t.Helper()
	want := side == mla.Issuing || side == s.Only
	for _, fields := range []map[string]any{f.Fields, nil} { // nothing of it is said to be missing either
		f.Fields = fields
		d := document(t, f, side, "")
		var b bytes.Buffer
		if err := paper.JSON(&b, d); err != nil {
			t.Fatal(err)
		}
		for _, rendering := range []string{page(t, d), b.String()} {
			has := strings.Contains(rendering, s.Title) || strings.Contains(rendering, "apart A") || strings.Contains(rendering, "Necessity") ||
				strings.Contains(rendering, "Section "+s.ID+":") || slices.ContainsFunc(s.Fields, func(n string) bool { return strings.Contains(rendering, n) })
			if has != want {
				t.Errorf("%s, copy for %s: has of section %s: %t\n%s", f.Form.ID, side, s.ID, has, rendering)
			}
		}
		if d.LeftOut != map[bool]int{true: 0, false: 1}[want] {
			t.Errorf("copy for %s: %d left out", side, d.LeftOut)
		}
	}
}

// What nobody has signed says so wherever a page begins; what was signed does not.
func TestDraft(t *testing.T) {
	each(t, func(name string, i *mla.Instrument, form *mla.Form) {
		f := paper.Filled{Instrument: i, Form: form, Fields: complete(t, name)}
		draft := page(t, document(t, f, mla.Issuing, ""))
		f.Signed = true
		signed := page(t, document(t, f, mla.Issuing, ""))
		for _, where := range []string{"<title>DRAFT: ", `content: "DRAFT `, "<strong>DRAFT</strong>"} {
			if !strings.Contains(draft, where) || strings.Contains(signed, where) {
				t.Errorf("%s: %s in the draft %t, in what was signed %t", name, where, strings.Contains(draft, where), strings.Contains(signed, where))
			}
		}
	})
}

// Of a form that is partly held back nothing is said to be missing, and nothing to be
// complete.
func TestHeldBack(t *testing.T) {
	schema := spectest.Schema(t, "paper")
	each(t, func(name string, i *mla.Instrument, form *mla.Form) {
		fields := complete(t, name)
		fields = map[string]any{form.Sections[0].Fields[0]: fields[form.Sections[0].Fields[0]]}
		d := document(t, paper.Filled{Instrument: i, Form: form, Fields: fields, Signed: true, HeldBack: true}, mla.Issuing, "")
		shown := words(page(t, d))
		for text, want := range map[string]bool{
			"held back, or not filled in": true, "Where no answer stands there may be one": true,
			"not filled in, and required": false, "The form is complete": false, "still wants": false,
		} {
			if strings.Contains(shown, text) != want {
				t.Errorf("%s: %q is on the page: %t", name, text, !want)
			}
		}
		var b bytes.Buffer
		if err := paper.JSON(&b, d); err != nil {
			t.Fatal(err)
		}
		if err := spectest.Check(schema, b.Bytes()); err != nil || d.Complete {
			t.Errorf("%s: complete %t, %v", name, d.Complete, err)
		}
	})
}

// In a language that the form has no words in it is shown in its own, and says so;
// and who checked it, or that nobody did, is said.
func TestNotices(t *testing.T) {
	each(t, func(name string, i *mla.Instrument, form *mla.Form) {
		f := paper.Filled{Instrument: i, Form: form}
		d := document(t, f, mla.Issuing, "xx")
		if shown := page(t, d); d.Language != "en" || !strings.Contains(shown, "no words in the language xx; it is shown in en") || !strings.Contains(shown, "Nobody has checked") {
			t.Errorf("%s: %s, %v", name, d.Language, d.Notices())
		}
		if d := document(t, f, mla.Issuing, "en"); d.Fallback != "" {
			t.Errorf("%s: %s", name, d.Fallback)
		}
	})
	if _, err := paper.New(mla.Builtin(), paper.Filled{}, "court", "", today); err == nil {
		t.Error("a copy for nobody")
	}
}

// What somebody typed cannot leave its place on the page, and what a field cannot
// have is shown as such.
func TestHostileAnswers(t *testing.T) {
	i, err := mla.Builtin().Instrument("eio")
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]any{
		"g1-summary": "one\n<script>alert(1)</script>\u202Etxt", "g3-max-months": "many", "f-kind": "z", "c-measures": "hearing",
		"e-persons": []any{"nobody"}, "p-rights": "yes", "k-date": map[string]any{"from": "2026-01-01"},
	}
	shown := page(t, document(t, paper.Filled{Instrument: i, Form: i.FormFor("annex-a"), Fields: fields}, mla.Issuing, ""))
	for _, text := range []string{"one\n&lt;script&gt;alert(1)&lt;/script&gt;\\u202Etxt", "can have: many", "can have: z", "can have: nobody", "can have: yes", `can have: {&#34;from&#34;:&#34;2026-01-01&#34;}`} {
		if !strings.Contains(strings.ReplaceAll(shown, `\u202e`, `\u202E`), text) {
			t.Errorf("no %s", text)
		}
	}
	if strings.Contains(shown, "<script") || strings.Contains(shown, "\u202e") {
		t.Error("it left its place")
	}
}

// What the form has no field for was signed as well, by another program: it is on the
// page and in the JSON, in a group for everybody, else for the issuing side alone.
func TestUnknownIsShown(t *testing.T) {
	schema := spectest.Schema(t, "paper")
	i, err := mla.Builtin().Instrument("eio")
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]any{
		"zz-note": "beside\u202e", "": true, "d-other-states": []any{map[string]any{"state": "FR", "hidden-note": map[string]any{"a": "in the group"}}},
	}
	for _, side := range []mla.Side{mla.Issuing, mla.Executing} {
		d := document(t, paper.Filled{Instrument: i, Form: i.FormFor("annex-a"), Fields: fields, Signed: true}, side, "")
		shown := words(page(t, d))
		for text, want := range map[string]bool{
			"hidden-note (the form has no such field)": true, `can have: {"a":"in the group"}`: true,
			"What the form has no field for": side == mla.Issuing, "zz-note (the form has no such field)": side == mla.Issuing,
			`can have: beside\u202E`: side == mla.Issuing, "zz-note: The form has no such field.": side == mla.Issuing,
		} {
			if strings.Contains(strings.ReplaceAll(shown, `\u202e`, `\u202E`), text) != want {
				t.Errorf("%s: %q is on the page: %t", side, text, !want)
			}
		}
		var b bytes.Buffer
		if err := paper.JSON(&b, d); err != nil {
			t.Fatal(err)
		}
		if err := spectest.Check(schema, b.Bytes()); err != nil || d.Complete {
			t.Errorf("%s: complete %t, %v", side, d.Complete, err)
		}
	}
}

// A page has one main part, headings without a gap, no anchor twice, and no tag open.
func TestPageIsInOrder(t *testing.T) {
	tag := regexp.MustCompile(`<(/?)([a-z0-9]+)[^>]*>`)
	id := regexp.MustCompile(` id="([^"]*)"`)
	each(t, func(name string, i *mla.Instrument, form *mla.Form) {
		shown := page(t, document(t, paper.Filled{Instrument: i, Form: form, Fields: complete(t, name)}, mla.Issuing, ""))
		var open []string
		for _, m := range tag.FindAllStringSubmatch(shown, -1) {
			switch {
			case slices.Contains([]string{"meta"}, m[2]):
			case m[1] == "":
				open = append(open, m[2])
			case len(open) == 0 || open[len(open)-1] != m[2]:
				t.Fatalf("%s: </%s> closes %v", name, m[2], open)
			default:
				open = open[:len(open)-1]
			}
		}
		seen := map[string]bool{}
		for _, m := range id.FindAllStringSubmatch(shown, -1) {
			if seen[m[1]] {
				t.Errorf("%s: the anchor %s stands there twice", name, m[1])
			}
			seen[m[1]] = true
		}
		if strings.Count(shown, "<main") != 1 || strings.Count(shown, "<h1") != 1 || strings.Contains(shown, "<h3") || !strings.Contains(shown, `<html lang="en" dir="ltr">`) {
			t.Errorf("%s: not one main part under one heading", name)
		}
	})
}
