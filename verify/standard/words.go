package standard

import (
	"fmt"
	"strings"

	"example.org/custody/evidence/rules"
)

// because are the words for what makes a rule undecided, and what it is about.
var because = map[rules.Cause]string{
	rules.Withheld:  "held back: %s",
	rules.Absent:    "not recorded: %s",
	rules.Malformed: "not of the type asked for: %s",
	rules.Uncertain: "cannot be told apart in time: %s",
	rules.NotYetDue: "not yet due: %s",
	rules.NotShown:  "not shown: %s",
	rules.Failed:    "could not be evaluated: %s",
}

// Why returns in words why the rule is undecided, or "".
func (l *Line) Why() string {
	var parts []string
	for _, w := range l.RuleResult.Why {
		parts = append(parts, fmt.Sprintf(because[w.Cause], w.What))
	}
	return strings.Join(parts, "; ")
}

// Sources returns where the rule comes from, as it is cited.
func (l *Line) Sources() string {
	var parts []string
	for _, s := range l.Rule.Source {
		parts = append(parts, s.String())
	}
	return strings.Join(parts, "; ")
}

// Weighs reports whether a failure of the rule counts for the whole: a warning
// is shown and makes no question fail.
func (l *Line) Weighs() bool { return l.Severity == rules.Block || l.Severity == rules.Error }

// Sentence returns the sentence of the rule that a finding is about in another
// language than the pack's own, and whether anybody has reviewed those words; ""
// when this program has none. subject is the finding's, "<id>/<version> <rule>",
// and detail its detail, which must have the rule's own sentence: a pack of that
// name with other words is another pack.
func Sentence(language, subject, detail string) (text string, reviewed bool) {
	name, id, _ := strings.Cut(subject, " ")
	for _, s := range rules.Builtin().Named(rules.Name(name)) {
		words := rules.Builtin().Words(s, language)
		if words.Language == s.Language {
			continue
		}
		for i := range s.Rules {
			if s.Rules[i].ID == id && strings.Contains(detail, s.Rules[i].Text) {
				return words.Rules[id], words.Reviewed != nil
			}
		}
	}
	return "", false
}
