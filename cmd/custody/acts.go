package main

import (
	"errors"
	"io"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
)

// acted is the output of every verb that acts on items: what is done, and what
// was refused, each item by itself.
type acted struct {
	DryRun  bool           `json:"dry_run"`
	Acts    []actLine      `json:"acts"`
	Would   []desk.Preview `json:"would_sign,omitempty"`   // a dry run: the events as they would be signed
	Refused []refusedLine  `json:"refused"`                //
	Receipt string         `json:"receipt_file,omitempty"` // where the receipts were written
	Files   []string       `json:"files,omitempty"`        // handoff files that were written

	// Answered items are signed for, and wait for the giver's ledger.
	Answered []evidence.ItemID `json:"answered,omitempty"`
}

// actLine is one act that is logged, or that waits for the node.
type actLine struct {
	Item     evidence.ItemID `json:"item"`
	Exhibit  string          `json:"exhibit,omitempty"`
	Action   evidence.Action `json:"action"`
	Seq      int64           `json:"seq"`
	Leaf     string          `json:"leaf"`      // origin#index; "" while it waits
	LeafHash evidence.Hash   `json:"leaf_hash"` //
	Receipt  bool            `json:"receipt"`
	Pending  string          `json:"pending,omitempty"` // why there is no receipt yet
}

// refusedLine is one item that was not acted on.
type refusedLine struct {
	Item    evidence.ItemID `json:"item"`
	Exhibit string          `json:"exhibit,omitempty"`
	Code    ui.Code         `json:"code"`
	Reason  string          `json:"reason"`
}

// report gathers what a verb did, prints it, and returns how it ends.
type report struct {
	t        *tool
	verb     string
	out      acted
	exhibits map[evidence.ItemID]string
	done     []desk.Done
	causes   []error    // of the refusals
	whole    error      // what went wrong with more than one item
	receipt  *ui.Output // nil: not asked for

	extra func(io.Writer) error                         // further text, after the table
	shape func() (data any, text func(io.Writer) error) // of a verb whose output has more; nil: out and its table
}

// newReport begins a report before the act, and finds out whether the receipts
// can be written: what is logged cannot be taken back for want of a file.
func (t *tool) newReport(c *cli.Context, verb string, items []*desk.Item) (*report, error) {
	r := &report{t: t, verb: verb, out: acted{Acts: []actLine{}, Refused: []refusedLine{}}, exhibits: map[evidence.ItemID]string{}}
	r.name(items)
	path := c.Path("receipt")
	if path == "" {
		return r, nil
	}
	var err error
	if r.receipt, err = t.term.Output(path, ui.OutputOptions{}); err != nil {
		return nil, &ui.Problem{Code: ui.Explain(err).Code, What: err.Error(), Err: err,
			Means: "nothing was signed, because the receipt could not be written there", Do: []string{"--receipt FILE with another name"}}
	}
	return r, nil
}

// name remembers what people call items.
func (r *report) name(items []*desk.Item) {
	for _, it := range items {
		r.exhibits[it.ID], _ = it.Text("exhibit")
	}
}

// add notes what was done and what was refused, and what went wrong beside.
func (r *report) add(done []desk.Done, err error) {
	r.done = append(r.done, done...)
	for _, d := range done {
		r.out.Acts = append(r.out.Acts, actLineOf(d, r.exhibits[d.Entry.Event.Item]))
	}
	out := desk.OutcomeOf(err)
	if out.DryRun != nil {
		r.out.DryRun = true
		r.out.Would = append(r.out.Would, out.DryRun.Acts...)
	}
	for _, x := range out.Refused {
		r.refuse(x)
	}
	r.whole = errors.Join(r.whole, out.Err)
}

func (r *report) refuse(e *desk.ItemError) {
	p := ui.Explain(explained(e.Err))
	r.causes = append(r.causes, e)
	r.out.Refused = append(r.out.Refused, refusedLine{Item: e.Item, Exhibit: r.exhibits[e.Item], Code: p.Code, Reason: p.What})
}

func actLineOf(d desk.Done, exhibit string) actLine {
	l := actLineOfEntry(d.Entry, exhibit)
	l.Leaf, l.Receipt = d.Cite(), d.Receipt != nil
	if d.Pending != nil {
		l.Pending = d.Pending.Error()
	}
	return l
}

func actLineOfEntry(e *desk.Entry, exhibit string) actLine {
	return actLine{
		Item: e.Event.Item, Exhibit: exhibit, Action: e.Event.Action, Seq: e.Event.Seq,
		Leaf: e.Cite(), LeafHash: e.Leaf, Receipt: e.Body.Receipt != "",
	}
}

// end writes the receipts, prints the summary, and returns the problem when
// something was refused or went wrong: exit code 1, though the others are done.
func (r *report) end() error {
	if r.nothing() {
		return r.whole
	}
	r.whole = errors.Join(r.whole, r.writeReceipts())
	var data any = r.out
	text := r.text
	if r.shape != nil {
		data, text = r.shape()
	}
	if err := r.t.term.Summary(r.verb, data, text); err != nil {
		return err
	}
	for _, a := range r.out.Acts {
		switch {
		case a.Pending == "":
		case a.Leaf == "":
			r.t.term.Warn("item %s: signed and kept, not in the ledger yet: %s; a later command submits it", a.Item.Short(), a.Pending)
		default:
			r.t.term.Warn("item %s: logged as %s, but its receipt is not complete: %s; a later command asks again", a.Item.Short(), a.Leaf, a.Pending)
		}
	}
	return errors.Join(r.whole, r.problem())
}

// nothing reports whether there is nothing to print but a problem.
func (r *report) nothing() bool {
	o := &r.out
	return !o.DryRun && len(o.Acts)+len(o.Refused)+len(o.Answered)+len(o.Files) == 0
}

// problem returns what ends the verb when an item was refused.
func (r *report) problem() error {
	switch n := len(r.causes); {
	case n == 0:
		return nil
	case n == 1:
		return explained(r.causes[0])
	default:
		done := len(r.out.Acts) + len(r.out.Would)
		return ui.NewProblem(codePartly, nil, "%s of %d refused; the first: %s",
			ui.Count(n, "item", "items"), n+done, ui.Explain(explained(r.causes[0])).What)
	}
}
