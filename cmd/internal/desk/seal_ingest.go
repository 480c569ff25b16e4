package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"example.org/custody/evidence"
)

// Progress is told how far long work has come. Its methods may be called from
// several goroutines.
type Progress interface {
	// Stage begins a stage of the work: its name in one or two words, and its
	// totals in bytes and files, below 0 when not known.
	Stage(name string, bytes int64, files int)
	// File says that the next file is in work.
	File(name string)
	// Add counts bytes that are done.
	Add(n int64)
}

// noProgress tells nobody.
type noProgress struct{}

func (noProgress) Stage(string, int64, int) {}
func (noProgress) File(string)              {}
func (noProgress) Add(int64)                {}

// ingest reads what is sealed: the files and folders, and the photos.
func (s *Session) ingest(ctx context.Context, in *Sealing) ([]evidence.FileValue, error) {
	paths := append(append([]string{}, in.Paths...), in.Photos...)
	if len(paths) == 0 {
		return nil, nil
	}
	if err := s.apart(paths); err != nil {
		return nil, err
	}
	src, err := evidence.OpenSource(paths...)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	found, err := evidence.Walk(src)
	if err != nil {
		return nil, err
	}
	if len(found) > MaxFiles {
		return nil, fmt.Errorf("%d files and folders: %w", len(found), ErrTooManyFiles)
	}
	which := evidence.WithSHA256
	if in.SHA512 {
		which |= evidence.WithSHA512
	}
	bytes, files := totals(found)
	in.Progress.Stage("sealing", bytes, files)
	if s.DryRun {
		return digestOnly(ctx, src, found, which, in.Progress)
	}
	return s.keeper.ingest(ctx, s, src, found, which, in.Protected, in.Progress)
}

// ErrOwnHome reports evidence that the desk lies in, or that lies in the desk.
var ErrOwnHome = errors.New("the desk's own folder is no evidence")

// apart refuses paths that hold the home, or lie in it: its keys would be sealed
// with the evidence, while they change.
func (s *Session) apart(paths []string) error {
	home, err := filepath.EvalSymlinks(mustAbs(s.Dir))
	if err != nil {
		return err
	}
	for _, p := range paths {
		real, err := filepath.EvalSymlinks(mustAbs(p))
		if err != nil {
			return err
		}
		if within(real, home) || within(home, real) {
			return fmt.Errorf("%s: %w", p, ErrOwnHome)
		}
	}
	return nil
}

// within reports whether path is dir or lies below it.
func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// MaxFiles is how many files one item may have at a desk: an event's body is one
// document of at most [evidence.MaxCanonical] bytes, and paths may be long.
const MaxFiles = 100_000

// ErrTooManyFiles reports more than [MaxFiles] files, before any is read.
var ErrTooManyFiles = fmt.Errorf("one item takes %d at most", MaxFiles)

// totals counts what there is to read.
func totals(found []evidence.Found) (bytes int64, files int) {
	for _, f := range found {
		if f.Kind == evidence.KindFile {
			bytes, files = bytes+f.Size, files+1
		}
	}
	return bytes, files
}

// digestOnly reads what the walk found and stores nothing: a dry run.
func digestOnly(ctx context.Context, src evidence.Source, found []evidence.Found, which evidence.Algorithms, p Progress) ([]evidence.FileValue, error) {
	values := make([]evidence.FileValue, 0, len(found))
	for _, f := range found {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if f.Kind == evidence.KindFile {
			p.File(f.Path)
		}
		v, err := evidence.ReadFound(src, f, func(r io.Reader, _ int64) (evidence.Digests, error) {
			return evidence.DigestReader(counted{io.NopCloser(r), p}, which, nil)
		})
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}

// FileValues returns an item's files, by number from 1, as its first event that
// shows them says.
func (it *Item) FileValues() (map[int]evidence.FileValue, error) {
	out := map[int]evidence.FileValue{}
	v, err := it.First().View()
	if err != nil {
		return nil, err
	}
	for n, e := range v.Files() {
		if e.Form != evidence.Shown {
			continue
		}
		f, err := evidence.ParseFileValue(e.Value)
		if err != nil {
			return nil, fmt.Errorf("file/%d: %w", n, err)
		}
		out[n] = f
	}
	return out, nil
}
