package main

import (
	"fmt"
	"regexp"
	"strings"

	"example.org/custody/cmd/internal/desk/standards"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence/rules"
)

// formLanguage returns the language, of those that the pack has words in, in which
// it is asked; a tag such as fr-BE is satisfied by fr.
func formLanguage(chosen *standards.Choice, asked string) (string, error) {
	if asked == "" {
		return chosen.Pack.Language, nil
	}
	have := chosen.Library.Languages(chosen.Pack.Standard)
	for tag := strings.ToLower(asked); tag != ""; tag = tag[:max(0, strings.LastIndexAny(tag, "-_"))] {
		for _, l := range have {
			if strings.EqualFold(l, tag) {
				return l, nil
			}
		}
	}
	return "", ui.Usage("--lang "+strings.Join(have, ", --lang "), "%s has no words in %q", chosen.Pack.Name(), asked)
}

// inList is the number of a member of a list in a path that is shown.
var inList = regexp.MustCompile(`, number \d+`)

// ways are how a person ends without sealing.
func (f *form) ways() string {
	if f.keeps {
		return later + " keeps what there is, to go on later; Ctrl-C stops, and nothing is kept."
	}
	return "Ctrl-C stops, and nothing is sealed"
}

// above is what stands above a prompt: all that explains the field, or, in brief, its
// name and what can be chosen.
func (f *form) above(p page, path string, must bool) string {
	if !f.brief {
		return f.intro(p, path, must)
	}
	key := inList.ReplaceAllString(path, "")
	head := p.head(key, must)
	if values := f.values(p, key); values != "" {
		head += "\n" + values
	}
	return head
}

// head names a field.
func (p page) head(key string, must bool) string {
	head := p.number + p.words.Fields[key].Label
	if must {
		head += " (must be given)"
	}
	return ui.Clean(head)
}

// intro explains one field above its prompt.
func (f *form) intro(p page, path string, must bool) string {
	key := inList.ReplaceAllString(path, "")
	words := p.words.Fields[key]
	lines := []string{p.head(key, must), f.indented(words.Help + " " + f.takes(p))}
	if p.words.Language != p.language {
		lines = append(lines, f.indented("original: "+p.Label+": "+p.Help))
	}
	if values := f.values(p, key); values != "" {
		lines = append(lines, values)
	}
	return strings.Join(lines, "\n")
}

func (f *form) indented(text string) string {
	const indent = "    "
	return indent + wrap(ui.Clean(text), f.widest-len(indent), indent)
}

// values lists the codes of a field, one a line, with what each means.
func (f *form) values(p page, key string) string {
	widest := 0
	for _, v := range p.Values {
		widest = max(widest, len(v.Code))
	}
	var b strings.Builder
	for i, v := range p.Values {
		if i > 0 {
			b.WriteByte('\n')
		}
		indent := strings.Repeat(" ", widest+8)
		fmt.Fprintf(&b, "      %-*s  %s", widest, v.Code, wrap(ui.Clean(p.words.Values[key][v.Code]), max(f.widest-len(indent), 20), indent))
	}
	return b.String()
}

// takes says what a field takes.
func (f *form) takes(p page) string {
	text := map[rules.Type]string{
		rules.Integer: "A whole number.", rules.Boolean: "true or false.", rules.Moment: "As 2026-11-26T10:00:00Z, or a day.",
		rules.Country: "Its code, of two or three capital letters.", rules.Digest: "As sha256:…", rules.File: "The path of a sealed file.",
	}[p.Type]
	if len(p.Values) > 0 {
		text = "One of these."
	}
	if p.List {
		text += " " + f.list
	}
	if p.Personal == rules.PersonalRecord {
		text += " It may be personal: it stays in the record and is held back."
	}
	return text
}
