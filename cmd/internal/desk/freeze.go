package desk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/writer"
)

// boundFinal is the name under which the last checkpoint of the ledger is bound.
const boundFinal = "ledger/final.note"

// ErrNotLoggedYet reports acts in the queue that would be lost if the ledger ended.
var ErrNotLoggedYet = errors.New("acts are signed and have no receipt yet")

// Frozen is a ledger that has ended, or that would.
type Frozen struct {
	Origin evidence.Origin `json:"origin"`
	Size   uint64          `json:"size"` // leaves
	Root   evidence.Hash   `json:"root"` // of the tree; as it stands in a dry run
	File   string          `json:"file"` // the last checkpoint with its cosignatures
	DryRun bool            `json:"dry_run"`
	Before bool            `json:"before"` // it had ended before
}

// Freeze ends the desk's ledger for ever: its last checkpoint is cosigned, kept, and
// nothing is logged after it, whatever is restarted or restored with it. Doing it
// again changes nothing. [writer.ErrQuorum]: other states did not cosign it, and the
// ledger goes on.
func (s *Session) Freeze(ctx context.Context) (*Frozen, error) {
	if s.Joined() {
		return nil, ErrNoLedger
	}
	out := &Frozen{Origin: s.Config.Origin, File: s.path("ledger", "final.note"), DryRun: s.DryRun}
	if end, err := s.final(); err != nil || end != nil {
		out.Before = end != nil
		return out.at(end), err
	}
	if queued, err := filepath.Glob(s.path("queue", "*.age")); err != nil || len(queued) > 0 {
		return nil, errors.Join(err, fmt.Errorf("%d in the queue: %w", len(queued), ErrNotLoggedYet))
	}
	w, err := s.ledger(ctx)
	if err != nil {
		return nil, err
	}
	var signed []byte
	if s.DryRun {
		signed, err = w.Checkpoint(ctx)
	} else {
		signed, err = w.Freeze(ctx)
	}
	if err != nil {
		return nil, err
	}
	c, err := ledger.ReadCheckpoint(signed)
	if err == nil && !s.DryRun {
		err = errors.Join(s.bind(boundFinal, signed), files.WriteFile(out.File, signed, 0o600))
	}
	return out.at(&c), err
}

func (f *Frozen) at(c *ledger.Checkpoint) *Frozen {
	if c != nil {
		f.Size, f.Root = c.Size, c.Root
	}
	return f
}

// final returns where the desk's ledger ended, by its own file or by the pinned list;
// nil while it goes on.
func (s *Session) final() (*ledger.Checkpoint, error) {
	return s.finalOf(s.Config.Origin, s.path("ledger"))
}

// finalOf is final of the ledger o in the folder dir.
func (s *Session) finalOf(o evidence.Origin, dir string) (*ledger.Checkpoint, error) {
	var listed *ledger.Checkpoint
	if s.trusted != nil {
		listed = s.trusted.Final(o)
	}
	signed, err := os.ReadFile(filepath.Join(dir, "final.note"))
	if errors.Is(err, fs.ErrNotExist) {
		return listed, nil
	}
	if err == nil {
		err = s.checkBound(boundFinal, signed)
	}
	if err != nil {
		return nil, err
	}
	own, err := ledger.ReadCheckpoint(signed)
	if err == nil && (own.Origin != o || listed != nil && own != *listed) {
		err = fmt.Errorf("final.note is of %s at %d leaves, the list ends it elsewhere: %w", own.Origin, own.Size, ErrHomeDamaged)
	}
	return &own, err
}

// goesOn reports with [writer.ErrFrozen] that the desk's ledger has ended.
func (s *Session) goesOn() error {
	if s.Node != "" {
		return nil // the node says so itself
	}
	end, err := s.final()
	if err == nil && end != nil {
		err = fmt.Errorf("%s, with %d leaves: %w", end.Origin, end.Size, writer.ErrFrozen)
	}
	return err
}
