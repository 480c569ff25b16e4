package inventory_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"example.org/custody/evidence"
	"example.org/custody/evidence/mla/inventory"
	"example.org/custody/spec"
	"example.org/custody/spec/spectest"
)

// vectors are the vectors whose name begins so: their files.
func vectors(t *testing.T, prefix string) map[string]map[string][]byte {
	t.Helper()
	names, err := fs.Glob(spec.Vectors, "vectors/"+prefix+"*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: %v", prefix, err)
	}
	all := map[string]map[string][]byte{}
	for _, name := range names {
		b, err := spec.Vectors.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files := map[string][]byte{}
		for _, f := range txtar.Parse(b).Files {
			files[f.Name] = f.Data
		}
		all[strings.TrimSuffix(path.Base(name), ".txtar")] = files
	}
	return all
}

func parse(t *testing.T, b []byte) *inventory.Inventory {
	t.Helper()
	inv, err := inventory.ParseInventory(b)
	if err != nil {
		t.Fatal(err)
	}
	return inv
}

// The reports, whose roots another program computed, are the ones made here, and
// each is proven from either side alone; a report that lies is not.
func TestDifferences(t *testing.T) {
	for name, files := range vectors(t, "inventory-") {
		if name == "inventory-refused" {
			continue
		}
		sent, received := parse(t, files["sent.txt"]), parse(t, files["received.txt"])
		report := bytes.TrimSuffix(files["difference.json"], []byte("\n"))
		d, err := inventory.ParseDifference(report)
		if err == nil {
			err = errors.Join(d.CheckSent(sent), d.CheckReceived(received))
		}
		if strings.HasPrefix(name, "inventory-lie-") {
			if !errors.Is(err, inventory.ErrDifference) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		made, err := inventory.Compare(sent, received).Marshal()
		if err != nil || !bytes.Equal(made, report) {
			t.Errorf("%s: made %s (%v)", name, made, err)
		}
		if d.Same() != (name == "inventory-same") {
			t.Errorf("%s: same: %t", name, d.Same())
		}
		checkSchema(t, report)
		var again bytes.Buffer
		if _, err := sent.WriteTo(&again); err != nil || !bytes.Equal(again.Bytes(), files["sent.txt"]) {
			t.Errorf("%s: written as %q (%v)", name, again.Bytes(), err)
		}
	}
}

// Either side alone finds each lie that the other side's set would show, unless
// the lie is about the other side only.
func TestEachLieIsFoundFromBothSides(t *testing.T) {
	for name, files := range vectors(t, "inventory-lie-") {
		d, err := inventory.ParseDifference(bytes.TrimSuffix(files["difference.json"], []byte("\n")))
		if err != nil {
			continue // found before anything is compared
		}
		if d.CheckSent(parse(t, files["sent.txt"])) == nil || d.CheckReceived(parse(t, files["received.txt"])) == nil {
			t.Errorf("%s: one side does not see it", name)
		}
	}
}

func checkSchema(t *testing.T, report []byte) {
	t.Helper()
	if err := spectest.Check(spectest.Schema(t, "difference"), report); err != nil {
		t.Error(err)
	}
}

func TestRefusedInventories(t *testing.T) {
	for name, b := range vectors(t, "inventory-refused")["inventory-refused"] {
		if _, err := inventory.ParseInventory(b); !errors.Is(err, inventory.ErrInventory) {
			t.Errorf("%s: %q: %v", name, b, err)
		}
	}
	if _, err := inventory.ParseInventory([]byte(strings.Repeat("0", 64) + "  a")); !errors.Is(err, inventory.ErrInventory) {
		t.Errorf("a last line without its end: %v", err)
	}
	if _, err := inventory.New([]inventory.Entry{{Name: "a"}, {Name: "b"}, {Name: "a"}}); !errors.Is(err, inventory.ErrInventory) {
		t.Errorf("a name twice: %v", err)
	}
}

// rows is a set of n rows, some of which seed changes.
func rows(n, seed int) []inventory.Entry {
	all := make([]inventory.Entry, 0, n)
	for i := range n {
		text := fmt.Sprint("row ", i)
		if seed > 0 && i%997 == seed {
			continue // left out
		}
		if seed > 0 && i%991 == seed {
			text += " changed"
		}
		all = append(all, inventory.Entry{Name: fmt.Sprintf("message %07d", i), SHA256: sha256.Sum256([]byte(text))})
	}
	return all
}

// Presence and absence of any name are proven with the root alone, and a proof of
// one thing proves nothing else.
func TestProofs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 20).Draw(t, "entries")
		inv, err := inventory.New(rows(n, 0))
		if err != nil {
			t.Fatal(err)
		}
		p, err := inventory.NewProver(inv)
		if err != nil {
			t.Fatal(err)
		}
		at := rapid.IntRange(-1, n).Draw(t, "row")
		name := fmt.Sprintf("message %07d", max(at, 0))
		if at < 0 {
			name = "a name before all"
		}
		if rapid.Bool().Draw(t, "between") {
			name += " and a half"
		}
		places, err := p.Prove(name)
		if err != nil {
			t.Fatal(err)
		}
		digest, there, err := inventory.Check(n, inv.Root(), name, places)
		want := inventoryHas(inv, name)
		if err != nil || there != (want != nil) || want != nil && digest != want.SHA256 {
			t.Fatalf("%s of %d: there %t: %v", name, n, there, err)
		}
		forge(t, inv, n, name, places)
	})
}

func inventoryHas(inv *inventory.Inventory, name string) *inventory.Entry {
	for _, e := range inv.Entries() {
		if e.Name == name {
			return &e
		}
	}
	return nil
}

// forge changes a proof in each way that would say something else.
func forge(t *rapid.T, inv *inventory.Inventory, n int, name string, places []inventory.Place) {
	refused := func(what string, count int, root evidence.Hash, name string, places []inventory.Place) {
		if _, _, err := inventory.Check(count, root, name, places); !errors.Is(err, inventory.ErrProof) {
			t.Fatalf("%s: %v", what, err)
		}
	}
	if len(places) == 0 {
		refused("nothing, of a set that is not empty", 1, evidence.Hash{1}, name, nil)
		return
	}
	refused("another root", n, evidence.Hash{1}, name, places)
	if inventoryHas(inv, name) != nil {
		refused("no entry around it", n, inv.Root(), name, nil)
		other := places[0]
		other.Entry.SHA256[0] ^= 1
		refused("another content", n, inv.Root(), name, []inventory.Place{other})
		refused("a name that stands behind it", n, inv.Root(), name+"a", append(places, places...))
		return
	}
	moved := places[0]
	moved.Index++
	refused("another place", n, inv.Root(), name, []inventory.Place{moved})
	if len(places) == 2 {
		refused("one of two neighbours", n, inv.Root(), name, places[1:])
	}
}

// Two deliveries of 100,000 rows are compared, and the report proven, well within
// the ten seconds that are promised.
func TestHundredThousandRows(t *testing.T) {
	begun := time.Now()
	d := compared(t, 100_000)
	if took := time.Since(begun); took > 10*time.Second && !raced {
		t.Errorf("took %s", took)
	}
	if len(d.Removed) != 101 || len(d.Changed) != 100 || len(d.Added) != 0 {
		t.Errorf("%d removed, %d changed, %d added", len(d.Removed), len(d.Changed), len(d.Added))
	}
}

// compared makes both inventories of n rows, reads them back, compares them and
// proves the report from both sides.
func compared(t testing.TB, n int) *inventory.Difference {
	var sets [2]*inventory.Inventory
	for i := range sets {
		inv, err := inventory.New(rows(n, i*5))
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if _, err := inv.WriteTo(&text); err != nil {
			t.Fatal(err)
		}
		if sets[i], err = inventory.Read(&text); err != nil {
			t.Fatal(err)
		}
	}
	d := inventory.Compare(sets[0], sets[1])
	if err := errors.Join(d.CheckSent(sets[0]), d.CheckReceived(sets[1])); err != nil {
		t.Fatal(err)
	}
	return d
}

func BenchmarkDifference(b *testing.B) {
	for b.Loop() {
		compared(b, 100_000)
	}
}

func FuzzParseInventory(f *testing.F) {
	f.Add([]byte(strings.Repeat("0", 64) + "  a\n" + strings.Repeat("1", 64) + "  b\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		inv, err := inventory.ParseInventory(b)
		if err != nil {
			return
		}
		var again bytes.Buffer
		if _, err := inv.WriteTo(&again); err != nil || !bytes.Equal(again.Bytes(), b) {
			t.Fatalf("%q becomes %q (%v)", b, again.Bytes(), err)
		}
	})
}

func FuzzParseDifference(f *testing.F) {
	f.Add([]byte(`{"added":[],"changed":[],"format":"custody/difference/v1","received":{"count":0,"root":"sha256:"},"removed":[],"sent":{"count":0,"root":"sha256:"}}`))
	empty, err := inventory.New(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if d, err := inventory.ParseDifference(b); err == nil && d.CheckSent(empty) == nil && d.Sent.Count != 0 {
			t.Fatal(d)
		}
	})
}
