package bodies

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"filippo.io/age"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger/batch"
)

const (
	suffix = ".age"
	digits = 16
	most   = 1024             // bodies, or groups of them, in one file
	linger = time.Millisecond // about what a synchronisation takes
	some   = 8                // calls in one file are load
	every  = 25 * time.Millisecond
)

// ErrClosed reports use of a store after Close.
var ErrClosed = errors.New("the store of bodies is closed")

// Options are for [Open].
type Options struct {
	Identity   *age.X25519Identity // opens the files
	Recipients []age.Recipient     // whom they are encrypted to: Identity's own and the recovery recipient's
	Files      durable.Files       // faults, for tests
}

// Store is an open store. Its methods may be called concurrently.
type Store struct {
	dir     string
	options Options
	queue   *batch.Queue[*put]
	ended   chan struct{}

	next uint64 // number of the next file; the committer's

	mu sync.RWMutex // held for writing while a file is replaced
}

// Ref is where a body is. It is good for as long as the store is open.
type Ref struct {
	file         uint64
	offset, size int // of the line, in the plaintext
}

// put is one call of Put on its way.
type put struct {
	lines [][]byte
	refs  []Ref
	err   error
	done  chan struct{}
}

// Open opens the store in a folder that exists, and removes what an interrupted
// process left.
func Open(dir string, o Options) (*Store, error) {
	if _, err := o.Files.RemoveTemps(dir); err != nil {
		return nil, err
	}
	s := &Store{dir: dir, options: o, queue: batch.New[*put](most, linger).Pace(some, every), ended: make(chan struct{})}
	all, err := s.numbers()
	if err != nil {
		return nil, err
	}
	s.next = 1
	if len(all) > 0 {
		s.next = all[len(all)-1] + 1
	}
	go s.commitAll()
	return s, nil
}

// Close ends the store after what was given to it is durable.
func (s *Store) Close() error {
	s.queue.Close()
	<-s.ended
	return nil
}

func (s *Store) path(n uint64) string {
	return filepath.Join(s.dir, fmt.Sprintf("%0*d%s", digits, n, suffix))
}

// numbers lists the files, ascending.
func (s *Store) numbers() ([]uint64, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, err
	}
	var all []uint64
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), suffix)
		n, err := strconv.ParseUint(name, 10, 64)
		if !ok || err != nil || len(name) != digits || n == 0 {
			return nil, fmt.Errorf("%s: %w", e.Name(), ErrDamaged)
		}
		all = append(all, n)
	}
	slices.Sort(all)
	return all, nil
}

// Put makes bodies durable and returns where they are, in their order.
func (s *Store) Put(ctx context.Context, all ...*Body) ([]Ref, error) {
	if len(all) == 0 {
		return nil, ctx.Err()
	}
	p := &put{done: make(chan struct{})}
	for _, b := range all {
		line, err := evidence.Canonical(b)
		if err != nil {
			return nil, err
		}
		p.lines = append(p.lines, line)
	}
	if !s.queue.Put(p) {
		return nil, ErrClosed
	}
	select {
	case <-p.done:
		return p.refs, p.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *Store) commitAll() {
	defer close(s.ended)
	for {
		b, ok := s.queue.Take()
		if !ok {
			return
		}
		err := s.commit(b)
		s.queue.Done()
		for _, p := range b {
			p.err = err
			close(p.done)
		}
	}
}

// commit writes one file. A file that failed may be there or not; its number is not
// used again.
func (s *Store) commit(b []*put) error {
	n := s.next
	s.next++
	var plain bytes.Buffer
	for _, p := range b {
		for _, line := range p.lines {
			p.refs = append(p.refs, Ref{n, plain.Len(), len(line)})
			plain.Write(line)
			plain.WriteByte('\n')
		}
	}
	sealed, err := s.seal(plain.Bytes())
	if err != nil {
		return err
	}
	return s.options.Files.WriteNew(s.path(n), sealed, 0o600)
}

func (s *Store) seal(plain []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := age.Encrypt(&out, s.options.Recipients...)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}

// open returns the plaintext of a file.
func (s *Store) open(n uint64) ([]byte, error) {
	sealed, err := os.ReadFile(s.path(n))
	if err != nil {
		return nil, err
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), s.options.Identity)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", filepath.Base(s.path(n)), ErrDamaged, err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", filepath.Base(s.path(n)), ErrDamaged, err)
	}
	return plain, nil
}
