package evidence

import (
	"cmp"
	"errors"
	"io/fs"
	"slices"
	"strings"
)

// Source is a folder as the walk sees it. Paths are slash-separated and
// relative to it, in the bytes the system gave, which need not be UTF-8; "."
// is the folder itself. All methods may be called concurrently.
//
// [OpenSource] gives the real one; tests put faults in.
type Source interface {
	// ReadDir lists a folder in any order. With an error it returns the
	// entries it could read.
	ReadDir(dir string) ([]fs.DirEntry, error)
	// Lstat describes path; it does not follow a symbolic link.
	Lstat(path string) (fs.FileInfo, error)
	// Readlink returns the target of a symbolic link.
	Readlink(path string) (string, error)
	// Open opens path for reading without waiting for a writer, as a named
	// pipe that took a file's place would make it.
	Open(path string) (fs.File, error)
	// SameFile reports whether two descriptions are of one file, not of two
	// with the same path.
	SameFile(a, b fs.FileInfo) bool
}

// Found is one thing that the walk of a folder met, its content not read yet.
type Found struct {
	Path     string   // the bytes the system gave
	Kind     FileKind // file, symlink, dir, special, unreadable or vanished
	Size     int64    // of a file when it was listed; it may be another when it is read
	Collides bool     // see [MarkCollisions]
	Target   string   // of a symlink
	Special  string   // of what is special
	Reason   string   // of what is unreadable
}

// Walk lists everything below the root of src in bytewise order of the path
// (spec/content.md "File sets"). It opens no file and follows no symbolic link;
// what cannot be listed is returned as unreadable or vanished. An empty root
// gives one entry, dir ".". Only a root that cannot be listed is an error.
func Walk(src Source) ([]Found, error) {
	w := &walker{src: src}
	entries, err := src.ReadDir(".")
	if err != nil && len(entries) == 0 {
		return nil, err
	}
	if err != nil {
		w.unlisted(".", err)
	}
	w.folder("", entries)
	if len(w.found) == 0 {
		w.found = append(w.found, Found{Path: ".", Kind: KindDir})
	}
	slices.SortFunc(w.found, func(a, b Found) int { return cmp.Compare(a.Path, b.Path) })
	MarkCollisions(w.found)
	return w.found, nil
}

type walker struct {
	src   Source
	found []Found
}

// folder adds what is in the folder whose paths begin with prefix.
func (w *walker) folder(prefix string, entries []fs.DirEntry) {
	for _, e := range entries {
		path := prefix + e.Name()
		info, err := e.Info()
		switch {
		case err != nil:
			w.unlisted(path, err)
		case info.IsDir():
			w.subfolder(path)
		default:
			w.add(path, info)
		}
	}
}

func (w *walker) subfolder(path string) {
	entries, err := w.src.ReadDir(path)
	switch {
	case err != nil:
		w.unlisted(path, err)
	case len(entries) == 0:
		w.found = append(w.found, Found{Path: path, Kind: KindDir})
	}
	w.folder(path+"/", entries)
}

func (w *walker) add(path string, info fs.FileInfo) {
	f := Found{Path: path, Kind: kindOf(info.Mode())}
	switch f.Kind {
	case KindFile:
		f.Size = info.Size()
	case KindSpecial:
		f.Special = specialText(info.Mode())
	case KindSymlink:
		target, err := w.src.Readlink(path)
		if err != nil {
			w.unlisted(path, err)
			return
		}
		f.Target = target
	}
	w.found = append(w.found, f)
}

func (w *walker) unlisted(path string, err error) {
	w.found = append(w.found, lost(Found{Path: path}, err))
}

// lost turns f into what an error of the system makes of it.
func lost(f Found, err error) Found {
	if errors.Is(err, fs.ErrNotExist) {
		f.Kind = KindVanished
	} else {
		f.Kind, f.Reason = KindUnreadable, reason(err)
	}
	return f
}

// reason returns what the system said, without the path around it: that stands
// in the record already, in its own member.
func reason(err error) string {
	var pe *fs.PathError
	for errors.As(err, &pe) {
		err = pe.Err
	}
	return strings.ToValidUTF8(err.Error(), "\uFFFD")
}
