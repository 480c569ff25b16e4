package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
)

func disposeVerb(t *tool) *cli.Command {
	return &cli.Command{
		Name: "dispose", Category: groupActs, ArgsUsage: "ITEM",
		Usage: "end an item by order, and erase what the order names; two sign",
		Description: "The custodian and a second officer in the role approver, prosecutor or court sign. Nothing can follow, unless --partial. " +
			"A hold forbids it.\n\n" +
			"--erase destroys for good: `files` the evidence and what opens it, a number the record and envelope of that event, `all` both for the whole item. " +
			"The leaves stay, so that every other proof still holds and the gap is seen. The report lists everyone who ever had a key; " +
			"copies outside this desk, and backups made before, are not reached.",
		UsageText: "custody dispose 4f2a9c01 --order 'DO 7/26' --reason 'retention ended' --second ola\n" +
			"custody dispose 4f2a9c01 --order 'DPA 19/26' --reason 'erasure, Art. 16' --second ola --erase all\n" +
			"custody dispose 4f2a9c01 --order 'DPA 20/26' --reason 'wrong person' --second ola --partial --erase 3",
		Flags: append(append([]cli.Flag{
			&cli.StringFlag{Name: "order", Required: true, Usage: "the `REFERENCE` of the order; seen by whoever sees the event, so no name"},
			&cli.StringFlag{Name: "reason", Required: true, Usage: "why: `TEXT`"},
			&cli.StringFlag{Name: "second", Required: true, Usage: "the `OFFICER` who approves and signs as well"},
			&cli.StringSliceFlag{Name: "erase", Usage: "`WHAT` to destroy: files, the number of an event, or all"},
			&cli.BoolFlag{Name: "partial", Usage: "the item goes on; only what --erase names is destroyed"},
		}, append(recordFlags(), whenFlags()...)...), receiptFlag(), asFlag(), dryRunFlag()),
		Action: func(c *cli.Context) error { return t.dispose(c) },
	}
}

// disposedOutput is the output of dispose.
type disposedOutput struct {
	acted
	Erased *desk.ErasureReport `json:"erased,omitempty"`
}

func (t *tool) dispose(c *cli.Context) error {
	d, err := disposal(c)
	if err != nil {
		return err
	}
	s, err := t.openDesk(c)
	if err != nil {
		return err
	}
	defer s.Close()
	if d.Item, err = s.Find(c.Context, c.Args().First()); err != nil {
		return err
	}
	if err := t.confirmEnd(c, "dispose of item "+d.Item.ID.Short()+" for good"+yesNo(len(c.StringSlice("erase")) > 0, ", and erase", "")); err != nil {
		return err
	}
	r, err := t.newReport(c, "dispose", []*desk.Item{d.Item})
	if err != nil {
		return err
	}
	disposed, err := s.Dispose(c.Context, d)
	if disposed == nil {
		disposed = &desk.Disposed{}
	}
	r.add(logged(disposed.Done), err)
	r.shape = func() (any, func(io.Writer) error) {
		return disposedOutput{r.out, disposed.Erased}, func(w io.Writer) error {
			if err := r.text(w); err != nil || disposed.Erased == nil {
				return err
			}
			return writeErased(w, disposed.Erased)
		}
	}
	return r.end()
}

// disposal reads the line.
func disposal(c *cli.Context) (d desk.Disposal, err error) {
	d = desk.Disposal{Order: c.String("order"), Second: c.String("second"), Partial: c.Bool("partial")}
	for _, what := range c.StringSlice("erase") {
		switch seq, err := strconv.ParseInt(what, 10, 64); {
		case what == "files":
			d.Erase.Files = true
		case what == "all":
			d.Erase.All = true
		case err == nil && seq >= 0:
			d.Erase.Events = append(d.Erase.Events, seq)
		default:
			return d, ui.Usage("custody history ITEM lists the events", "--erase %q is neither files, nor all, nor the number of an event", what)
		}
	}
	if d.Partial && len(c.StringSlice("erase")) == 0 {
		return d, ui.Usage("--erase WHAT", "--partial says that the item goes on, and nothing is to be erased")
	}
	if d.Fields, err = record(c, "order", "reason"); err != nil {
		return d, err
	}
	d.At, err = occurred(c)
	return d, err
}

func writeErased(w io.Writer, e *desk.ErasureReport) error {
	events := make([]string, len(e.Events))
	for i, seq := range e.Events {
		events[i] = strconv.FormatInt(seq, 10)
	}
	fmt.Fprintf(w, "erased   by order %s: events %s; %s in %s\n", ui.Name(e.Order),
		yesNo(len(events) > 0, strings.Join(events, ", "), "none"), ui.Count(e.Files, "file", "files"), ui.Count(e.Objects, "object", "objects"))
	if e.Kept > 0 {
		fmt.Fprintf(w, "kept     %s as ciphertext that nobody here can open, until the store's retention ends\n", ui.Count(e.Kept, "object", "objects"))
	}
	for _, h := range e.Holders {
		if _, err := fmt.Fprintf(w, "key      %s (%s): %s\n", h.Recipient, h.Who, yesNo(h.Destroyed, "destroyed, signed for by the disposal", "no signed destruction; ask for it")); err != nil {
			return err
		}
	}
	return nil
}
