package desk

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/evidence"
	"example.org/custody/ledger"
)

// TestInterruptedSealing ends the process at each point of a sealing. Before the
// event is signed nothing of it is left; from then on everything is kept.
func TestInterruptedSealing(t *testing.T) {
	evidenceDir := t.TempDir()
	content := strings.Repeat("evidence ", 1000)
	if err := os.WriteFile(filepath.Join(evidenceDir, "a"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		until func(t *testing.T, s *Session, d *draft) error
		kept  bool
		said  []string
	}{
		"ingested": {func(*testing.T, *Session, *draft) error { return nil }, false, []string{"nothing of it is left"}},
		"signed": {func(t *testing.T, s *Session, d *draft) error {
			_, err := s.sign(t.Context(), d)
			return err
		}, false, []string{"nothing of it is left"}},
		"queued": {func(t *testing.T, s *Session, d *draft) error {
			e, err := s.sign(t.Context(), d)
			if err != nil {
				return err
			}
			_, err = s.enqueue([]*Entry{e}, nil)
			return err
		}, true, []string{"everything of it is kept", "it is logged now"}},
		"queued, and the act failed": {func(t *testing.T, s *Session, d *draft) error {
			e, err := s.sign(t.Context(), d)
			if err != nil {
				return err
			}
			if _, err = s.enqueue([]*Entry{e}, nil); err != nil {
				return err
			}
			return s.keeper.abandon(t.Context())
		}, true, []string{"it is logged now"}},
		"in the vault": {func(t *testing.T, s *Session, d *draft) error {
			_, err := s.perform(t.Context(), d)
			return err
		}, true, []string{"everything of it is kept"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := deskWith(t, evidence.RoleCustodian)
			d, _, err := s.as(t, evidence.RoleCustodian).collect(t.Context(), &Sealing{Paths: []string{evidenceDir}})
			if err == nil {
				err = c.until(t, s, d)
			}
			if err != nil {
				t.Fatal(err)
			}
			s = reopen(t, s, evidence.RoleCustodian)
			if len(s.Resumed) != len(c.said) {
				t.Errorf("it says %+v", s.Resumed)
			}
			for i, want := range c.said {
				if i < len(s.Resumed) && !strings.Contains(s.Resumed[i].What, want) {
					t.Errorf("it says %q, want %q", s.Resumed[i].What, want)
				}
			}
			checkKept(t, s, c.kept, content)
			s = reopen(t, s, evidence.RoleCustodian)
			if len(s.Resumed) != 0 {
				t.Errorf("the next one says %+v", s.Resumed)
			}
			checkKept(t, s, c.kept, content)
			// The same content again: it is known if, and only if, it was kept.
			_, err = s.Seal(t.Context(), Sealing{Paths: []string{evidenceDir}})
			if again := errors.Is(err, ErrAgain); again != c.kept || !again && err != nil {
				t.Errorf("sealed again: %v", err)
			}
		})
	}
}

// checkKept compares what the desk has with one sealed file, or nothing.
func checkKept(t *testing.T, s *Session, kept bool, content string) {
	t.Helper()
	all, err := s.All(t.Context())
	if err != nil || len(all) != map[bool]int{true: 1}[kept] {
		t.Fatalf("%d items, %v", len(all), err)
	}
	objects := 0
	for _, err := range s.keeper.store.List(t.Context()) {
		if objects++; err != nil {
			t.Fatal(err)
		}
	}
	if objects != len(all) {
		t.Errorf("%d objects of %d items", objects, len(all))
	}
	for _, it := range all {
		values, err := it.FileValues()
		if err != nil || len(values) != 1 {
			t.Fatalf("%d files, %v", len(values), err)
		}
		r, err := s.keeper.open(t.Context(), values[1])
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err = errors.Join(err, r.Close()); err != nil || string(got) != content {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	}
}

// TestRefusedSealingKeepsEvidence: an act that the ledger refused is kept, and so
// is what it is about (rule P14).
func TestRefusedSealingKeepsEvidence(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian).as(t, evidence.RoleCustodian)
	file := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	d, _, err := s.collect(t.Context(), &Sealing{Paths: []string{file}})
	if err != nil {
		t.Fatal(err)
	}
	e, err := s.sign(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	// Somebody closes the birth seal with another event.
	rival := ledger.EventLeaf(evidence.SealKey(e.Body.SealKey), evidence.Hash{1}, []byte("rival"))
	if _, err := s.append(t.Context(), []ledger.Leaf{rival}); err != nil {
		t.Fatal(err)
	}
	var closed *ledger.ClosedError
	if _, err := s.log(t.Context(), []*Entry{e}); !errors.As(err, &closed) {
		t.Fatalf("logged: %v", err)
	}
	if err := s.keeper.abandon(t.Context()); err != nil {
		t.Fatal(err)
	}
	values, err := (&Item{Entries: []*Entry{e}}).FileValues()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := s.keeper.digest(t.Context(), values[1], progress.None{}); err != nil {
			t.Errorf("the evidence of a refused act: %v", err)
		}
		s = reopen(t, s, evidence.RoleCustodian)
	}
}
