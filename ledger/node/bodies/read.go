package bodies

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"filippo.io/age"
)

// ErrErased reports a body that was erased.
var ErrErased = errors.New("the body was erased")

// Get returns a body, or [ErrErased].
func (s *Store) Get(ctx context.Context, ref Ref) (*Body, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	f, err := os.Open(s.path(ref.file))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrErased
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	plain, size, err := age.DecryptReaderAt(f, info.Size(), s.options.Identity)
	if err != nil || size < int64(ref.offset+ref.size) {
		return nil, fmt.Errorf("%s: %w: %w", info.Name(), ErrDamaged, err)
	}
	line := make([]byte, ref.size)
	if _, err := plain.ReadAt(line, int64(ref.offset)); err != nil {
		return nil, fmt.Errorf("%s: %w: %w", info.Name(), ErrDamaged, err)
	}
	if len(bytes.TrimLeft(line, " ")) == 0 {
		return nil, ErrErased
	}
	return Parse(line)
}

// All calls each for every body, in the order in which they were put.
func (s *Store) All(ctx context.Context, each func(Ref, *Body) error) error {
	numbers, err := s.numbers()
	if err != nil {
		return err
	}
	for _, n := range numbers {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.each(n, each); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) each(n uint64, each func(Ref, *Body) error) error {
	plain, err := s.open(n)
	if err != nil {
		return err
	}
	for at := 0; at < len(plain); {
		size := bytes.IndexByte(plain[at:], '\n')
		if size < 0 {
			return fmt.Errorf("file %d ends within a line: %w", n, ErrDamaged)
		}
		ref, line := Ref{n, at, size}, plain[at:at+size]
		at += size + 1
		if len(bytes.TrimLeft(line, " ")) == 0 {
			continue // erased
		}
		b, err := Parse(line)
		if err == nil {
			err = each(ref, b)
		}
		if err != nil {
			return fmt.Errorf("file %d: %w", n, err)
		}
	}
	return nil
}

// Erase destroys bodies: their files are written anew, under fresh keys, with spaces
// in the place of the lines, and what the old files held is overwritten. It may be
// repeated.
func (s *Store) Erase(ctx context.Context, refs ...Ref) error {
	byFile := map[uint64][]Ref{}
	for _, r := range refs {
		byFile[r.file] = append(byFile[r.file], r)
	}
	for n, refs := range byFile {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.blank(n, refs); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) blank(n uint64, refs []Ref) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	plain, err := s.open(n)
	if err != nil {
		return err
	}
	for _, r := range refs {
		if r.offset+r.size > len(plain) {
			return fmt.Errorf("file %d is shorter than it was: %w", n, ErrDamaged)
		}
		copy(plain[r.offset:], bytes.Repeat([]byte(" "), r.size))
	}
	sealed, err := s.seal(plain)
	if err != nil {
		return err
	}
	old, err := os.OpenFile(s.path(n), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer old.Close()
	if err := s.options.Files.WriteFile(s.path(n), sealed, 0o600); err != nil {
		return err
	}
	return s.options.Files.Overwrite(old)
}
