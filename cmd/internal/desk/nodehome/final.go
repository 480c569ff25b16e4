package nodehome

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/ledger"
)

// ErrFinal reports a home whose ledger/final.note is not where its own ledger ended.
var ErrFinal = errors.New("ledger/final.note is not the last checkpoint of this ledger")

// final returns the checkpoint at which the ledger has ended, as its desk or the
// pinned list says; nil while it goes on. The file counts only with the ledger's own
// signature, and must not differ from the list: whoever could write to the home could
// else end a ledger, or let an ended one go on.
func (n *Open) final(s secrets) (*ledger.Checkpoint, error) {
	t, err := trustlist.Read(n.pins.dir)
	if err != nil {
		return nil, err
	}
	var listed *ledger.Checkpoint
	if t != nil {
		listed = t.Final(s.about.Origin)
	}
	signed, err := os.ReadFile(filepath.Join(n.home, "ledger", "final.note"))
	if errors.Is(err, fs.ErrNotExist) {
		return listed, nil
	}
	if err != nil {
		return nil, err
	}
	own, err := ledger.OpenCheckpoint(signed, s.verifier)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrFinal, err)
	case own.Origin != s.about.Origin:
		return nil, fmt.Errorf("%w: it is of %s", ErrFinal, own.Origin)
	case listed != nil && own != *listed:
		return nil, fmt.Errorf("%w: it ends with %d leaves, the pinned list ends it with %d", ErrFinal, own.Size, listed.Size)
	}
	return &own, nil
}
