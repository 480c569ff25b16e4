package desk

import (
	"context"
	"errors"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/writer"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
)

// logbook is the ledger in which a desk logs its acts: its own, embedded ([book]), or
// its state's, which a node keeps ([nodeBook]). Both give the same results.
type logbook interface {
	// size is the number of leaves, as far as the desk knows.
	size(ctx context.Context) (uint64, error)
	// submit logs entries in their order. Each is decided alone. After an error the
	// same entries are submitted again, now or by the next process (rule P20).
	// [ErrWaits]: the ledger cannot be reached, and they wait.
	submit(ctx context.Context, entries []*Entry) ([]result, error)
	// logList puts the hash of a trust list into the ledger, or finds it there.
	// pending says why it is not proven yet.
	logList(ctx context.Context, l *trust.List) (index uint64, pending, err error)
	// cosigned reports with [writer.ErrQuorum] that the newest checkpoint does not meet
	// the receipt policy.
	cosigned(ctx context.Context) error
	// prover proves under a checkpoint that is cosigned now. It is good until the
	// next submit.
	prover(ctx context.Context) (pack.Prover, error)
	close() error
}

// result is what became of one leaf.
type result struct {
	index   uint64
	receipt *ledger.Receipt
	pending error // why there is no receipt yet
	refused error // why the leaf is not in the ledger and never will be
	waits   error // [ErrWaits]: why nothing was decided about it
	retried bool  // it was there before
}

// logbook opens the desk's ledger at its first use.
func (s *Session) logbook(ctx context.Context) (logbook, error) {
	if s.stuck != nil {
		return nil, s.stuck
	}
	if s.Node == "" {
		if s.Joined() {
			return nil, ErrNoLedger
		}
		if _, err := s.ledger(ctx); err != nil {
			return nil, err
		}
		return s.book, nil
	}
	if s.node == nil {
		b, err := openNodeBook(s)
		if err != nil {
			return nil, err
		}
		s.node = b
	}
	return s.node, nil
}

// leaveLogbook gives the ledger back, for another one to be opened in its place.
func (s *Session) leaveLogbook() error {
	var errs []error
	if s.book != nil {
		errs = append(errs, s.book.close())
	}
	if s.node != nil {
		errs = append(errs, s.node.close())
	}
	s.book, s.node = nil, nil
	return errors.Join(errs...)
}

// closeLogbook gives the ledger back.
func (s *Session) closeLogbook() error {
	var errs []error
	for _, b := range s.ended {
		errs = append(errs, b.close())
	}
	errs = append(errs, s.leaveLogbook())
	for _, f := range s.ledgers {
		errs = append(errs, f.close())
	}
	return errors.Join(errs...)
}

// size is the number of leaves of the ledger in which this desk logs.
func (s *Session) size(ctx context.Context) (uint64, error) {
	b, err := s.logbook(ctx)
	if err != nil {
		return 0, err
	}
	return b.size(ctx)
}

// submitEntries logs entries in this desk's ledger. What became of those that were for
// a ledger that has ended is read there.
func (s *Session) submitEntries(ctx context.Context, entries []*Entry) ([]result, error) {
	all := make([]result, len(entries))
	var rest []*Entry
	var at []int
	for i, e := range entries {
		if !s.precedes(e.Event.Origin) {
			rest, at = append(rest, e), append(at, i)
			continue
		}
		var err error
		if all[i], err = s.endedWith(ctx, e); err != nil {
			return nil, err
		}
	}
	if len(rest) == 0 {
		return all, nil
	}
	b, err := s.logbook(ctx)
	if err != nil {
		return nil, err
	}
	got, err := b.submit(ctx, rest)
	if err != nil {
		return nil, err
	}
	for k, r := range got {
		all[at[k]] = r
	}
	return all, nil
}

// prover proves from this desk's ledger.
func (s *Session) prover(ctx context.Context) (pack.Prover, error) {
	b, err := s.logbook(ctx)
	if err != nil {
		return nil, err
	}
	return b.prover(ctx)
}

// size implements logbook.
func (b *book) size(context.Context) (uint64, error) { return b.writer.Size(), nil }

// submit implements logbook.
func (b *book) submit(ctx context.Context, entries []*Entry) ([]result, error) {
	leaves := make([]ledger.Leaf, len(entries))
	for i, e := range entries {
		leaves[i] = e.Body.leaf()
	}
	return b.append(ctx, leaves)
}

// append logs leaves in their order.
func (b *book) append(ctx context.Context, leaves []ledger.Leaf) ([]result, error) {
	var all []result
	for len(leaves) > 0 {
		n := min(len(leaves), writer.MaxLeaves)
		got, err := b.writer.Submit(ctx, leaves[:n]...)
		if err != nil {
			return nil, err
		}
		for _, r := range got {
			all = append(all, result{index: r.Index, receipt: r.Receipt, pending: r.Pending, refused: r.Refused, retried: r.Retried})
		}
		leaves = leaves[n:]
	}
	return all, nil
}

// logList implements logbook.
func (b *book) logList(ctx context.Context, l *trust.List) (index uint64, pending, err error) {
	want := ledger.HashLeaf(ledger.TypeTrustList, evidence.Hash(l.Digest()))
	index, ok, err := ledger.Find(ctx, b.writer.Log, b.writer.Size(), want)
	if ok || err != nil {
		return index, nil, err
	}
	got, err := b.append(ctx, []ledger.Leaf{want})
	if err != nil {
		return 0, nil, err
	}
	return got[0].index, got[0].pending, got[0].refused
}

// cosigned implements logbook.
func (b *book) cosigned(ctx context.Context) error {
	_, err := b.writer.Checkpoint(ctx)
	return err
}

// prover implements logbook.
func (b *book) prover(ctx context.Context) (pack.Prover, error) {
	shared, err := b.writer.Shared(ctx)
	if err != nil {
		return nil, err
	}
	return pack.NewProver(ctx, shared.Log, shared.Map, shared.Note, nil)
}
