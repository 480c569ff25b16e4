package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk/standards"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence/mla"
	"example.org/custody/evidence/mla/paper"
	"example.org/custody/evidence/rules"
)

// sections asks a person for the form of a request, section by section.
type sections struct {
	*form
	law   *mla.Form
	pack  *rules.Pack
	given map[string]any
	kept  *ui.Output // what there is goes there when the person goes on later
}

// keepFlag names the file in which a form that is not finished is kept.
func keepFlag() cli.Flag {
	return &cli.PathFlag{Name: "keep", Usage: "where the form on a terminal is kept when it is finished later: a `FILE`", DefaultText: "that of --from-file, else the form's id, ending in .json"}
}

// askForm asks for the fields of a form that are not given, where somebody can be
// asked. It returns what there is then, in the types of a record, or that it was kept
// to go on later.
func (t *tool) askForm(c *cli.Context, law *mla.Form, given map[string]any) (fields map[string]any, kept bool, err error) {
	pack, err := mla.Builtin().Pack(law)
	if err != nil {
		return nil, false, err
	}
	f, err := t.newForm(c, &standards.Choice{Library: mla.Builtin().Forms(), Pack: pack})
	if f == nil || err != nil || c.IsSet("form") && !c.Bool("form") || c.Path("from-file") != "" && !c.Bool("form") {
		return given, false, err
	}
	f.brief, f.keeps, f.list = true, true, "Several, one after the other; "+leave+" ends."
	out, err := t.keepOutput(c, law) // known before anything is answered in vain
	if err != nil {
		return nil, false, err
	}
	defer out.Close()
	s := &sections{f, law, pack, map[string]any{}, out}
	maps.Copy(s.given, given)
	if err = s.ask(); errors.Is(err, errLater) {
		return nil, true, s.keep()
	}
	if err != nil {
		return nil, false, err
	}
	fields, err = pack.Answers(s.given)
	return fields, false, err
}

// ask goes through the form, shows it whole, and asks whether it is as it is meant.
func (s *sections) ask() error {
	s.t.term.Say("%s, %s. %s explains a field, %s leaves it out. %s", s.law.Title, ui.Count(len(s.law.Sections), "section", "sections"), explain, leave, s.ways())
	for i := range s.law.Sections {
		if err := s.section(&s.law.Sections[i]); err != nil {
			return err
		}
	}
	for {
		if err := s.correct(s.given, func() error { return s.wanted("") }); err != nil {
			return err
		}
		answer, err := s.summary()
		if err != nil || answer == "yes" {
			return err
		}
	}
}

// section asks for the open fields of one section, and for those again that its rules
// do not let stand. A section of which nothing must be given can be passed over.
func (s *sections) section(section *mla.Section) error {
	var open []page
	must := false
	for _, p := range s.pages {
		if _, ok := s.given[p.Name]; !ok && slices.Contains(section.Fields, p.Name) {
			open = append(open, p)
			must = must || p.Required
		}
	}
	if len(open) == 0 {
		return nil
	}
	slices.SortFunc(open, func(a, b page) int {
		return slices.Index(section.Fields, a.Name) - slices.Index(section.Fields, b.Name)
	})
	s.t.term.Say("Section %s: %s. %s.", section.ID, section.Title, ui.Count(len(open), "field", "fields"))
	if section.Only != "" {
		s.t.term.Say("Only for the %s side beside the issuing one: no other copy has this section.", section.Only)
	}
	if !must {
		yes, err := s.yes("None of them must be given. Fill them in? yes, or")
		if err != nil || !yes {
			return err
		}
	}
	for i, p := range open {
		p.number = fmt.Sprintf("%s, %d of %d: ", section.ID, i+1, len(open))
		if err := s.answer(s.given, p); err != nil {
			return err
		}
	}
	return s.correct(s.given, func() error { return s.wanted(section.ID) })
}

// yes asks a question of which everything but yes, true and ! is no.
func (s *sections) yes(text string) (bool, error) {
	answer, err := s.t.term.Ask(s.c.Context, ui.Question{Text: text, Default: leave, Flag: "--from-file FILE"})
	if err == nil && answer == later {
		err = errLater
	}
	return answer == "yes" || answer == "y", err
}

// wanted returns what blocks the form, in one section or, of "", in all of it.
func (s *sections) wanted(section string) error {
	fields, err := s.pack.Answers(s.given)
	if err != nil {
		return err
	}
	problems, err := mla.Builtin().Check(s.law, fields, now())
	if err != nil {
		return err
	}
	var lines []string
	for _, p := range problems {
		if p.Severity != rules.Block || section != "" && p.Section != section {
			continue
		}
		lines = append(lines, fmt.Sprintf("section %s, %s (%s): %s", p.Section, p.Field, p.Label, p.Text))
	}
	if len(lines) == 0 {
		return nil
	}
	return errors.New("still wanted:\n  " + strings.Join(lines, "\n  "))
}

// summary shows every answer, and asks whether they are meant; the name of a field
// asks for that again.
func (s *sections) summary() (answer string, err error) {
	fields, err := s.pack.Answers(s.given)
	if err != nil {
		return "", err
	}
	text := "\n" + summaryOf(s.law, fields) + "\n\n"
	if s.wanted("") != nil {
		text += "It is not complete: it can be drafted, and not signed yet.\n"
	}
	for {
		answer, err = s.t.term.Ask(s.c.Context, ui.Question{Text: text + "Draft it as it stands? yes, " + later + ", or a field to answer again", Flag: "--from-file FILE"})
		text = ""
		if err != nil || answer == "yes" {
			return answer, err
		}
		if answer == later {
			return "", errLater
		}
		i := slices.IndexFunc(s.pages, func(p page) bool { return p.Name == answer })
		if i >= 0 {
			return answer, s.answer(s.given, s.pages[i])
		}
		s.t.term.Say("there is no field %s%s", answer, s.meant(answer))
	}
}

// summaryOf lists what is answered, section by section, and how much is not.
func summaryOf(law *mla.Form, fields map[string]any) string {
	var b strings.Builder
	b.WriteString(law.Title)
	for i := range law.Sections {
		section := &law.Sections[i]
		empty := 0
		fmt.Fprintf(&b, "\nSection %s: %s", section.ID, section.Title)
		for _, name := range section.Fields {
			v, ok := fields[name]
			if !ok {
				empty++
				continue
			}
			fmt.Fprintf(&b, "\n  %s: %s", name, ui.Clean(paper.Shown(v)))
		}
		if empty > 0 {
			fmt.Fprintf(&b, "\n  not filled in: %s", ui.Count(empty, "field", "fields"))
		}
	}
	return b.String()
}

// keepOutput prepares the file that a form is kept in; one that was read may be
// written again.
func (t *tool) keepOutput(c *cli.Context, law *mla.Form) (*ui.Output, error) {
	file, read := c.Path("keep"), c.Path("from-file")
	switch {
	case file == "" && strings.HasSuffix(read, ".json"):
		file = read
	case file == "":
		file = law.ID + ".json"
	}
	return t.term.Output(file, ui.OutputOptions{Private: true, Force: file == read})
}

// keep writes what was answered so far to a file that its owner alone can read.
func (s *sections) keep() error {
	b, err := json.MarshalIndent(s.given, "", "  ")
	if err != nil {
		return err
	}
	if _, err := s.kept.Write(append(b, '\n')); err != nil {
		return err
	}
	if err := s.kept.Commit(); err != nil {
		return err
	}
	file := s.kept.Path()
	s.t.term.Say("Kept in %s, and nothing is sealed. It is not encrypted: keep it where nobody else reads it, and remove it once the request is drafted.", ui.Name(file))
	line := []string{"--to", s.c.String("to")}
	for _, m := range s.c.StringSlice("measure") {
		line = append(line, "--measure", m)
	}
	s.t.term.Say("Go on with: custody request new --instrument %s --form-id %s %s --from-file %s --form", s.c.String("instrument"), s.law.ID, strings.Join(line, " "), ui.Name(file))
	return nil
}
