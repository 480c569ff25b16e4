package desk_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/check"
	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
)

// A home that another process has can be looked at, and changes nothing.
func TestLookWhileInUse(t *testing.T) {
	out := toured(t)
	dir := out.Homes[1]
	other, err := desk.Open(dir)
	must(t, err)
	busy, err := other.Unlock(t.Context(), "lab", out.Passphrase)
	must(t, err)
	before := contents(t, dir)

	h, err := desk.OpenToLook(dir)
	must(t, err)
	if !errors.Is(h.Stuck(), desk.ErrHomeInUse) || h.Quiet() {
		t.Errorf("quiet %t, stuck: %v", h.Quiet(), h.Stuck())
	}
	s, err := h.Unlock(t.Context(), "lab", out.Passphrase)
	must(t, err)
	items, err := s.List(t.Context(), desk.Filter{})
	must(t, err)
	if len(items) != 4 {
		t.Errorf("%d items", len(items))
	}
	it, err := s.Find(t.Context(), "E-1")
	must(t, err)
	_, err = s.History(it)
	must(t, err)
	_, err = s.Show(it)
	must(t, err)
	_, err = s.Examine(t.Context(), progress.None{})
	must(t, err)
	if _, err := s.Do(t.Context(), desk.Act{Item: it, Action: evidence.Examine, Fields: map[string]any{"purpose": "x"}}); !errors.Is(err, desk.ErrHomeInUse) {
		t.Errorf("an act: %v", err)
	}
	if _, err := s.Seal(t.Context(), desk.Sealing{Paths: []string{filepath.Join(out.Dir, "sample")}, Again: "again"}); !errors.Is(err, durable.ErrReadOnly) && !errors.Is(err, desk.ErrHomeInUse) {
		t.Errorf("a sealing: %v", err)
	}
	if err := s.UseCosigners(); !errors.Is(err, desk.ErrHomeInUse) {
		t.Errorf("other cosigners: %v", err)
	}
	if err := s.NoteCheck(); !errors.Is(err, desk.ErrHomeInUse) {
		t.Errorf("a note: %v", err)
	}
	must(t, s.Close())
	if after := contents(t, dir); len(after) != len(before) {
		t.Errorf("%d files were %d", len(after), len(before))
	}
	must(t, busy.Close())
}

// An index that was lost or damaged hides items until somebody looks, and is then made
// anew.
func TestIndexMadeAnew(t *testing.T) {
	out := toured(t)
	h, err := desk.Open(out.Homes[1])
	must(t, err)
	s, err := h.Unlock(t.Context(), "lab", out.Passphrase)
	must(t, err)
	defer s.Close()
	found, err := filepath.Glob(filepath.Join(out.Homes[1], "index", "*.age"))
	must(t, err)
	for i, file := range found {
		if i%2 == 0 {
			must(t, os.Remove(file))
		} else {
			must(t, os.WriteFile(file, []byte("damaged"), 0o600))
		}
	}
	if _, err := s.Find(t.Context(), "E-1"); err == nil {
		t.Fatal("it was found without an index")
	}
	for _, want := range []string{"made anew", "every item is found"} {
		checks, err := s.Examine(t.Context(), progress.None{})
		must(t, err)
		if !slices.ContainsFunc(checks, func(c check.Check) bool { return c.Name == "index" && strings.Contains(c.Detail, want) }) {
			t.Errorf("no check says %q: %+v", want, checks)
		}
	}
	_, err = s.Find(t.Context(), "E-1")
	must(t, err)
	if items, err := s.InCase(t.Context(), "TOUR-1"); err != nil || len(items) != 2 {
		t.Errorf("%d items of the case, %v", len(items), err)
	}
}
