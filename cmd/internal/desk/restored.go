package desk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"example.org/custody/ledger/writer"
)

// ErrRestored reports a restored desk whose ledger may be older than what other states
// have seen of it, as long as they were not asked: acts would give it two histories.
var ErrRestored = errors.New("the desk was restored, and other states have not said yet that nothing was logged after the backup")

// restoredMark is in the ledger's folder from a restore until enough other states have
// cosigned the ledger as it is here.
const restoredMark = "restored"

func (h *Home) restored() bool {
	_, err := os.Lstat(h.path("ledger", restoredMark))
	return err == nil
}

// markRestored is for a home that is about to take its place.
func (h *Home) markRestored() error {
	return files.WriteFile(h.path("ledger", restoredMark), nil, 0o600)
}

// askRestored has the newest checkpoint of a restored ledger cosigned anew. As many
// as a receipt needs must sign it: a receipt given after the backup needed as many, so
// one honest state at least would refuse (rules P17, P21).
func (s *Session) askRestored(ctx context.Context, w *writer.Writer) error {
	if !s.restored() {
		return nil
	}
	switch _, err := w.Checkpoint(ctx); {
	case errors.Is(err, writer.ErrQuorum):
		return fmt.Errorf("%w: %w", ErrRestored, err)
	case err != nil:
		return err
	}
	if err := files.Remove(s.path("ledger", restoredMark)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
