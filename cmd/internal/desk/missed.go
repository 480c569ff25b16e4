package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"slices"

	"example.org/custody/evidence"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/signing"
)

// ErrKeyLost reports an item of which this desk did more after the backup that it was
// restored from: what was done is known again, and the key of the seal that it opened was
// nowhere but here.
var ErrKeyLost = errors.New("the key of the item's open seal was lost: it was made after the backup that this desk was restored from")

// missedReason is the reason that goes into the node's access log.
const missedReason = "custody restore"

// fetchMissed has a restored desk that logs at its state's node fetch what its officer
// did with the items it knows after the backup was made: the node gives an item to its
// custodian. Items that were sealed since are not known here, and not asked for. What an
// interrupt leaves is done by the next command. An item of which something could not be
// taken in is marked, and asked about again by every command: nothing is done with it here
// until then, and nobody is locked out by it.
func (s *Session) fetchMissed(ctx context.Context) error {
	if !s.Joined() || !s.alone || s.stuck != nil || s.DryRun {
		return nil
	}
	missed, err := s.missed()
	if err != nil || len(missed) == 0 && !s.restored() {
		return err
	}
	b, err := openNodeBook(s)
	if err != nil {
		return err
	}
	defer b.close()
	for _, id := range missed {
		if goesOn, err := s.fetchOne(ctx, b, id); !goesOn || err != nil {
			return err
		}
	}
	if !s.restored() {
		return nil
	}
	return s.fetchRest(ctx, b)
}

// fetchRest asks about each item that a restored desk knows and was not asked about yet.
func (s *Session) fetchRest(ctx context.Context, b *nodeBook) error {
	done, err := os.ReadFile(s.path("ledger", restoredMark))
	if err != nil {
		return err
	}
	ids, err := s.keeper.items(ctx)
	if err != nil {
		return err
	}
	slices.SortFunc(ids, func(x, y evidence.ItemID) int { return bytes.Compare(x[:], y[:]) })
	for _, id := range ids {
		if id.String() <= string(done) {
			continue
		}
		if goesOn, err := s.fetchOne(ctx, b, id); !goesOn || err != nil {
			return err
		}
		if err := files.WriteFile(s.path("ledger", restoredMark), []byte(id.String()), 0o600); err != nil {
			return err
		}
	}
	if err := files.Remove(s.path("ledger", restoredMark)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// fetchOne is fetchItem, and marks the item when not all of it could be taken in; false:
// the node cannot be asked now, and the next command goes on.
func (s *Session) fetchOne(ctx context.Context, b *nodeBook, id evidence.ItemID) (goesOn bool, err error) {
	err = s.fetchItem(ctx, b.ledger.For(missedReason), id)
	switch {
	case errors.Is(err, client.ErrUnreachable), errors.Is(err, client.ErrPending):
		return false, nil
	case ctx.Err() != nil:
		return false, ctx.Err()
	case err != nil:
		s.Resumed = append(s.Resumed, Resumed{Item: id, What: "what was logged of it after the backup was made could not be taken in: " + b.said(err).Error()})
	}
	return true, s.markMissed(id, err != nil)
}

// fetchItem takes in what the node has of an item behind what this desk knows.
func (s *Session) fetchItem(ctx context.Context, l *client.Ledger, id evidence.ItemID) error {
	it, err := s.Load(ctx, id)
	if errors.Is(err, ErrNoItem) || err == nil && it.Last().Event.Opens.Next == nil {
		return nil
	}
	if err != nil {
		return err
	}
	listed, err := l.Item(ctx, id)
	var denied *client.DeniedError
	if errors.As(err, &denied) && denied.Status == http.StatusNotFound {
		return nil // it is not this officer's
	}
	if err != nil {
		return err
	}
	for _, line := range listed.Events {
		if int64(line.Seq) <= it.Last().Event.Seq || line.Origin != s.Config.Origin {
			continue
		}
		e, err := s.fetchEvent(ctx, l, line)
		if err != nil {
			return err
		}
		if have, err := s.knows(ctx, e); have || err != nil {
			return err
		}
		if err := s.adoptBody(ctx, e.Body); err != nil {
			return err
		}
		s.Resumed = append(s.Resumed, Resumed{id, e.Event.Seq, e.Event.Action, "it was logged after the backup was made; the node has given it back"})
	}
	return nil
}

// fetchEvent fetches an event and looks at it as at one that another desk shows.
func (s *Session) fetchEvent(ctx context.Context, l *client.Ledger, line wire.Listed) (*Entry, error) {
	got, err := l.Event(ctx, line.Leaf)
	if err != nil {
		return nil, err
	}
	e, err := newEntry(&Body{Envelope: got.Envelope, Salt: got.Salt, SealKey: got.SealKey, Index: &got.Index, Receipt: got.Receipt, View: rawView(got.Record)})
	if err != nil {
		return nil, err
	}
	e.Body.Item, e.Body.Seq, e.Body.Origin = e.Event.Item, uint64(e.Event.Seq), e.Event.Origin
	v, err := e.View()
	if err == nil {
		err = v.Verify(e.Event.Record)
	}
	if err == nil {
		err = s.verifySigners(ctx, e)
	}
	if err != nil {
		return nil, fmt.Errorf("item %s: event %d: %w: %w", e.Event.Item.Short(), e.Event.Seq, ErrUntrusted, err)
	}
	return e, nil
}

// verifySigners verifies that exactly the signers of an event signed it, each under an
// enrolment that is known here.
func (s *Session) verifySigners(ctx context.Context, e *Entry) error {
	env, err := signing.Parse(e.Body.Envelope)
	if err != nil {
		return err
	}
	var ids []signing.KeyID
	var keys []*signing.PublicKey
	for _, who := range e.Event.Signers {
		it, err := s.keyItem(ctx, who.Enrolled)
		if err != nil {
			return err
		}
		enrols := it.First().Event.Enrols
		if enrols == nil || enrols.Key != who.Key {
			return fmt.Errorf("%s is no enrolment of the key: %w", it.ID.Short(), ErrNotEnrolled)
		}
		key, err := signing.NewPublicKey(signing.Suite(enrols.Suite), enrols.SPKI)
		if err != nil {
			return err
		}
		ids, keys = append(ids, key.ID()), append(keys, key)
	}
	if err := env.CheckSigners(ids...); err != nil {
		return err
	}
	for _, r := range env.Verify(keys...) {
		if r.Err != nil {
			return r.Err
		}
	}
	return nil
}

// lost reports whether the key of the seal that an event opened was in this desk's hands
// once: its own officer signed it, for the ledger in which the desk logs.
func (s *Session) lost(e *Entry) bool {
	own, err := s.ownKeys()
	passed := e.Event.Action == evidence.Offer || e.Event.Action == evidence.Decline // the other side goes on
	return err == nil && !passed && e.Event.Opens.Next.Origin == s.Config.Origin && slices.Contains(own, e.Event.Signer().Key)
}
