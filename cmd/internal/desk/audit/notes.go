package audit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"example.org/custody/cmd/internal/desk/input"
	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/witness"
	"example.org/custody/signing/trust"
	"example.org/custody/verify"
)

// heldNote is a checkpoint of the ledger that lies in some file.
type heldNote struct {
	file   string
	signed []byte
	size   uint64
}

// compare holds every other checkpoint at hand against the tree that was replayed.
func (a *audit) compare(ctx context.Context) error {
	a.notes = []heldNote{{"the published checkpoint", a.signed, a.tree.Size}}
	files := a.Notes
	if own := filepath.Join(a.at, "cosigned.note"); a.at != "" {
		if _, err := os.Stat(own); err == nil {
			files = append([]string{own}, files...)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, file := range files {
		if err := a.compareOne(ctx, file); err != nil || a.stop {
			return err
		}
	}
	return nil
}

func (a *audit) compareOne(ctx context.Context, file string) error {
	signed, err := input.Read(file, ledger.MaxNote)
	if err != nil {
		return err
	}
	name := "checkpoint " + filepath.Base(file)
	c, err := ledger.ReadCheckpoint(signed)
	if err == nil && c.Origin != a.tree.Origin {
		err = fmt.Errorf("it is of %s", c.Origin)
	}
	if err == nil && c.Size > a.tree.Size {
		err = fmt.Errorf("it is of %d leaves, and %d are here", c.Size, a.tree.Size)
	}
	if err == nil {
		err = witness.Compare(ctx, a.signed, signed, a.keys, a.reader)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case a.caught(name, err):
	case err != nil:
		a.say(name, verify.Undecided, fetchAgain, "it cannot be held against the tree: %v", err)
	default:
		a.notes = append(a.notes, heldNote{file, signed, c.Size})
		a.say(name, verify.Holds, "", "its tree of %d leaves is the beginning of this one", c.Size)
	}
	return nil
}

// vouched says which other states vouch for the ledger, and up to where.
func (a *audit) vouched(context.Context) error {
	const name = "cosignatures"
	t := a.Root.list
	if t == nil {
		a.say(name, verify.NotApplicable, "", "no trust list was given, so who vouches was not asked")
		return nil
	}
	if err := a.findPolicies(t); err != nil {
		return err
	}
	p, err := t.Policy(a.tree.Origin, trust.Court)
	switch {
	case err != nil:
		a.say(name, verify.Undecided, "give a trust file, which has the policies with the list", "the court policy is not at hand: %v", err)
		return nil
	case p.Quorum == trust.None:
		a.say(name, verify.Undecided, "a common trust list: custody help trust", "the list asks nobody else: it rests on the word of one state alone")
		return nil
	}
	best, ok := heldNote{}, false
	for _, n := range a.notes {
		if t.Meets(n.signed, a.tree.Origin, trust.Court) && (!ok || n.size > best.size) {
			best, ok = n, true
		}
	}
	if !ok {
		a.say(name, verify.Undecided, "ask the ledger's state for its cosigned checkpoint, and name it: --note FILE", "no checkpoint at hand meets the court policy")
		return nil
	}
	beyond := ""
	if best.size < a.tree.Size {
		beyond = fmt.Sprintf("; the %d after them are not cosigned yet", a.tree.Size-best.size)
	}
	at := t.ReceivedAt(best.signed, a.tree.Origin).Format(time.RFC3339)
	a.say(name, verify.Holds, "", "the court policy is met for %d leaves, at %s, by %s%s", best.size, at, strings.Join(vouchers(t, best.signed, a.tree.Origin), ", "), beyond)
	return nil
}

// vouchers names the states whose cosignatures count on a note.
func vouchers(t *trustlist.Pinned, signed []byte, o evidence.Origin) []string {
	seen := map[string]bool{}
	var states []string
	for _, s := range t.Cosigners(signed, o) {
		if !seen[s.State] {
			seen[s.State] = true
			states = append(states, s.State)
		}
	}
	return states
}

// findPolicies takes policies that lie beside the ledger. The list names them by
// digest, so it does not matter whose they are.
func (a *audit) findPolicies(t *trustlist.Pinned) error {
	if a.at == "" {
		return nil
	}
	texts, err := trustlist.ReadAll(filepath.Join(a.at, "..", "trust", "policy-*.txt"))
	for _, text := range texts {
		t.Policies[trust.DigestOf(text)] = text
	}
	return err
}

// countedLeaves tells a progress which leaves were read.
type countedLeaves struct {
	ledger.Reader
	p progress.Sink
	// other sees the leaves of another ledger's checkpoint.
	other func(ledger.Leaf)
}

// Leaves implements [ledger.Reader].
func (c countedLeaves) Leaves(ctx context.Context, from, to uint64) iter.Seq2[ledger.Leaf, error] {
	return func(yield func(ledger.Leaf, error) bool) {
		n := int64(0)
		defer func() { c.p.Add(n * ledger.LeafSize) }()
		for leaf, err := range c.Reader.Leaves(ctx, from, to) {
			if err == nil && leaf.Type() == ledger.TypeCheckpoint {
				c.other(leaf)
			}
			if !yield(leaf, err) {
				return
			}
			n++
		}
	}
}
