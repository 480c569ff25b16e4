package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence/mla"
)

// packPlan says what would be packed and held back, and what use limits say of it.
func (t *tool) packPlan(c *cli.Context, s *desk.Session, p desk.Packing) error {
	plan, err := s.PlanPack(c.Context, p)
	if err != nil {
		return err
	}
	t.warnNoticed(&plan.Noticed)
	return t.term.Summary("pack", plan, func(w io.Writer) error { return writePlan(w, plan) })
}

func writePlan(w io.Writer, plan *desk.PackPlan) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s would hold %s, %s, %s; nothing was written and nothing was logged\n", ui.Clean(plan.File),
		ui.Count(len(plan.Items), "item", "items"), ui.Count(plan.Files, "evidence copy", "evidence copies"), ui.Bytes(plan.Bytes))
	for _, u := range plan.Uses {
		writePlannedUse(&out, &u)
	}
	for _, l := range plan.Laid {
		fmt.Fprintf(&out, "lays down: %s\n", ui.Clean(limitLine(&l)))
	}
	for _, h := range plan.Withheld {
		name := h.Name
		if h.HideName {
			name += " (its name, too)"
		}
		fmt.Fprintf(&out, "held back: item %s, event %d, %s: %s, by %s, looked at again on %s\n", h.Item.Short(), h.Seq, ui.Clean(name), h.Code, ui.Clean(h.Authority), ui.Clean(h.Review))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// limitLine says of a limit who may have what was given, and for what.
func limitLine(l *mla.Limit) string {
	return fmt.Sprintf("given by %s to %s, for %s: %s", l.Giver, strings.Join(l.States, ", "), strings.Join(l.Proceedings, ", "), strings.Join(l.Purposes, ", "))
}

// writePlannedUse says what the limits of one item allow.
func writePlannedUse(out *strings.Builder, u *desk.PlannedUse) {
	answer := "allowed"
	switch u.Use.Decision {
	case mla.Ask:
		answer = "would be refused: ask " + strings.Join(u.Use.Ask, ", ")
	case mla.Deny:
		answer = "would be refused: denied"
	}
	fmt.Fprintf(out, "use limits of item %s: for %s %s\n", u.Item.Short(), u.Use.State, answer)
	for _, r := range u.Use.Reasons {
		fmt.Fprintf(out, "  %s (limit %s of %s, %s)\n", ui.Clean(r.Text), ui.Clean(r.Limit), ui.Clean(r.Giver), ui.Clean(r.Source))
	}
	var states []string
	for _, x := range u.States {
		one := x.State + " " + string(x.Decision)
		if len(x.Ask) > 0 {
			one += " " + strings.Join(x.Ask, "+")
		}
		states = append(states, one)
	}
	fmt.Fprintf(out, "  the same in each state: %s\n", strings.Join(states, ", "))
}
