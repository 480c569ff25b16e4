package witness

import (
	"context"
	"errors"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
	"golang.org/x/mod/sumdb/note"
)

// Replay reads every leaf of a signed tree and signs nothing: what an [Auditor] does
// for its state, done once by whoever wants to know. The map is of the same log,
// empty or from an earlier replay; it covers the whole tree afterwards.
//
// A log that breaks a rule is a [*ledger.MisbehaviourError] with the alarm.
// [ledger.ErrSignature]: none of the keys signed the checkpoint. [ledger.ErrProof]:
// the leaves at hand are not those of the signed tree, which proves nothing against
// the log: a copy can be damaged.
func Replay(ctx context.Context, signed []byte, keys []note.Verifier, leaves ledger.Reader, m *closed.Map) (ledger.Checkpoint, error) {
	a := reader(keys)
	s, err := a.Witness.open(ledger.CosignRequest{Note: signed, Leaves: leaves})
	if err != nil {
		return ledger.Checkpoint{}, err
	}
	if m.Origin() != s.Origin {
		return s.Checkpoint, closed.ErrOrigin
	}
	err = (&audited{Map: m}).catchUp(ctx, s)
	var bad *closed.LeafError
	if errors.As(err, &bad) {
		err = a.caught(ctx, s, m, bad)
	}
	return s.Checkpoint, err
}

// Compare holds an older checkpoint of a log against the tree that a later one
// signs: nil when the later tree begins with the older one, or is the same. Two
// histories are a [*ledger.MisbehaviourError] with the alarm. The order in which the
// two are given does not matter; leaves are those of the larger tree. Errors else
// are those of [Replay].
func Compare(ctx context.Context, one, other []byte, keys []note.Verifier, leaves ledger.Reader) error {
	a := reader(keys)
	large, err := a.Witness.open(ledger.CosignRequest{Note: one, Leaves: leaves})
	if err != nil {
		return err
	}
	small, err := a.Witness.open(ledger.CosignRequest{Note: other, Leaves: leaves})
	if err != nil {
		return err
	}
	if small.Size > large.Size {
		small, large = large, small
	}
	switch {
	case small.Origin != large.Origin:
		return closed.ErrOrigin
	case small.Size == large.Size && small.Root != large.Root:
		return a.raise(ctx, large, Alarm{Kind: Split, Notes: [][]byte{small.note, large.note}})
	case small.Size == large.Size:
		return nil
	}
	return a.begins(ctx, small, large)
}

// begins shows that the large tree begins with the small one, or raises the alarm.
func (a *Auditor) begins(ctx context.Context, small, large submission) error {
	p, err := ledger.ProveRange(large.leaves.Hashes(ctx, large.Size), small.Size, small.Size, large.Size)
	if err != nil {
		return err
	}
	before, err := large.OpenRange(p, small.Size, nil)
	if err != nil || before == small.Root {
		return err
	}
	return a.raise(ctx, large, Alarm{Kind: Fork, Notes: [][]byte{small.note, large.note}, Ranges: []Range{{First: small.Size, Proof: p}}})
}

// reader is an auditor without a key: it keeps nothing and cannot sign.
func reader(keys []note.Verifier) *Auditor {
	logs := func(o evidence.Origin) (of []note.Verifier) {
		for _, k := range keys {
			if k.Name() == string(o) {
				of = append(of, k)
			}
		}
		return of
	}
	return &Auditor{Witness: &Witness{Config: Config{Logs: logs, State: new(Memory)}}}
}
