package inspect

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"example.org/custody/spec"
)

// The files of the states' channel are known for what they are, and damaged ones are
// said to be.
func TestChannelFiles(t *testing.T) {
	b, err := spec.Vectors.ReadFile("vectors/anchor-committed.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range txtar.Parse(b).Files {
		want := map[string][2]string{"agreement.json": {"channel-agreement", "channel-anchors/1=sha256:"}, "proof.json": {"anchor-proof", "of 3 peers"}}[f.Name]
		if want[0] == "" {
			continue
		}
		file := filepath.Join(t.TempDir(), f.Name)
		data := bytes.TrimSuffix(f.Data, []byte("\n"))
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		i, err := Look(file)
		if err != nil || i.Kind != want[0] {
			t.Fatalf("%s: %+v, %v", f.Name, i, err)
		}
		found := false
		for _, fact := range i.Facts {
			found = found || strings.Contains(fact.Value, want[1])
		}
		if !found {
			t.Errorf("%s: %+v", f.Name, i.Facts)
		}
		if err := os.WriteFile(file, data[:len(data)-1], 0o600); err != nil {
			t.Fatal(err)
		}
		if i, err := Look(file); err == nil {
			t.Errorf("%s cut: %+v", f.Name, i)
		}
	}
}
