package tesseralog

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"

	"example.org/custody/ledger"
	"example.org/custody/ledger/tiles"
	"github.com/transparency-dev/tessera/api/layout"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height     = tiles.Height
	width      = tiles.Width
	entryBytes = tiles.EntrySize
)

// folder reads a C2SP tlog-tiles folder.
type folder struct{ root string }

// Read implements [tiles.Source].
func (f folder) Read(_ context.Context, path string, limit int64) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(f.root, filepath.FromSlash(path)))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("%s has %d bytes: %w", path, len(b), ErrDamaged)
	}
	return b, err
}

func (f folder) reader() tiles.Reader { return tiles.Reader{Source: f, Bad: ErrDamaged, Ahead: 1} }

func (f folder) leaves(ctx context.Context, from, to, size uint64) iter.Seq2[ledger.Leaf, error] {
	return f.reader().Leaves(ctx, from, to, size)
}

func (f folder) hashes(ctx context.Context, size, now uint64) tlog.HashReader {
	return f.reader().Hashes(ctx, size, now)
}

// checkpoint returns the published checkpoint.
func (f folder) checkpoint() ([]byte, error) {
	return os.ReadFile(filepath.Join(f.root, layout.CheckpointPath))
}
