package main

import (
	"fmt"
	"io"
	"strconv"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
)

// listVerb is `custody list`.
func listVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name:      "list",
		Aliases:   []string{"ls"},
		Category:  groupLook,
		Usage:     "list the items of this desk",
		UsageText: "custody list\ncustody list --case KOS-2026-0042\ncustody list --waiting",
		Flags: []cli.Flag{
			caseFlag("only items of the proceeding with this `REFERENCE`"), asFlag(),
			&cli.StringFlag{Name: "holder", Usage: "only what this custodian holds: an `ALIAS` of this desk, or six digits of a key"},
			&cli.BoolFlag{Name: "waiting", Usage: "only what an officer of this desk has to answer, or what waits to be logged"},
			&cli.BoolFlag{Name: "overdue", Usage: "only what is offered and past its due time"},
		},
		Action: t.list,
	}
}

// list prints one line for each item that fits.
func (t *tool) list(c *cli.Context) error {
	f := desk.Filter{Case: c.String("case"), Holder: c.String("holder"), Waiting: c.Bool("waiting"), Overdue: c.Bool("overdue")}
	return t.lookAt(c, func(s *desk.Session) error {
		items, err := s.List(c.Context, f)
		if err != nil {
			return err
		}
		return t.writeItems(items)
	})
}

func (t *tool) writeItems(items []desk.Summary) error {
	events := 0
	for _, it := range items {
		events += it.Events
		if it.Damaged != "" {
			t.term.Warn("item %s cannot be read: %s; custody doctor --unlock says more", it.Item.Short(), it.Damaged)
		}
		if err := t.term.Emit("item", it); err != nil {
			return err
		}
	}
	count := struct {
		Items  int `json:"items"`
		Events int `json:"events"`
	}{len(items), events}
	return t.term.Summary("list", count, func(w io.Writer) error {
		if err := itemTable(items).Write(w); err != nil {
			return err
		}
		_, err := fmt.Fprintf(w, "%s, %s\n", ui.Count(len(items), "item", "items"), ui.Count(events, "event", "events"))
		return err
	})
}

// itemTable sets items in columns that fit 80 characters in most cases.
func itemTable(items []desk.Summary) *ui.Table {
	table := ui.NewTable("Item", "Exhibit", "Case", "State", "Custodian", "Files", "Size", "Since")
	for _, it := range items {
		who := it.Alias
		if who == "" {
			who = shortKey(it.Custodian)
		}
		if it.Damaged != "" {
			table.Row(it.Item.Short(), "", "", "DAMAGED", "", "", "", "")
			continue
		}
		state := string(it.State)
		if it.Overdue {
			state += ", overdue"
		}
		if it.Queued > 0 {
			state += ", queued " + strconv.Itoa(it.Queued)
		}
		table.Row(it.Item.Short(), it.Exhibit, it.Case, state, who, ui.Grouped(int64(it.Files)), ui.Bytes(it.Bytes), it.Since.Format("2006-01-02"))
	}
	return table
}

// shortKey cuts the key in "role state key" to six digits, which --holder takes.
func shortKey(who string) string {
	const all, shown = 12, 6
	if len(who) < all {
		return who
	}
	return who[:len(who)-all+shown]
}
