package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence/mla"
	"example.org/custody/evidence/rules"
)

// whichOutput is the output of custody request which.
type whichOutput struct {
	From      string        `json:"from"`
	To        string        `json:"to"`
	Measure   string        `json:"measure"`
	On        string        `json:"on"`
	Proposed  string        `json:"proposed,omitempty"` // absent: none fits
	Options   []whichOption `json:"options"`
	Languages []string      `json:"languages"` // official ones of the state that is asked, as far as the instrument knows
}

// whichOption is one instrument.
type whichOption struct {
	Instrument string     `json:"instrument"`
	SHA256     string     `json:"sha256"`
	Title      string     `json:"title"`
	Law        string     `json:"law"`
	Fits       string     `json:"fits"` // yes, unknown, model, no
	Why        []string   `json:"why"`
	Forms      []formLine `json:"forms"`
	Channels   []string   `json:"channels"`
	Language   string     `json:"language_rule"`
	Reviewed   string     `json:"reviewed,omitempty"` // who, when; absent: nobody

	Parties []mla.Known `json:"parties"` // the state that asks, the state that is asked
}

// formLine is a form with which a request can begin.
type formLine struct {
	Form  string `json:"form"`
	Title string `json:"title"`
}

func requestWhich(t *tool) *cli.Command {
	return &cli.Command{
		Name: "which", Usage: "propose the instrument for a request, and say why",
		Description: "Looks at every instrument that this program knows: does it cover the measure, is it in force, does it bind both states on that day. The first that fits is proposed; " +
			"whether the offence is one for which it can be used is for who signs. No desk is needed.\n\n" +
			"Measures: " + strings.Join(measureNames(), ", ") + ".",
		UsageText: "custody request which --from DE --to FR --measure hearing\ncustody request which --from DE --to US --measure preservation --on 2026-12-01",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "from", Required: true, Usage: "the `STATE` that asks, two letters"},
			&cli.StringFlag{Name: "to", Required: true, Usage: "the `STATE` that is asked, two letters; of a provider, where it is established"},
			&cli.StringFlag{Name: "measure", Required: true, Usage: "what is asked for: a `MEASURE` of the list above"},
			&cli.StringFlag{Name: "on", Usage: "judge for this `DAY`, as 2026-12-01", DefaultText: "today"},
		},
		Action: func(c *cli.Context) error {
			out, err := which(c)
			if err != nil {
				return err
			}
			return t.term.Summary("request which", out, out.write)
		},
	}
}

func measureNames() (names []string) {
	for _, m := range mla.Measures() {
		names = append(names, string(m))
	}
	slices.Sort(names)
	return names
}

func which(c *cli.Context) (*whichOutput, error) {
	day := now()
	if s := c.String("on"); s != "" {
		var err error
		if day, err = time.Parse(time.DateOnly, s); err != nil {
			return nil, ui.Usage("--on 2026-12-01", "%q is not a day", s)
		}
	}
	from, to, measure := c.String("from"), c.String("to"), c.String("measure")
	options, err := mla.Builtin().Which(from, to, mla.Measure(measure), day)
	switch {
	case errors.Is(err, mla.ErrUnknown):
		do := "custody help request which lists the measures"
		if best := rules.Nearest(measureNames(), measure); best != "" {
			do = "did you mean: --measure " + best + "?"
		}
		return nil, ui.Usage(do, "%v", err)
	case err != nil:
		return nil, ui.Usage("--from DE --to FR", "%v", err)
	}
	out := &whichOutput{From: from, To: to, Measure: measure, On: day.Format(time.DateOnly), Options: []whichOption{}, Languages: []string{}}
	for _, o := range options {
		out.Options = append(out.Options, optionOf(o))
	}
	if first := options[0]; first.Fit != mla.FitsNot {
		out.Proposed = first.Instrument.Name()
		out.Languages = append(out.Languages, first.Instrument.Declared(to, "official-language")...)
	}
	return out, nil
}

func optionOf(o mla.Option) whichOption {
	i := o.Instrument
	w := whichOption{
		Instrument: i.Name(), SHA256: i.Digest().String(), Title: i.Title, Law: i.Law, Fits: string(o.Fit), Why: o.Why,
		Forms: []formLine{}, Channels: []string{}, Language: i.LanguageRule, Parties: o.Parties,
	}
	for _, f := range i.Forms {
		if f.Machine != "" {
			w.Forms = append(w.Forms, formLine{f.ID, f.Title})
		}
	}
	for _, ch := range i.Channels {
		w.Channels = append(w.Channels, ch.Text)
	}
	if i.Reviewed != nil {
		w.Reviewed = i.Reviewed.By + ", " + i.Reviewed.Date
	}
	return w
}

func (o *whichOutput) write(w io.Writer) error {
	if o.Proposed == "" {
		if _, err := fmt.Fprintf(w, "No instrument known here carries %s from %s to %s on %s.\n\n", o.Measure, o.From, o.To, o.On); err != nil {
			return err
		}
	} else if err := o.writeProposed(w); err != nil {
		return err
	}
	table := ui.NewTable("instrument", "fits", "why")
	for _, one := range o.Options {
		table.Row(one.Instrument, one.Fits, strings.Join(one.Why, "; "))
	}
	return table.Write(w)
}

// writeProposed says what is proposed, and how it is used.
func (o *whichOutput) writeProposed(w io.Writer) error {
	first := o.Options[0]
	var f facts
	f.add("why", strings.Join(first.Why, "; "))
	f.add("law", first.Law)
	for _, form := range first.Forms {
		f.add("form", form.Form+": "+form.Title)
	}
	f.add("language", first.Language)
	f.add("official languages", strings.Join(o.Languages, ", "))
	for _, ch := range first.Channels {
		f.add("channel", ch)
	}
	for _, k := range first.Parties {
		f.add(k.State, partyText(k))
	}
	reviewed := first.Reviewed
	if reviewed == "" {
		reviewed = "nobody yet: check it against the law"
	}
	f.add("reviewed by", reviewed)
	verb := "Proposed"
	if first.Fits != string(mla.Fits) {
		verb = "Nothing is sure to fit; the nearest"
	}
	if _, err := fmt.Fprintf(w, "%s: %s (%s)\n", verb, first.Title, first.Instrument); err != nil {
		return err
	}
	if err := f.write(w); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w)
	return err
}

// partyText says what is known of a state under an instrument, and what that rests on.
func partyText(k mla.Known) string {
	text := map[mla.Fit]string{
		mla.Fits: "bound", mla.FitsNot: "not bound on that day", mla.FitsMaybe: "whether it is bound is not known here", mla.FitsModel: "nobody is bound",
	}[k.Bound]
	if k.From != "" && k.Bound == mla.Fits {
		text += " from " + k.From
	}
	for _, d := range []struct {
		name   string
		values []string
	}{{"languages", k.Languages}, {"channels", k.Channels}} {
		if len(d.values) == 0 {
			text += "; " + d.name + " it accepts: not known here"
		} else {
			text += "; " + d.name + " it accepts: " + strings.Join(d.values, ", ")
		}
	}
	text += "; by " + k.Source + ", " + k.Read
	if !k.Checked {
		text += ", " + mla.NotChecked
	}
	return text
}
