package desk

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/evidence"
	"example.org/custody/evidence/vault"
	"example.org/custody/verify"
)

// What was erased by order is not lost, and what stays of it is where the vault says;
// what is lost all the same is reported.
func TestExamineErased(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian, evidence.RoleApprover)
	seal := func(what string) *Item {
		dir := t.TempDir()
		for _, name := range []string{"a", "b"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(what+name), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return s.mustSeal(t, Sealing{Paths: []string{dir}, Fields: map[string]any{"case": what}})
	}
	examine := func(want string) {
		t.Helper()
		checks, err := s.Examine(t.Context(), progress.None{})
		if err != nil {
			t.Fatal(err)
		}
		var bad []string
		for _, c := range checks {
			if c.Status == verify.Fails {
				bad = append(bad, c.Detail)
			}
		}
		if all := strings.Join(bad, "\n"); want == "" && all != "" || !strings.Contains(all, want) {
			t.Errorf("%q, want %q", all, want)
		}
	}
	part, whole := seal("part"), seal("whole")
	examine("")
	first := storedOf(t, part)[0]
	if _, err := s.keeper.vault.Erase(t.Context(), vault.Erasure{Item: part.ID, Files: []evidence.FileValue{first}}); err != nil {
		t.Fatal(err)
	}
	at, err := s.keeper.vault.Where(t.Context(), first.Stored.Object)
	if err != nil || at == first.Stored.Object {
		t.Fatalf("the pack was not written anew: %v, %v", at, err)
	}
	examine("")
	_, err = s.Dispose(t.Context(), Disposal{Item: whole, Order: "O", Second: string(evidence.RoleApprover), Erase: Erase{Files: true}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.keeper.vault.Where(t.Context(), storedOf(t, whole)[0].Stored.Object); !errors.Is(err, vault.ErrNoKey) {
		t.Fatalf("erased, and its key is there: %v", err)
	}
	examine("")
	if err := s.keeper.store.Delete(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	examine("is not in the store")
	lost := seal("lost")
	if err := os.Remove(s.path("vault", "keys", storedOf(t, lost)[0].Stored.Object.String()+".age")); err != nil {
		t.Fatal(err)
	}
	examine(vault.ErrNoKey.Error())
}

// storedOf returns the files of an item that have content, in order.
func storedOf(t *testing.T, it *Item) (stored []evidence.FileValue) {
	t.Helper()
	values, err := it.FileValues()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range slices.Sorted(maps.Keys(values)) {
		if values[n].Stored != nil {
			stored = append(stored, values[n])
		}
	}
	return stored
}
