//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package tesseralog

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger"
	"github.com/transparency-dev/tessera/api/layout"
)

// lock takes the exclusive lock of dir or fails with [ledger.ErrInUse]. Unlike
// fcntl's, it also excludes another opening in this process, and it ends with
// the process however that ends.
func lock(dir string) (*durable.Lock, error) {
	held, err := durable.NewLock(filepath.Join(dir, lockName))
	if errors.Is(err, durable.ErrInUse) {
		return nil, fmt.Errorf("%s: %w", dir, ledger.ErrInUse)
	}
	return held, err
}

// treeState is tessera's private commit record. It is looked for, never read:
// without it tessera would make an empty log over the tiles.
const treeState = ".state/treeState"

// load opens the tessera folder and checks what the next leaf will be built on.
func (l *Log) load(ctx context.Context) (err error) {
	for _, name := range []string{treeState, layout.CheckpointPath} {
		if _, err := os.Stat(filepath.Join(l.tiles.root, name)); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is missing: %w", name, ErrHalf)
		} else if err != nil {
			return err
		}
	}
	once, cancel := context.WithCancel(ctx)
	defer cancel()
	if _, l.state, err = appender(once, l.tiles.root, mute{l.signer}, 1); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	size, err := l.state.IntegratedSize(ctx)
	if err != nil {
		return fmt.Errorf("tree state: %w: %w", ErrDamaged, err)
	}
	c, err := verifyEdge(ctx, l.tiles, l.origin, size)
	if err != nil {
		return err
	}
	l.size.Store(size)
	l.published = c.Size
	l.swept = sweptTo(l.tiles.root, c.Size)
	return nil
}

// verifyEdge checks that the published checkpoint, which it returns, is of this
// log and of a tree of at most size leaves, that the tiles give its root, and that
// the leaves that follow it, and those of the last bundle, give the root of the
// tree of size leaves. It verifies no signature: who can write here could sign.
func verifyEdge(ctx context.Context, t folder, o evidence.Origin, size uint64) (ledger.Checkpoint, error) {
	var none ledger.Checkpoint
	b, err := t.checkpoint()
	if err != nil {
		return none, err
	}
	c, err := ledger.ReadCheckpoint(b)
	if err != nil {
		return none, fmt.Errorf("published checkpoint: %w: %w", ErrDamaged, err)
	}
	if c.Origin != o || c.Size > size {
		return none, fmt.Errorf("published checkpoint is of %q at size %d, the tree of %q at %d: %w", c.Origin, c.Size, o, size, ErrDamaged)
	}
	hashes := t.hashes(ctx, size, size)
	if at, err := ledger.CheckpointOf(o, c.Size, hashes); err != nil || at != c {
		return none, fmt.Errorf("tiles do not give the root of the published checkpoint of size %d: %w", c.Size, orDamaged(err))
	}
	if size == 0 {
		return c, nil
	}
	from := min(c.Size, (size-1)/width*width)
	var tail []evidence.Hash
	for leaf, err := range t.leaves(ctx, from, size, size) {
		if err != nil {
			return none, orDamaged(err)
		}
		tail = append(tail, leaf.Hash())
	}
	top, err := ledger.CheckpointOf(o, size, hashes)
	if err != nil {
		return none, orDamaged(err)
	}
	before, err := ledger.ProveRange(hashes, from, size, size)
	if err == nil {
		err = top.VerifyRange(before, from, tail)
	}
	if err != nil {
		return none, fmt.Errorf("leaves %d to %d are not those of the tiles: %w", from, size, orDamaged(err))
	}
	return c, nil
}

// orDamaged makes [ErrDamaged] of what reading a folder that is whole and
// readable cannot end with.
func orDamaged(err error) error {
	switch {
	case err == nil:
		return ErrDamaged
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, ledger.ErrProof):
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return err
}
