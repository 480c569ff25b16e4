//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package writer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/tesseralog"
)

// BenchmarkGrowth measures what a ledger of 10,000, 100,000 and 1,000,000 leaves costs,
// an epoch behind every 256 events: bytes on disk for each leaf, of the log and of the
// map; memory in use once it is open and has answered for a hundred seals; the bytes of
// a receipt and of the proof that a seal is closed, on average.
func BenchmarkGrowth(b *testing.B) {
	sizes := []uint64{10_000, 100_000, 1_000_000}
	if testing.Short() {
		sizes = sizes[:2]
	}
	for _, size := range sizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			for range b.N {
				if err := growth(b, size); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func growth(b *testing.B, size uint64) error {
	b.Helper()
	f, err := makeFolder(ledgertest.Folder(b))
	if err != nil {
		return err
	}
	if err := f.fill(size, 256); err != nil {
		return err
	}
	log, errL := onDisk(f.path("ledger"))
	seals, errM := onDisk(f.path("closed.map"))
	if err := errors.Join(errL, errM); err != nil {
		return err
	}
	before, begun := heap(), time.Now()
	w, err := f.open(false)
	if err != nil {
		return err
	}
	defer w.Close()
	opened := time.Since(begun)
	receipt, proof, err := proofs(w, 100)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(log)/float64(size), "log-B/leaf")
	b.ReportMetric(float64(seals)/float64(size), "map-B/leaf")
	b.ReportMetric(float64(heap()-before)/1e6, "MB")
	b.ReportMetric(float64(opened)/1e6, "open-ms")
	b.ReportMetric(receipt, "receipt-B")
	b.ReportMetric(proof, "map-proof-B")
	return err
}

// fill writes at least so many leaves, and publishes them.
func (f folder) fill(leaves, batch uint64) error {
	signer, _, err := f.logKey()
	if err != nil {
		return err
	}
	l, err := tesseralog.Open(context.Background(), f.path("ledger"), signer)
	if err != nil {
		return err
	}
	m, err := closed.Create(f.path("closed.map"), testOrigin)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	var gathered []ledger.Leaf
	for n := uint64(0); m.Covered() < leaves && err == nil; n += batch {
		for _, leaf := range ledgertest.Events(n, n+batch) {
			gathered, err = append(gathered, leaf), errors.Join(err, m.Add(leaf))
		}
		e := m.NextEpoch().Leaf()
		gathered, err = append(gathered, e), errors.Join(err, m.Add(e))
		if err == nil && (len(gathered) > 50_000 || m.Covered() >= leaves) {
			_, err = l.Append(context.Background(), gathered)
			gathered = nil
		}
	}
	return errors.Join(err, m.Flush(), m.Close(), l.Close())
}

// onDisk returns the bytes of the files below a path.
func onDisk(path string) (n int64, err error) {
	err = filepath.WalkDir(path, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	return n, err
}

// heap is the memory in use after collecting what is not.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse)
}

// proofs returns the mean sizes of n receipts and of n proofs from the map.
func proofs(w *Writer, n uint64) (receipt, proof float64, err error) {
	for i := range n {
		leaf := ledgertest.Event(i * (w.Size() / 2 / n))
		got, err := w.Submit(context.Background(), leaf)
		if err != nil {
			return 0, 0, err
		}
		if got[0].Receipt == nil {
			return 0, 0, fmt.Errorf("no receipt: %+v", got[0])
		}
		receipt += float64(len(got[0].Receipt.Marshal()))
		seal, _ := leaf.Seal()
		p, err := w.Map.Prove(seal)
		if err != nil {
			return 0, 0, err
		}
		text, err := evidence.Canonical(p)
		if err != nil {
			return 0, 0, err
		}
		proof += float64(len(text))
	}
	return receipt / float64(n), proof / float64(n), nil
}
