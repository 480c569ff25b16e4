package report

import (
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/feature/plural"

	"example.org/custody/verify/report/phrase"
	"example.org/custody/verify/report/plain"
)

// Words is a text in parts: those that the catalogue has words for, values, and what
// stays English.
type Words []Part

// Part is one part of [Words].
type Part struct {
	Text    string
	Value   bool // the same in every language, to be kept together
	English bool // another program's words, or a sentence that the catalogue does not have
}

// String returns the text without its marks.
func (w Words) String() string {
	var b strings.Builder
	for _, p := range w {
		b.WriteString(p.Text)
	}
	return b.String()
}

// translated reports whether any of it is in the language of the report.
func (w Words) translated() bool {
	for _, p := range w {
		if !p.English && !p.Value {
			return true
		}
	}
	return false
}

// book is the English catalogue, by which details are recognised.
var book = sync.OnceValue(func() *phrase.Book {
	messages := map[string]map[string]string{}
	for key, e := range languageFor("en").messages {
		messages[key] = e
	}
	return phrase.New(messages)
})

// Recognised reports whether the detail of a finding is a sentence that reports say in
// their own language; any other they show in English, marked as that.
func Recognised(detail string) bool { return book().Parse(detail) != nil }

// detail says the detail of a finding in the language. What the catalogue does not
// have stays as the verdict has it.
func (l *Language) detail(text string) Words {
	if l.Code == "en" {
		return Words{{Text: plain.Text(text)}}
	}
	s := book().Parse(text)
	if s == nil || !l.canSay(s) {
		return Words{{Text: plain.Text(text), English: true}}
	}
	return l.say(nil, s)
}

// phrased says a text that is a phrase of a group; ok is false for any other.
func (l *Language) phrased(group, text string) (said string, ok bool) {
	if l.Code == "en" {
		return "", false
	}
	s := book().ParseIn(group, text)
	if s == nil || !l.canSay(s) {
		return "", false
	}
	return l.say(nil, s).String(), true
}

// canSay reports whether the language has every message of a text.
func (l *Language) canSay(s *phrase.Said) bool {
	if s.Key != "" && !l.has(s.Key) {
		return false
	}
	for _, gap := range s.Gaps {
		if !l.canSay(gap) {
			return false
		}
	}
	for _, one := range s.List {
		if !l.canSay(one) {
			return false
		}
	}
	return true
}

// say adds what a text says to words.
func (l *Language) say(w Words, s *phrase.Said) Words {
	switch {
	case s.List != nil:
		for i, one := range s.List {
			if i > 0 {
				w = w.add(Part{Text: s.Join})
			}
			w = l.say(w, one)
		}
		return w
	case s.Key == "":
		return w.add(Part{Text: plain.Text(s.Text), Value: !s.Raw, English: s.Raw})
	case s.Quote:
		return w.add(Part{Text: "“" + l.text(s.Key) + "”"})
	}
	between, gaps := phrase.Split(l.form(s))
	for i, text := range between {
		w = w.add(Part{Text: text})
		if i < len(gaps) {
			w = l.say(w, s.Gaps[gaps[i]])
		}
	}
	return w
}

// add puts a part at the end, together with the last where both are alike.
func (w Words) add(p Part) Words {
	switch n := len(w) - 1; {
	case p.Text == "":
		return w
	case n >= 0 && !p.Value && !w[n].Value && w[n].English == p.English:
		w[n].Text += p.Text
		return w
	}
	return append(w, p)
}

// form is the text of a message: of several plural forms, the one for its number.
func (l *Language) form(s *phrase.Said) string {
	e := l.messages[s.Key]
	if text, ok := e[""]; ok {
		return text
	}
	n, err := strconv.Atoi(s.Gaps["n"].Text)
	if err != nil {
		return e["other"] // a number beyond all that is counted
	}
	if text, ok := e[categories[plural.Cardinal.MatchPlural(l.tag, n, 0, 0, 0, 0)]]; ok {
		return text
	}
	return e["other"]
}

var categories = map[plural.Form]string{plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many", plural.Other: "other"}
