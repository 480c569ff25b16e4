//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package writer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/tesseralog"
)

// offerEnv makes the test binary a process that does to the ledger in the folder
// what one command of the tool does.
const offerEnv = "WRITER_BENCH_CHILD"

// million is a ledger of a million leaves, cosigned and audited, made once in a run.
var million = sync.OnceValues(func() (folder, error) {
	dir, err := os.MkdirTemp("", "million-*")
	if err != nil {
		return folder{}, err
	}
	madeMillion = dir
	f, err := makeFolder(dir)
	if err == nil {
		err = f.seed(1_000_000, 50_000)
	}
	return f, err
})

var madeMillion string // its folder, to be removed at the end

// seed fills the ledger with events, an epoch behind each batch, and has it audited.
func (f folder) seed(leaves, batch uint64) error {
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
	for n := uint64(0); n < leaves && err == nil; n += batch {
		err = appendBatch(l, m, ledgertest.Events(n, n+batch))
	}
	if err := errors.Join(err, m.Flush(), m.Close(), l.Close()); err != nil {
		return err
	}
	w, err := f.open(true)
	if err != nil {
		return err
	}
	for err = ErrQuorum; errors.Is(err, ErrQuorum); { // an auditor reads for longer than a round may take
		_, err = w.Checkpoint(context.Background())
	}
	return errors.Join(err, w.Close(), f.closeAuditor())
}

func appendBatch(l ledger.Log, m *closed.Map, leaves []ledger.Leaf) error {
	for _, leaf := range leaves {
		if err := m.Add(leaf); err != nil {
			return err
		}
	}
	leaves = append(leaves, m.NextEpoch().Leaf())
	if err := m.Add(leaves[len(leaves)-1]); err != nil {
		return err
	}
	_, err := l.Append(context.Background(), leaves)
	return err
}

// offer opens everything, logs one leaf, and closes everything, as a command does.
func offer(f folder) error {
	start := time.Now()
	w, err := f.open(true)
	if err != nil {
		return err
	}
	opened := time.Since(start)
	got, err := w.Submit(context.Background(), ledgertest.Event(uint64(time.Now().UnixNano())))
	if err != nil || got[0].Receipt == nil {
		return fmt.Errorf("%+v, %w", got, err)
	}
	logged := time.Since(start)
	if err := errors.Join(w.Close(), f.closeAuditor()); err != nil {
		return err
	}
	fmt.Println(opened.Microseconds(), logged.Microseconds(), time.Since(start).Microseconds(), peakMemory())
	return nil
}

// peakMemory returns the most memory that this process has had, in bytes; 0 when the
// system does not say.
func peakMemory() (n int64) {
	b, _ := os.ReadFile("/proc/self/status")
	if _, rest, ok := strings.Cut(string(b), "VmHWM:"); ok {
		fmt.Sscan(rest, &n)
	}
	return n << 10
}

// BenchmarkOffer is one act at a million leaves, each in a process of its own: ledger
// and map are opened, the leaf logged, cosigned by witness and auditor, and all closed
// again. The bounds: 300 ms and 150 MB for the whole command; the key derivation is
// not in it.
func BenchmarkOffer(b *testing.B) {
	f, err := million()
	if err != nil {
		b.Fatal(err)
	}
	var opened, logged, done, memory []float64
	for b.Loop() {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), offerEnv+"="+f.dir)
		out, err := cmd.Output()
		if err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		var o, l, d, m float64
		if _, err := fmt.Sscan(string(out), &o, &l, &d, &m); err != nil {
			b.Fatalf("%q: %v", out, err)
		}
		opened, logged, done, memory = append(opened, o/1000), append(logged, l/1000), append(done, d/1000), append(memory, m/1e6)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(opened), "open-ms")
	b.ReportMetric(median(logged), "receipt-ms")
	b.ReportMetric(median(done), "ms/offer")
	b.ReportMetric(median(memory), "MB")
}
