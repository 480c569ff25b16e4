package mla

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"
	"time"

	"example.org/custody/evidence/rules"
)

var (
	idForm    = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)
	stateForm = regexp.MustCompile(`^[A-Z]{2}$`)
)

// ParseInstrument reads an instrument as strictly as a standard is read, and
// checks everything but its forms, which is [Library.Add]'s. The name of the file
// is for errors, each of which is a [*rules.LoadError].
func ParseInstrument(file string, b []byte) (*Instrument, error) {
	var i Instrument
	fault, err := rules.ReadData(file, b, &i)
	if err != nil {
		return nil, err
	}
	i.digest = sha256.Sum256(b)
	v := &validation{fault: fault}
	v.head(&i)
	v.parties(&i)
	v.forms(&i)
	v.deadlines(&i)
	v.grounds(&i)
	v.use(&i.Use)
	if v.err != nil {
		return nil, v.err
	}
	return &i, nil
}

// validation keeps the first thing that is wrong.
type validation struct {
	fault func(path, format string, args ...any) error
	err   error
}

func (v *validation) that(ok bool, path, format string, args ...any) {
	if !ok && v.err == nil {
		v.err = v.fault(path, format, args...)
	}
}

func (v *validation) text(s, path string) {
	v.that(0 < len(s) && len(s) <= 2000, path, "a text of %d bytes, 1 to 2000 are allowed", len(s))
}

func (v *validation) day(s, path string) {
	_, err := time.Parse(time.DateOnly, s)
	v.that(err == nil, path, "%q is not a day as 2026-11-26", s)
}

// maybeDay checks a day that may be left out.
func (v *validation) maybeDay(s, path string) {
	if s != "" {
		v.day(s, path)
	}
}

func (v *validation) standing(s Standing, path string) {
	v.day(s.Read, path+".read")
	v.that(s.InForce || s.Note != "", path, "what is not in force says why in a note")
}

func (v *validation) head(i *Instrument) {
	v.that(i.Format == InstrumentFormat, "format", "the format is %q, this reads %q", i.Format, InstrumentFormat)
	v.that(idForm.MatchString(i.ID), "id", "%q is not an id", i.ID)
	v.that(1 <= i.Version && i.Version <= 999999, "version", "version %d is out of range", i.Version)
	v.that(1 <= i.Rank && i.Rank <= 99, "rank", "rank %d is not one of 1 to 99", i.Rank)
	v.text(i.Title, "title")
	v.text(i.About, "about")
	v.text(i.Law, "law")
	v.text(i.LanguageRule, "language-rule")
	v.day(i.InForce.From, "in-force.from")
	v.maybeDay(i.InForce.To, "in-force.to")
	v.standing(i.Status, "status")
	v.that(len(i.Channels) > 0, "channels", "no channel on which a request travels")
	for n, c := range i.Channels {
		path := fmt.Sprintf("channels[%d]", n)
		v.that(idForm.MatchString(c.Code), path, "%q is not a code", c.Code)
		v.text(c.Text, path)
	}
	v.measures(i.Measures, "measures")
	v.that(len(i.Measures) > 0, "measures", "no measure")
	for n, p := range i.Protocols {
		path := fmt.Sprintf("protocols[%d]", n)
		v.that(idForm.MatchString(p.ID) && p.Title != "" && p.Text != "", path, "a protocol without id, title or text")
		v.maybeDay(p.From, path+".from")
		v.standing(p.Status, path+".status")
	}
}

func (v *validation) measures(list []Measure, path string) {
	for n, m := range list {
		v.that(slices.Contains(Measures(), m), fmt.Sprintf("%s[%d]", path, n), "%q is not a measure", m)
		v.that(!slices.Contains(list[:n], m), fmt.Sprintf("%s[%d]", path, n), "%q stands there twice", m)
	}
}

func (v *validation) parties(i *Instrument) {
	v.that(slices.Contains([]Listed{ListedAll, ListedSome, ListedNone}, i.Listed), "listed", "%q is not one of all, some, model", i.Listed)
	v.that((i.Listed == ListedNone) == (len(i.Parties) == 0), "parties", "a model has no parties, everything else has")
	seen := map[string]bool{}
	for n, p := range i.Parties {
		path := fmt.Sprintf("parties[%d]", n)
		v.that(stateForm.MatchString(p.State), path, "%q is not a code of two letters", p.State)
		v.that(!seen[p.State], path, "%s stands there twice", p.State)
		v.maybeDay(p.From, path+".from")
		v.maybeDay(p.To, path+".to")
		seen[p.State] = true
	}
	for n, d := range i.Declarations {
		path := fmt.Sprintf("declarations[%d]", n)
		v.that(seen[d.State], path, "%s declares something and is no party", d.State)
		v.that(slices.Contains([]string{"official-language", "language", "channel"}, d.Kind), path+".kind", "%q is not a kind of declaration", d.Kind)
		v.that(len(d.Values) > 0, path, "declares nothing")
	}
}

func (v *validation) forms(i *Instrument) {
	for n := range i.Forms {
		f, path := &i.Forms[n], fmt.Sprintf("forms[%d]", n)
		v.that(idForm.MatchString(f.ID) && i.FormFor(f.ID) == f, path+".id", "%q is not an id, or stands there twice", f.ID)
		_, err := rules.ParseName(string(f.Form))
		v.that(err == nil, path+".form", "%v", err)
		v.text(f.Title, path+".title")
		v.that(f.Machine == "" || machines[f.Machine] != nil, path+".machine", "%q is not a machine", f.Machine)
		v.state(f.Step, path+".step")
		for m, s := range f.Sections {
			at := fmt.Sprintf("%s.sections[%d]", path, m)
			v.that(s.ID != "" && s.Title != "" && len(s.Fields) > 0, at, "a section without id, title or fields")
			v.that(s.Only == "" || slices.Contains(Sides(), s.Only), at+".only", "%q is not a side", s.Only)
		}
	}
}

func (v *validation) state(s State, path string) {
	v.that(knownState(s), path, "%q is not a state of any machine", s)
}

func (v *validation) states(list []State, path string) {
	for n, s := range list {
		v.state(s, fmt.Sprintf("%s[%d]", path, n))
	}
}

func (v *validation) deadlines(i *Instrument) {
	for n := range i.Deadlines {
		d, path := &i.Deadlines[n], fmt.Sprintf("deadlines[%d]", n)
		v.that(idForm.MatchString(d.ID), path+".id", "%q is not an id", d.ID)
		v.that(!slices.ContainsFunc(i.Deadlines[:n], func(o Deadline) bool { return o.ID == d.ID }), path+".id", "%s stands there twice", d.ID)
		v.text(d.Title, path+".title")
		v.text(d.Source, path+".source")
		v.that(d.Period.Valid(), path+".period", "%s is not a period", d.Period)
		v.that(slices.Contains(Sides(), d.Who), path+".who", "%q is not a side", d.Who)
		v.that(len(d.Start) > 0 && len(d.Ends) > 0, path, "a deadline begins and ends with a state")
		v.states(slices.Concat(d.Start, d.Ends, d.Pauses, d.Restarts), path)
		v.measures(d.Measures, path+".measures")
		v.that(d.Form == "" || i.FormFor(d.Form) != nil, path+".form", "there is no form %q", d.Form)
		if x := d.Extension; x != nil {
			v.text(x.Text, path+".extension")
			v.that((x.Most == nil) == (x.Times == 0), path+".extension", "an extension has a length and how often, or neither")
			v.that(x.Most == nil || x.Most.Valid(), path+".extension", "the most is not a period")
		}
		v.that(d.When == nil || len(d.When.Values) > 0, path+".when", "a condition without values")
	}
}

func (v *validation) grounds(i *Instrument) {
	for n, g := range i.Grounds {
		path := fmt.Sprintf("grounds[%d]", n)
		v.that(idForm.MatchString(g.ID), path+".id", "%q is not an id", g.ID)
		v.that(!slices.ContainsFunc(i.Grounds[:n], func(o Ground) bool { return o.ID == g.ID }), path+".id", "%s stands there twice", g.ID)
		v.text(g.Text, path+".text")
		v.text(g.Source, path+".source")
		v.measures(g.Except, path+".except")
	}
}

func (v *validation) use(u *UseRule) {
	v.text(u.Text, "use.text")
	v.text(u.Source, "use.source")
	decisions := []Decision{Allow, Ask, Deny}
	v.that(slices.Contains(decisions, u.OtherUse), "use.other-use", "%q is not a decision", u.OtherUse)
	v.that(slices.Contains(decisions, u.Onward), "use.onward", "%q is not a decision", u.Onward)
	v.that(len(u.Purposes) > 0, "use.purposes", "no purpose")
	for n, x := range u.Exceptions {
		path := fmt.Sprintf("use.exceptions[%d]", n)
		v.that(slices.Contains([]ExceptionKind{Exculpatory, Threat, Related}, x.Kind), path, "%q is not a kind of exception", x.Kind)
		v.text(x.Text, path)
	}
}
