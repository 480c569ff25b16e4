package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/cmd/internal/ui"
)

func trustAdopt(t *tool) *cli.Command {
	return &cli.Command{
		Name: "adopt", Usage: "pin a newer trust list, proven to follow the pinned one", ArgsUsage: "FILE…",
		Description: "Several files are taken in order, oldest first. The hash of each list goes into this state's ledger before the list is pinned. Receipts are asked for anew where the new list needs more, and the officers' cards are made anew: " +
			"send them again. While other states have not pinned it yet they may not cosign; adopting the same file once more makes up for that.\n\n" +
			"A desk that has the list of its own state alone joins a list that its state has signed.",
		UsageText: "custody trust adopt common.trust",
		Flags:     []cli.Flag{asFlag(), dryRunFlag()},
		Action:    t.trustAdopt,
	}
}

// adoptOutput is the output of trust adopt, one for each file.
type adoptOutput struct {
	DryRun  bool            `json:"dry_run"`
	File    string          `json:"file"`
	Pinned  string          `json:"pinned"` // where the list lies now, for verifiers
	Again   bool            `json:"again"`
	Joined  bool            `json:"joined"`
	Leaf    string          `json:"leaf,omitempty"`
	Pending string          `json:"pending,omitempty"` // why other states have not cosigned
	Changes []string        `json:"changes"`
	List    *trustlist.View `json:"list"`
}

func (t *tool) trustAdopt(c *cli.Context) (err error) {
	var all []*trustlist.File
	for _, file := range c.Args().Slice() {
		if p := damagedStart(file); p != nil {
			return p
		}
		f, err := trustlist.ReadFile(file)
		if err != nil {
			return err
		}
		all = append(all, f)
	}
	s, err := t.openDesk(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for i, f := range all {
		got, err := s.AdoptFile(c.Context, f)
		if err != nil {
			return err
		}
		out := adoptOutput{s.DryRun, c.Args().Get(i), s.TrustFile(), got.Again, got.Joined, got.Leaf, "", got.Changes, got.View}
		if got.Pending != nil {
			out.Pending = got.Pending.Error()
		}
		if err := t.term.Summary("trust adopt", out, out.text); err != nil {
			return err
		}
	}
	return nil
}

func (o adoptOutput) text(w io.Writer) error {
	for _, change := range o.Changes {
		fmt.Fprintf(w, "  %s\n", ui.Clean(change))
	}
	if o.DryRun {
		_, err := fmt.Fprintf(w, "version %d would be pinned; nothing was written\n", o.List.Version)
		return err
	}
	fmt.Fprintf(w, "version %d is pinned; its hash is leaf %s\nfor verifiers: %s\n", o.List.Version, o.Leaf, ui.Clean(o.Pinned))
	if o.Pending == "" {
		return nil
	}
	_, err := fmt.Fprintf(w, "not cosigned yet: %s\nNext: once the other states have pinned it, custody trust adopt %s again\n", ui.Clean(o.Pending), ui.Clean(o.File))
	return err
}
