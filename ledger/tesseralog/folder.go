package tesseralog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"example.org/custody/ledger"
	"github.com/transparency-dev/tessera/api/layout"
)

// OpenTiles returns a reader of a bare C2SP tlog-tiles folder, as a static web server
// has it or a mirror keeps it: no format file and no lock. Its leaves must be ours.
// The origin is the checkpoint's. Errors: [ErrNone], [ErrDamaged].
func OpenTiles(dir string) (*Reader, error) {
	t := folder{dir}
	b, err := t.checkpoint()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", dir, ErrNone)
	}
	if err != nil {
		return nil, err
	}
	c, err := ledger.ReadCheckpoint(b)
	if err != nil {
		return nil, fmt.Errorf("%s: published checkpoint: %w: %w", dir, err, ErrDamaged)
	}
	return &Reader{tiles: t, origin: c.Origin}, nil
}

// Find returns a reader of the ledger that lies in dir: a ledger's folder
// ([OpenReader]), a bare tlog-tiles folder ([OpenTiles]), or a folder in which one of
// them is the folder ledger. at is where it lies.
func Find(dir string) (r *Reader, at string, err error) {
	for _, at := range []string{dir, filepath.Join(dir, "ledger")} {
		if r, err = OpenReader(at); err == nil {
			return r, at, nil
		}
		if !errors.Is(err, ErrNone) {
			return nil, at, err
		}
		if _, none := os.Stat(filepath.Join(at, layout.CheckpointPath)); none == nil {
			r, err = OpenTiles(at)
			return r, at, err
		}
	}
	return nil, dir, fmt.Errorf("%s: %w", dir, ErrNone)
}
