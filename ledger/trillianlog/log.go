package trillianlog

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger"
	"example.org/custody/ledger/batch"
)

const (
	// most is the number of Append calls that share a batch at most.
	most = 4096
	// linger is how long a batch waits for those who were in the last one: less than
	// the database needs for one.
	linger = 2 * time.Millisecond
	// publishEvery is how far the published checkpoint lags behind.
	publishEvery = time.Second
)

// Log is a ledger over Trillian, open at one node. It implements [ledger.Shared].
type Log struct {
	origin evidence.Origin
	signer note.Signer
	node   string // names this opening in the ledger's row
	tree   int64
	lock   *durable.Lock
	files  durable.Files
	server *server
	db     *database
	tiles  *mirror
	// patience is how long leaves may wait for the signer, and a node for its turn.
	patience time.Duration

	queue     *batch.Queue[*batch.Leaves]
	committed chan struct{} // closed when the committer has ended
	closing   chan struct{} // closed to end the publisher
	publisher sync.WaitGroup
	closed    sync.Once

	appendMu sync.Mutex   // held for one batch
	term     int64        // the newest known
	kept     *turn        // from an append that was refused to the one that follows it
	signs    usual        // how long the signer takes
	adds     usual        // how long the database takes for a batch
	stale    bool         // the term does not say whether others have appended
	others   int          // nodes beside this one whose leaves the last append had, or that had the turn
	waiting  int          // nodes whose leaves are there
	taken    atomic.Int64 // when another node had appended leaves of this one, in Unix nanoseconds
	offered  time.Time    // when leaves of this node lay open to the others for the last time
	left     bool         // they may lie there yet
	openAt   *uint64      // where an append of this node may land yet; nil: there is none
	lost     bool         // the turn that was kept was over before it was used
	current  atomic.Bool  // a turn is kept, so what was read last is all there is

	growMu sync.Mutex // held while leaves are read from the database

	mu        sync.Mutex
	confirmed uint64 // leaves that Trillian's signer has integrated, to our root
	doubt     bool   // an append failed: what is not confirmed does not count
	fatal     error  // why the log must stop

	published uint64 // size of the published checkpoint; the publisher's
}

var _ ledger.Shared = (*Log)(nil)

// Options are for [Open] with other than the usual waiting times.
type Options struct {
	// Patience is how long a server may take for an answer, the signer for leaves, and
	// another node for its turn to append; 0: 10 seconds.
	Patience time.Duration
}

// Open opens the ledger in dir for writing. The signer signs the published checkpoints;
// its name is the origin. Errors: [ErrNone], [ErrConfig], [ErrUnsafe], [ErrKey], [ErrPassword],
// [ErrPlain], [ErrDatabase], [ErrServer], [ledger.ErrInUse], and [ledger.ErrBehind] when the
// database has lost, or never had, what this node has published.
func Open(ctx context.Context, dir string, signer note.Signer, o Options) (_ *Log, err error) {
	s, err := readConfig(dir)
	if err != nil {
		return nil, err
	}
	if signer.Name() != string(s.Origin) {
		return nil, fmt.Errorf("%s is the ledger of %q, the key is of %q: %w", dir, s.Origin, signer.Name(), ErrKey)
	}
	if o.Patience == 0 {
		o.Patience = patience
	}
	l := &Log{
		origin: s.Origin, signer: signer, node: rand.Text(), tree: s.Tree, patience: o.Patience,
		queue: batch.New[*batch.Leaves](most, linger), committed: make(chan struct{}), closing: make(chan struct{}),
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("%s: %w", dir, err), l.release())
		}
	}()
	if l.lock, err = hold(dir); err != nil {
		return nil, err
	}
	if l.db, err = dial(ctx, s.Database); err != nil {
		return nil, err
	}
	if l.server, err = connect(s.LogServer, o.Patience); err != nil {
		return nil, err
	}
	l.server.singly = l.db.words().singly
	if err := l.check(ctx); err != nil {
		return nil, err
	}
	if err := l.load(ctx, dir); err != nil {
		return nil, err
	}
	go l.commitAll()
	l.publisher.Go(l.publishAll)
	return l, nil
}

// hold takes the lock of a folder.
func hold(dir string) (*durable.Lock, error) {
	held, err := durable.NewLock(filepath.Join(dir, lockName))
	if errors.Is(err, durable.ErrInUse) {
		return nil, ledger.ErrInUse
	}
	return held, err
}

// check holds the servers against what they must be.
func (l *Log) check(ctx context.Context) error {
	r, err := l.db.ledgerOf(ctx, l.origin)
	switch {
	case err != nil:
		return err
	case r.tree != l.tree:
		return fmt.Errorf("the database has %q as tree %d, the folder as %d: %w", l.origin, r.tree, l.tree, ErrConfig)
	case r.keyHash != l.signer.KeyHash():
		return fmt.Errorf("%q: %w", l.origin, ErrKey)
	}
	if err := errors.Join(l.db.renewGuards(ctx), l.db.checkDurable(ctx)); err != nil {
		return err
	}
	l.term = r.term
	return errors.Join(l.dropWaiting(ctx), l.server.check(ctx, l.tree))
}

// load opens the mirror and brings it to the database.
func (l *Log) load(ctx context.Context, dir string) error {
	m, c, err := openMirror(ctx, TilesDir(dir), l.origin, l.files)
	if err != nil {
		return err
	}
	l.tiles = m
	if err := l.catchUp(ctx); err != nil {
		return err
	}
	if size := m.size.Load(); size < c.Size {
		return fmt.Errorf("the database has %d leaves, %d are published: %w: %w", size, c.Size, ledger.ErrBehind, ledger.ErrFatal)
	}
	now, err := m.checkpoint(ctx, l.origin, c.Size)
	if err == nil && now != c {
		err = fmt.Errorf("the database has other leaves than the %d that are published: %w: %w", c.Size, ledger.ErrBehind, ledger.ErrFatal)
	}
	if err != nil {
		return err
	}
	l.published = c.Size
	size := m.size.Load()
	l.openAt = &size // of an earlier session
	return l.confirm(ctx, size)
}

// Origin implements [ledger.Log].
func (l *Log) Origin() evidence.Origin { return l.origin }

// Size implements [ledger.Reader]: the leaves that the database has now, whichever node
// appended them. After an append that failed, those count that the signer has integrated.
func (l *Log) Size(ctx context.Context) (uint64, error) {
	if err := l.open(); err != nil {
		return 0, err
	}
	err := ctx.Err()
	if err == nil && !l.current.Load() {
		err = l.catchUp(ctx)
	}
	if err != nil {
		return 0, err
	}
	size := l.tiles.size.Load()
	if l.doubts() {
		if err := l.confirm(ctx, size); err != nil {
			return 0, err
		}
	}
	return size, nil
}

// open returns why nothing more is read or written, and nil when it may.
func (l *Log) open() error {
	select {
	case <-l.closing:
		return batch.ErrClosed
	default:
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fatal
}

// Leaves implements [ledger.Reader].
func (l *Log) Leaves(ctx context.Context, from, to uint64) iter.Seq2[ledger.Leaf, error] {
	return l.tiles.leaves(ctx, from, to)
}

// Hashes implements [ledger.Reader]. The reader keeps what it has read: get a new one
// for each size, and not for each proof.
func (l *Log) Hashes(ctx context.Context, size uint64) tlog.HashReader {
	return l.tiles.hashes(ctx, size)
}

// Close answers what was submitted, publishes the checkpoint of what is confirmed and
// gives everything back. A second Close does nothing.
func (l *Log) Close() (err error) {
	l.closed.Do(func() {
		l.queue.Close()
		<-l.committed
		close(l.closing)
		l.publisher.Wait()
		l.appendMu.Lock()
		l.drop()
		ctx, cancel := context.WithTimeout(context.Background(), l.patience)
		defer cancel()
		_ = l.takeLeft(ctx) // the next opening does
		l.appendMu.Unlock()
		err = errors.Join(l.publish(ctx), l.release())
	})
	return err
}

// release gives back what Open has taken.
func (l *Log) release() error {
	var all []error
	if l.server != nil {
		all = append(all, l.server.close())
	}
	if l.db != nil {
		l.db.close()
	}
	if l.lock != nil {
		all = append(all, l.lock.Close())
	}
	return errors.Join(all...)
}
