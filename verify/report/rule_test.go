package report_test

import (
	"strings"
	"testing"

	"example.org/custody/evidence/rules"
	"example.org/custody/verify"
)

// What became of a rule is said in the report's language, with a notice where
// nobody has reviewed those words and the original beside them.
func TestRuleInTheReportsLanguage(t *testing.T) {
	original, held := ruleText(t, "device-seizure/1", "P1-03"), ruleText(t, "common/1", "G-02")
	for lang, want := range map[string]string{
		"en": "", "de": "in Worten, die niemand geprüft hat", "fr": "en des mots que personne n'a relus", "es": "en palabras que nadie ha revisado", "ar": "",
	} {
		s := worlds["holds"](t)
		s.o.Language = lang
		for i := range s.v.Items[0].Questions {
			if q := &s.v.Items[0].Questions[i]; q.N == 7 {
				q.Status = verify.Fails
				q.Findings = []verify.Finding{
					{Check: "standard.rule", Status: verify.Fails, Subject: "device-seizure/1 P1-03", Detail: "not so: " + original + " (error; source: SWGDE)"},
					{Check: "standard.rule", Status: verify.Holds, Subject: "common/1 G-02", Detail: held + " (block; source: X)"},
				}
			}
		}
		for form, got := range map[string]string{"text": text(t, s, s.o), "page": html(t, s)} {
			got = strings.Join(strings.Fields(strings.ReplaceAll(got, "&#39;", "'")), " ")
			if !strings.Contains(got, original) {
				t.Errorf("%s, %s: no original", lang, form)
			}
			if n := strings.Count(got, want); want != "" && n < map[string]int{"text": 1, "page": 2}[form] || want == "" && strings.Contains(got, "nobody has reviewed") {
				t.Errorf("%s, %s: the notice stands there %d times", lang, form, n)
			}
		}
	}
}

// ruleText is the sentence of a rule of this program, in its own language.
func ruleText(t *testing.T, name rules.Name, id string) string {
	t.Helper()
	for _, s := range rules.Builtin().Named(name) {
		for _, r := range s.Rules {
			if r.ID == id {
				return r.Text
			}
		}
	}
	t.Fatalf("no rule %s %s", name, id)
	return ""
}
