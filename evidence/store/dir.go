package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
)

// Dir is a store in a local folder: one file for each object, read-only, in sixteen
// sub-folders. One process at a time may write to it.
type Dir struct {
	path    string
	options Options
	lock    *durable.Lock
	cleaned int
}

// Options are for [Open]; the zero value is the usual case.
type Options struct {
	ReadOnly bool          // take no lock, clean nothing, refuse Put and Delete
	Files    durable.Files // faults, for tests
}

var _ Store = (*Dir)(nil)

// Open opens the store that [Create] made at path and removes what an
// interrupted Put left. It returns [durable.ErrInUse] while another process
// has it open for writing, [*FormatError], [ErrHalfMade] or [ErrNotStore].
func Open(path string, o Options) (*Dir, error) {
	if err := checkFormat(path); err != nil {
		return nil, err
	}
	d := &Dir{path: path, options: o}
	if o.ReadOnly {
		return d, nil
	}
	var err error
	if d.lock, err = durable.NewLock(filepath.Join(path, lockFile)); err != nil {
		return nil, err
	}
	if d.cleaned, err = o.Files.RemoveTemps(filepath.Join(path, tempDir)); err != nil {
		d.lock.Close()
		return nil, err
	}
	return d, nil
}

// Cleaned returns how many unfinished objects Open removed.
func (d *Dir) Cleaned() int { return d.cleaned }

// Close implements [Store].
func (d *Dir) Close() error {
	if d.lock == nil {
		return nil
	}
	return d.lock.Close()
}

func (d *Dir) shard(name evidence.ObjectName) string {
	return filepath.Join(d.path, objectsDir, name.String()[:1])
}

// Path returns the file that holds, or would hold, the object: for those who
// want to open it by hand.
func (d *Dir) Path(name evidence.ObjectName) string {
	return filepath.Join(d.shard(name), name.String())
}

// Open implements [Store].
func (d *Dir) Open(ctx context.Context, name evidence.ObjectName) (Object, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, err := os.Open(d.Path(name))
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	return dirObject{f, info.Size()}, nil
}

type dirObject struct {
	*os.File
	size int64
}

func (o dirObject) Size() int64 { return o.size }

// Stat implements [Store].
func (d *Dir) Stat(ctx context.Context, name evidence.ObjectName) (Info, error) {
	if err := ctx.Err(); err != nil {
		return Info{}, err
	}
	info, err := os.Lstat(d.Path(name))
	if err != nil {
		return Info{}, err
	}
	return Info{Name: name, Size: info.Size(), Stored: info.ModTime().UTC()}, nil
}

// List implements [Store]. A file that is not named like an object is none.
func (d *Dir) List(ctx context.Context) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		for i := range shards {
			for info, err := range d.listShard(ctx, byte(i)) {
				if !yield(info, err) || err != nil {
					return
				}
			}
		}
	}
}

func (d *Dir) listShard(ctx context.Context, shard byte) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		entries, err := os.ReadDir(d.shard(evidence.ObjectName{shard << 4}))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			yield(Info{}, err)
			return
		}
		for _, e := range entries { // in order of the name
			name, err := evidence.ParseObjectName(e.Name())
			if err != nil || name[0]>>4 != shard {
				continue
			}
			info, err := d.Stat(ctx, name)
			if errors.Is(err, fs.ErrNotExist) {
				continue // deleted meanwhile
			}
			if !yield(info, err) || err != nil {
				return
			}
		}
	}
}

// Delete implements [Store].
func (d *Dir) Delete(ctx context.Context, name evidence.ObjectName) error {
	if d.options.ReadOnly {
		return ErrReadOnly
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := d.options.Files.Remove(d.Path(name)); err != nil {
		return err
	}
	return d.options.Files.SyncDir(d.shard(name))
}

// Put implements [Store].
func (d *Dir) Put(ctx context.Context, name evidence.ObjectName, r io.Reader) (Info, error) {
	if d.options.ReadOnly {
		return Info{}, ErrReadOnly
	}
	if _, err := os.Lstat(d.Path(name)); err == nil { // sooner than after a terabyte
		return Info{}, fmt.Errorf("%s: %w", name, ErrExists)
	}
	t, err := d.options.Files.CreateTemp(filepath.Join(d.path, tempDir), 0o400)
	if err != nil {
		return Info{}, fmt.Errorf("put %s: %w", name, err)
	}
	info, err := fill(ctx, t, r)
	if err == nil {
		err = d.place(t.Name(), name)
	}
	if err != nil {
		os.Remove(t.Name()) // best effort: the next Open gets what stays
		return Info{}, fmt.Errorf("put %s: %w", name, err)
	}
	info.Name = name
	return info, nil
}

// place gives the finished temporary file its name.
func (d *Dir) place(temp string, name evidence.ObjectName) error {
	files := d.options.Files
	err := files.Place(temp, d.Path(name))
	if errors.Is(err, fs.ErrNotExist) { // a copy of a store may lack empty folders
		if err := files.Mkdir(d.shard(name)); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		if err := files.SyncDir(filepath.Join(d.path, objectsDir)); err != nil {
			return err
		}
		err = files.Place(temp, d.Path(name))
	}
	if errors.Is(err, fs.ErrExist) {
		return ErrExists
	}
	if err != nil {
		return err
	}
	return files.SyncDir(d.shard(name))
}
