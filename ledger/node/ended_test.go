package node

import (
	"crypto/sha256"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/tesseralog"
)

// A ledger that has ended is read at an address of its own, by whoever reads ledgers.
func TestEnded(t *testing.T) {
	b := newBook(t)
	b.add(0, 300)
	b.publish()
	end := b.tree(b.size())
	final := filepath.Join(t.TempDir(), "final.note")
	if err := os.WriteFile(final, must[[]byte](t)(end.Sign(b.skey)), 0o600); err != nil {
		t.Fatal(err)
	}
	s := newState(t, newBook(t), func(c *Config) {
		c.Ended = []Ended{{Origin: aa, Tiles: tesseralog.TilesDir(b.dir), Final: final}}
	})
	at := "/ended/" + evidence.Hash(sha256.Sum256([]byte(aa))).String()
	n := dial(t, s.url+at)
	got := must[ledger.Checkpoint](t)(ledger.OpenCheckpoint(must[[]byte](t)(n.Log().Checkpoint(t.Context())), b.vkey))
	if got != end {
		t.Errorf("it ended at %v, not %v", got, end)
	}
	tree := n.Log().At(end.Size)
	if again := must[ledger.Checkpoint](t)(ledger.CheckpointOf(aa, end.Size, tree.Hashes(t.Context(), end.Size))); again != end {
		t.Errorf("its tiles have %v", again)
	}
	count := uint64(0)
	for _, err := range tree.Leaves(t.Context(), 0, end.Size) {
		if err != nil {
			t.Fatal(err)
		}
		count++
	}
	if count != end.Size {
		t.Errorf("%d leaves of %d", count, end.Size)
	}
	for _, path := range []string{"/ended/" + evidence.Hash{}.String() + "/checkpoint", at + "/tile/0/../../checkpoint", at + "/tile/data/000", at + "/tile/0/999", at} {
		if resp, body := s.get(t, "GET", path); resp.StatusCode != http.StatusNotFound && resp.StatusCode != http.StatusMovedPermanently && resp.StatusCode != http.StatusTemporaryRedirect {
			t.Errorf("%s: %d %q", path, resp.StatusCode, body)
		}
	}
}
