//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package tesseralog

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/transparency-dev/tessera/api/layout"
)

// overwrite replaces the file name with one that holds b, durably and at once.
func overwrite(name string, b []byte) (err error) {
	tmp := name + ".new"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(tmp, name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return syncDir(filepath.Dir(name))
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// syncTree syncs every folder in which tessera renamed a file when the tree grew
// from size from to size to, and the folders above them. The files themselves were
// written with O_SYNC.
func syncTree(root string, from, to uint64) error {
	dirs := map[string]bool{filepath.Join(root, filepath.Dir(treeState)): true}
	above := func(path string) {
		for d := filepath.Dir(path); d != "."; d = filepath.Dir(d) {
			dirs[filepath.Join(root, d)] = true
		}
	}
	for n := from / width; n*width < to; n++ {
		above(layout.EntriesPath(n, layout.PartialTileSize(0, n, to)))
	}
	for level := uint64(0); to>>(height*level) > 0; level++ {
		for n := from >> (height * level) / width; n*width < to>>(height*level); n++ {
			above(layout.TilePath(level, n, layout.PartialTileSize(level, n, to)))
		}
	}
	dirs[root] = true
	var errs []error
	for d := range dirs {
		errs = append(errs, syncDir(d))
	}
	return errors.Join(errs...)
}
