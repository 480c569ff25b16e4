package pack

import (
	"context"
	"errors"
	"fmt"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
)

// ErrNotProven reports that a ledger's prover has no proof of what is asked.
var ErrNotProven = errors.New("no proof at hand")

// Prover gives the proofs of one ledger under one shared checkpoint and at one
// epoch below it.
type Prover interface {
	// Origin names the ledger.
	Origin() evidence.Origin
	// Shared returns the shared checkpoint's note with all its cosignatures, and
	// the note that gives T when it is another one (rule P1), else nil.
	Shared() (shared, time []byte)
	// Epoch returns the epoch.
	Epoch(ctx context.Context) (EpochLine, error)
	// Inclusion proves the leaf at an index under the shared checkpoint.
	Inclusion(ctx context.Context, index uint64) ([]evidence.Hash, error)
	// Closed proves at the epoch whether a seal is closed.
	Closed(ctx context.Context, seal evidence.Seal) (closed.Proof, error)
}

// logProver proves from a ledger's leaves and its map.
type logProver struct {
	shared, time []byte
	checkpoint   ledger.Checkpoint
	log          ledger.Reader
	seals        *closed.Map
	epoch        uint64
	leaf         ledger.Leaf
}

// NewProver returns a prover over a ledger that can be read and the map of its
// closed seals, which must stand at its last epoch. time is the note that gives
// T, nil when shared does.
//
// It fails with [ErrNotProven] when shared does not include the epoch, or the
// map holds seals that the epoch does not cover. It verifies no signature.
func NewProver(ctx context.Context, log ledger.Reader, seals *closed.Map, shared, time []byte) (Prover, error) {
	c, err := ledger.ReadCheckpoint(shared)
	if err != nil {
		return nil, err
	}
	if c.Origin != seals.Origin() {
		return nil, fmt.Errorf("checkpoint of %q, map of %q: %w", c.Origin, seals.Origin(), ErrNotProven)
	}
	index, e, ok := seals.LastEpoch()
	if !ok || index >= c.Size {
		return nil, fmt.Errorf("%q has no epoch below size %d: %w", c.Origin, c.Size, ErrNotProven)
	}
	if seals.Root() != e.Root {
		return nil, fmt.Errorf("map of %q is past its last epoch: %w", c.Origin, ErrNotProven)
	}
	return &logProver{shared: shared, time: time, checkpoint: c, log: log, seals: seals, epoch: index, leaf: e.Leaf()}, nil
}

// Origin implements [Prover].
func (p *logProver) Origin() evidence.Origin { return p.checkpoint.Origin }

// Shared implements [Prover].
func (p *logProver) Shared() (shared, time []byte) { return p.shared, p.time }

// Epoch implements [Prover].
func (p *logProver) Epoch(ctx context.Context) (EpochLine, error) {
	proof, err := p.prove(ctx, p.epoch, p.leaf)
	return EpochLine{Index: p.epoch, Leaf: LeafBytes(p.leaf), Proof: proof}, err
}

// Inclusion implements [Prover]. It reads the leaf from the ledger; whether it is
// the event's is for whoever verifies.
func (p *logProver) Inclusion(ctx context.Context, index uint64) ([]evidence.Hash, error) {
	if index >= p.checkpoint.Size {
		return nil, fmt.Errorf("leaf %d is past the checkpoint's size %d: %w", index, p.checkpoint.Size, ErrNotProven)
	}
	for leaf, err := range p.log.Leaves(ctx, index, index+1) {
		if err != nil {
			return nil, err
		}
		return p.prove(ctx, index, leaf)
	}
	return nil, fmt.Errorf("leaf %d: %w", index, ErrNotProven)
}

func (p *logProver) prove(ctx context.Context, index uint64, leaf ledger.Leaf) ([]evidence.Hash, error) {
	return p.checkpoint.ProveInclusion(p.log.Hashes(ctx, p.checkpoint.Size), index, leaf.Hash())
}

// Closed implements [Prover].
func (p *logProver) Closed(_ context.Context, seal evidence.Seal) (closed.Proof, error) {
	return p.seals.Prove(seal)
}

// carried proves from a dossier what that dossier proves.
type carried struct {
	line         *LogLine
	shared, time []byte
}

// Carried returns a prover that repeats what d says of the ledger o, for a desk
// that packs what another state's desk handed over. What d does not prove is
// [ErrNotProven].
func Carried(d *Dossier, o evidence.Origin) (Prover, error) {
	line := d.Log(o)
	if line == nil {
		return nil, fmt.Errorf("ledger %q: %w", o, ErrNotProven)
	}
	p := &carried{line: line}
	var ok bool
	if p.shared, ok = d.Note(line.Note); !ok {
		return nil, fmt.Errorf("shared checkpoint of %q: %w", o, ErrNotProven)
	}
	if line.TimeNote != nil {
		if p.time, ok = d.Note(*line.TimeNote); !ok {
			return nil, fmt.Errorf("checkpoint that gives the time of %q: %w", o, ErrNotProven)
		}
	}
	return p, nil
}

// Origin implements [Prover].
func (p *carried) Origin() evidence.Origin { return p.line.Origin }

// Shared implements [Prover].
func (p *carried) Shared() (shared, time []byte) { return p.shared, p.time }

// Epoch implements [Prover].
func (p *carried) Epoch(context.Context) (EpochLine, error) { return p.line.Epoch, nil }

// Inclusion implements [Prover].
func (p *carried) Inclusion(_ context.Context, index uint64) ([]evidence.Hash, error) {
	for _, i := range p.line.Inclusion {
		if i.Index == index {
			return i.Proof, nil
		}
	}
	return nil, fmt.Errorf("leaf %d of %q: %w", index, p.line.Origin, ErrNotProven)
}

// Closed implements [Prover].
func (p *carried) Closed(_ context.Context, seal evidence.Seal) (closed.Proof, error) {
	for _, c := range p.line.Closed {
		if c.Seal == seal {
			return c.Proof, nil
		}
	}
	return closed.Proof{}, fmt.Errorf("seal %s in %q: %w", seal, p.line.Origin, ErrNotProven)
}
