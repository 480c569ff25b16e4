package nodehome

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/cmd/internal/desk/cosigner"
	"example.org/custody/cmd/internal/desk/engine"
	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/feeder"
	"example.org/custody/ledger/node"
	"example.org/custody/ledger/node/bodies"
	"example.org/custody/ledger/node/intake"
	"example.org/custody/ledger/writer"
)

// vouchEvery is how often the access log's newest hash goes into the ledger.
const vouchEvery = 10 * time.Minute

// Open is a home's ledger, open for writing by a node, and all that goes with it.
type Open struct {
	*node.Writing
	Log    ledger.Reader
	Feeder *feeder.Feeder

	home   string
	files  durable.Files
	pins   *pins
	writer *writer.Writer
	next   ledger.Leaf // of the last list that is logged for the desk
	ended  []*ended    // the ledgers that this one follows

	keeping sync.Mutex     // held for what is below
	known   note.Verifiers // of cosigners
	earlier [][]byte       // cosigners' newest notes, as they were kept last
	held    []io.Closer    // from the last to be closed to the first
}

// Options are for [OpenHome].
type Options struct {
	Home      string   // the home's folder
	Cosigners []string // of other states: addresses of nodes, or folders
	Files     durable.Files
	Now       func() time.Time // nil: the system's clock
}

// Made reports whether the home has a folder node.
func Made(home string) bool {
	_, err := os.Stat(filepath.Join(Folder(home), configFile))
	return err == nil
}

// OpenHome opens the ledger of a home for its node. [ErrNone] when the home has no
// folder node; [ledger.ErrInUse] when a desk, or another node, has the ledger open.
// One that must not be written ([writer.ErrReadOnly]) opens all the same.
func OpenHome(ctx context.Context, o Options) (_ *Open, err error) {
	s, err := read(o.Home)
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = func() time.Time { return time.Now().UTC() }
	}
	n := &Open{home: o.Home, files: o.Files, pins: &pins{dir: filepath.Join(o.Home, "trust"), origin: s.about.Origin}}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.release())
		}
	}()
	if err := n.openLedger(ctx, s, o.Cosigners); err != nil {
		return nil, err
	}
	if err := n.openEnded(ctx, o.Cosigners); err != nil {
		return nil, err
	}
	dir := Folder(o.Home)
	store, err := bodies.Open(filepath.Join(dir, "bodies"), bodies.Options{Identity: s.identity, Recipients: s.to, Files: o.Files})
	if err != nil {
		return nil, err
	}
	n.held = append(n.held, store)
	log, err := node.OpenAccessLog(filepath.Join(dir, "access.jsonl"), o.Files)
	if err != nil {
		return nil, err
	}
	n.held = append(n.held, log)
	box, err := node.OpenMailbox(filepath.Join(dir, "handoffs"), o.Files, o.Now)
	if err != nil {
		return nil, err
	}
	in, err := intake.Open(ctx, intake.Config{
		Origin: s.about.Origin, State: evidence.StateCode(s.about.State), Writer: n.writer, Ended: n.endedLedgers(), Bodies: store, Pinned: n.pins.get, Now: o.Now,
	})
	if err != nil {
		return nil, err
	}
	n.Writing = &node.Writing{
		Origin: s.about.Origin, State: evidence.StateCode(s.about.State), Intake: in, Writer: n.writer, Latest: n.writer.Latest, Fresh: n.writer.Checkpoint, Short: n.Feeder.Short,
		Lists: n.logNext, Ended: n.renewEnded, Pinned: n.pins.get, Access: log, Mailbox: box, Now: o.Now, Every: vouchEvery,
	}
	return n, nil
}

// openLedger opens log, map and writer.
func (n *Open) openLedger(ctx context.Context, s secrets, cosigners []string) error {
	end, err := n.final(s)
	if err != nil {
		return err
	}
	log, err := engine.Open(ctx, filepath.Join(n.home, "ledger"), s.signer)
	if err != nil {
		return fmt.Errorf("the ledger: %w", err)
	}
	seals, err := closed.OpenCache(filepath.Join(n.home, "ledger", "closed.map"), s.about.Origin)
	if err != nil {
		return errors.Join(err, log.Close())
	}
	n.Log, n.Feeder = log, n.feed(log, s, cosigners)
	c := writer.Config{Log: log, Map: seals, Key: s.signer, Verifier: s.verifier, Enough: n.pins.enough, Final: end, Feeder: n.Feeder}
	c.Note, _ = os.ReadFile(n.notePath()) // what cannot be read is asked for again
	if n.writer, err = writer.Open(ctx, c); err != nil {
		return errors.Join(fmt.Errorf("the ledger: %w", err), n.Feeder.Close(), seals.Close(), log.Close())
	}
	n.held = append(n.held, n.writer)
	n.known, n.earlier = n.pins, n.kept()
	return n.askRestored(ctx)
}

// askRestored has the newest checkpoint of a ledger from a backup cosigned anew, by as
// many as a receipt needs: one honest state at least would refuse if it had gone on
// after the backup (rules P17, P21).
func (n *Open) askRestored(ctx context.Context) error {
	mark := filepath.Join(n.home, "ledger", "restored")
	if _, err := os.Lstat(mark); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	switch _, err := n.writer.Checkpoint(ctx); {
	case errors.Is(err, writer.ErrQuorum):
		return fmt.Errorf("%w: %w", ErrRestored, err)
	case err != nil:
		return err
	}
	return n.files.Remove(mark)
}

// feed asks the cosigners that the home names.
func (n *Open) feed(log ledger.Reader, s secrets, cosigners []string) *feeder.Feeder {
	c := feeder.Config{Log: log, Origin: s.about.Origin, Verifier: s.verifier, Known: n.pins, Enough: n.pins.enough, Liars: n.pins.liars(), Retry: 2 * time.Second}
	for _, at := range cosigners {
		two, held := reach(at, s)
		for _, k := range two {
			c.Peers = append(c.Peers, feeder.Peer{State: at, Cosigner: k})
		}
		n.held = append(n.held, held...)
	}
	return feeder.New(c)
}

func reach(at string, s secrets) ([]ledger.Cosigner, []io.Closer) {
	if !client.IsAddress(at) {
		return cosigner.Open(at, s.about.Origin)
	}
	c, err := client.New(at, nil)
	if err != nil {
		return []ledger.Cosigner{cosigner.Absent(at, err)}, nil
	}
	return []ledger.Cosigner{c.Cosigner(client.Witness, s.verifier), c.Cosigner(client.Auditor, s.verifier)}, []io.Closer{c}
}

// Close keeps the newest cosigned checkpoint and gives everything back. Nothing may be
// under way any more.
func (n *Open) Close() error { return n.release() }

// release closes in an order in which nothing is used after it is closed: the writer
// answers what was submitted first.
func (n *Open) release() error {
	var all []error
	if n.writer != nil {
		all = append(all, n.writer.Close(), n.keepNotes())
	}
	for i := len(n.held) - 1; i >= 0; i-- {
		all = append(all, n.held[i].Close())
	}
	return errors.Join(all...)
}
