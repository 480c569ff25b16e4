package closed

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"golang.org/x/mod/sumdb/tlog"
)

const million = 1_000_000

// bigLog is a log of events with an epoch after every batch, or none.
type bigLog struct {
	leaves []ledger.Leaf
}

// newBigLog makes a log of n events. batch 0 means no epochs.
func newBigLog(b *testing.B, n, batch int) *bigLog {
	b.Helper()
	l := &bigLog{leaves: make([]ledger.Leaf, 0, n+n/max(batch, 1)+1)}
	m := New(testOrigin)
	for i := range n {
		leaf := testEvent(i)
		l.leaves = append(l.leaves, leaf)
		if batch == 0 {
			continue
		}
		if err := m.Add(leaf); err != nil {
			b.Fatal(err)
		}
		if (i+1)%batch == 0 {
			e := m.NextEpoch().Leaf()
			if err := m.Add(e); err != nil {
				b.Fatal(err)
			}
			l.leaves = append(l.leaves, e)
		}
	}
	return l
}

func (l *bigLog) Size(context.Context) (uint64, error) { return uint64(len(l.leaves)), nil }

func (l *bigLog) Hashes(context.Context, uint64) tlog.HashReader { return nil }

func (l *bigLog) Leaves(_ context.Context, from, to uint64) iter.Seq2[ledger.Leaf, error] {
	return func(yield func(ledger.Leaf, error) bool) {
		for _, leaf := range l.leaves[from:to] {
			if !yield(leaf, nil) {
				return
			}
		}
	}
}

// bigMap returns a file with a million seals, made once for all benchmarks and
// left in the system's folder for temporary files.
func bigMap(b *testing.B) string {
	b.Helper()
	path := filepath.Join(os.TempDir(), "custody-bench-closed-1M.map")
	if _, err := os.Stat(path); err == nil {
		return path
	} else if !errors.Is(err, fs.ErrNotExist) {
		b.Fatal(err)
	}
	building := path + ".building"
	m, err := Create(building, testOrigin)
	if err != nil {
		b.Fatal(err)
	}
	if err := m.Replay(b.Context(), newBigLog(b, million, 0)); err != nil {
		b.Fatal(err)
	}
	if err := errors.Join(m.Flush(), m.Close(), os.Rename(building, path)); err != nil {
		b.Fatal(err)
	}
	return path
}

// BenchmarkOne opens a map of a million seals and does what one act needs: is the
// seal closed, close it, the new root, a proof.
func BenchmarkOne(b *testing.B) {
	path := bigMap(b)
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n := million
	for b.Loop() {
		m, err := Open(path, testOrigin)
		if err != nil {
			b.Fatal(err)
		}
		n++
		leaf := testEvent(n)
		seal, _ := leaf.Seal()
		if _, _, closed, err := m.Get(seal); err != nil || closed {
			b.Fatal(closed, err)
		}
		if err := m.Add(leaf); err != nil {
			b.Fatal(err)
		}
		root := m.Root()
		p, err := m.Prove(seal)
		if err != nil {
			b.Fatal(err)
		}
		if err := p.VerifyClosed(root, seal, leaf.Hash()); err != nil {
			b.Fatal(err)
		}
		m.Close()
	}
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(b.N)/1024, "kB/op")
}

// BenchmarkFlushOne is BenchmarkOne's map, kept open, with one event and a durable
// flush per turn; it works on a copy.
func BenchmarkFlushOne(b *testing.B) {
	f, err := os.ReadFile(bigMap(b))
	if err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "map")
	if err := os.WriteFile(path, f, 0o600); err != nil {
		b.Fatal(err)
	}
	f = nil
	m, err := Open(path, testOrigin)
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	n := million
	for b.Loop() {
		n++
		if err := errors.Join(m.Add(testEvent(n)), m.Flush()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCompact writes the file of a million seals anew.
func BenchmarkCompact(b *testing.B) {
	f, err := os.ReadFile(bigMap(b))
	if err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "map")
	if err := os.WriteFile(path, f, 0o600); err != nil {
		b.Fatal(err)
	}
	f = nil
	m, err := Open(path, testOrigin)
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	for b.Loop() {
		if err := m.compact(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReplay builds the file of a map from a log of a million events.
func BenchmarkReplay(b *testing.B) {
	for name, batch := range map[string]int{"no-epochs": 0, "epoch-every-64": 64, "epoch-every-1": 1} {
		b.Run(name, func(b *testing.B) {
			log := newBigLog(b, million, batch)
			path := filepath.Join(b.TempDir(), "map")
			for b.Loop() {
				m, err := Create(path, testOrigin)
				if err != nil {
					b.Fatal(err)
				}
				if err := errors.Join(m.Replay(b.Context(), log), m.Flush(), m.Close()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(log.leaves))*float64(b.N)/b.Elapsed().Seconds(), "leaves/s")
		})
	}
}

// BenchmarkVerify checks a proof from a map of a million seals.
func BenchmarkVerify(b *testing.B) {
	m, err := Open(bigMap(b), testOrigin)
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	root := m.Root()
	bytes := 0
	const many = 256
	var proofs [many]Proof
	var seals [many]evidence.Seal
	for i := range many {
		seals[i] = testKey(million + i).Seal()
		if proofs[i], err = m.Prove(seals[i]); err != nil {
			b.Fatal(err)
		}
		bytes += 64 + 33*len(proofs[i].Path)
	}
	i := 0
	for b.Loop() {
		if err := proofs[i%many].VerifyUnbroken(root, seals[i%many]); err != nil {
			b.Fatal(err)
		}
		i++
	}
	b.ReportMetric(float64(bytes)/many, "B/proof")
}
