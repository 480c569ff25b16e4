package trillianlog

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/transparency-dev/tessera/api/layout"

	"example.org/custody/ledger"
)

// publishAll publishes while the log grows, until the log is closing. A failure is tried
// again at the next turn; Close reports the last.
func (l *Log) publishAll() {
	tick := time.NewTicker(publishEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			ctx, cancel := context.WithTimeout(context.Background(), l.patience)
			_ = l.publish(ctx)
			cancel()
		case <-l.closing:
			return
		}
	}
}

// publish signs and publishes the checkpoint of what Trillian has integrated, unless it
// is published already. The publisher records its size and root first (rule P21); any
// other node publishes what is recorded.
func (l *Log) publish(ctx context.Context) error {
	if err := errors.Join(l.catchUp(ctx), l.ask(ctx)); err != nil {
		return err
	}
	l.mu.Lock()
	size, fatal := l.confirmed, l.fatal
	l.mu.Unlock()
	if fatal != nil {
		return fatal
	}
	c, err := l.recorded(ctx, size)
	if err != nil || c.Size == l.published && l.hasCheckpoint() {
		return err
	}
	signed, err := c.Sign(l.signer)
	if err != nil {
		return err
	}
	if err := l.tiles.sync(); err != nil {
		return err
	}
	if err := l.files.WriteFile(l.tiles.path(layout.CheckpointPath), signed, 0o644); err != nil {
		return err
	}
	l.published = c.Size
	return nil
}

// recorded returns the newest checkpoint in the ledger's row, which this node has raised
// to size if it is the publisher, or if the ledger has ended and nobody becomes it.
func (l *Log) recorded(ctx context.Context, size uint64) (none ledger.Checkpoint, err error) {
	c, err := l.tiles.checkpoint(ctx, l.origin, size)
	if err != nil {
		return none, err
	}
	if _, err = l.db.exec(ctx, l.db.words().record, l.tree, int64(size), c.Root[:], l.node); err != nil {
		return none, inDatabase(err)
	}
	r, err := l.db.ledgerOf(ctx, l.origin)
	if err != nil {
		return none, err
	}
	if r.size > l.tiles.size.Load() {
		return none, errors.New("leaves are published that were not read yet")
	}
	if c, err = l.tiles.checkpoint(ctx, l.origin, r.size); err == nil && c.Root != r.root {
		err = l.stop(errors.Join(errors.New("the database has published another tree than that of its leaves"), ledger.ErrFatal))
	}
	return c, err
}

// hasCheckpoint reports whether a checkpoint was published at all.
func (l *Log) hasCheckpoint() bool {
	_, err := os.Stat(l.tiles.path(layout.CheckpointPath))
	return err == nil
}
