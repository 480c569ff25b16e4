package main

import (
	"fmt"
	"io"

	"example.org/custody/cmd/internal/ui"
	"example.org/custody/verify"
	"example.org/custody/verify/standard"
)

// courtStandard adds the reader's own standard to the options. Its file may also
// be the pack that an item names and this program does not have.
func (v verifying) courtStandard(o verify.Options) (verify.Options, error) {
	if v.standard == "" {
		return o, nil
	}
	chosen, err := findStandard(v.standard, "--standard ")
	if err != nil {
		return o, err
	}
	o.Standards, o.Court = chosen.Library, chosen.Pack
	return o, nil
}

// writeCourt prints what the reader's own standard says of each item beside what
// the one says that the item names.
func (r verifyResult) writeCourt(w io.Writer) error {
	for _, item := range r.Items {
		if item.Court == nil {
			continue
		}
		if err := writeStandards(w, item.Item.Short(), item.Court); err != nil {
			return err
		}
	}
	return nil
}

func writeStandards(w io.Writer, item string, c *standard.Comparison) error {
	first := string(c.First)
	if first == "" {
		first = "standard named"
	}
	table := ui.NewTable("rule", first, string(c.Second), "", "sentence")
	differ := 0
	for _, r := range c.Rows {
		mark := ""
		if r.Differs {
			mark = "differs"
			differ++
		}
		table.Row(r.Rule, word(r.First), word(r.Second), mark, r.Text)
	}
	fmt.Fprintf(w, "\nYour own standard, item %s: %s. It changes no answer above.\n", item, ui.Count(differ, "difference", "differences"))
	return table.Write(w)
}

func word[S ~string](status S) string {
	if status == "" {
		return "no such rule"
	}
	return string(status)
}
