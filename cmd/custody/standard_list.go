package main

import (
	"io"
	"strconv"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence/rules"
	"example.org/custody/verify/standard"
)

// standardLine is one pack in a list.
type standardLine struct {
	Adopted  string     `json:"adopted"` // yes, no, other (another digest of that name), unknown (no trust list here)
	Fields   int        `json:"fields"`
	InForce  string     `json:"in_force"` // from, or from and to, as days
	Name     rules.Name `json:"name"`
	Reviewed string     `json:"reviewed,omitempty"` // who, when; absent: nobody
	Rules    int        `json:"rules"`
	SHA256   string     `json:"sha256"`
	Title    string     `json:"title"`
}

// standardListOutput is the output of custody standard list.
type standardListOutput struct {
	Standards []standardLine `json:"standards"`
}

func standardList(t *tool) *cli.Command {
	return &cli.Command{
		Name:        "list",
		Usage:       "the standards that this program has",
		Description: "Whether a standard counts is said by a trust list: by that of --trust, or by the desk's own.",
		UsageText:   "custody standard list",
		Flags:       []cli.Flag{trustFlag()},
		Action: func(c *cli.Context) error {
			out, err := t.listStandards(c.Path("trust"))
			if err != nil {
				return err
			}
			return t.term.Summary("standard list", out, out.write)
		},
	}
}

func (t *tool) listStandards(trustNote string) (*standardListOutput, error) {
	pins, known := t.adopted(trustNote)
	out := &standardListOutput{Standards: []standardLine{}}
	for _, s := range rules.Builtin().Named("") {
		p, err := rules.Builtin().Pack(s.Digest())
		if err != nil {
			return nil, err
		}
		l := standardLine{
			Name: s.Name(), Title: s.Title, SHA256: s.Digest().String(), Fields: len(p.AllFields()), Rules: len(p.AllRules()),
			InForce: s.InForce.From, Adopted: "unknown",
		}
		if s.InForce.To != "" {
			l.InForce += " to " + s.InForce.To
		}
		if s.Reviewed != nil {
			l.Reviewed = s.Reviewed.By + ", " + s.Reviewed.Date
		}
		if known {
			l.Adopted = standard.Adopted(pins, s)
		}
		out.Standards = append(out.Standards, l)
	}
	return out, nil
}

func (o *standardListOutput) write(w io.Writer) error {
	table := ui.NewTable("standard", "title", "fields", "rules", "in force from", "trust list names it", "reviewed by")
	for _, l := range o.Standards {
		reviewed := l.Reviewed
		if reviewed == "" {
			reviewed = "nobody yet"
		}
		table.Row(string(l.Name), l.Title, strconv.Itoa(l.Fields), strconv.Itoa(l.Rules), l.InForce, l.Adopted, reviewed)
	}
	return table.Write(w)
}

// adopted returns the standards that a trust list names, and whether there is one.
func (t *tool) adopted(note string) (standard.Pins, bool) {
	root, err := t.root(note)
	if err != nil || root.List == nil {
		return nil, false
	}
	return root.List.Standards, true
}
