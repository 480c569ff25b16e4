package desk

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/closed"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
)

// followed is a ledger that this desk reads through a node, its own state's or
// another's. Every newer checkpoint is held against the newest one before it, and
// what a package rests on by every leaf there is, replayed here.
type followed struct {
	s      *Session
	origin evidence.Origin
	node   *client.Node
	ledger *client.Ledger
	seals  *closed.Map // of the ledger, as far as it was followed; nil until it is needed

	// Of a ledger that has ended:
	final *ledger.Checkpoint // where, by the pinned list; else nil
	front *followed          // the one that follows it, at the same node
}

// readAt returns the ledger o at the node with an address.
func (s *Session) readAt(address string, o evidence.Origin) (*followed, error) {
	n, err := client.New(address, nil)
	if err != nil {
		return nil, err
	}
	return s.readOf(n, o)
}

// readOf returns the ledger o at a node.
func (s *Session) readOf(n *client.Node, o evidence.Origin) (*followed, error) {
	if s.trusted == nil {
		return nil, fmt.Errorf("a node is believed by the list alone: %w", trustlist.ErrNone)
	}
	signer, err := s.requestSigner()
	if err != nil {
		return nil, err
	}
	keys, err := s.logKeys(o)
	if err != nil {
		return nil, err
	}
	f := &followed{s: s, origin: o, node: n}
	f.ledger = n.Ledger(client.Access{
		Origin: o, Keys: keys, Signer: signer, Now: s.Now, Enrolment: s.ownEnrolment,
		Enough: func(signed []byte) bool { return s.trusted.Meets(signed, o, trust.Receipt) },
	})
	return f, nil
}

// logKeys are the keys of a ledger in the pinned list; none is [ErrNotListed].
func (s *Session) logKeys(o evidence.Origin) ([]note.Verifier, error) {
	var keys []note.Verifier
	for _, l := range s.trusted.List.Logs {
		if l.Origin != string(o) {
			continue
		}
		k, err := l.Key.Verifier()
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("ledger %s: %w", o, ErrNotListed)
	}
	return keys, nil
}

// seenFolder is where the desk keeps what it has seen of ledgers at nodes
// (spec/home.md).
const seenFolder = "seen"

// at is a file about the ledger in the folder seen.
func (f *followed) at(ending string) string { return f.s.seenAt(f.origin, ending) }

// seenAt is a file about a ledger in the folder seen.
func (h *Home) seenAt(o evidence.Origin, ending string) string {
	return h.path(seenFolder, fmt.Sprintf("%x", sha256.Sum256([]byte(o)))[:16]+ending)
}

// seen returns the newest checkpoint of the ledger that was believed here.
func (f *followed) seen() ([]byte, error) {
	raw, err := os.ReadFile(f.at(".note"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return raw, err
}

// believe holds a checkpoint against the newest one seen, and keeps it when it is
// larger. A ledger that shows two histories is caught here.
func (f *followed) believe(ctx context.Context, signed []byte) error {
	seen, err := f.seen()
	if err != nil {
		return err
	}
	now, err := ledger.ReadCheckpoint(signed)
	if err != nil {
		return err
	}
	if seen != nil {
		if err := f.ledger.Compare(ctx, seen, signed); err != nil {
			return f.said(err)
		}
		if before, err := ledger.ReadCheckpoint(seen); err != nil || before.Size >= now.Size {
			return err
		}
	}
	if err := os.MkdirAll(f.s.path(seenFolder), 0o700); err != nil {
		return err
	}
	return files.WriteFile(f.at(".note"), signed, 0o600)
}

// said turns what a request came to into what the desk says of it, and keeps what
// proves a lie.
func (f *followed) said(err error) error {
	var lie *client.LieError
	var denied *client.DeniedError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &lie):
		return errors.Join(fmt.Errorf("%w: %w", ErrNodeLies, err), f.keepLie(lie))
	case errors.Is(err, client.ErrUnreachable), errors.As(err, &denied), errors.Is(err, ledger.ErrRequest):
		return fmt.Errorf("%w: %w", ErrWaits, err)
	case errors.Is(err, client.ErrPending):
		return pendingOf(err)
	}
	return err
}

// keepLie keeps a node's answer that cannot be true: an alarm, which proves itself,
// or the bytes that were sent.
func (f *followed) keepLie(lie *client.LieError) error {
	if len(lie.Answer) == 0 {
		return nil
	}
	ending := ".answer"
	var caught *ledger.MisbehaviourError
	if errors.As(lie.Err, &caught) {
		ending = ".alarm"
	}
	if err := os.MkdirAll(f.s.path(seenFolder), 0o700); err != nil {
		return err
	}
	return files.WriteFile(f.s.path(seenFolder, pack.NoteDigest(lie.Answer).String()[:16]+ending), lie.Answer, 0o600)
}

// Waiting for cosignatures that come after the receipt policy is met.
const (
	courtTries = 25
	courtPause = 200 * time.Millisecond
)

// checkpoint returns the newest checkpoint, cosigned now, believed.
func (f *followed) checkpoint(ctx context.Context) ([]byte, error) {
	if f.final != nil {
		return f.last(ctx)
	}
	signed, err := f.ledger.Cosigned(ctx)
	if err != nil {
		return nil, f.said(err)
	}
	return signed, f.believe(ctx, signed)
}

// court returns a checkpoint that is not older than this moment. It waits a little for
// what the court policy asks besides, and returns what there is.
func (f *followed) court(ctx context.Context) ([]byte, error) {
	now := f.s.Now().Truncate(time.Second) // cosignatures have whole seconds
	for n := 0; ; n++ {
		signed, err := f.checkpoint(ctx)
		if err != nil || n == courtTries || f.s.trusted.Meets(signed, f.origin, trust.Court) && !f.s.trusted.ReceivedAt(signed, f.origin).Before(now) {
			return signed, err
		}
		select {
		case <-time.After(courtPause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// replay brings the map up to a checkpoint and returns what reads that tree.
func (f *followed) replay(ctx context.Context, signed []byte) (*client.Tree, error) {
	if f.seals == nil {
		if err := os.MkdirAll(f.s.path(seenFolder), 0o700); err != nil {
			return nil, err
		}
		m, err := closed.OpenCache(f.at(".map"), f.origin)
		if err != nil {
			return nil, err
		}
		f.seals = m
	}
	tree, err := f.ledger.Follow(ctx, signed, f.seals)
	return tree, f.said(err)
}

// prover proves under the newest checkpoint. It is good until the next replay.
func (f *followed) prover(ctx context.Context) (pack.Prover, error) {
	signed, err := f.court(ctx)
	if err != nil {
		return nil, err
	}
	tree, err := f.replay(ctx, signed)
	if err != nil {
		return nil, err
	}
	return pack.NewProver(ctx, tree, f.seals, signed, nil)
}

// close gives the node back. What was followed is a cache; losing it costs time.
func (f *followed) close() error {
	var err error
	if f.seals != nil {
		err = errors.Join(f.seals.Flush(), f.seals.Close())
	}
	if f.front != nil {
		err = errors.Join(err, f.front.close())
	}
	return errors.Join(err, f.node.Close())
}
