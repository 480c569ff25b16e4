package storetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
)

// Engine makes the stores that are tested.
type Engine struct {
	// New returns an empty store that nobody else uses. Before every change
	// that could fail on its own the engine asks fault, if it is not nil, and
	// says by op which change it is. With an error the change must fail; if
	// apply is set it must happen all the same.
	New func(t *testing.T, fault Fault) store.Store
	// Ops lists every op that a Put or Delete asks fault about.
	Ops []string
	// Recovers says that the engine tries again by itself, so that one failed change
	// may go unnoticed. Then every fault is met a second time as one that stays.
	Recovers bool
	// FaultSize is the size in bytes of the objects whose Puts fail; 0 is a little
	// more than 1 MiB. Faults are asked about from several goroutines at once.
	FaultSize int
	// Leftovers returns what is in the store beside whole objects, if the
	// engine can tell; it may be nil.
	Leftovers func(t *testing.T, s store.Store) []string
}

// Fault decides about one change: nil lets it happen.
type Fault func(op string) (apply bool, err error)

// Run tests that the engine keeps the contract of [store.Store].
func Run(t *testing.T, e Engine) {
	for _, c := range []struct {
		name string
		test func(*suite)
	}{
		{"RoundTrip", (*suite).roundTrip},
		{"Ranges", (*suite).ranges},
		{"Missing", (*suite).missing},
		{"WriteOnce", (*suite).writeOnce},
		{"WriteOnceRace", (*suite).writeOnceRace},
		{"Delete", (*suite).delete},
		{"List", (*suite).list},
		{"Invisible", (*suite).invisible},
		{"SourceFails", (*suite).sourceFails},
		{"Cancelled", (*suite).cancelled},
		{"Concurrent", (*suite).concurrent},
		{"Flat", (*suite).flat},
		{"PutFaults", (*suite).putFaults},
		{"DeleteFaults", (*suite).deleteFaults},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(&suite{t, e, context.Background()}) })
	}
}

type suite struct {
	*testing.T
	engine Engine
	ctx    context.Context
}

// open returns a store that is closed, and has been looked over, in the end.
func (t *suite) open(fault Fault) store.Store {
	t.Helper()
	s := t.engine.New(t.T, fault)
	t.Cleanup(func() {
		if t.engine.Leftovers != nil && fault == nil {
			if left := t.engine.Leftovers(t.T, s); len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
		}
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// content returns size bytes that depend on name, so that any part of any
// object can be told from every other.
func content(name evidence.ObjectName, size int) []byte {
	b := make([]byte, size)
	rand.NewChaCha8([32]byte(append(name[:], name[:]...))).Read(b)
	return b
}

func (t *suite) put(s store.Store, name evidence.ObjectName, size int) store.Info {
	t.Helper()
	info, err := s.Put(t.ctx, name, plain{bytes.NewReader(content(name, size))})
	if err != nil {
		t.Fatalf("put %d bytes: %v", size, err)
	}
	return info
}

// plain hides every method but Read.
type plain struct{ io.Reader }

// check reads name whole and compares.
func (t *suite) check(s store.Store, name evidence.ObjectName, size int) {
	t.Helper()
	got, err := store.ReadAll(t.ctx, s, name, int64(size))
	if err != nil || !bytes.Equal(got, content(name, size)) {
		t.Errorf("object of %d bytes: got %d, %v", size, len(got), err)
	}
	if info, err := s.Stat(t.ctx, name); err != nil || info.Name != name || info.Size != int64(size) {
		t.Errorf("stat of %d bytes: %+v, %v", size, info, err)
	}
}

// absent checks that no way leads to name.
func (t *suite) absent(s store.Store, name evidence.ObjectName) {
	t.Helper()
	if o, err := s.Open(t.ctx, name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("open: %v, want it missing", err)
		if err == nil {
			o.Close()
		}
	}
	if _, err := s.Stat(t.ctx, name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("stat: %v, want it missing", err)
	}
	for _, n := range t.names(s) {
		if n == name {
			t.Error("it is listed")
		}
	}
}

func (t *suite) names(s store.Store) []evidence.ObjectName {
	t.Helper()
	var names []evidence.ObjectName
	for info, err := range s.List(t.ctx) {
		if err != nil {
			t.Fatalf("list: %v", err)
		}
		names = append(names, info.Name)
	}
	return names
}

func (t *suite) roundTrip() {
	s := t.open(nil)
	for _, size := range []int{0, 1, 1 << 16, 1<<20 - 1, 1 << 20, 1<<20 + 1, 5<<20 + 3} {
		name := evidence.NewObjectName()
		info := t.put(s, name, size)
		want := evidence.Hash(sha256.Sum256(content(name, size)))
		if info.Name != name || info.Size != int64(size) || info.SHA256 != want {
			t.Errorf("put of %d bytes says %+v, want digest %s", size, info, want)
		}
		t.check(s, name, size)
	}
	name := evidence.NewObjectName() // by a reader that writes for itself
	info, err := s.Put(t.ctx, name, bytes.NewReader(content(name, 3<<20)))
	if err != nil || info.SHA256 != sha256.Sum256(content(name, 3<<20)) {
		t.Errorf("put: %+v, %v", info, err)
	}
	t.check(s, name, 3<<20)
}

func (t *suite) ranges() {
	s := t.open(nil)
	name, size := evidence.NewObjectName(), 1<<20+77
	t.put(s, name, size)
	want := content(name, size)
	o, err := s.Open(t.ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if o.Size() != int64(size) {
		t.Errorf("size %d", o.Size())
	}
	for _, c := range []struct{ offset, length, n int }{
		{0, 1, 1}, {0, size, size}, {size - 1, 1, 1}, {1<<20 - 3, 9, 9}, {size - 5, 50, 5}, {size, 1, 0}, {size + 9, 1, 0}, {7, 0, 0},
	} {
		p := make([]byte, c.length)
		n, err := o.ReadAt(p, int64(c.offset))
		if n != c.n || n < c.length && err != io.EOF || n == c.length && err != nil && err != io.EOF {
			t.Errorf("%d bytes at %d: %d, %v", c.length, c.offset, n, err)
		} else if n > 0 && !bytes.Equal(p[:n], want[c.offset:c.offset+n]) {
			t.Errorf("%d bytes at %d are others", c.length, c.offset)
		}
	}
}

func (t *suite) missing() {
	s := t.open(nil)
	name := evidence.NewObjectName()
	t.absent(s, name)
	if err := s.Delete(t.ctx, name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("delete: %v", err)
	}
}

func (t *suite) writeOnce() {
	s := t.open(nil)
	name := evidence.NewObjectName()
	t.put(s, name, 1000)
	for _, again := range [][]byte{content(name, 1000), []byte("other"), nil} {
		_, err := s.Put(t.ctx, name, bytes.NewReader(again))
		if !errors.Is(err, store.ErrExists) || !errors.Is(err, fs.ErrExist) {
			t.Errorf("second put: %v", err)
		}
	}
	t.check(s, name, 1000)
}

func (t *suite) delete() {
	s := t.open(nil)
	gone, stays := evidence.NewObjectName(), evidence.NewObjectName()
	t.put(s, gone, 100)
	t.put(s, stays, 200)
	if err := s.Delete(t.ctx, gone); err != nil {
		t.Fatal(err)
	}
	t.absent(s, gone)
	t.check(s, stays, 200)
	t.put(s, gone, 300)
	t.check(s, gone, 300)
}
