package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence/mla"
	"example.org/custody/evidence/rules"
)

// checkOutput is the output of custody request check.
type checkOutput struct {
	Form     string        `json:"form"`
	Title    string        `json:"title"`
	Complete bool          `json:"complete"`
	Problems []mla.Problem `json:"problems"`
}

func requestCheck(t *tool) *cli.Command {
	return &cli.Command{
		Name: "check", ArgsUsage: "[ITEM]", Usage: "say what a request still wants, and make a complete draft ready",
		Description: "Without ITEM the file of --from-file is held against the form, and no desk is needed. With ITEM the draft is, or the file in its place: when it is complete the request becomes ready, " +
			"and the form that was checked is the one that will be signed. Exit code 1 while something is missing; then nothing is signed.",
		UsageText: "custody request check --instrument eio --form-id annex-a --from-file order.yaml\ncustody request check 4f2a9c01 --from-file order.yaml",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "instrument", Usage: "without ITEM: the `INSTRUMENT`"},
			&cli.StringFlag{Name: "form-id", Usage: "without ITEM: the `FORM`, when the instrument has several"},
			&cli.PathFlag{Name: "from-file", Usage: "the whole form from a `FILE`: one JSON object, or a YAML mapping in a FILE.yaml"},
		}, append(whenFlags(), receiptFlag(), asFlag(), dryRunFlag())...),
		Action: t.requestCheck,
	}
}

func (t *tool) requestCheck(c *cli.Context) error {
	if c.NArg() > 0 {
		return t.checkItem(c)
	}
	if c.String("instrument") == "" || c.Path("from-file") == "" {
		return ui.Usage("name an ITEM, or give --instrument INSTRUMENT --from-file FILE", "there is nothing to check")
	}
	form, err := formOf(c.String("instrument"), c.String("form-id"))
	if err != nil {
		return err
	}
	fields, err := formFields(form, c.Path("from-file"))
	if err != nil {
		return err
	}
	return t.sayProblems(form, fields)
}

// checkItem checks a draft and makes it ready.
func (t *tool) checkItem(c *cli.Context) error {
	s, err := t.openDesk(c)
	if err != nil {
		return err
	}
	defer s.Close()
	r, err := findRequest(c, s, c.Args().First())
	if err != nil {
		return err
	}
	t.sayRefused(r)
	st := desk.RequestStep{Request: r, To: "ready"}
	if st.At, err = occurred(c); err != nil {
		return err
	}
	if st.Form, err = formFields(r.Law.Form, c.Path("from-file")); err != nil {
		return err
	}
	fields := r.Law.Fields
	if st.Form != nil {
		fields = st.Form
	}
	if err := mla.Builtin().Complete(r.Law.Form, fields, now()); err != nil || r.History.State() != mla.Draft {
		return t.sayProblems(r.Law.Form, fields)
	}
	return t.takeStep(c, s, "check", st, nil)
}

// sayProblems prints everything that a form wants.
func (t *tool) sayProblems(form *mla.Form, fields map[string]any) error {
	problems, err := mla.Builtin().Check(form, fields, now())
	if err != nil {
		return err
	}
	out := &checkOutput{Form: form.ID, Title: form.Title, Problems: append([]mla.Problem{}, problems...)}
	out.Complete = !slices.ContainsFunc(problems, func(p mla.Problem) bool { return p.Severity == rules.Block })
	if err := t.term.Summary("request check", out, out.write); err != nil {
		return err
	}
	return mla.Builtin().Complete(form, fields, now())
}

func (o *checkOutput) write(w io.Writer) error {
	if len(o.Problems) == 0 {
		_, err := fmt.Fprintf(w, "%s is complete.\n", o.Title)
		return err
	}
	table := ui.NewTable("section", "field", "rule", "severity", "what it wants")
	for _, p := range o.Problems {
		table.Row(p.Section, p.Field, p.Rule, string(p.Severity), p.Text)
	}
	return table.Write(w)
}
