//go:build engines

package channel

import (
	"io/fs"
	"path/filepath"
	"testing"
)

// BenchmarkKept is what a peer and an orderer keep of an anchor that is alone in its
// block, as when each ledger is anchored at its own time.
func BenchmarkKept(b *testing.B) {
	w := start(b)
	followers, books := w.thirty(b.N/30 + 2)
	folders := map[string]string{"peer-B/anchor": "peer-AA", "orderer-B/anchor": "o1/ledger"}
	before := map[string]int64{}
	for unit, folder := range folders {
		before[unit] = sizeOf(b, filepath.Join(w.net.Dir(), folder))
	}
	b.ResetTimer()
	for i := range b.N {
		if err := w.anchorOnce(followers[i%30], books[i%30]); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	r := w.eventually(followers[0]) // keeps the proof of what is anchored already
	proof, _, err := followers[0].Kept(r.ID)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(len(proof)), "proof-B")
	for unit, folder := range folders {
		b.ReportMetric(float64(sizeOf(b, filepath.Join(w.net.Dir(), folder))-before[unit])/float64(b.N), unit)
	}
}

// sizeOf returns how many bytes the files of a folder have.
func sizeOf(t testing.TB, folder string) (n int64) {
	t.Helper()
	err := filepath.WalkDir(folder, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
