//go:build engines

package channel

import (
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"example.org/custody/ledger/channel/channeltest"
)

// The chaincode beside one state's peer endorses other writes, refuses, says that the
// ledger is caught, or answers nothing of use, in turn: the others anchor, each time at the
// first attempt, nobody is accused, and it is said whose peer it is.
func TestEngineLiar(t *testing.T) {
	liar := filepath.Join(t.TempDir(), "liar")
	if out, err := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-o", liar, "example.org/custody/ledger/channel/chaincode").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	w := startOver(t, channeltest.Options{Programs: map[string]string{"CC": liar}})
	b := newBook(t, "ledger.AA", w.logs["AA"], make([]byte, 40)...)
	f := w.follower(b)
	for b.size = 1; b.size <= 20; b.size++ {
		r, err := w.round(f)
		if err != nil {
			t.Fatalf("round %d: %v", b.size, err)
		}
		if r.Tree != b.tree() || !slices.Equal(r.Endorsers, []string{"AA", "BB"}) {
			t.Fatalf("round %d: %+v", b.size, r)
		}
	}
	if w.oddOf("CC") == 0 {
		t.Error("nobody is told of the peer that lies")
	}
	t.Logf("odd: CC %d times, BB %d, AA %d", w.oddOf("CC"), w.oddOf("BB"), w.oddOf("AA"))
	w.whole(f, 20)
}
