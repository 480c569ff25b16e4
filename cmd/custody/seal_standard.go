package main

import (
	"time"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/standards"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence/intake"
)

// standardFlags are on every verb that seals.
func standardFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "standard", Usage: "the standard it is gathered under: `ID`, ID/VERSION or FILE.json; custody standard list"},
		&cli.PathFlag{Name: "fields", Usage: "answers to the standard's fields from a `FILE`: one JSON object, or a YAML mapping in a FILE.yaml"},
		&cli.BoolFlag{Name: "form", Usage: "ask for every field of the standard that is not given, not only for those that must be there"},
		&cli.StringFlag{Name: "lang", Usage: "ask in this `LANGUAGE`, such as fr", DefaultText: "the pack's own"},
	}
}

// underStandard finds the standard that was asked for and puts the sealing under
// it: its fields are read, asked for on a terminal, and checked, before anything
// is opened.
func (t *tool) underStandard(c *cli.Context, ref string, in *desk.Sealing) error {
	in.Under.Checked = c.StringSlice(checkedFlag)
	var err error
	if file := c.Path(namesFlag); file != "" {
		if in.Under.Names, err = standards.ReadNames(file); err != nil {
			return err
		}
	}
	if ref == "" {
		if c.IsSet("fields") || c.Bool("form") {
			return ui.Usage("give --standard ID", "--fields and --form go with --standard")
		}
		return nil
	}
	chosen, err := findStandard(ref, "--standard ")
	if err != nil {
		return err
	}
	return t.answerFields(c, in, chosen)
}

// answerFields gathers the answers to the pack's fields, and checks each.
func (t *tool) answerFields(c *cli.Context, in *desk.Sealing, chosen *standards.Choice) error {
	given, err := givenFields(c.Path("fields"), in)
	if err != nil {
		return err
	}
	kept, err := t.importFields(in, chosen, given)
	if err != nil {
		return err
	}
	if _, err := chosen.Pack.Answers(given); err != nil {
		return err // before a person fills in a form in vain
	}
	form, err := t.newForm(c, chosen)
	if err != nil {
		return err
	}
	if form != nil {
		asked, err := form.ask(given)
		if err != nil {
			return err
		}
		if asked {
			err = form.correct(given, func() error { return trial(*in, chosen, given) })
		}
		if err != nil {
			return err
		}
	}
	return takeAnswers(in, chosen, given, kept)
}

// givenFields gathers what flags and the file of --fields answer.
func givenFields(file string, in *desk.Sealing) (given map[string]any, err error) {
	given = map[string]any{}
	if file != "" {
		if given, err = standards.ReadAnswers(file); err != nil {
			return nil, err
		}
	}
	for name, v := range in.Fields {
		if _, twice := given[name]; twice {
			return nil, ui.Usage("give each field once", "the field %q is given by a flag and in %s", name, file)
		}
		given[name] = v
	}
	if len(in.PhysicalSeals) > 0 {
		given["physical-seal"] = in.PhysicalSeals
	}
	return given, nil
}

// trial says whether what was answered will be refused, before any file is read.
// Which officer will sign is not known here, so a rule about that is not asked.
func trial(in desk.Sealing, chosen *standards.Choice, given map[string]any) error {
	if err := takeAnswers(&in, chosen, given, nil); err != nil {
		return err
	}
	return desk.CheckAnswers(in, time.Now())
}

// takeAnswers puts the sealing under the pack, with what was answered.
func takeAnswers(in *desk.Sealing, chosen *standards.Choice, given map[string]any, kept []intake.Kept) error {
	answers, err := chosen.Pack.Answers(given)
	if err != nil {
		return err
	}
	delete(answers, "physical-seal") // the sealing puts its own there
	if v, ok := given["physical-seal"].([]any); ok && len(in.PhysicalSeals) == 0 {
		for _, one := range v {
			s, _ := one.(string)
			in.PhysicalSeals = append(in.PhysicalSeals, s)
		}
	}
	in.Fields = answers
	if len(kept) > 0 {
		in.Fields[intake.Field] = kept
	}
	in.Under.Use(in, chosen.Pack)
	return nil
}
