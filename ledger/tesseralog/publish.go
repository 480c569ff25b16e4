//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package tesseralog

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"example.org/custody/ledger"
	"github.com/transparency-dev/tessera/api/layout"
)

// publishAll publishes while the log grows, until the log is closing. A failure
// is tried again at the next turn; Close reports the last.
func (l *Log) publishAll() {
	tick := time.NewTicker(publishEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			_ = l.publish(context.Background())
		case <-l.closing:
			return
		}
	}
}

// publish signs and publishes the checkpoint of the durable tree, unless it is
// published already, and sweeps what it makes useless. Sizes never fall (rule P21).
func (l *Log) publish(ctx context.Context) error {
	l.pubMu.Lock()
	defer l.pubMu.Unlock()
	size, err := l.Size(ctx)
	if err != nil || size == l.published {
		return err
	}
	c, err := ledger.CheckpointOf(l.origin, size, l.tiles.hashes(ctx, size, size))
	if err != nil {
		return err
	}
	signed, err := c.Sign(l.signer)
	if err != nil {
		return err
	}
	if err := overwrite(filepath.Join(l.tiles.root, layout.CheckpointPath), signed); err != nil {
		return err
	}
	l.published = size
	l.sweep()
	return nil
}

// sweep removes the partial bundles and tiles below the published checkpoint
// whose full ones are there (C2SP tlog-tiles, "Partial Tiles"). Tessera does so once
// a minute; a command ends sooner. What cannot be removed does no harm.
func (l *Log) sweep() {
	for ; (l.swept+1)*width <= l.published; l.swept++ {
		_ = os.RemoveAll(partials(l.tiles.root, layout.EntriesPath(l.swept, 0)))
		level, n := uint64(0), l.swept
		for ; ; level, n = level+1, n/width {
			_ = os.RemoveAll(partials(l.tiles.root, layout.TilePath(level, n, 0)))
			if n%width != width-1 {
				break // the tile above is not full
			}
		}
	}
}

// sweptTo returns the number of bundles from which on sweep has work, for a
// published size: those before have no partial files.
func sweptTo(root string, size uint64) uint64 {
	n := size / width
	for ; n > 0; n-- {
		if _, err := os.Stat(partials(root, layout.EntriesPath(n-1, 0))); err != nil {
			break
		}
	}
	return n
}

func partials(root, full string) string { return filepath.Join(root, full+".p") }
