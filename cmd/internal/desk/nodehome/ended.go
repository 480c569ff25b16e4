package nodehome

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/feeder"
	"example.org/custody/ledger/node/intake"
	"example.org/custody/ledger/tesseralog"
	"example.org/custody/signing/trust"
)

// endedGrace is how long the cosigners of an ended ledger that are late are waited for
// once there are enough.
const endedGrace = 500 * time.Millisecond

// ended is a ledger of the home that has ended, and that the node's own follows: it is
// read, and its last checkpoint cosigned anew. Its key is not here any more.
type ended struct {
	tree   ledger.Checkpoint // where it ended
	final  []byte            // that, signed
	dir    string            // the ledger's folder
	files  durable.Files
	feeder *feeder.Feeder

	mu    sync.Mutex
	seals *closed.Map
}

// openEnded opens the ledgers of the home that have ended and have a successor.
func (n *Open) openEnded(ctx context.Context, cosigners []string) error {
	finals, err := filepath.Glob(filepath.Join(n.home, "ended", "*", "ledger", "final.note"))
	if err != nil {
		return err
	}
	for _, path := range finals {
		e, held, err := n.openOneEnded(ctx, path, cosigners)
		n.held = append(n.held, held...)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		n.ended = append(n.ended, e)
	}
	return nil
}

func (n *Open) openOneEnded(ctx context.Context, path string, cosigners []string) (e *ended, held []io.Closer, err error) {
	e = &ended{dir: filepath.Dir(path), files: n.files}
	verifier, err := n.readFinal(e, path)
	if err != nil {
		return nil, nil, err
	}
	log, err := tesseralog.OpenReader(e.dir)
	if err != nil {
		return nil, nil, err
	}
	id := fmt.Sprintf("%x", sha256.Sum256([]byte(e.tree.Origin)))[:16]
	e.seals, _, err = closed.OpenReplayed(ctx, filepath.Join(Folder(n.home), "ended-"+id+".map"), e.tree.Origin, log)
	if err != nil {
		return nil, nil, err
	}
	held = append(held, e.seals)
	if now, err := ledger.CheckpointOf(e.tree.Origin, e.seals.Covered(), log.Hashes(ctx, e.seals.Covered())); err != nil || now != e.tree {
		return nil, held, errors.Join(fmt.Errorf("%w: here are %d leaves", ErrFinal, e.seals.Covered()), err)
	}
	s := secrets{about: About{Origin: e.tree.Origin}, verifier: verifier}
	c := feeder.Config{Log: log, Origin: e.tree.Origin, Verifier: verifier, Known: n.pins, Enough: n.pins.meets(e.tree.Origin, trust.Court), Grace: endedGrace}
	for _, at := range cosigners {
		two, more := reach(at, s)
		for _, k := range two {
			c.Peers = append(c.Peers, feeder.Peer{State: at, Cosigner: k})
		}
		held = append(held, more...)
	}
	e.feeder = feeder.New(c)
	return e, append(held, e.feeder), nil
}

// readFinal reads where a ledger ended: a checkpoint signed by a key that the pinned list
// gives it, and the one at which the list ends it, once it does.
func (n *Open) readFinal(e *ended, path string) (note.Verifier, error) {
	signed, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	t, _, err := n.pins.read()
	if err != nil {
		return nil, err
	}
	c, err := ledger.ReadCheckpoint(signed)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFinal, err)
	}
	key, _, err := t.List.LogKey(string(c.Origin), c.Size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFinal, err)
	}
	v, err := key.Key.Verifier()
	if err != nil {
		return nil, err
	}
	if e.tree, err = ledger.OpenCheckpoint(signed, v); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFinal, err)
	}
	if listed := t.Final(c.Origin); listed != nil && *listed != e.tree {
		return nil, fmt.Errorf("%w: it ends with %d leaves, the pinned list ends it with %d", ErrFinal, c.Size, listed.Size)
	}
	e.final = signed
	return v, nil
}

// Closing implements [intake.Ended].
func (e *ended) Closing(seal evidence.Seal) (index uint64, leaf evidence.Hash, ok bool, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	leaf, index, ok, err = e.seals.Get(seal)
	return index, leaf, ok, err
}

// endedLedgers are what the intake asks.
func (n *Open) endedLedgers() map[evidence.Origin]intake.Ended {
	all := map[evidence.Origin]intake.Ended{}
	for _, e := range n.ended {
		all[e.tree.Origin] = e
	}
	return all
}

// renewEnded has the last checkpoints of all ended ledgers cosigned anew, and keeps them
// for whoever reads them.
func (n *Open) renewEnded(ctx context.Context) error {
	var all []error
	for _, e := range n.ended {
		all = append(all, e.renew(ctx))
	}
	return errors.Join(all...)
}

func (e *ended) renew(ctx context.Context) error {
	signed, err := e.feeder.Gather(ctx, e.tree, e.final)
	if err != nil {
		return fmt.Errorf("%s: %w", e.tree.Origin, err)
	}
	path := filepath.Join(e.dir, "cosigned.note")
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, signed) {
		return nil
	}
	return e.files.WriteFile(path, signed, 0o600)
}
