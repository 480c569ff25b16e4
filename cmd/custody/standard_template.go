package main

import (
	"fmt"
	"io"
	"strings"

	"example.org/custody/cmd/internal/desk/standards"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence/rules"
)

// writeTemplate writes the fields of a standard as YAML that is filled in for
// --fields.
func writeTemplate(w io.Writer, chosen *standards.Choice, language string) error {
	language, err := formLanguage(chosen, language)
	if err != nil {
		return err
	}
	p, words := chosen.Pack, chosen.Library.Words(chosen.Pack.Standard, language)
	fmt.Fprintf(w, "# %s, sha256 %s\n# %s\n", p.Name(), p.Digest(), ui.Name(words.Title))
	fmt.Fprintf(w, "#\n# Fill in what applies, and give this file with --fields. What stays empty is left open.\n"+
		"# A text with a colon or # in it stands between \"quotes\".\n")
	if words.Language != p.Language && words.Reviewed == nil {
		fmt.Fprintf(w, "# Nobody has reviewed the words in %s; the original stands beside them.\n", words.Language)
	}
	f := &form{pages: pagesOf(chosen, language), widest: lineWidth - 2, list: "Several, each on a line of its own behind a hyphen."}
	for _, one := range f.pages {
		f.template(w, one, one.Name, "", one.Required)
	}
	return nil
}

// template writes one field: what it is as comments, then its name.
func (f *form) template(w io.Writer, p page, path, indent string, must bool) {
	fmt.Fprintln(w)
	for line := range strings.Lines(f.intro(p, path, must)) {
		fmt.Fprintln(w, strings.TrimRight(indent+"# "+strings.TrimRight(line, "\n"), " "))
	}
	fmt.Fprintf(w, "%s%s:\n", indent, p.Name)
	inner := indent + "  "
	if p.List {
		fmt.Fprintf(w, "%s-\n", inner)
		inner += "  "
	}
	if p.Type != rules.Group {
		return
	}
	for i := range p.Fields {
		member := page{&p.Fields[i], p.words, p.language, ""}
		f.template(w, member, path+"."+member.Name, inner, member.Required)
	}
}
