package vault_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/evidence/vault"
)

// TestSealedBefore: the same content is recognised under any name, at any time
// later, until it is erased as often as it was sealed (rule P25).
func TestSealedBefore(t *testing.T) {
	d := newDesk(t)
	first := d.seal(folder(t, map[string][]byte{"a": []byte("content"), "b": noise(1, 2*mib), "empty": {}}))
	again := map[string][]byte{"another name": []byte("content"), "b": noise(1, 2*mib-1), "c": {}, "d": noise(1, 2*mib)}
	check := func(want int) []evidence.FileValue {
		t.Helper()
		values, err := d.ingest(t.Context(), intake(t, folder(t, again)))
		if err != nil {
			t.Fatal(err)
		}
		for _, these := range [][]evidence.FileValue{values, nil} {
			if n, err := d.Earlier(these); err != nil || n != want {
				t.Errorf("sealed before: %d, want %d; %v", n, want, err)
			}
		}
		return values
	}
	check(2) // "another name" and "d"
	if err := d.Abandon(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.reopen()
	second := check(2) // "another name" and "d"
	if err := d.Commit(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	erase := func(values []evidence.FileValue) {
		t.Helper()
		if _, err := d.Erase(t.Context(), vault.Erasure{Item: evidence.ItemID{1}, Files: values}); err != nil {
			t.Fatal(err)
		}
	}
	erase(first)
	erase(first) // changes nothing
	check(3)     // and "b"
	if err := d.Abandon(t.Context()); err != nil {
		t.Fatal(err)
	}
	erase(second)
	check(0)
}

// TestRegisterSaysNothing: without its key the register does not tell known
// content.
func TestRegisterSaysNothing(t *testing.T) {
	files := map[string][]byte{"a": []byte("content")}
	var seen [][]byte
	for range 2 {
		d := newDesk(t)
		values := d.seal(folder(t, files))
		b, err := os.ReadFile(filepath.Join(d.dir, "vault", "register"))
		if err != nil || len(b) != 32 {
			t.Fatalf("%d bytes, %v", len(b), err)
		}
		if string(b) == string(values[0].Digests.Tree[:]) || string(b) == string(values[0].Digests.SHA256[:]) {
			t.Error("the register holds a digest of the content")
		}
		seen = append(seen, b)
	}
	if string(seen[0]) == string(seen[1]) {
		t.Error("two desks have the same entry")
	}
}

// TestCommitTwice: a sealing whose end was interrupted has one entry for each
// file, and what a cut left is no entry.
func TestCommitTwice(t *testing.T) {
	d := newDesk(t)
	d.seal(folder(t, map[string][]byte{"0": []byte("before")}))
	values, err := d.ingest(t.Context(), intake(t, folder(t, map[string][]byte{"a": []byte("x"), "b": []byte("y")})))
	if err != nil {
		t.Fatal(err)
	}
	register := filepath.Join(d.dir, "vault", "register")
	d.close()
	before, err := os.ReadFile(register)
	if err != nil || len(before) != 32 {
		t.Fatalf("%d bytes, %v", len(before), err)
	}
	if err := os.WriteFile(register, append(before, noise(1, 45)...), 0o600); err != nil { // power was lost while it was extended
		t.Fatal(err)
	}
	d.open()
	if n, err := d.Earlier(values); err != nil || n > 0 {
		t.Errorf("%d, %v", n, err)
	}
	if err := d.Commit(t.Context(), values); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(register)
	if err != nil || len(after) != 3*32 || string(after[:32]) != string(before) {
		t.Errorf("%d bytes, %v", len(after), err)
	}
	if err := os.WriteFile(register, after[:70], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Earlier(values); !errors.Is(err, vault.ErrDamaged) {
		t.Errorf("cut without a sealing under way: %v", err)
	}
}
