package audit

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/crossanchor"
	"example.org/custody/verify"
)

// other notes a leaf that names another ledger's checkpoint.
func (a *audit) other(l ledger.Leaf) { a.others = append(a.others, evidence.Hash(l[1:33])) }

// crossed looks at the checkpoints of other ledgers that this one has recorded: each
// note that is here must be what its leaf names, signed by its ledger. A note that is
// not here says nothing.
func (a *audit) crossed(context.Context) error {
	const name = "other ledgers"
	if len(a.others) == 0 {
		return nil
	}
	here, of := 0, map[evidence.Origin]bool{}
	for _, note := range a.others {
		o, err := a.recorded(note)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			a.say(name, verify.Undecided, "restore the folder crossanchor of the ledger from a backup", "the note %s is not what a leaf names: %v", note, err)
			return nil
		}
		here, of[o] = here+1, true
	}
	a.say(name, verify.Holds, "", "%d of their checkpoints are recorded; %d notes are here, of %d ledgers, each as its leaf names it", len(a.others), here, len(of))
	return nil
}

// recorded returns which ledger a note is of.
func (a *audit) recorded(name evidence.Hash) (evidence.Origin, error) {
	if a.at == "" {
		return "", fs.ErrNotExist
	}
	signed, err := os.ReadFile(crossanchor.NotePath(filepath.Join(a.at, "crossanchor"), name))
	if err != nil {
		return "", err
	}
	if sha256.Sum256(signed) != name {
		return "", errors.New("its bytes changed")
	}
	c, err := ledger.ReadCheckpoint(signed)
	if err != nil || a.Root.list == nil {
		return c.Origin, err
	}
	g, _, err := a.Root.list.List.LogKey(string(c.Origin), c.Size)
	if err != nil {
		return c.Origin, err
	}
	v, err := g.Key.Verifier()
	if err == nil {
		_, err = ledger.OpenCheckpoint(signed, v)
	}
	if err != nil {
		err = fmt.Errorf("of %s: %w", c.Origin, err)
	}
	return c.Origin, err
}
