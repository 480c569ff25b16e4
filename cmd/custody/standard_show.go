package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk/standards"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence/rules"
)

// standardShowOutput is the output of custody standard show.
type standardShowOutput struct {
	standardLine
	About    string          `json:"about"`
	Includes []string        `json:"includes"`
	Language string          `json:"language"`
	Notice   string          `json:"notice,omitempty"` // when nobody has reviewed the words shown
	Asked    []askedField    `json:"asked"`
	Decided  []decidedByRule `json:"decided"`
}

// askedField is one field that a pack asks for, in the language chosen. Original
// is its label and help in the pack's own language, when those shown are a translation.
type askedField struct {
	Name     string   `json:"name"`
	Type     string   `json:"type"`
	Required bool     `json:"required"`
	List     bool     `json:"list"`
	Personal string   `json:"personal"`
	Values   []string `json:"values"`
	Label    string   `json:"label"`
	Help     string   `json:"help"`
	Original string   `json:"original,omitempty"`
}

// decidedByRule is one rule of a pack. Original is the sentence in the pack's own
// language, when the one shown is a translation.
type decidedByRule struct {
	Rule     string   `json:"rule"`
	Severity string   `json:"severity"`
	Text     string   `json:"text"`
	Original string   `json:"original,omitempty"`
	Sources  []string `json:"sources"`
	When     string   `json:"when,omitempty"`
	Holds    string   `json:"holds"`
	From     string   `json:"from"` // the pack that it stands in
}

func standardShow(t *tool) *cli.Command {
	return &cli.Command{
		Name:      "show",
		Usage:     "what a standard asks for, and its rules",
		ArgsUsage: "STANDARD",
		UsageText: "custody standard show device-seizure\ncustody standard show device-seizure/1 --lang fr\ncustody standard show our-own-1.json\n" +
			"custody standard show device-seizure --template > phone.yaml",
		Description: "STANDARD is an id, an id with its version, or the file of a pack; a file is checked as if it were to be used, " +
			"and what is wrong with it is named with its line.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "lang", Usage: "show its words in this `LANGUAGE`, such as fr", DefaultText: "the pack's own"},
			&cli.BoolFlag{Name: "template", Usage: "write its fields as YAML to fill in for custody seal --fields"},
			&cli.BoolFlag{Name: "expressions", Usage: "show the expressions that are evaluated too"},
		},
		Action: func(c *cli.Context) error {
			chosen, err := findStandard(c.Args().First(), "")
			if err != nil {
				return err
			}
			if c.Bool("template") {
				if t.term.JSON() {
					return ui.Usage("custody standard show STANDARD --json has the same fields", "--template writes YAML, not JSON")
				}
				return writeTemplate(t.term.Out(), chosen, c.String("lang"))
			}
			out, err := showStandard(chosen, c.String("lang"))
			if err != nil {
				return err
			}
			return t.term.Summary("standard show", out, func(w io.Writer) error { return out.write(w, c.Bool("expressions")) })
		},
	}
}

func showStandard(chosen *standards.Choice, language string) (*standardShowOutput, error) {
	p := chosen.Pack
	out := &standardShowOutput{
		standardLine: standardLine{
			Name: p.Name(), SHA256: p.Digest().String(), Fields: len(p.AllFields()), Rules: len(p.AllRules()), InForce: p.InForce.From, Adopted: "unknown",
		},
		Includes: []string{}, Asked: []askedField{}, Decided: []decidedByRule{}, Language: p.Language,
	}
	language, err := formLanguage(chosen, language)
	if err != nil {
		return nil, err
	}
	own := chosen.Library.Words(p.Standard, language)
	out.Title, out.About, out.Language = own.Title, own.About, own.Language
	if own.Reviewed == nil {
		out.Notice = "Nobody has reviewed these words yet."
	}
	for _, s := range append(p.Included, p.Standard) {
		if s != p.Standard {
			out.Includes = append(out.Includes, string(s.Name()))
		}
		out.add(s, chosen.Library.Words(s, language))
	}
	return out, nil
}

func (o *standardShowOutput) add(s *rules.Standard, words *rules.Translation) {
	for i := range s.Fields {
		o.field(s, &s.Fields[i], "", words)
	}
	for _, r := range s.Rules {
		d := decidedByRule{Rule: r.ID, Severity: string(r.Severity), Text: words.Rules[r.ID], Sources: []string{}, When: r.When, Holds: r.Holds, From: string(s.Name())}
		if words.Language != s.Language {
			d.Original = r.Text
		}
		for _, src := range r.Source {
			d.Sources = append(d.Sources, src.String())
		}
		o.Decided = append(o.Decided, d)
	}
}

func (o *standardShowOutput) field(s *rules.Standard, f *rules.Field, in string, words *rules.Translation) {
	name := in + f.Name
	a := askedField{
		Name: name, Type: string(f.Type), Required: f.Required, List: f.List, Personal: string(f.Personal), Values: []string{},
		Label: words.Fields[name].Label, Help: words.Fields[name].Help,
	}
	if words.Language != s.Language {
		a.Original = f.Label + ": " + f.Help
	}
	if a.Personal == "" {
		a.Personal = string(rules.PersonalNone)
	}
	for _, v := range f.Values {
		a.Values = append(a.Values, v.Code)
	}
	o.Asked = append(o.Asked, a)
	for i := range f.Fields {
		o.field(s, &f.Fields[i], name+".", words)
	}
}

func (o *standardShowOutput) write(w io.Writer, expressions bool) error {
	fmt.Fprintf(w, "%s  %s\n%s\nsha256 %s, in force from %s\n", o.Name, ui.Name(o.Title), ui.Name(o.About), o.SHA256, o.InForce)
	if o.Notice != "" {
		fmt.Fprintf(w, "%s\n", o.Notice)
	}
	fields := ui.NewTable("field", "type", "must", "personal", "label")
	for _, f := range o.Asked {
		kind, must := f.Type, ""
		if f.List {
			kind = "list of " + kind
		}
		if f.Required {
			must = "yes"
		}
		label := f.Label
		if original, _, there := strings.Cut(f.Original, ": "); there {
			label += " (original: " + original + ")"
		}
		fields.Row(f.Name, kind, must, f.Personal, label)
	}
	fmt.Fprintln(w)
	if err := fields.Write(w); err != nil {
		return err
	}
	fmt.Fprintln(w)
	for _, r := range o.Decided {
		fmt.Fprintf(w, "%-6s %-11s %s\n", r.Rule, r.Severity, ui.Name(r.Text))
		if r.Original != "" {
			fmt.Fprintf(w, "%18s original: %s\n", "", ui.Name(r.Original))
		}
		fmt.Fprintf(w, "%18s source: %s\n", "", ui.Name(strings.Join(r.Sources, "; ")))
		if expressions {
			fmt.Fprintf(w, "%18s holds: %s\n", "", ui.Name(r.Holds))
			if r.When != "" {
				fmt.Fprintf(w, "%18s when: %s\n", "", ui.Name(r.When))
			}
		}
	}
	return nil
}
