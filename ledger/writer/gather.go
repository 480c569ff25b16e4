package writer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.org/custody/ledger"
)

// cosigner is a cosigner and what is known of it.
type cosigner struct {
	ledger.Cosigner
	turn chan struct{} // held by whoever talks to it
	size uint64        // of its last checkpoint, as far as known
}

func newCosigner(k ledger.Cosigner) *cosigner {
	return &cosigner{Cosigner: k, turn: make(chan struct{}, 1)}
}

func (k *cosigner) take(ctx context.Context) error {
	select {
	case k.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ask finds out what the cosigner has seen. [ErrBehind]: more than is here, or
// something else.
func (k *cosigner) ask(ctx context.Context, w *Writer) error {
	if err := k.take(ctx); err != nil {
		return err
	}
	defer func() { <-k.turn }()
	return k.seen(ctx, w)
}

func (k *cosigner) seen(ctx context.Context, w *Writer) error {
	signed, err := k.Latest(ctx, w.origin)
	if err != nil || signed == nil {
		return err
	}
	theirs, err := ledger.OpenCheckpoint(signed, w.Verifier)
	if err != nil {
		return fmt.Errorf("%s: %w", k.Name(), err)
	}
	if theirs.Origin != w.origin {
		return fmt.Errorf("%s answered about %q: %w", k.Name(), theirs.Origin, ledger.ErrSignature)
	}
	size, err := w.Log.Size(ctx)
	if err != nil {
		return err
	}
	if theirs.Size > size {
		return fmt.Errorf("%s has it at %d leaves, here are %d: %w", k.Name(), theirs.Size, size, ErrBehind)
	}
	ours, err := ledger.CheckpointOf(w.origin, theirs.Size, w.Log.Hashes(ctx, size))
	if err != nil {
		return err
	}
	if ours != theirs {
		return fmt.Errorf("%s has another tree of %d leaves: %w", k.Name(), theirs.Size, ErrBehind)
	}
	k.size = theirs.Size
	return nil
}

// cosign asks for the cosigner's lines on a checkpoint, from whatever size it is at.
func (k *cosigner) cosign(ctx context.Context, w *Writer, c ledger.Checkpoint, signed []byte) ([]byte, error) {
	if err := k.take(ctx); err != nil {
		return nil, err
	}
	defer func() { <-k.turn }()
	// Its size is mostly known. When it is not, its answer says it; another process
	// may have moved it on before the second try.
	for try := 0; ; try++ {
		lines, err := k.try(ctx, w, c, signed)
		var conflict *ledger.ConflictError
		switch {
		case errors.Is(err, ledger.ErrProof):
			// Our proof held against our own tree of that size; theirs must be another.
			return nil, errors.Join(err, k.seen(ctx, w))
		case !errors.As(err, &conflict) || try == 3:
			return lines, err
		}
		if conflict.Size > c.Size {
			return nil, k.ahead(ctx, w, conflict.Size)
		}
		k.size = conflict.Size
	}
}

func (k *cosigner) try(ctx context.Context, w *Writer, c ledger.Checkpoint, signed []byte) ([]byte, error) {
	hashes := w.Log.Hashes(ctx, c.Size)
	old, err := ledger.CheckpointOf(w.origin, min(k.size, c.Size), hashes)
	if err != nil {
		return nil, err
	}
	proof, err := c.ProveConsistency(hashes, old)
	if err != nil {
		return nil, err
	}
	lines, err := k.Cosign(ctx, ledger.CosignRequest{OldSize: old.Size, Proof: proof, Note: signed, Leaves: w.Log})
	if err == nil {
		k.size = c.Size
	}
	return lines, err
}

// ahead tells a cosigner that has seen more than the log has from one that has only
// seen a later checkpoint of it.
func (k *cosigner) ahead(ctx context.Context, w *Writer, theirs uint64) error {
	size, err := w.Log.Size(ctx)
	if err != nil {
		return err
	}
	if theirs > size {
		return fmt.Errorf("%s has it at %d leaves, here are %d: %w", k.Name(), theirs, size, ErrBehind)
	}
	k.size = theirs
	return fmt.Errorf("%s has it at %d leaves already", k.Name(), theirs)
}

// answer is what one cosigner said.
type answer struct {
	name  string
	lines []byte
	err   error
}

// gather has a signed checkpoint cosigned by all who answer in time. Without enough
// cosignatures it returns those there are, and [ErrQuorum].
func (w *Writer) gather(ctx context.Context, c ledger.Checkpoint, signed []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, w.Timeout)
	defer cancel()
	answers := make(chan answer, len(w.cosigners))
	sent := signed // who is slow reads it while the others' lines are added
	for _, k := range w.cosigners {
		go func() {
			lines, err := k.cosign(ctx, w, c, sent)
			answers <- answer{k.Name(), lines, err}
		}()
	}
	var missing []error
	var grace <-chan time.Time
	for left := len(w.cosigners); left > 0; left-- {
		select {
		case a := <-answers:
			if err := w.admit(&signed, a); err != nil {
				missing = append(missing, fmt.Errorf("%s: %w", a.name, err))
			}
		case <-grace:
			left = 1
		case <-ctx.Done():
			missing = append(missing, fmt.Errorf("%d cosigners did not answer: %w", left, ctx.Err()))
			left = 1
		}
		if grace == nil && w.Grace > 0 && w.enough(signed) {
			grace = time.After(w.Grace)
		}
	}
	if err := w.ReadOnly(); err != nil {
		return signed, err
	}
	if !w.enough(signed) {
		return signed, fmt.Errorf("%w: %w", ErrQuorum, errors.Join(missing...))
	}
	return signed, nil
}

func (w *Writer) enough(signed []byte) bool { return w.Enough == nil || w.Enough(signed) }

// admit adds a cosigner's lines to the checkpoint, or stops the writer when what it
// says must.
func (w *Writer) admit(signed *[]byte, a answer) error {
	var caught *ledger.MisbehaviourError
	switch {
	case errors.As(a.err, &caught), errors.Is(a.err, ErrBehind):
		return w.stop(fmt.Errorf("%s: %w", a.name, a.err))
	case a.err != nil:
		return a.err
	case w.Known == nil:
		return fmt.Errorf("no key is known for it: %w", ledger.ErrNote)
	}
	more, err := ledger.AddCosignatures(*signed, a.lines, w.Known)
	if err == nil {
		*signed = more
	}
	return err
}
