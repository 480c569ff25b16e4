package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
)

// showVerb is `custody show ITEM`.
func showVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name:        "show",
		Category:    groupLook,
		Usage:       "show one item: state, record, files",
		ArgsUsage:   "ITEM",
		UsageText:   "custody show E-0017\ncustody show 3f2a9c",
		Description: "ITEM is the id or the beginning of it, the exhibit number, or what a scanner reads from the label.",
		Flags:       []cli.Flag{asFlag()},
		Action: func(c *cli.Context) error {
			return t.lookAtItem(c, func(s *desk.Session, it *desk.Item) error {
				shown, err := s.Show(it)
				if err != nil {
					return err
				}
				return t.term.Summary("show", shown, func(w io.Writer) error { return t.writeShown(w, shown) })
			})
		},
	}
}

// writeShown prints an item for people.
func (t *tool) writeShown(w io.Writer, s *desk.Shown) error {
	fmt.Fprintf(w, "%s\n", t.term.Heading("Item "+s.Item.String()))
	var rows facts
	rows.add("exhibit", s.Exhibit)
	rows.add("case", s.Case)
	rows.add("what", s.Text)
	rows.add("state", string(s.State))
	rows.add("custodian", custodianText(s.Summary))
	rows.add("sealed by", strings.Join(s.SealedBy, ", "))
	rows.add("sealed as", s.Leaf)
	rows.add("goes on in", s.NextIn)
	rows.add("standard", s.Standard)
	rows.add("events", strconv.Itoa(s.Events))
	if s.Erased > 0 {
		rows.add("erased", ui.Count(s.Erased, "event", "events"))
	}
	if s.Due != nil {
		rows.add("answer due", s.Due.Format(shownTime))
	}
	if err := rows.write(w); err != nil {
		return err
	}
	if err := writeFields(w, s.Fields); err != nil {
		return err
	}
	for _, x := range s.Corrects {
		line := fmt.Sprintf("event %d corrects %s to %s: %s", x.Seq, x.Field, fieldText(x.New), x.Reason)
		if _, err := fmt.Fprintf(w, "  %s\n", ui.Clean(line)); err != nil {
			return err
		}
	}
	files := ui.NewTable("File", "Size", "SHA-256", "Path")
	for _, f := range s.FileList {
		size, digest := ui.Bytes(f.Size), f.SHA256
		if digest == "" {
			size = string(f.Kind)
		} else {
			digest = digest[:16] + "…" // all of it with --json
		}
		files.Row(f.File, size, digest, f.Path)
	}
	if files.Len() > 0 {
		fmt.Fprintln(w)
	}
	return files.Write(w)
}

// shownTime is how times stand in tables: UTC, to the second.
const shownTime = "2006-01-02T15:04:05Z"

// custodianText names who answers for the item, by alias where the key is one of
// this desk's.
func custodianText(s desk.Summary) string {
	if s.Alias == "" {
		return s.Custodian
	}
	return s.Alias + " (" + s.Custodian + ")"
}

// writeFields prints the fields of a record, but those that stand above already.
func writeFields(w io.Writer, fields map[string]any) error {
	var rows facts
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if name != "exhibit" && name != "case" && name != "object" {
			rows.add(name, fieldText(fields[name]))
		}
	}
	if len(rows.rows) == 0 {
		return nil
	}
	if _, err := fmt.Fprintln(w, "Record"); err != nil {
		return err
	}
	return rows.write(w)
}

// fieldText writes a value: text as it is, lists joined, the rest as JSON.
func fieldText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		var all []string
		for _, x := range v {
			all = append(all, fieldText(x))
		}
		return strings.Join(all, ", ")
	}
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
