package main

import (
	"bytes"
	"errors"
	"io"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/standards"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence/mla"
)

func requestNew(t *tool) *cli.Command {
	return &cli.Command{
		Name: "new", Usage: "draft a request as an item of this desk",
		Description: "A draft pins the instrument by digest, and has as much of its form as is known; custody request check says what it still wants. " +
			"It is an item like any other, with seals, receipts, and a history that is complete.\n\n" +
			"On a terminal, without --from-file, or with it and --form, the form is asked for section by section: ? explains a field, - leaves it out, ! keeps what there is in a file, to go on later; before anything is signed it is shown whole.\n\n" +
			"--template writes the form as a file to fill in, and drafts nothing.",
		UsageText: "custody request new --instrument eio --form-id annex-a --template > order.yaml\n" +
			"custody request new --instrument eio --form-id annex-a --to FR --measure hearing --case KOS-2026-0042 --from-file order.yaml",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "instrument", Required: true, Usage: "the `INSTRUMENT` it rests on; custody request which proposes one"},
			&cli.StringFlag{Name: "form-id", Usage: "the `FORM`, when the instrument has several"},
			&cli.StringFlag{Name: "to", Usage: "the `STATE` that is asked, two letters; of a provider, where it is established"},
			&cli.StringSliceFlag{Name: "measure", Usage: "what is asked for: a `MEASURE` of custody request which"},
			&cli.PathFlag{Name: "from-file", Usage: "fields of the form from a `FILE`: one JSON object, or a YAML mapping in a FILE.yaml"},
			&cli.StringFlag{Name: "part", Usage: "the `PART` of that state where public holidays differ, as BY"},
			&cli.StringFlag{Name: "zone", Usage: "the time `ZONE` there, when that state has several"},
			&cli.BoolFlag{Name: "form", Usage: "on a terminal: ask for every field that --from-file does not give; --form=false never asks"},
			keepFlag(),
			&cli.BoolFlag{Name: "template", Usage: "write the form's fields as YAML to fill in"},
			caseFlag("the proceeding's `REFERENCE`"),
			&cli.StringFlag{Name: "exhibit", Usage: "the desk's own `NUMBER` for it"},
		}, append(whenFlags(), receiptFlag(), asFlag(), dryRunFlag())...),
		Action: t.requestNew,
	}
}

func (t *tool) requestNew(c *cli.Context) error {
	form, err := formOf(c.String("instrument"), c.String("form-id"))
	if err != nil {
		return err
	}
	if c.Bool("template") {
		return t.formTemplate(form)
	}
	if c.String("to") == "" || len(c.StringSlice("measure")) == 0 {
		return ui.Usage("--to FR --measure hearing", "a request says which state is asked, and for what")
	}
	d := desk.RequestDraft{
		Instrument: c.String("instrument"), Form: form.ID, To: c.String("to"), Part: c.String("part"), Zone: c.String("zone"),
		Fields: map[string]any{},
	}
	for _, m := range c.StringSlice("measure") {
		d.Measures = append(d.Measures, mla.Measure(m))
	}
	for _, name := range []string{"case", "exhibit"} {
		if v := c.String(name); v != "" {
			d.Fields[name] = v
		}
	}
	if d.Draft, err = formFields(form, c.Path("from-file")); err != nil {
		return err
	}
	if d.At, err = occurred(c); err != nil {
		return err
	}
	kept := false
	if d.Draft, kept, err = t.askForm(c, form, d.Draft); err != nil || kept {
		return err
	}
	return t.draftRequest(c, d)
}

// draftRequest seals the draft and says where it stands.
func (t *tool) draftRequest(c *cli.Context, d desk.RequestDraft) error {
	s, err := t.openDesk(c)
	if err != nil {
		return err
	}
	defer s.Close()
	r, err := t.newReport(c, "request new", nil)
	if err != nil {
		return err
	}
	sealed, err := s.NewRequest(c.Context, d)
	if sealed == nil {
		r.add(nil, err)
		r.shape = func() (any, func(io.Writer) error) { return requestOutput{acted: r.out}, r.text }
		return r.end()
	}
	drafted, loadErr := findRequest(c, s, sealed.Item.String())
	if loadErr != nil {
		return errors.Join(err, loadErr)
	}
	r.name([]*desk.Item{drafted.Item})
	r.add([]desk.Done{sealed.Done}, err)
	r.standing(lineOf(drafted, mla.Draft))
	return r.end()
}

// formOf finds the form with which a request begins.
func formOf(instrument, form string) (*mla.Form, error) {
	i, err := mla.Builtin().Instrument(instrument)
	if err != nil {
		return nil, err
	}
	return i.Beginning(form)
}

// formFields reads a file of a form's fields, in the types of a record.
func formFields(form *mla.Form, file string) (map[string]any, error) {
	if file == "" {
		return nil, nil
	}
	given, err := standards.ReadAnswers(file)
	if err != nil {
		return nil, err
	}
	pack, err := mla.Builtin().Pack(form)
	if err != nil {
		return nil, err
	}
	return pack.Answers(given)
}

// formTemplate writes the form as a file to fill in.
func (t *tool) formTemplate(form *mla.Form) error {
	if t.term.JSON() {
		return ui.Usage("without --json", "--template writes YAML, not JSON")
	}
	pack, err := mla.Builtin().Pack(form)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := writeTemplate(&b, &standards.Choice{Library: mla.Builtin().Forms(), Pack: pack}, ""); err != nil {
		return err
	}
	_, err = t.term.Out().Write(bytes.Replace(b.Bytes(), []byte("with --fields"), []byte("with --from-file"), 1))
	return err
}
