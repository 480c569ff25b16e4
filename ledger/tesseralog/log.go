//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package tesseralog

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger"
	"example.org/custody/ledger/batch"
	"github.com/transparency-dev/tessera"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	// most is the number of Append calls that share a commit at most.
	most = 4096
	// linger is how long a commit waits for those who were in the last one. It
	// is about what tessera needs on a disk for one batch of any size.
	linger = 2 * time.Millisecond
	// publishEvery is how far the published checkpoint lags behind while the
	// log is open.
	publishEvery = time.Second
)

// Log is the open ledger of one folder. It implements [ledger.Log].
type Log struct {
	dir    string
	origin evidence.Origin
	signer note.Signer
	lock   *durable.Lock
	tiles  folder
	state  tessera.LogReader // knows the tree state

	queue     *batch.Queue[*batch.Leaves]
	committed chan struct{} // closed when the committer has ended
	closing   chan struct{} // closed to end the publisher
	publisher sync.WaitGroup
	closed    sync.Once

	size atomic.Uint64 // durable leaves

	doubtMu sync.Mutex
	doubt   bool  // the tree state may be ahead of size
	fatal   error // why the log must stop

	pubMu     sync.Mutex
	published uint64 // size of the published checkpoint
	swept     uint64 // bundles whose partial files are gone
}

var _ ledger.Log = (*Log)(nil)

// Open opens the ledger in dir for writing. The signer signs the published
// checkpoints; its name is the origin. Errors: [ErrNone], [ErrHalf],
// [ErrVersion], [ErrDamaged], [ErrOrigin], [ErrUnavailable], [ledger.ErrInUse].
func Open(ctx context.Context, dir string, signer note.Signer) (*Log, error) {
	silence()
	o, err := readFormat(dir)
	if err != nil {
		return nil, err
	}
	if signer.Name() != string(o) {
		return nil, fmt.Errorf("%s is the ledger of %q, the key is of %q: %w", dir, o, signer.Name(), ErrOrigin)
	}
	held, err := lock(dir)
	if err != nil {
		return nil, err
	}
	l := &Log{
		dir: dir, origin: o, signer: signer, lock: held, tiles: folder{TilesDir(dir)},
		queue:     batch.New[*batch.Leaves](most, linger),
		committed: make(chan struct{}), closing: make(chan struct{}),
	}
	if err := l.load(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", dir, err), held.Close())
	}
	go l.commitAll()
	l.publisher.Go(l.publishAll)
	return l, nil
}

// Origin implements [ledger.Log].
func (l *Log) Origin() evidence.Origin { return l.origin }

// Append implements [ledger.Log]. The leaves of one call get indexes without a
// gap, and are in the log all or none. When ctx ends first the leaves may still
// land.
func (l *Log) Append(ctx context.Context, leaves []ledger.Leaf) ([]uint64, error) {
	return batch.Submit(ctx, l.queue, leaves)
}

// Size implements [ledger.Reader].
func (l *Log) Size(ctx context.Context) (uint64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := l.settle(ctx); err != nil {
		return 0, err
	}
	return l.size.Load(), nil
}

// Leaves implements [ledger.Reader].
func (l *Log) Leaves(ctx context.Context, from, to uint64) iter.Seq2[ledger.Leaf, error] {
	return l.tiles.leaves(ctx, from, to, l.size.Load())
}

// Hashes implements [ledger.Reader]. The reader keeps what it has read: get a
// new one for each size, and not for each proof.
func (l *Log) Hashes(ctx context.Context, size uint64) tlog.HashReader {
	return l.tiles.hashes(ctx, size, l.size.Load())
}

// Close commits what was submitted, publishes the checkpoint of the whole tree
// and releases the folder. It takes a few milliseconds. A second Close does nothing.
func (l *Log) Close() (err error) {
	l.closed.Do(func() {
		l.queue.Close()
		<-l.committed
		close(l.closing)
		l.publisher.Wait()
		err = errors.Join(l.publish(context.Background()), l.lock.Close())
	})
	return err
}
