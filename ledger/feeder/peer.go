package feeder

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"example.org/custody/ledger"
)

// peer is a cosigner and what is known of it. What has no comment is under the
// feeder's lock.
type peer struct {
	Peer
	turn chan struct{} // held by whoever talks to it
	size uint64        // of its last checkpoint, as far as known; under turn
	met  bool          // what it has seen is known not to contradict the ledger; under turn
	wake chan struct{}

	next   *round // the newest checkpoint, which it is to sign; nil once it was asked
	signed *round // the newest checkpoint that it signed
	since  time.Time
	at     time.Time
	late   uint64
	claims bool
	err    error
}

// take gives the peer a checkpoint in the place of one that it has not begun.
func (p *peer) take(r *round) {
	p.next = r
	if p.since.IsZero() {
		p.since = r.begun
	}
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// lock waits for the turn to talk to the cosigner.
func (p *peer) lock(ctx context.Context) error {
	select {
	case p.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *peer) unlock() { <-p.turn }

// ask finds out what the cosigner has seen. [ledger.ErrBehind]: more than is here, or
// something else.
func (p *peer) ask(ctx context.Context, f *Feeder) error {
	if err := p.lock(ctx); err != nil {
		return err
	}
	defer p.unlock()
	return p.seen(ctx, f)
}

func (p *peer) seen(ctx context.Context, f *Feeder) error {
	signed, err := p.Latest(ctx, f.Origin)
	if err != nil {
		return err
	}
	if signed == nil {
		p.met = true
		return nil
	}
	theirs, err := ledger.OpenCheckpoint(signed, f.Verifier)
	if err != nil {
		p.met = true
		return fmt.Errorf("%s: %w", p.Name(), err)
	}
	if theirs.Origin != f.Origin {
		p.met = true
		return fmt.Errorf("%s answered about %q: %w", p.Name(), theirs.Origin, ledger.ErrSignature)
	}
	size, err := f.Log.Size(ctx)
	if err != nil {
		return err
	}
	if theirs.Size > size {
		return fmt.Errorf("%s has it at %d leaves, here are %d: %w", p.Name(), theirs.Size, size, ledger.ErrBehind)
	}
	ours, err := ledger.CheckpointOf(f.Origin, theirs.Size, f.Log.Hashes(ctx, size))
	if err != nil {
		return err
	}
	p.met = true // what it has seen was compared with what is here
	if ours != theirs {
		return fmt.Errorf("%s has another tree of %d leaves: %w", p.Name(), theirs.Size, ledger.ErrBehind)
	}
	p.size = theirs.Size
	return nil
}

// meet asks a cosigner that was silent at the start before it is first asked to sign. It
// may have seen more of the ledger than is here since the disk was put back, and the
// ledger must not show it a second tree of a size that it has signed already. What it
// answers and no ledger signed counts for nothing.
func (p *peer) meet(ctx context.Context, f *Feeder) error {
	if p.met {
		return nil
	}
	if err := p.seen(ctx, f); !p.met || errors.Is(err, ledger.ErrBehind) {
		return err
	}
	return nil
}

// cosign asks for the cosigner's lines on a checkpoint, from whatever size it is at.
func (p *peer) cosign(ctx context.Context, f *Feeder, r *round) ([]byte, error) {
	if err := p.lock(ctx); err != nil {
		return nil, err
	}
	defer p.unlock()
	if err := p.meet(ctx, f); err != nil {
		return nil, err
	}
	// Its size is mostly known. When it is not, its answer says it; another process
	// may have moved it on before the second try.
	for try := 0; ; try++ {
		lines, err := p.try(ctx, f, r)
		var conflict *ledger.ConflictError
		switch {
		case errors.Is(err, ledger.ErrProof):
			// Our proof held against our own tree of that size; theirs must be another.
			return nil, errors.Join(err, p.seen(ctx, f))
		case !errors.As(err, &conflict) || try == 3:
			return lines, err
		}
		if conflict.Size > r.tree.Size {
			return nil, p.ahead(ctx, f, conflict.Size)
		}
		p.size = conflict.Size
	}
}

func (p *peer) try(ctx context.Context, f *Feeder, r *round) ([]byte, error) {
	hashes := f.Log.Hashes(ctx, r.tree.Size)
	old, err := ledger.CheckpointOf(f.Origin, min(p.size, r.tree.Size), hashes)
	if err != nil {
		return nil, err
	}
	proof, err := r.tree.ProveConsistency(hashes, old)
	if err != nil {
		return nil, err
	}
	lines, err := p.Cosign(ctx, ledger.CosignRequest{OldSize: old.Size, Proof: proof, Note: r.sent, Leaves: f.Log})
	if err == nil {
		p.size = r.tree.Size
	}
	return lines, err
}

// ahead tells a cosigner that has seen more than the log has from one that has only
// seen a later checkpoint of it, and from one that only says so.
func (p *peer) ahead(ctx context.Context, f *Feeder, theirs uint64) error {
	size, err := f.Log.Size(ctx)
	if err != nil {
		return err
	}
	if theirs <= size {
		p.size = theirs
		return fmt.Errorf("%s has it at %d leaves already", p.Name(), theirs)
	}
	if err := p.seen(ctx, f); errors.Is(err, ledger.ErrBehind) {
		return err
	}
	return fmt.Errorf("%s: %d leaves, here are %d: %w", p.Name(), theirs, size, ErrClaim)
}

// notes returns the newest notes of peers, smallest tree first and each once.
func notes(peers []*peer) [][]byte {
	var rounds []*round
	for _, p := range peers {
		if p.signed != nil && !slices.Contains(rounds, p.signed) {
			rounds = append(rounds, p.signed)
		}
	}
	slices.SortFunc(rounds, func(a, b *round) int { return cmp.Compare(a.tree.Size, b.tree.Size) })
	out := make([][]byte, len(rounds))
	for i, r := range rounds {
		out[i] = r.note
	}
	return out
}
