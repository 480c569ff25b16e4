package ui

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// OutputOptions say how an output file may come about.
type OutputOptions struct {
	Force   bool     // replace a file that is there
	Private bool     // readable by its owner only
	Binary  bool     // refuse a terminal
	Inputs  []string // paths that are read; the output must be none of them
}

// Output is a file that appears whole or not at all: nothing is created before
// the first write, bytes go to a temporary file in the same folder, and Commit
// puts it in place, synced to disk. The path "-" is standard output.
type Output struct {
	path   string
	opt    OutputOptions
	direct io.Writer // standard output or a device: written without a detour
	temp   *os.File
	closed bool
}

// Output prepares to write path and reports now what would fail later: the file
// is there ([CodeExists]), it is an input ([CodeSameFile]), it is a terminal and
// the data binary ([CodeTerminal]), its folder is missing. The caller calls Close
// in any case and Commit when all is written.
func (t *Terminal) Output(path string, opt OutputOptions) (*Output, error) {
	if path == "-" {
		if opt.Binary && t.OutIsTerminal() {
			return nil, NewProblem(CodeTerminal, nil, "refusing to write binary data to the terminal")
		}
		return &Output{path: path, opt: opt, direct: t.out}, nil
	}
	o := &Output{path: path, opt: opt}
	if err := o.check(); err != nil {
		return nil, err
	}
	return o, nil
}

// Path returns where the output goes, "-" for standard output.
func (o *Output) Path() string { return o.path }

// check refuses a path that must not be written, and finds out whether it is a
// device or pipe, which is written directly.
func (o *Output) check() error {
	for _, in := range o.opt.Inputs {
		if sameFile(in, o.path) {
			return NewProblem(CodeSameFile, nil, "output %s is the input %s", o.path, in)
		}
	}
	info, err := os.Stat(o.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Stat(filepath.Dir(o.path)); err != nil {
			return NewProblem(codeOf(err), err, "cannot write %s", o.path)
		}
		return nil
	case err != nil:
		return NewProblem(codeOf(err), err, "cannot write %s", o.path)
	case info.IsDir():
		return NewProblem(CodeExists, nil, "output %s is a folder", o.path)
	case !info.Mode().IsRegular():
		o.direct, err = os.OpenFile(o.path, os.O_WRONLY, 0)
		if err != nil {
			return NewProblem(codeOf(err), err, "cannot write %s", o.path)
		}
		return nil
	case !o.opt.Force:
		return NewProblem(CodeExists, nil, "output %s is already there", o.path)
	}
	return nil
}

// Write writes to the temporary file, made at the first call.
func (o *Output) Write(p []byte) (int, error) {
	if o.direct != nil {
		return o.direct.Write(p)
	}
	if o.temp == nil {
		if err := o.create(); err != nil {
			return 0, err
		}
	}
	return o.temp.Write(p)
}

// create makes the temporary file beside the output.
func (o *Output) create() error {
	perm := fs.FileMode(0o666)
	if o.opt.Private {
		perm = 0o600
	}
	dir, base := filepath.Split(o.path)
	temp := filepath.Join(dir, "."+base+"."+rand.Text()[:8]+".tmp")
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return NewProblem(codeOf(err), err, "cannot write %s", o.path)
	}
	o.temp = f
	return nil
}

// Commit makes the file durable and puts it in place. A file that appeared there
// in the meantime is not replaced without Force. An output that nothing was
// written to becomes an empty file.
func (o *Output) Commit() error {
	if o.closed {
		return errors.New("internal error: output committed after it was closed")
	}
	if o.direct == nil && o.temp == nil {
		if err := o.create(); err != nil {
			return err
		}
	}
	if o.direct != nil {
		return o.Close()
	}
	if err := o.place(); err != nil {
		return NewProblem(codeOf(err), err, "cannot write %s", o.path)
	}
	o.closed = true
	return syncDir(filepath.Dir(o.path))
}

// place syncs the temporary file and gives it its name.
func (o *Output) place() error {
	if err := o.temp.Sync(); err != nil {
		return err
	}
	if err := o.temp.Close(); err != nil {
		return err
	}
	if o.opt.Force {
		return os.Rename(o.temp.Name(), o.path)
	}
	return renameNew(o.temp.Name(), o.path)
}

// Close removes what Commit did not put in place. It may be called after Commit
// and more than once.
func (o *Output) Close() error {
	if o.closed {
		return nil
	}
	o.closed = true
	if f, ok := o.direct.(*os.File); ok {
		return f.Close()
	}
	if o.temp == nil {
		return nil
	}
	o.temp.Close()
	return os.Remove(o.temp.Name())
}

// renameNew renames from to to unless to exists. A hard link decides it without
// a race; where the file system has none (FAT on a stick), looking first has to
// do.
func renameNew(from, to string) error {
	err := os.Link(from, to)
	if err == nil {
		return os.Remove(from)
	}
	if errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, err := os.Lstat(to); err == nil {
		return &fs.PathError{Op: "rename", Path: to, Err: fs.ErrExist}
	}
	return os.Rename(from, to)
}

// sameFile reports whether both paths lead to one file, by link or spelling.
func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
