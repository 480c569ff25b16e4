package matches

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"example.org/custody/evidence"
	"example.org/custody/evidence/mla/matching"
	"example.org/custody/signing/keyfile"
)

// Ask opens a session with a desk that is switched on, and returns the first message.
// Errors: [ErrOff], those of [matching.Ask].
func (d *Desk) Ask(ctx context.Context, peer evidence.KeyID, purpose matching.Purpose, held []Held) (*Outcome, error) {
	p, err := d.peer(peer, purpose)
	if err != nil {
		return nil, err
	}
	s := matching.Session{Purpose: purpose, Asking: d.Key, Answering: peer}
	if _, err := io.ReadFull(d.Random, s.ID[:]); err != nil {
		return nil, err
	}
	side, message, err := matching.Ask(d.Random, s, identifiers(held))
	if err != nil {
		return nil, err
	}
	k := &kept{Session: s, Own: d.Key, Step: Asked, Begun: evidence.Instant(d.Now()), Held: inStore(held), Sent: message}
	if k.State, err = side.Save(); err != nil {
		return nil, err
	}
	return d.proceed(ctx, p, k, true)
}

// proceed keeps a session and returns the message that goes to the other side, if any. One
// that is lost on its way can be had again ([Desk.Again]).
func (d *Desk) proceed(ctx context.Context, p *Peer, k *kept, fresh bool) (*Outcome, error) {
	if d.DryRun {
		return k.outcome(p), nil
	}
	if err := d.keep(k, fresh); err != nil {
		return nil, err
	}
	return d.sealed(ctx, p, k)
}

// sealed returns what has become of a session, with the message that goes to the other
// side.
func (d *Desk) sealed(ctx context.Context, p *Peer, k *kept) (*Outcome, error) {
	out := k.outcome(p)
	if k.Sent == nil || d.DryRun {
		return out, nil
	}
	var err error
	out.Message, err = d.seal(ctx, p, k.Sent)
	return out, err
}

// Again returns the message of a session that goes to the other side, for who has lost it.
// Errors: [ErrUnknown], [ErrOff], [ErrNothing].
func (d *Desk) Again(ctx context.Context, id evidence.Hash) (*Outcome, error) {
	k, err := d.session(id)
	if err != nil {
		return nil, err
	}
	p, err := d.peer(k.other(), k.Session.Purpose)
	if err != nil {
		return nil, err
	}
	if k.Sent == nil {
		return nil, ErrNothing
	}
	return d.sealed(ctx, p, k)
}

// Drop gives a session up: identifiers and keys are forgotten, and no message of it is
// taken any more. Errors: [ErrUnknown], [ErrTaken].
func (d *Desk) Drop(id evidence.Hash) error {
	k, err := d.session(id)
	switch {
	case err != nil:
		return err
	case !k.open():
		return ErrTaken
	}
	return d.drop(k)
}

func (d *Desk) drop(k *kept) error {
	k.Step, k.Held, k.State, k.Sent = Dropped, nil, nil, nil
	if d.DryRun {
		return nil
	}
	return d.keep(k, false)
}

func (d *Desk) sessionPath(id evidence.Hash) string {
	return filepath.Join(d.Dir, fmt.Sprintf("%x.age", id[:8]))
}

// secretName is what a session's file is called inside (spec/keys.md, "Secret").
const secretName = "matching"

func (d *Desk) keep(k *kept, fresh bool) error {
	b, err := k.marshal()
	if err != nil {
		return err
	}
	if err := folder(d.Dir); err != nil {
		return err
	}
	if fresh {
		return keyfile.CreateSecret(d.sessionPath(k.Session.ID), secretName, b, d.Keep...)
	}
	return keyfile.ReplaceSecret(d.sessionPath(k.Session.ID), secretName, b, d.Keep...)
}

// folder makes a folder, unless it is there.
func folder(path string) error {
	if err := files.Mkdir(path); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
