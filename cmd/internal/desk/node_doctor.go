package desk

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
	"example.org/custody/signing/trust"
)

// What to do about the state's node.
const (
	doAwait    = "go on: acts wait in order and are submitted when it answers; an address that is wrong is put right with custodyd init --address"
	doMistrust = "do not act at it before the state's authority has found out what became of it; what this desk has seen proves it"
)

// stateNode: the node that keeps the ledger answers, and shows no less of it than it
// did before.
func (d *doctor) stateNode() {
	if d.h.Node == "" {
		return
	}
	t, err := trustlist.Read(d.h.path("trust"))
	if err == nil && t != nil && d.h.endsBefore() && !t.Names(d.h.Config.Origin) {
		d.Warns("node", "custody trust propose --retire FILE --successor ORIGIN, then custody trust adopt", "no trust list that is pinned here names %s, which follows a ledger that has ended", d.h.Config.Origin)
		return
	}
	seen, errSeen := d.seenOf(d.h.Config.Origin) // before the node is asked: others may act meanwhile
	signed, errAsked := d.asked(d.h.Node)
	if errAsked != nil {
		d.Fails("node", doAwait, "the state's node at %s does not answer: %v", d.h.Node, errAsked)
		return
	}
	if err != nil || t == nil {
		d.Warns("node", "pin the list that the states agreed on", "the state's node at %s answers, and there is no list here by which it could be believed", d.h.Node)
		return
	}
	now, err := shownBy(t, d.h.Config.Origin, signed)
	if err != nil {
		d.Fails("node", doMistrust, "the state's node at %s shows what no key of the ledger signed that the list names: %v", d.h.Node, err)
		return
	}
	switch {
	case errSeen != nil:
		d.Fails("node", "custody restore from a backup", "what this desk has seen of the ledger cannot be read: %v", errSeen)
	case seen.Size > now.Size, seen.Size == now.Size && seen.Size > 0 && seen != now:
		d.Fails("node", doMistrust, "the state's node at %s shows %d leaves of the ledger, and this desk has seen %d or others", d.h.Node, now.Size, seen.Size)
	case !t.Meets(signed, d.h.Config.Origin, trust.Receipt):
		d.Warns("node", "ask the state's authority which states cosign; acts get no receipt meanwhile", "the state's node at %s answers, and its newest checkpoint has fewer cosignatures than a receipt needs", d.h.Node)
	default:
		d.Holds("node", "the state's node at %s answers, with %d leaves", d.h.Node, now.Size)
	}
}

// cosigning: a desk that logs at its state's node leaves its cosigners to that; what came
// of it is in the node's checkpoint.
func (d *doctor) cosigning() {
	if !d.h.Joined() {
		d.cosigners()
	}
}

// asked returns the checkpoint that a node publishes.
func (d *doctor) asked(address string) ([]byte, error) {
	n, err := client.New(address, nil)
	if err != nil {
		return nil, err
	}
	defer n.Close()
	ctx, cancel := context.WithTimeout(context.Background(), nodeTime)
	defer cancel()
	return n.Log().Checkpoint(ctx)
}

// seenOf returns the newest checkpoint of a ledger that was believed here; the zero one
// when there is none.
func (d *doctor) seenOf(o evidence.Origin) (c ledger.Checkpoint, err error) {
	b, err := os.ReadFile(d.h.seenAt(o, ".note"))
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	return ledger.ReadCheckpoint(b)
}

// shownBy verifies a checkpoint by the keys that a list has for its ledger.
func shownBy(t *trustlist.Pinned, o evidence.Origin, signed []byte) (c ledger.Checkpoint, err error) {
	err = ErrNotListed
	for _, l := range t.List.Logs {
		if l.Origin != string(o) {
			continue
		}
		var v note.Verifier
		if v, err = l.Key.Verifier(); err != nil {
			return c, err
		}
		if c, err = ledger.OpenCheckpoint(signed, v); err == nil {
			return c, nil
		}
	}
	return c, err
}
