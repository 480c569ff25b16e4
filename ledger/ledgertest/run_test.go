package ledgertest

import (
	"context"
	"iter"
	"sync"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"golang.org/x/mod/sumdb/tlog"
)

// folders opens a Disk for each folder, and wraps what it opened.
func folders(wrap func(*MemLog) ledger.Log) Open {
	var mu sync.Mutex
	disks := map[string]*Disk{}
	return func(dir string) (ledger.Log, error) {
		mu.Lock()
		defer mu.Unlock()
		if disks[dir] == nil {
			disks[dir] = NewDisk("mem.example/1")
		}
		m, err := disks[dir].Open()
		if err != nil {
			return nil, err
		}
		return wrap(m), nil
	}
}

func TestMemLog(t *testing.T) {
	Run(t, folders(func(m *MemLog) ledger.Log { return m }))
}

// The engines below each break one promise.

type loseLast struct{ *MemLog } // acknowledges leaves it does not keep

func (l loseLast) Append(ctx context.Context, leaves []ledger.Leaf) ([]uint64, error) {
	n, _ := l.MemLog.Size(ctx)
	if len(leaves) < 2 {
		return l.MemLog.Append(ctx, leaves)
	}
	x, err := l.MemLog.Append(ctx, leaves[:len(leaves)-1])
	return append(x, n+uint64(len(leaves))-1), err
}

type backwards struct{ *MemLog } // appends a batch last leaf first

func (l backwards) Append(ctx context.Context, leaves []ledger.Leaf) ([]uint64, error) {
	var back []ledger.Leaf
	for i := range leaves {
		back = append(back, leaves[len(leaves)-1-i])
	}
	return l.MemLog.Append(ctx, back)
}

type rereads struct{ *MemLog } // ignores where a range starts

func (l rereads) Leaves(ctx context.Context, from, to uint64) iter.Seq2[ledger.Leaf, error] {
	return l.MemLog.Leaves(ctx, 0, to-from)
}

type wrongHashes struct{ *MemLog } // serves the tree as it is now for every size

func (l wrongHashes) Hashes(ctx context.Context, size uint64) tlog.HashReader {
	return tlog.HashReaderFunc(func(x []int64) ([]tlog.Hash, error) {
		l.disk.mu.Lock()
		defer l.disk.mu.Unlock()
		out := make([]tlog.Hash, len(x))
		for i := range x {
			out[i] = l.disk.hashes[min(x[i], int64(len(l.disk.hashes)-2))]
		}
		return out, nil
	})
}

type neverClosed struct{ *MemLog } // still appends after Close

func (l neverClosed) Append(ctx context.Context, leaves []ledger.Leaf) ([]uint64, error) {
	if l.disk.open == nil {
		return make([]uint64, len(leaves)), nil
	}
	return l.MemLog.Append(ctx, leaves)
}

type nameless struct{ *MemLog }

func (nameless) Origin() evidence.Origin { return "" }

func TestSuiteNotices(t *testing.T) {
	for name, test := range map[string]struct {
		wrap  func(*MemLog) ledger.Log
		fails string // the case that must fail
	}{
		"loses an acknowledged leaf": {func(m *MemLog) ledger.Log { return loseLast{m} }, "Order"},
		"turns a batch round":        {func(m *MemLog) ledger.Log { return backwards{m} }, "Order"},
		"reads another range":        {func(m *MemLog) ledger.Log { return rereads{m} }, "Ranges"},
		"serves wrong hashes":        {func(m *MemLog) ledger.Log { return wrongHashes{m} }, "Hashes"},
		"appends after Close":        {func(m *MemLog) ledger.Log { return neverClosed{m} }, "Closed"},
		"has no name":                {func(m *MemLog) ledger.Log { return nameless{m} }, "Empty"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, c := range cases {
				if c.name == test.fails && c.check(t.Context(), folders(test.wrap), t.TempDir()) == nil {
					t.Errorf("%s did not notice an engine that %s", c.name, name)
				}
			}
		})
	}
	forgets := func(string) (ledger.Log, error) { return NewDisk("mem.example/1").Open() }
	for _, c := range cases {
		if (c.name == "Reopen" || c.name == "InUse") && c.check(t.Context(), forgets, t.TempDir()) == nil {
			t.Errorf("%s did not notice an engine that forgets, and opens twice", c.name)
		}
	}
}

func TestVerifyNotices(t *testing.T) {
	event, rival := Event(1), Rival(1, 1)
	root := func(leaves ...ledger.Leaf) evidence.Hash {
		var in []closing
		for _, l := range leaves {
			s, _ := l.Seal()
			in = append(in, closing{s, l.Hash()})
		}
		return mapRoot(in)
	}
	epoch := func(c uint64, r evidence.Hash, prev uint64) ledger.Leaf {
		return ledger.Epoch{Covered: c, Root: r, Previous: prev}.Leaf()
	}
	bad := ledger.Leaf{9}
	for name, test := range map[string]struct {
		leaves []ledger.Leaf
		ok     bool
	}{
		"sound":            {[]ledger.Leaf{event, epoch(1, root(event), ledger.NoEpoch), Event(2), Event(3), epoch(3, root(event, Event(2)), 1)}, true},
		"closed twice":     {[]ledger.Leaf{event, rival}, false},
		"same leaf twice":  {[]ledger.Leaf{event, event}, false},
		"unknown type":     {[]ledger.Leaf{bad}, false},
		"wrong root":       {[]ledger.Leaf{event, epoch(1, root(rival), ledger.NoEpoch)}, false},
		"covers too much":  {[]ledger.Leaf{event, epoch(2, root(event), ledger.NoEpoch)}, false},
		"covered falls":    {[]ledger.Leaf{event, epoch(1, root(event), ledger.NoEpoch), epoch(0, root(), 1)}, false},
		"wrong previous":   {[]ledger.Leaf{event, epoch(1, root(event), 0)}, false},
		"previous is lost": {[]ledger.Leaf{epoch(0, root(), ledger.NoEpoch), epoch(0, root(), ledger.NoEpoch)}, false},
	} {
		d := NewDisk("mem.example/1")
		d.Force(test.leaves...)
		m, err := d.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Verify(t.Context(), m); (err == nil) != test.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFaults(t *testing.T) {
	for name, test := range map[string]struct {
		fault Fault
		keeps uint64
	}{
		"not persist":  {AndNotPersist(ErrFault), 0},
		"but persist":  {ButPersist(ErrFault), 3},
		"persist part": {AndPersistPart(2, ErrFault), 2},
	} {
		d := NewDisk("mem.example/1")
		d.OnAppend = test.fault
		m, _ := d.Open()
		if _, err := m.Append(t.Context(), Events(0, 3)); err != ErrFault {
			t.Errorf("%s: %v", name, err)
		}
		if n, _ := m.Size(t.Context()); n != test.keeps {
			t.Errorf("%s: kept %d leaves, want %d", name, n, test.keeps)
		}
		d.Crash()
		if _, err := m.Append(t.Context(), Events(5, 6)); err == nil {
			t.Errorf("%s: append after the crash: no error", name)
		}
	}
}
