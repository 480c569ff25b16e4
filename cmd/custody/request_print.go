package main

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence/mla"
	"example.org/custody/evidence/mla/paper"
	"example.org/custody/verify/report/pdf"
)

// printOutput is the output of custody request print.
type printOutput struct {
	Form     string   `json:"form"`
	Title    string   `json:"title"`
	For      mla.Side `json:"for"`
	Language string   `json:"language"`
	Signed   bool     `json:"signed"`
	HeldBack bool     `json:"held_back,omitempty"` // some of what was signed is not here
	Complete bool     `json:"complete"`
	LeftOut  int      `json:"left_out"` // sections that are for another side alone
	Notices  []string `json:"notices"`
	Files    []string `json:"files"`
}

// printers write a form, by the ending of a file's name.
var printers = map[string]func(io.Writer, *paper.Document) error{".html": paper.HTML, ".pdf": pdf.WriteForm, ".json": paper.JSON}

const printUsage = "a `FILE` that ends in .html, .pdf or .json"

func requestPrint(t *tool) *cli.Command {
	return &cli.Command{
		Name: "print", ArgsUsage: "[ITEM]", Usage: "put a form on paper: HTML, PDF or JSON, one copy for one side",
		Description: "Of a request of this desk, or, without ITEM, of a file, or empty; no desk is needed then. Every section stands there with its letter, every field with its answer or that it is not filled in. " +
			"It is a draft, and says so on every page, unless exactly these words were signed.\n\nA copy has what its side may see: that for the provider never has the section that is for the authority of its state alone.",
		UsageText: "custody request print 4f2a9c01 --out order.html --out order.pdf\ncustody request print 4f2a9c01 --for provider --out to-provider.pdf\n" +
			"custody request print --instrument eio --form-id annex-b --from-file confirmation.yaml --out annex-b.html",
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "out", Required: true, Usage: "write " + printUsage + "; may be given several times"},
			choiceFlag("for", "the `SIDE` that the copy is for: issuing, executing, provider or enforcing; else that of the desk", "", "issuing", "executing", "provider", "enforcing"),
			&cli.StringFlag{Name: "instrument", Usage: "without ITEM: the `INSTRUMENT`"},
			&cli.StringFlag{Name: "form-id", Usage: "another `FORM` of the instrument than the one with which the request begins"},
			&cli.PathFlag{Name: "from-file", Usage: "the fields of the form from a `FILE`: one JSON object, or a YAML mapping in a FILE.yaml"},
			&cli.StringFlag{Name: "lang", Usage: "write in this `LANGUAGE`, as far as there are words in it", DefaultText: "the form's own"},
			forceFlag(),
			asFlag(),
		},
		Action: t.requestPrint,
	}
}

func (t *tool) requestPrint(c *cli.Context) error {
	for _, file := range c.StringSlice("out") {
		if err := printable(file); err != nil {
			return err
		}
	}
	f, side, err := t.filledForm(c)
	if err != nil {
		return err
	}
	if s := c.String("for"); s != "" {
		side = mla.Side(s)
	}
	d, err := paper.New(mla.Builtin(), f, side, c.String("lang"), now())
	if err != nil {
		return err
	}
	out := &printOutput{
		Form: f.Form.ID, Title: d.Title, For: d.For, Language: d.Language, Signed: d.Signed, HeldBack: d.HeldBack, Complete: d.Complete, LeftOut: d.LeftOut,
		Notices: d.Notices(), Files: c.StringSlice("out"),
	}
	copies, err := t.copies(d, out.Files, c.Bool("force"))
	defer closeAll(copies)
	if err == nil {
		err = commitAll(copies)
	}
	if err != nil {
		return err
	}
	return t.term.Summary("request print", out, out.write)
}

// printable refuses a file of a kind that no form is written as.
func printable(file string) error {
	if printers[filepath.Ext(file)] == nil {
		return ui.Usage("--out form.html, form.pdf or form.json", "%s ends in nothing that a form is written as", ui.Name(file))
	}
	return nil
}

// filledForm finds the form that is meant, as it stands, and the side of the desk.
func (t *tool) filledForm(c *cli.Context) (f paper.Filled, side mla.Side, err error) {
	switch {
	case c.NArg() > 1:
		return f, "", ui.Usage("custody request print ITEM --out form.html", "one item is needed, and no more")
	case c.NArg() == 1 && c.String("instrument") != "":
		return f, "", ui.Usage("leave out --instrument", "a request pins its own instrument")
	case c.NArg() == 1:
		f, side, err = t.filledItem(c)
	case c.String("instrument") == "":
		return f, "", ui.Usage("name an ITEM, or give --instrument INSTRUMENT", "there is nothing to print")
	default:
		side = mla.Issuing
		if f.Instrument, err = mla.Builtin().Instrument(c.String("instrument")); err == nil {
			f.Form, err = anyForm(f.Instrument, c.String("form-id"))
		}
	}
	if err != nil || c.Path("from-file") == "" {
		return f, side, err
	}
	f.Signed, f.HeldBack = false, false // nobody has signed what is in a file, and it is whole
	f.Fields, err = formFields(f.Form, c.Path("from-file"))
	return f, side, err
}

// anyForm returns a form of an instrument, or the one with which a request begins.
func anyForm(i *mla.Instrument, id string) (*mla.Form, error) {
	if f := i.FormFor(id); f != nil {
		return f, nil
	}
	if id == "" {
		return i.Beginning("")
	}
	var ids []string
	for n := range i.Forms {
		ids = append(ids, i.Forms[n].ID)
	}
	return nil, fmt.Errorf("form %q: %w; the forms of %s are %s", id, mla.ErrUnknown, i.Name(), strings.Join(ids, ", "))
}

// filledItem reads the form of a request of this desk.
func (t *tool) filledItem(c *cli.Context) (f paper.Filled, side mla.Side, err error) {
	s, err := t.openDesk(c)
	if err != nil {
		return f, "", err
	}
	defer s.Close()
	r, err := findRequest(c, s, c.Args().First())
	if err != nil {
		return f, "", err
	}
	t.sayRefused(r)
	if side = r.SideOf(s.Config.State); side == "" {
		side = mla.Executing
	}
	f = paper.Filled{Instrument: r.Law.Instrument, Form: r.Law.Form, Fields: r.Law.Fields, Request: r.ID.String(), HeldBack: r.Hidden}
	_, f.Signed = r.Law.SignedForm(r.History)
	if id := c.String("form-id"); id != "" && id != f.Form.ID {
		f.Fields, f.Signed, f.HeldBack = nil, false, false
		f.Form, err = anyForm(f.Instrument, id)
	}
	return f, side, err
}

// copies prepares a copy of a form in each of some files; commitAll puts them there.
func (t *tool) copies(d *paper.Document, files []string, force bool) (all []*ui.Output, err error) {
	for _, file := range files {
		var b bytes.Buffer // whole before any file begins
		if err := printers[filepath.Ext(file)](&b, d); err != nil {
			return all, err
		}
		w, err := t.term.Output(file, ui.OutputOptions{Private: true, Force: force})
		if err != nil {
			return all, err
		}
		all = append(all, w)
		if _, err := w.Write(b.Bytes()); err != nil {
			return all, err
		}
	}
	return all, nil
}

func commitAll(all []*ui.Output) error {
	for _, w := range all {
		if err := w.Commit(); err != nil {
			return err
		}
	}
	return nil
}

func closeAll(all []*ui.Output) {
	for _, w := range all {
		w.Close()
	}
}

func (o *printOutput) write(w io.Writer) error {
	standing := "a draft that nobody has signed"
	if o.Signed {
		standing = "as it was signed"
		if o.HeldBack {
			standing += ", as far as it is shown"
		}
	}
	var f facts
	f.add("form", o.Title)
	f.add("copy for", string(o.For))
	f.add("standing", standing)
	for _, n := range o.Notices {
		f.add("notice", n)
	}
	for _, file := range o.Files {
		f.add("written to", file)
	}
	return f.write(w)
}

// copyFlag is on the verb that sends.
func copyFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "copy", Usage: "write the copy for whom it is sent to: " + printUsage + "; may be given several times"}
}

// addresseeCopies prepares the form for whom a step sends it to, and for nobody else.
func (t *tool) addresseeCopies(c *cli.Context, st *desk.RequestStep) ([]*ui.Output, error) {
	files := c.StringSlice("copy")
	for _, file := range files {
		if err := printable(file); err != nil {
			return nil, err
		}
	}
	if len(files) == 0 {
		return nil, nil
	}
	law := st.Request.Law
	f := paper.Filled{Instrument: law.Instrument, Form: law.Form, Fields: law.Fields, Request: st.Request.ID.String(), HeldBack: st.Request.Hidden}
	_, f.Signed = law.SignedForm(st.Request.History)
	d, err := paper.New(mla.Builtin(), f, law.Addressee(st.To), "", now())
	if err != nil {
		return nil, err
	}
	return t.copies(d, files, false)
}
