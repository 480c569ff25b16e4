package closed

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"example.org/custody/evidence"
)

// withDisk puts wrap around every file that is opened until the test ends.
func withDisk(t testing.TB, wrap func(disk) disk) {
	before := openDisk
	openDisk = func(path string) (disk, error) {
		d, err := before(path)
		if err != nil {
			return nil, err
		}
		return wrap(d), nil
	}
	t.Cleanup(func() { openDisk = before })
}

// unsynced saves the time of fsync where no crash is simulated.
type unsynced struct{ disk }

func (unsynced) Sync() error { return nil }

func withoutSync(t testing.TB) {
	withDisk(t, func(d disk) disk { return unsynced{d} })
	withFsync(t, func(*os.File) error { return nil })
}

func withFsync(t testing.TB, f func(*os.File) error) {
	before := fsync
	fsync = f
	t.Cleanup(func() { fsync = before })
}

// recorder writes down what is written to a file, and where it was made durable.
type recorder struct {
	disk
	ops *[]op
}

type op struct {
	sync bool
	at   int64
	b    []byte
}

func (r recorder) WriteAt(b []byte, at int64) (int, error) {
	*r.ops = append(*r.ops, op{at: at, b: bytes.Clone(b)})
	return r.disk.WriteAt(b, at)
}

func (r recorder) Sync() error {
	*r.ops = append(*r.ops, op{sync: true})
	return nil
}

// history is a file before some flushes, the operations of these, and the states
// that the map had.
type history struct {
	before []byte
	ops    []op
	states []state // states[0] belongs to before; one more for each flush
	after  []byte
}

const historyKeys = 60

// record makes a map of some seals in a file and flushes it several times.
func record(t *testing.T) history {
	t.Helper()
	path := filepath.Join(t.TempDir(), "map")
	var h history
	withDisk(t, func(d disk) disk { return recorder{d, &h.ops} })
	m, err := Create(path, testOrigin)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	now := emptyState()
	flush := func(from, to int) {
		for i := from; i < to; i++ {
			if err := m.Add(testEvent(i)); err != nil {
				t.Fatal(err)
			}
			now.add(testEvent(i))
		}
		e := m.NextEpoch().Leaf()
		if err := m.Add(e); err != nil {
			t.Fatal(err)
		}
		now.add(e)
		if err := m.Flush(); err != nil {
			t.Fatal(err)
		}
		h.states = append(h.states, now.clone())
	}
	read := func() []byte {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	flush(0, 10)
	h.before, h.ops = read(), nil
	for i := 10; i < 30; i += 5 {
		flush(i, i+5)
	}
	h.after = read()
	return h
}

// memDisk is a file in memory.
type memDisk struct {
	*bytes.Reader
	disk
}

func (d memDisk) ReadAt(b []byte, at int64) (int, error) { return d.Reader.ReadAt(b, at) }
func (d memDisk) Stat() (fs.FileInfo, error)             { return memInfo{size: d.Reader.Size()}, nil }
func (d memDisk) Close() error                           { return nil }

type memInfo struct {
	fs.FileInfo
	size int64
}

func (i memInfo) Size() int64 { return i.size }

// expectBytes is expectOneOf for the bytes of a file.
func expectBytes(t *testing.T, b []byte, states []state) int {
	t.Helper()
	before := openDisk
	openDisk = func(string) (disk, error) { return memDisk{Reader: bytes.NewReader(b)}, nil }
	defer func() { openDisk = before }()
	return expectOneOf(t, "", states)
}

// expectOneOf opens a file and expects one of the states, or [ErrDamaged] from
// Open or from a read; never another answer. It returns which, or -1.
func expectOneOf(t *testing.T, path string, states []state) int {
	t.Helper()
	m, err := Open(path, testOrigin)
	if errors.Is(err, ErrDamaged) {
		return -1
	}
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	for i, s := range states {
		if s.pos != m.Covered() {
			continue
		}
		if m.Len() != uint64(len(s.seals)) || m.last != s.last || m.Root() != s.root() {
			t.Fatalf("state %d opened with another root, count or epoch", i)
		}
		for k := range historyKeys {
			seal := testKey(k).Seal()
			want, closed := s.seals[seal]
			leaf, index, ok, err := m.Get(seal)
			if errors.Is(err, ErrDamaged) {
				return -1
			}
			if err != nil || ok != closed || leaf != want || index != s.index[seal] {
				t.Fatalf("state %d says of key %d: %s, %d, %v, %v", i, k, leaf, index, ok, err)
			}
		}
		return i
	}
	t.Fatalf("opened at size %d, which is no state", m.Covered())
	return -1
}

// TestCrash stops the writing of a file between any two system calls, with any of
// the writes that were not synced yet lost, in part or whole.
func TestCrash(t *testing.T) {
	h := record(t)
	rnd := rand.New(rand.NewPCG(1, 2))
	durable := bytes.Clone(h.before)
	var pending []op
	flushed, syncs := 0, 0
	for i := range len(h.ops) + 1 {
		for range 40 {
			b := bytes.Clone(durable)
			for _, o := range pending {
				if n := len(o.b); rnd.IntN(3) > 0 {
					b = apply(b, op{at: o.at, b: o.b[:[]int{n, rnd.IntN(n + 1)}[rnd.IntN(2)]]})
				}
			}
			got := expectBytes(t, b, h.states[max(0, flushed-1):min(flushed+2, len(h.states))])
			if got < 0 {
				t.Fatalf("crash after operation %d: file is called damaged, but no durable byte is", i)
			}
			if got+max(0, flushed-1) < flushed {
				t.Fatalf("crash after operation %d: state %d came back after flush %d had returned", i, got+max(0, flushed-1), flushed)
			}
		}
		if i == len(h.ops) {
			break
		}
		if o := h.ops[i]; !o.sync {
			pending = append(pending, o)
			continue
		}
		for _, o := range pending {
			durable = apply(durable, o)
		}
		pending = nil
		if syncs++; syncs%2 == 0 {
			flushed++ // the second sync of a flush is its last call
		}
	}
	if flushed != len(h.states)-1 || !bytes.Equal(durable, h.after) {
		t.Fatalf("replayed %d flushes", flushed)
	}
}

func apply(b []byte, o op) []byte {
	if need := int(o.at) + len(o.b); len(b) < need {
		b = append(b, make([]byte, need-len(b))...)
	}
	copy(b[o.at:], o.b)
	return b
}

// TestFlip flips bits of every byte of a file.
func TestFlip(t *testing.T) {
	h := record(t)
	last := h.states[len(h.states)-2:]
	counts := map[int]int{}
	for i := range h.after {
		b := bytes.Clone(h.after)
		b[i] ^= byte(1 << (i % 8))
		if i%3 == 0 {
			b[i] = ^h.after[i]
		}
		counts[expectBytes(t, b, last)]++
	}
	// The newest header, its nodes, and what nobody reads.
	if counts[0] < headerSize || counts[-1] < nodeSize || counts[1] < nodesStart-2*headerSize {
		t.Errorf("older state %d times, damaged %d, newest %d", counts[0], counts[-1], counts[1])
	}
}

// TestTruncate cuts a file at every length.
func TestTruncate(t *testing.T) {
	h := record(t)
	counts := map[int]int{}
	for n := range h.after {
		counts[expectBytes(t, h.after[:n], h.states[len(h.states)-2:])]++
	}
	if counts[1] != 0 || counts[0] == 0 || counts[-1] < nodesStart {
		t.Errorf("older state %d times, damaged %d, newest %d", counts[0], counts[-1], counts[1])
	}
}

// TestZeroed replaces each node and page by zeros, as a lost write would.
func TestZeroed(t *testing.T) {
	h := record(t)
	for at := 0; at < len(h.after); {
		n := nodeSize
		if at < nodesStart {
			n = pageSize
		}
		b := bytes.Clone(h.after)
		clear(b[at : at+n])
		expectBytes(t, b, h.states[len(h.states)-2:])
		at += n
	}
}

// failing fails as told, before or after doing what was asked.
type failing struct {
	disk
	fail func(what string, at int64) (do bool, err error)
}

func (f failing) WriteAt(b []byte, at int64) (int, error) {
	do, err := f.fail("write", at)
	if do {
		if n, err := f.disk.WriteAt(b, at); err != nil {
			return n, err
		}
	}
	if err != nil {
		return 0, err
	}
	return len(b), nil
}

func (f failing) Sync() error {
	_, err := f.fail("sync", 0)
	return err
}

var errDisk = errors.New("no space left")

// TestFlushFaults fails each call of a flush, with and without effect. The map
// must go on in memory, and the file must open at one of the two states.
func TestFlushFaults(t *testing.T) {
	for call := range 4 { // nodes, sync, header, sync
		for _, do := range []bool{false, true} {
			n := -1
			withDisk(t, func(d disk) disk {
				return failing{d, func(string, int64) (bool, error) {
					if n < 0 {
						return true, nil
					}
					n++
					if n == call+1 {
						return do, errDisk
					}
					return true, nil
				}}
			})
			path := filepath.Join(t.TempDir(), "map")
			m, err := Create(path, testOrigin)
			if err != nil {
				t.Fatal(err)
			}
			now := emptyState()
			add := func(from, to int) {
				for i := from; i < to; i++ {
					if err := m.Add(testEvent(i)); err != nil {
						t.Fatal(err)
					}
					now.add(testEvent(i))
				}
			}
			add(0, 10)
			if err := m.Flush(); err != nil {
				t.Fatal(err)
			}
			old := now.clone()
			add(10, 20)
			n = 0
			if err := m.Flush(); !errors.Is(err, errDisk) {
				t.Fatalf("call %d: %v", call, err)
			}
			now.check(t, m, historyKeys)
			expectOneOf(t, path, []state{old, now})
			add(20, 30)
			n = -1
			err = m.Flush()
			if call == 0 && err != nil {
				t.Errorf("after a write that failed: %v", err)
			}
			if call > 0 && !errors.Is(err, errDisk) {
				t.Errorf("after call %d, of unknown outcome, a flush went on: %v", call, err)
			}
			now.check(t, m, historyKeys)
			m.Close()
			states := []state{old, now}
			if call > 0 {
				states[1] = old.clone()
				for i := 10; i < 20; i++ {
					states[1].add(testEvent(i))
				}
			}
			if got := expectOneOf(t, path, states); got < 0 || call == 0 && got != 1 {
				t.Errorf("call %d: reopened at state %d", call, got)
			}
		}
	}
}

// TestOpenOther opens what is not this log's map.
func TestOpenOther(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "map")
	m, err := Open(path, testOrigin)
	if err != nil {
		t.Fatal(err)
	}
	m.Close()
	if _, err := Open(path, evidence.Origin("bb.example/ledger")); !errors.Is(err, ErrOrigin) {
		t.Errorf("another log's: %v", err)
	}
	if _, err := Open(filepath.Join(dir, "none", "map"), testOrigin); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	for name, b := range map[string]string{"empty": "", "text": "hello", "zeros": string(make([]byte, 1<<14))} {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(b), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(p, testOrigin); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCompact flushes until the file is written anew.
func TestCompact(t *testing.T) {
	withoutSync(t)
	path := filepath.Join(t.TempDir(), "map")
	m, err := Create(path, testOrigin)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { m.Close() }()
	now := emptyState()
	shrunk := 0
	for i := range 1700 {
		if err := m.Add(testEvent(i)); err != nil {
			t.Fatal(err)
		}
		now.add(testEvent(i))
		before := m.file.header.nodes
		if err := m.Flush(); err != nil {
			t.Fatal(err)
		}
		if m.file.header.nodes < before {
			shrunk++
			if m.garbage() != 0 {
				t.Fatalf("%d nodes of garbage in a new file", m.garbage())
			}
		}
		if m.garbage() > max(minGarbage, m.live()) {
			t.Fatalf("%d nodes of garbage, %d alive", m.garbage(), m.live())
		}
	}
	if shrunk == 0 {
		t.Fatal("never written anew")
	}
	now.check(t, m, 1750)
	if err := m.Check(); err != nil {
		t.Fatal(err)
	}
	m.Close()
	if m, err = Open(path, testOrigin); err != nil {
		t.Fatal(err)
	}
	now.check(t, m, 1750)
}

// TestCompactFaults fails each fsync of writing a file anew.
func TestCompactFaults(t *testing.T) {
	for call, retry := range []bool{true, false} { // the new file, the folder
		path := filepath.Join(t.TempDir(), "map")
		m, err := Create(path, testOrigin)
		if err != nil {
			t.Fatal(err)
		}
		now := emptyState()
		for i := range 20 {
			if err := m.Add(testEvent(i)); err != nil {
				t.Fatal(err)
			}
			now.add(testEvent(i))
		}
		if err := m.Flush(); err != nil {
			t.Fatal(err)
		}
		n := 0
		withFsync(t, func(*os.File) error {
			if n++; n == call+1 {
				return errDisk
			}
			return nil
		})
		m.flushes++
		if err := m.compact(); !errors.Is(err, errDisk) {
			t.Fatalf("call %d: %v", call, err)
		}
		if retry {
			now.check(t, m, historyKeys)
			if err := m.compact(); err != nil {
				t.Fatal(err)
			}
			now.check(t, m, historyKeys)
		} else if err := m.Flush(); !errors.Is(err, errDisk) {
			t.Errorf("call %d: a later flush: %v", call, err)
		}
		m.Close()
		if got := expectOneOf(t, path, []state{now}); got != 0 {
			t.Errorf("call %d: reopened at state %d", call, got)
		}
	}
}
