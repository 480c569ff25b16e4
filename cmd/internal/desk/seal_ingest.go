package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/evidence"
	"example.org/custody/evidence/vault"
)

// ingest reads what is sealed: the files and folders, and the photos. each is
// given what is to be recorded of them, in order.
func (s *Session) ingest(ctx context.Context, in *Sealing, each func(evidence.FileValue) error) error {
	paths := append(append([]string{}, in.Paths...), in.Photos...)
	if len(paths) == 0 {
		return nil
	}
	if err := s.apart(paths); err != nil {
		return err
	}
	src, err := evidence.OpenSource(paths...)
	if err != nil {
		return err
	}
	defer src.Close()
	found, err := evidence.Walk(src)
	if err != nil {
		return err
	}
	if len(found) > MaxFiles {
		return fmt.Errorf("%d files and folders: %w", len(found), ErrTooManyFiles)
	}
	if leastRecord(found) > maxRecord {
		return ErrLongPaths
	}
	which := evidence.WithSHA256
	if in.SHA512 {
		which |= evidence.WithSHA512
	}
	bytes, files := totals(found)
	in.Progress.Stage("sealing", bytes, files)
	if s.DryRun {
		return digestOnly(ctx, src, found, which, in.Progress, each)
	}
	return s.keeper.ingest(ctx, vault.Intake{
		Source: src, Found: found, Which: which, Protected: in.Protected, Progress: in.Progress, Each: each,
	})
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
func digestOnly(ctx context.Context, src evidence.Source, found []evidence.Found, which evidence.Algorithms, p progress.Sink, each func(evidence.FileValue) error) error {
	for _, f := range found {
		if err := ctx.Err(); err != nil {
			return err
		}
		if f.Kind == evidence.KindFile {
			p.File(f.Path)
		}
		v, err := evidence.ReadFound(src, f, func(r io.Reader, _ int64) (evidence.Digests, error) {
			return evidence.DigestReader(progress.Reader(r, p), which, nil)
		})
		if err == nil {
			err = each(v)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// FileValues returns an item's files, by number from 1, as its first event that
// shows them says. For what looks at one file after the other eachFile takes less
// memory.
func (it *Item) FileValues() (map[int]evidence.FileValue, error) {
	out := map[int]evidence.FileValue{}
	err := it.First().eachFile(func(n int, v evidence.FileValue) error {
		out[n] = v
		return nil
	})
	return out, err
}

// eachFile calls do with every file that the event's record shows, by number from
// 1, ascending, until it returns an error.
func (e *Entry) eachFile(do func(n int, v evidence.FileValue) error) error {
	v, err := e.View()
	if err != nil {
		return err
	}
	for n, entry := range v.Files() {
		if entry.Form != evidence.Shown {
			continue
		}
		f, err := evidence.ParseFileValue(entry.Value)
		if err != nil {
			return fmt.Errorf("file/%d: %w", n, err)
		}
		if err := do(n, f); err != nil {
			return err
		}
	}
	return nil
}
