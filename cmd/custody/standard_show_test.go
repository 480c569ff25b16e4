package main

import (
	"encoding/json"
	"strings"
	"testing"

	"example.org/custody/evidence/rules"
)

// Words that nobody has reviewed are shown with a notice and the original beside
// them, in every language in which a standard is there.
func TestUnreviewedWordsAreShownAsThat(t *testing.T) {
	for _, s := range rules.Builtin().Named("") {
		for _, lang := range rules.Builtin().Languages(s) {
			if lang == s.Language {
				continue
			}
			var out standardShowOutput
			if err := json.Unmarshal([]byte(mustTool(t, "standard", "show", string(s.Name()), "--lang", lang, "--json")), &out); err != nil {
				t.Fatal(err)
			}
			words := rules.Builtin().Words(s, lang)
			if (words.Reviewed == nil) != (out.Notice != "") || out.Language != lang || out.Title != words.Title {
				t.Errorf("%s in %s: language %s, title %q, notice %q", s.Name(), lang, out.Language, out.Title, out.Notice)
			}
			text := mustTool(t, "standard", "show", string(s.Name()), "--lang", lang)
			if out.Notice != "" && !strings.Contains(text, out.Notice) {
				t.Errorf("%s in %s: no notice in\n%.300s", s.Name(), lang, text)
			}
			checkOriginals(t, s, lang, out.Decided, text)
			checkFields(t, s, lang, out.Asked, text)
		}
	}
}

// checkOriginals looks for the original of each rule beside its translation.
func checkOriginals(t *testing.T, s *rules.Standard, lang string, shown []decidedByRule, text string) {
	t.Helper()
	own := map[string]decidedByRule{}
	for _, d := range shown {
		own[d.Rule] = d
	}
	for _, r := range s.Rules {
		if d := own[r.ID]; d.Text == r.Text || d.Original != r.Text {
			t.Errorf("%s %s in %s: %q, original %q", s.Name(), r.ID, lang, d.Text, d.Original)
		}
		if !strings.Contains(text, "original: "+r.Text) {
			t.Errorf("%s %s in %s: the text shows no original", s.Name(), r.ID, lang)
		}
	}
}

// checkFields does the same for what each field is called.
func checkFields(t *testing.T, s *rules.Standard, lang string, shown []askedField, text string) {
	t.Helper()
	own := map[string]askedField{}
	for _, f := range shown {
		own[f.Name] = f
	}
	for _, f := range s.Fields {
		if got := own[f.Name]; got.Original != f.Label+": "+f.Help || !strings.Contains(text, "(original: "+f.Label+")") {
			t.Errorf("%s field %s in %s: original %q, or not in the text", s.Name(), f.Name, lang, got.Original)
		}
	}
}
