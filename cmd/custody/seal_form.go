package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk/standards"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence/rules"
)

// form asks a person for the fields of a standard.
type form struct {
	t      *tool
	c      *cli.Context
	pages  []page
	widest int    // columns
	list   string // how several values are given
	brief  bool   // what a field is for is said when it is asked, not before
	keeps  bool   // what was answered so far can be kept, to go on later
}

// page is one field, and the words that it is asked in.
type page struct {
	*rules.Field
	words    *rules.Translation
	language string // of the pack itself
	number   string // in the form, "" of a group's member
}

// Answers that are none.
const (
	leave   = "-" // leaves a field out
	explain = "?" // asks what a field is for
	later   = "!" // keeps what there is, where the form can be kept
)

// errLater is why asking ended: the person goes on later.
var errLater = errors.New("the form is kept, to go on later")

// newForm returns the form of a standard, nil where nobody can be asked: what is
// missing is then left for the rules to refuse.
func (t *tool) newForm(c *cli.Context, chosen *standards.Choice) (*form, error) {
	language, err := formLanguage(chosen, c.String("lang"))
	if err != nil || !t.term.InIsTerminal() || t.term.JSON() {
		return nil, err
	}
	return &form{t: t, c: c, pages: pagesOf(chosen, language), widest: min(t.term.OutWidth(), lineWidth), list: "Several; " + leave + " ends."}, nil
}

// pagesOf lists the fields of a standard with their words in a language.
func pagesOf(chosen *standards.Choice, language string) (pages []page) {
	for _, s := range append(slices.Clone(chosen.Pack.Included), chosen.Pack.Standard) {
		words := chosen.Library.Words(s, language)
		for i := range s.Fields {
			pages = append(pages, page{&s.Fields[i], words, s.Language, ""})
		}
	}
	return pages
}

// ask asks for what is not given: fields that must be there, or all of them with
// --form. It reports whether anything was asked.
func (f *form) ask(given map[string]any) (asked bool, err error) {
	var open []page
	for _, p := range f.pages {
		if _, ok := given[p.Name]; !ok && (p.Required || f.c.Bool("form")) {
			open = append(open, p)
		}
	}
	if len(open) == 0 {
		return false, nil
	}
	f.t.term.Say("%s to answer. %s leaves a field out. %s", ui.Count(len(open), "field", "fields"), leave, f.ways())
	if w := open[0].words; w.Language != open[0].language && w.Reviewed == nil {
		f.t.term.Say("Nobody has reviewed the words in %s; the original stands beside them.", w.Language)
	}
	for i, p := range open {
		p.number = fmt.Sprintf("%d of %d: ", i+1, len(open))
		if err := f.answer(given, p); err != nil {
			return true, err
		}
	}
	return true, nil
}

// answer asks for a field. What was answered before and is left out now is no longer
// answered.
func (f *form) answer(given map[string]any, p page) error {
	v, err := f.field(p, p.Name, "", p.Required)
	switch {
	case v != nil:
		given[p.Name] = v
	case err == nil:
		delete(given, p.Name)
	}
	return err
}

// correct lets a person answer fields again for as long as wrong says that what
// was answered will be refused; leave goes on all the same.
func (f *form) correct(given map[string]any, wrong func() error) error {
	for {
		problem := wrong()
		if problem == nil {
			return nil
		}
		for line := range strings.Lines(problem.Error()) {
			f.t.term.Say("%s", strings.TrimSpace(line))
		}
		name, err := f.t.term.Ask(f.c.Context, ui.Question{Text: "answer which field again", Default: leave, Flag: "--field NAME=…"})
		switch {
		case err != nil || name == leave:
			return err
		case name == later && f.keeps:
			return errLater
		}
		i := slices.IndexFunc(f.pages, func(p page) bool { return p.Name == name })
		if i < 0 {
			f.t.term.Say("there is no field %s%s", name, f.meant(name))
			continue
		}
		if err := f.answer(given, f.pages[i]); err != nil {
			return err
		}
	}
}

func (f *form) meant(name string) string {
	var names []string
	for _, p := range f.pages {
		names = append(names, p.Name)
	}
	if near := rules.Nearest(names, name); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}

// field asks for one field until its answer fits, and returns nil when it is left
// out, which it cannot be when it must be there. above is what stands above it.
func (f *form) field(p page, path, above string, must bool) (any, error) {
	intro := above + "\n" + f.above(p, path, must) + "\n"
	if !p.List {
		return f.one(p, path, intro, must)
	}
	var all []any
	var err error
	for most, _ := p.Limit(); len(all) < most; intro = "" {
		var v any
		if v, err = f.one(p, fmt.Sprintf("%s, number %d", path, len(all)+1), intro, must && len(all) == 0); v == nil {
			break
		}
		all = append(all, v)
	}
	if all == nil {
		return nil, err
	}
	return all, err
}

func (f *form) one(p page, path, intro string, must bool) (any, error) {
	if p.Type == rules.Group {
		return f.group(p, path, intro, must)
	}
	q := ui.Question{Text: intro + path, Default: leave, Flag: "--field " + p.Name + "=…"}
	if must {
		q.Default = ""
	}
	for {
		s, err := f.t.term.Ask(f.c.Context, q)
		switch {
		case err != nil || s == leave && !must:
			return nil, err
		case s == later && f.keeps:
			return nil, errLater
		case s == explain:
			q.Text = f.intro(p, path, must) + "\n" + path
			continue
		}
		v, err := p.FromText(s)
		if s == leave {
			err = errors.New("it must be given; " + f.ways())
		}
		if err == nil {
			return v, nil
		}
		f.t.term.Say("%v", err)
		q.Text = path
	}
}

// group asks for the members of a group; it is left out when its first is, unless
// it must be there.
func (f *form) group(p page, path, intro string, must bool) (any, error) {
	out := map[string]any{}
	for i := range p.Fields {
		member := page{&p.Fields[i], p.words, p.language, ""}
		v, err := f.field(member, path+"."+member.Name, intro, member.Required && (must || i > 0))
		intro = ""
		if err != nil {
			return nil, err
		}
		if v == nil && i == 0 && !must {
			return nil, nil
		}
		if v != nil {
			out[member.Name] = v
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}
