package witness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"golang.org/x/mod/sumdb/note"
)

// maxProof is the most hashes that a consistency proof may have (C2SP
// tlog-witness, "add-checkpoint").
const maxProof = 63

// Config is what witnesses and auditors need.
type Config struct {
	// Signers are the cosigner's keys, one or more, all of one name: cosignature
	// signers of formats/note, type 0x04 or 0x06. A witness and an auditor of one
	// state have different keys.
	Signers []note.Signer
	// Logs returns the keys of a ledger, and none for one that is not followed.
	Logs func(evidence.Origin) []note.Verifier
	// Final returns where a ledger ended by the trust list, and nil while it goes on.
	// Nothing past it is signed. Nil: no ledger has ended.
	Final func(evidence.Origin) *ledger.Checkpoint
	// State is the cosigner's own; a witness and an auditor have one each.
	State State
}

// Witness is a C2SP tlog-witness without the HTTP. Its cosignature says: this
// checkpoint is consistent with everything I signed before for this origin. It
// implements [ledger.Cosigner].
type Witness struct {
	Config
	mu    sync.Mutex
	locks map[evidence.Origin]chan struct{}
	// read is what an auditor does between recording a note and signing it; it runs
	// under the origin's lock. It is nil for a witness.
	read func(ctx context.Context, s submission) error
}

var _ ledger.Cosigner = (*Witness)(nil)

// New returns a witness.
func New(c Config) (*Witness, error) {
	if len(c.Signers) == 0 || c.Logs == nil || c.State == nil {
		return nil, errors.New("witness: signers, logs and state are needed")
	}
	for _, s := range c.Signers {
		if s.Name() != c.Signers[0].Name() {
			return nil, fmt.Errorf("witness: keys of two names: %q and %q", c.Signers[0].Name(), s.Name())
		}
	}
	return &Witness{Config: c, locks: make(map[evidence.Origin]chan struct{})}, nil
}

// Name implements [ledger.Cosigner].
func (w *Witness) Name() string { return w.Signers[0].Name() }

// Latest implements [ledger.Cosigner]. The note has the log's signature only.
func (w *Witness) Latest(ctx context.Context, o evidence.Origin) ([]byte, error) {
	if len(w.Logs(o)) == 0 {
		return nil, fmt.Errorf("%q: %w", o, ledger.ErrUnknownOrigin)
	}
	return w.State.Load(ctx, o)
}

// Cosign implements [ledger.Cosigner].
func (w *Witness) Cosign(ctx context.Context, r ledger.CosignRequest) ([]byte, error) {
	s, err := w.open(r)
	if err != nil {
		return nil, err
	}
	unlock, err := w.lock(ctx, s.Origin)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := w.checkAlarm(ctx, s.Origin); err != nil {
		return nil, err
	}
	if err := w.record(ctx, s, r); err != nil {
		return nil, err
	}
	if w.read != nil {
		if err := w.read(ctx, s); err != nil {
			return nil, err
		}
	}
	return w.sign(s.Checkpoint)
}

// submission is a request whose form and signature are right.
type submission struct {
	ledger.Checkpoint
	note   []byte // signed by the log's known keys and nobody else
	keys   []note.Verifier
	leaves ledger.Reader
}

// open checks what needs no memory, in the order of C2SP tlog-witness.
func (w *Witness) open(r ledger.CosignRequest) (submission, error) {
	c, err := ledger.ReadCheckpoint(r.Note)
	if err != nil {
		return submission{}, fmt.Errorf("%w: %w", ledger.ErrRequest, err)
	}
	keys := w.Logs(c.Origin)
	if len(keys) == 0 {
		return submission{}, fmt.Errorf("%q: %w", c.Origin, ledger.ErrUnknownOrigin)
	}
	signed, err := openNote(r.Note, c.Origin, keys)
	if err != nil {
		return submission{}, err
	}
	if r.OldSize > c.Size || len(r.Proof) > maxProof {
		return submission{}, fmt.Errorf("from size %d to %d with %d hashes: %w", r.OldSize, c.Size, len(r.Proof), ledger.ErrRequest)
	}
	if err := w.checkFinal(c); err != nil {
		return submission{}, err
	}
	return submission{Checkpoint: c, note: signed, keys: keys, leaves: r.Leaves}, nil
}

// checkFinal refuses what is past the end of a ledger.
func (w *Witness) checkFinal(c ledger.Checkpoint) error {
	if w.Final == nil {
		return nil
	}
	end := w.Final(c.Origin)
	if end == nil || c.Size < end.Size || c == *end {
		return nil
	}
	return fmt.Errorf("%q at %d leaves, its end is at %d: %w", c.Origin, c.Size, end.Size, ledger.ErrEnded)
}

// openNote verifies that a note is signed by keys of its log, and returns it with
// their signatures only.
func openNote(signed []byte, o evidence.Origin, keys []note.Verifier) ([]byte, error) {
	for _, k := range keys {
		if k.Name() != string(o) {
			return nil, fmt.Errorf("key of %q for %q: %w", k.Name(), o, ledger.ErrSignature)
		}
	}
	n, err := note.Open(signed, note.VerifierList(keys...))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ledger.ErrSignature, err)
	}
	n.UnverifiedSigs = nil
	return note.Sign(n)
}

// lock waits for the lock of an origin.
func (w *Witness) lock(ctx context.Context, o evidence.Origin) (unlock func(), err error) {
	w.mu.Lock()
	l, ok := w.locks[o]
	if !ok {
		l = make(chan struct{}, 1)
		w.locks[o] = l
	}
	w.mu.Unlock()
	select {
	case l <- struct{}{}:
		return func() { <-l }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// record holds a checkpoint against the newest one and puts it in its place.
func (w *Witness) record(ctx context.Context, s submission, r ledger.CosignRequest) error {
	old, err := w.State.Load(ctx, s.Origin)
	if err != nil {
		return err
	}
	last := ledger.Checkpoint{Origin: s.Origin, Root: ledger.EmptyRoot}
	if old != nil {
		if last, err = ledger.ReadCheckpoint(old); err != nil || last.Origin != s.Origin {
			return errors.Join(err, fmt.Errorf("state of the witness for %q is damaged", s.Origin))
		}
	}
	if err := w.compare(ctx, s, r, old, last); err != nil {
		return err
	}
	if last.Size == s.Size && old != nil {
		return nil
	}
	return w.swap(ctx, s, old)
}

// compare reports whether a checkpoint goes on from the newest one.
func (w *Witness) compare(ctx context.Context, s submission, r ledger.CosignRequest, old []byte, last ledger.Checkpoint) error {
	// Two roots of one size are a fork whatever size the request starts from.
	if last.Size == s.Size && last.Root != s.Root {
		return w.raise(ctx, s, Alarm{Kind: Split, Notes: [][]byte{old, s.note}})
	}
	if last.Size > s.Size {
		if err := w.findFork(ctx, s, s.note, old); err != nil {
			return err
		}
	}
	if r.OldSize != last.Size {
		return &ledger.ConflictError{Origin: s.Origin, Size: last.Size}
	}
	if err := s.VerifyConsistency(r.Proof, last); err != nil {
		return errors.Join(w.findFork(ctx, s, old, s.note), err)
	}
	return nil
}

// swap makes the note of s the newest one.
func (w *Witness) swap(ctx context.Context, s submission, old []byte) error {
	err := w.State.Swap(ctx, s.Origin, old, s.note)
	if errors.Is(err, ErrChanged) {
		// Another process got in between. Its size is what the caller must start from.
		if now, err := w.State.Load(ctx, s.Origin); err == nil && now != nil {
			if c, err := ledger.ReadCheckpoint(now); err == nil {
				return &ledger.ConflictError{Origin: s.Origin, Size: c.Size}
			}
		}
	}
	return err
}

// findFork looks for the proof that the large tree does not begin with the small
// one. A consistency proof that fails is none: anyone can make one. The log's own
// hashes can be, when they give the large tree's root.
func (w *Witness) findFork(ctx context.Context, s submission, small, large []byte) error {
	if s.leaves == nil || small == nil || large == nil {
		return nil
	}
	a, errA := ledger.ReadCheckpoint(small)
	b, errB := ledger.ReadCheckpoint(large)
	if errA != nil || errB != nil || a.Size >= b.Size {
		return errors.Join(errA, errB)
	}
	p, err := ledger.ProveRange(s.leaves.Hashes(ctx, b.Size), a.Size, a.Size, b.Size)
	if err != nil {
		return nil // a log that cannot show its tree has proven nothing against itself
	}
	before, err := b.OpenRange(p, a.Size, nil)
	if err != nil || before == a.Root {
		return nil
	}
	return w.raise(ctx, s, Alarm{Kind: Fork, Notes: [][]byte{small, large}, Ranges: []Range{{First: a.Size, Proof: p}}})
}

// raise keeps an alarm and returns it as the error. It keeps none that does not
// prove what it says: a log may answer otherwise when it is asked again.
func (w *Witness) raise(ctx context.Context, s submission, a Alarm) error {
	what, err := a.Verify(s.keys...)
	if err != nil {
		return fmt.Errorf("alarm about %q: %w", s.Origin, err)
	}
	b, err := a.Marshal()
	if err != nil {
		return err
	}
	caught := &ledger.MisbehaviourError{Origin: s.Origin, What: what, Alarm: b}
	return errors.Join(caught, w.State.SetAlarm(ctx, s.Origin, b))
}

// checkAlarm refuses a log that has been caught.
func (w *Witness) checkAlarm(ctx context.Context, o evidence.Origin) error {
	b, err := w.State.Alarm(ctx, o)
	if err != nil || b == nil {
		return err
	}
	a, err := ParseAlarm(b)
	if err != nil {
		return fmt.Errorf("alarm kept for %q: %w", o, err)
	}
	return &ledger.MisbehaviourError{Origin: o, What: "caught before: " + string(a.Kind), Alarm: b}
}

// sign returns the cosignature lines.
func (w *Witness) sign(c ledger.Checkpoint) ([]byte, error) {
	text := c.Marshal()
	signed, err := note.Sign(&note.Note{Text: string(text)}, slices.Clone(w.Signers)...)
	if err != nil {
		return nil, fmt.Errorf("cosigning %q at size %d: %w", c.Origin, c.Size, err)
	}
	return bytes.TrimPrefix(signed, append(text, '\n')), nil
}
