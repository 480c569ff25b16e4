package audit

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/crossanchor"
	"example.org/custody/verify"
)

// Checkpoints of other ledgers that stand in this one are counted; a note that is here
// must be the one that its leaf names.
func TestAuditCrossed(t *testing.T) {
	note := newLiar(t, events(t, 3, honest)...).checkpoint()
	name := evidence.Hash(sha256.Sum256(note))
	l := newLiar(t, append(events(t, 3, honest), ledger.HashLeaf(ledger.TypeCheckpoint, name), ledger.HashLeaf(ledger.TypeCheckpoint, evidence.Hash{1}))...)
	folder := filepath.Join(l.dir, "crossanchor")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		note   []byte
		status verify.Status
		says   string
	}{
		{"whole", note, verify.Holds, "2 of their checkpoints are recorded; 1 notes are here, of 1 ledgers"},
		{"changed", append([]byte("x"), note...), verify.Undecided, "its bytes changed"},
	} {
		if err := os.WriteFile(crossanchor.NotePath(folder, name), c.note, 0o600); err != nil {
			t.Fatal(err)
		}
		got := l.audit()
		said := ""
		for _, check := range got.Checks {
			if check.Name == "other ledgers" {
				said = check.Detail
			}
		}
		if got.Status != c.status || !strings.Contains(said, c.says) {
			t.Errorf("%s: %s, %q", c.name, got.Status, said)
		}
	}
}
