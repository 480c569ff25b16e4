package writer

import (
	"context"
	"fmt"

	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
)

// Shared is what a packer proves from: one checkpoint, cosigned now, and the log and
// the map at the epoch that ends its tree.
type Shared struct {
	Note []byte        // with all cosignatures gathered
	Log  ledger.Reader // has at least the leaves of the note
	Map  *closed.Map   // at the note's epoch; not for concurrent use
}

// Shared has the present tree cosigned and returns what proves from it. It is good
// until the next [Writer.Submit] and [Writer.Close]: the map is the writer's own.
// Without enough cosignatures the error is [ErrQuorum], and what is returned can
// still be used.
func (w *Writer) Shared(ctx context.Context) (Shared, error) {
	signed, err := w.Checkpoint(ctx)
	if signed == nil {
		return Shared{}, err
	}
	c, errRead := ledger.ReadCheckpoint(signed)
	if errRead != nil {
		return Shared{}, errRead
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.Map.Covered() != c.Size {
		return Shared{}, fmt.Errorf("leaves were added to %q while its checkpoint was cosigned: %w", w.origin, ErrQuorum)
	}
	return Shared{Note: signed, Log: w.Log, Map: w.Map}, err
}
