//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package tesseralog

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"golang.org/x/mod/sumdb/note"
)

// Create makes an empty ledger in dir, which may exist; the signer's name becomes
// its origin for ever. What an interrupted Create has left is finished. Errors:
// [ErrExists], [ErrHalf], [ErrVersion], [evidence.ErrNotOrigin], [ErrUnavailable],
// [ledger.ErrInUse].
func Create(ctx context.Context, dir string, signer note.Signer) error {
	silence()
	o, err := evidence.ParseOrigin(signer.Name())
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	held, err := lock(dir)
	if err != nil {
		return err
	}
	return errors.Join(create(ctx, dir, o, signer), held.Close())
}

// create first makes the whole tiles folder under another name. The format file
// comes last: without it there is no ledger.
func create(ctx context.Context, dir string, o evidence.Origin, signer note.Signer) error {
	format, final := filepath.Join(dir, formatName), TilesDir(dir)
	switch _, err := readFormat(dir); {
	case err == nil:
		return fmt.Errorf("%s: %w", dir, ErrExists)
	case errors.Is(err, ErrHalf):
		if !unfinished(ctx, dir, o) {
			return err
		}
		return overwrite(format, formatText(o))
	case !errors.Is(err, ErrNone):
		return err
	}
	fresh := final + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	if err := makeTiles(ctx, fresh, signer); err != nil {
		return fmt.Errorf("new ledger in %s: %w", dir, err)
	}
	if err := os.Rename(fresh, final); err != nil {
		return err
	}
	if err := overwrite(format, formatText(o)); err != nil {
		return err
	}
	return syncDir(filepath.Dir(dir))
}

func makeTiles(ctx context.Context, path string, signer note.Signer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	_, _, err := appender(ctx, path, signer, 1)
	return err
}

// unfinished reports whether dir is what a Create of the same ledger leaves when
// it ends just before it writes the format file: a whole and empty log.
func unfinished(ctx context.Context, dir string, o evidence.Origin) bool {
	if _, err := os.Stat(filepath.Join(dir, formatName)); err == nil {
		return false
	}
	t := folder{TilesDir(dir)}
	if _, err := os.Stat(filepath.Join(t.root, treeState)); err != nil {
		return false
	}
	b, err := t.checkpoint()
	if err != nil {
		return false
	}
	c, err := ledger.ReadCheckpoint(b)
	_, errBundles := os.Stat(filepath.Join(t.root, "tile"))
	return err == nil && c.Origin == o && c.Size == 0 && os.IsNotExist(errBundles)
}
