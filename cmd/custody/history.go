package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
)

// historyVerb is `custody history ITEM`.
func historyVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name:      "history",
		Category:  groupLook,
		Usage:     "show who held an item from when to when, and every act on it",
		ArgsUsage: "ITEM",
		UsageText: "custody history E-0017",
		Description: "This is what the desk's own vault says. What a court can check without the desk is what custody pack writes and " +
			"custody verify reads.",
		Flags: []cli.Flag{asFlag()},
		Action: func(c *cli.Context) error {
			return t.lookAtItem(c, func(s *desk.Session, it *desk.Item) error {
				h, err := s.History(it)
				if err != nil {
					return err
				}
				return t.term.Summary("history", h, func(w io.Writer) error { return t.writeHistory(w, h) })
			})
		},
	}
}

// writeHistory prints acts, spans and gaps.
func (t *tool) writeHistory(w io.Writer, h *desk.History) error {
	fmt.Fprintf(w, "%s\n", t.term.Heading("Item "+h.Item.String()))
	for _, e := range h.Events {
		if err := writeAct(w, e); err != nil {
			return err
		}
	}
	fmt.Fprintln(w)
	if err := spanTable(h.Time).Write(w); err != nil {
		return err
	}
	for _, g := range h.Time.Gaps {
		fmt.Fprintf(w, "%s  %s\n", t.term.StatusWord(ui.Undecided), ui.Clean(gapText(g)))
	}
	if h.Unread != "" {
		t.term.Warn("where the request stands after each step is not known here: %s", h.Unread)
	}
	_, err := fmt.Fprintf(w, "\n%s, state: %s\n", ui.Count(len(h.Events), "event", "events"), h.Time.State)
	return err
}

// lateAfter is from when on an act is shown with both its times: when it was signed,
// and when its ledger had it.
const lateAfter = time.Hour

// writeAct prints one event in two lines: what, when, who; and where it is logged. A
// third says where a step of a request led, or what a derived item came from.
func writeAct(w io.Writer, e desk.EventSummary) error {
	leaf := e.Leaf
	switch {
	case leaf == "":
		leaf = "not logged yet"
	case e.Pending:
		leaf += ", cosignatures still missing"
	}
	if e.Logged != nil && e.Logged.Sub(e.Recorded) > lateAfter {
		leaf += fmt.Sprintf(", late: signed %s, in the ledger by %s", e.Recorded.Format(shownTime), e.Logged.Format(shownTime))
	}
	if _, err := fmt.Fprintf(w, "%3d  %-8s  %s  %s\n     %8s  %s\n", e.Seq, e.Action, e.From.Format(shownTime), ui.Clean(strings.Join(e.Signers, ", ")), "", ui.Clean(leaf)); err != nil {
		return err
	}
	var more string
	switch {
	case e.Step != nil:
		more = stepText(e.Step)
	case e.Parent != nil:
		more = fmt.Sprintf("derived from item %s: %s", e.Parent.Item.Short(), e.Parent.Kind)
	default:
		return nil
	}
	_, err := fmt.Fprintf(w, "     %8s  %s\n", "", ui.Clean(more))
	return err
}

// stepText says where a step of a request led.
func stepText(s *desk.StepSummary) string {
	switch {
	case s.Refused != "":
		return fmt.Sprintf("to %s: does not count, the request stays %s: %s", s.To, s.State, s.Refused)
	case s.To != s.State:
		return fmt.Sprintf("%s, by the %s side; the request stays %s", s.To, s.By, s.State)
	}
	return fmt.Sprintf("the request is %s, by the %s side", s.State, s.By)
}

// spanTable sets who held the item in columns.
func spanTable(t *evidence.Timeline) *ui.Table {
	table := ui.NewTable("From", "To", "Custody", "Who answers")
	for _, s := range t.Spans {
		who := ""
		if s.Custodian != nil {
			who = desk.SignerText(*s.Custodian)
		}
		table.Row(momentText(s.Begin, "not shown"), momentText(s.End, "still"), string(s.Kind), who)
	}
	return table
}

// momentText is a time, or what its absence means.
func momentText(at time.Time, absent string) string {
	if at.IsZero() {
		return absent
	}
	return at.Format(shownTime)
}

// gapText says a doubt in one line.
func gapText(g evidence.Gap) string {
	return fmt.Sprintf("%s at event %d: %s", g.Code, g.Seq, g.Detail)
}
