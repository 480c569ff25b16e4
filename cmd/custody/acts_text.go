package main

import (
	"fmt"
	"io"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
)

// text prints a report for people: one line for each item.
func (r *report) text(w io.Writer) error {
	if err := r.writeWould(w); err != nil {
		return err
	}
	table := ui.NewTable("ITEM", "EXHIBIT", "ACT", "LEAF", "RECEIPT")
	for _, a := range r.out.Acts {
		table.Row(a.Item.Short(), a.Exhibit, string(a.Action), a.Leaf, yesNo(a.Receipt, "complete", "pending"))
	}
	if err := table.Write(w); err != nil {
		return err
	}
	refused := ui.NewTable("ITEM", "EXHIBIT", "REFUSED BECAUSE")
	for _, x := range r.out.Refused {
		refused.Row(x.Item.Short(), x.Exhibit, x.Reason)
	}
	if len(r.out.Acts) > 0 && refused.Len() > 0 {
		fmt.Fprintln(w)
	}
	if err := refused.Write(w); err != nil {
		return err
	}
	if r.extra != nil {
		if err := r.extra(w); err != nil {
			return err
		}
	}
	return r.writeFiles(w)
}

func yesNo(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

func (r *report) writeFiles(w io.Writer) error {
	for _, f := range r.out.Files {
		if _, err := fmt.Fprintf(w, "wrote %s\n", ui.Name(f)); err != nil {
			return err
		}
	}
	if r.out.Receipt == "" {
		return nil
	}
	_, err := fmt.Fprintf(w, "receipt %s\n", ui.Name(r.out.Receipt))
	return err
}

// writeWould prints what a dry run would have signed: the bytes and their digest.
func (r *report) writeWould(w io.Writer) error {
	if r.out.DryRun && len(r.out.Would) == 0 && len(r.out.Refused) == 0 {
		_, err := fmt.Fprintln(w, "nothing would be signed; what came with the file was verified")
		return err
	}
	for _, p := range r.out.Would {
		if err := writePreview(w, p); err != nil {
			return err
		}
	}
	return nil
}

func writePreview(w io.Writer, p desk.Preview) error {
	_, err := fmt.Fprintf(w, "would sign %s of item %s, event %d, SHA-256 %s:\n%s\n", p.Action, p.Item.Short(), p.Seq, p.SHA256, p.Event)
	if err != nil {
		return err
	}
	for _, v := range p.Record {
		if _, err := fmt.Fprintf(w, "  record %s = %s\n", ui.Name(v.Name), ui.Name(string(v.Value))); err != nil {
			return err
		}
	}
	return nil
}
