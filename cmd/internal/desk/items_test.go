package desk

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"example.org/custody/evidence"
)

// Whoever names an exhibit by its number is not given the item whose id happens to begin
// like it.
func TestFindAsksWhichItem(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian)
	one := sealedAs(t, s, "L-1")
	begins := one.ID.String()[:6]
	two := sealedAs(t, s, begins)
	if _, err := s.Find(t.Context(), begins); !errors.Is(err, ErrWhichItem) {
		t.Errorf("%s is how one begins and another's number: %v", begins, err)
	}
	for name, want := range map[string]*Item{"L-1": one, one.ID.String()[:8]: one, two.ID.String()[:8]: two} {
		if it, err := s.Find(t.Context(), name); err != nil || it.ID != want.ID {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// sealedAs is a small file sealed under an exhibit's number.
func sealedAs(t *testing.T, s *Session, exhibit string) *Item {
	t.Helper()
	file := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(file, []byte(exhibit), 0o600); err != nil {
		t.Fatal(err)
	}
	return s.mustSeal(t, Sealing{Paths: []string{file}, Fields: map[string]any{"exhibit": exhibit}})
}
