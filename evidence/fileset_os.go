package evidence

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrSameName reports two paths that would have the same place in one file set.
var ErrSameName = errors.New("two of the paths have the same last part")

// OpenSource opens what is to be sealed: one folder, whose paths are then
// relative to it; or one file, or several files and folders, whose paths then
// begin with their own last part. The paths given are followed if they are
// symbolic links, because a person named them; nothing below them is.
//
// On Linux, files are opened so that reading does not touch their access time,
// where the system allows it. The caller must call Close when all is read.
func OpenSource(paths ...string) (*OSSource, error) {
	s := &OSSource{}
	for _, p := range paths {
		if err := s.open(p); err != nil {
			s.Close()
			return nil, err
		}
	}
	if len(s.tops) == 1 && s.tops[0].only == "" {
		s.tops[0].name = ""
	}
	return s, nil
}

// OSSource is a [Source] on the files of the operating system. It reaches
// nothing outside the paths it was opened for, whatever is done to them
// meanwhile (os.Root).
type OSSource struct {
	tops []top
}

// top is one path given.
type top struct {
	name string   // first part of its paths; empty for a single folder
	root *os.Root // the folder, or the one that the file is in
	only string   // the one file of root that counts; empty for a folder
}

func (s *OSSource) open(path string) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	path, err = filepath.Abs(path) // so that "." has a last part
	if err != nil {
		return err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	t := top{name: filepath.Base(path)}
	folder := path
	if !info.IsDir() {
		t.only, folder = t.name, filepath.Dir(path)
	}
	if _, ok := s.top(t.name); ok {
		return fmt.Errorf("%s: %w", path, ErrSameName)
	}
	t.root, err = os.OpenRoot(folder)
	if err == nil {
		s.tops = append(s.tops, t)
	}
	return err
}

// Close releases the folders.
func (s *OSSource) Close() error {
	var err error
	for _, t := range s.tops {
		err = errors.Join(err, t.root.Close())
	}
	return err
}

func (s *OSSource) top(name string) (top, bool) {
	for _, t := range s.tops {
		if t.name == name {
			return t, true
		}
	}
	return top{}, false
}

// find returns the folder that path is in, and path below it.
func (s *OSSource) find(op, path string) (*os.Root, string, error) {
	if len(s.tops) == 1 && s.tops[0].name == "" {
		return s.tops[0].root, filepath.FromSlash(path), nil
	}
	name, rest, _ := strings.Cut(path, "/")
	t, ok := s.top(name)
	switch {
	case !ok || t.only != "" && rest != "":
		return nil, "", &fs.PathError{Op: op, Path: path, Err: fs.ErrNotExist}
	case t.only != "":
		return t.root, t.only, nil
	case rest == "":
		return t.root, ".", nil
	}
	return t.root, filepath.FromSlash(rest), nil
}

// ReadDir implements [Source].
func (s *OSSource) ReadDir(dir string) ([]fs.DirEntry, error) {
	if dir == "." && !(len(s.tops) == 1 && s.tops[0].name == "") {
		return s.given()
	}
	root, below, err := s.find("readdir", dir)
	if err != nil {
		return nil, err
	}
	f, err := root.Open(below)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.ReadDir(-1)
}

// given lists the paths that the source was opened for.
func (s *OSSource) given() ([]fs.DirEntry, error) {
	var entries []fs.DirEntry
	for _, t := range s.tops {
		info, err := s.Lstat(t.name)
		if err != nil {
			return nil, err
		}
		entries = append(entries, named{fs.FileInfoToDirEntry(info), t.name})
	}
	return entries, nil
}

// named gives the root of a folder, which calls itself ".", its name.
type named struct {
	fs.DirEntry
	name string
}

func (n named) Name() string { return n.name }

// Lstat implements [Source].
func (s *OSSource) Lstat(path string) (fs.FileInfo, error) {
	root, below, err := s.find("lstat", path)
	if err != nil {
		return nil, err
	}
	return root.Lstat(below)
}

// Readlink implements [Source].
func (s *OSSource) Readlink(path string) (string, error) {
	root, below, err := s.find("readlink", path)
	if err != nil {
		return "", err
	}
	return root.Readlink(below)
}

// Open implements [Source].
func (s *OSSource) Open(path string) (fs.File, error) {
	root, below, err := s.find("open", path)
	if err != nil {
		return nil, err
	}
	f, err := root.OpenFile(below, os.O_RDONLY|openQuietly, 0)
	if openQuietly != openPlainly && errors.Is(err, fs.ErrPermission) {
		f, err = root.OpenFile(below, os.O_RDONLY|openPlainly, 0)
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// SameFile implements [Source].
func (s *OSSource) SameFile(a, b fs.FileInfo) bool { return os.SameFile(a, b) }
