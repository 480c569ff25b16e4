package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"example.org/custody/cmd/internal/desk/nodehome"
	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/ledger/writer"
	"example.org/custody/signing"
	"example.org/custody/signing/trust"
)

// ErrWaits reports that the node could not be asked, or would not look at it: the
// acts are signed and durable, and wait in the queue (rule P14).
var ErrWaits = errors.New("the node has not proven that it is logged; it waits in the queue")

// ErrNodeLies reports a node whose answer is not true. What proves it is kept.
var ErrNodeLies = errors.New("the node's answer is not true")

// ErrListNotLogged reports a trust list whose hash the node has not logged.
var ErrListNotLogged = errors.New("the node has not logged the list's hash")

// nodeBook is the ledger of the desk's state, which a node keeps (spec/node.md). What
// the node says is believed with its proof alone: receipts and refusals by the leaf,
// the ledger's key and the receipt policy.
type nodeBook struct{ *followed }

var _ logbook = (*nodeBook)(nil)

func openNodeBook(s *Session) (*nodeBook, error) {
	if s.trusted != nil && s.endsBefore() && !s.named() {
		return nil, fmt.Errorf("%s: %w", s.Config.Origin, ErrNotNamed)
	}
	f, err := s.readAt(s.Node, s.Config.Origin)
	if err != nil {
		return nil, err
	}
	return &nodeBook{f}, nil
}

// requestSigner signs what is asked of the node: the officer who acts, and the
// authority while there is none.
func (s *Session) requestSigner() (signing.Signer, error) {
	if s.acting != nil {
		return s.acting.signer, nil
	}
	a, err := s.authority()
	if err != nil {
		return nil, err
	}
	return a.signer, nil
}

// size implements logbook: what the newest checkpoint seen says.
func (b *nodeBook) size(context.Context) (uint64, error) {
	seen, err := b.seen()
	if seen == nil || err != nil {
		return 0, err
	}
	c, err := ledger.ReadCheckpoint(seen)
	return c.Size, err
}

// submit implements logbook.
func (b *nodeBook) submit(ctx context.Context, entries []*Entry) ([]result, error) {
	var all []result
	for len(entries) > 0 {
		events, err := eventsOf(entries)
		if err != nil {
			return nil, err
		}
		n := portion(events)
		got, err := b.send(ctx, entries[:n], events[:n])
		if err != nil {
			return nil, err
		}
		for i, r := range got {
			one := result{index: r.Index, receipt: r.Receipt, retried: r.Retried}
			one.refused, one.waits = b.s.decide(ctx, entries[i], r.Refused)
			if r.Pending != nil { // without a receipt it is the node's word, and nothing rests on that
				one.waits = fmt.Errorf("%w: %w", ErrWaits, r.Pending)
			}
			all = append(all, one)
		}
		if err := b.newest(ctx, got); err != nil {
			return nil, err
		}
		entries = entries[n:]
	}
	return all, nil
}

// send submits events with what other ledgers prove of them; and again with what this
// one does, when the node lacks events that it has not logged itself.
func (b *nodeBook) send(ctx context.Context, entries []*Entry, events []wire.Event) ([]client.Logged, error) {
	got, err := b.sendWith(ctx, entries, events, false)
	if err != nil || !slices.ContainsFunc(got, lacks) {
		return got, err
	}
	again, err := b.sendWith(ctx, entries, events, true)
	if err != nil {
		return got, ctx.Err() // what it lacks waits; what it has logged is logged
	}
	for i := range again {
		if got[i].Refused == nil {
			again[i].Retried = got[i].Retried
		}
	}
	return again, nil
}

func (b *nodeBook) sendWith(ctx context.Context, entries []*Entry, events []wire.Event, own bool) ([]client.Logged, error) {
	proofs, err := b.s.foreignProofs(ctx, entries, own)
	if err != nil {
		return nil, err
	}
	got, err := b.ledger.Submit(ctx, proofs, events...)
	return got, b.said(err)
}

// lacks reports whether an event was refused for want of what it rests on.
func lacks(r client.Logged) bool {
	var refused *client.RefusedError
	if !errors.As(r.Refused, &refused) {
		return false
	}
	return refused.Problem.Code == wire.CodeHistoryNeeded || refused.Problem.Code == wire.CodeEnrolmentNeeded
}

// newest believes the largest checkpoint among the receipts.
func (b *nodeBook) newest(ctx context.Context, got []client.Logged) error {
	var largest []byte
	var size uint64
	for _, r := range got {
		if r.Receipt == nil {
			continue
		}
		c, err := ledger.ReadCheckpoint(r.Receipt.Note)
		if err != nil {
			return err
		}
		if c.Size > size {
			largest, size = r.Receipt.Note, c.Size
		}
	}
	if largest == nil {
		return nil
	}
	return b.believe(ctx, largest)
}

// pendingOf says of a receipt that is missing what the embedded ledger says.
func pendingOf(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", writer.ErrQuorum, err)
}

// logList implements logbook: a node logs the list that its home has as the next one,
// before it answers. [ErrListNotLogged] when it did not.
func (b *nodeBook) logList(ctx context.Context, l *trust.List) (index uint64, pending, err error) {
	if err := files.WriteFile(nodehome.NextList(b.s.Dir), l.Note(), 0o600); err != nil {
		return 0, nil, err
	}
	signed, err := b.checkpoint(ctx)
	if err != nil {
		return 0, nil, err
	}
	tree, err := b.replay(ctx, signed)
	if err != nil {
		return 0, nil, err
	}
	size, err := tree.Size(ctx)
	if err != nil {
		return 0, nil, err
	}
	index, ok, err := ledger.Find(ctx, tree, size, ledger.HashLeaf(ledger.TypeTrustList, evidence.Hash(l.Digest())))
	if err == nil && !ok {
		err = ErrListNotLogged
	}
	if err != nil {
		return 0, nil, b.said(err)
	}
	return index, nil, files.Remove(nodehome.NextList(b.s.Dir))
}

// cosigned implements logbook.
func (b *nodeBook) cosigned(ctx context.Context) error {
	_, err := b.checkpoint(ctx)
	return err
}
