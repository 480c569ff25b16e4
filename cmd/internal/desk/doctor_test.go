package desk_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/verify"
)

// toured makes two desks after a handoff.
func toured(t *testing.T) *desk.Toured {
	t.Helper()
	out, err := desk.Tour(t.Context(), desk.Touring{Daemon: desk.Daemon(t),
		Dir: filepath.Join(ledgertest.Folder(t), "d"), Progress: progress.None{}, Say: func(string, string) {},
		Report: func(*verify.SenderVerdict) ([]byte, error) {
			return []byte("<!doctype html><title>sender</title>\n"), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// unwell returns the checks that do not hold, by name without what it is about.
func unwell(t *testing.T, dir string, at time.Time) map[string]verify.Status {
	t.Helper()
	h, err := desk.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if !at.IsZero() {
		h.Now = func() time.Time { return at }
	}
	bad := map[string]verify.Status{}
	for _, c := range h.Doctor() {
		if c.Status == verify.Holds {
			continue
		}
		if c.Detail == "" || c.Do == "" {
			t.Errorf("%s says %q and what to do is %q", c.Name, c.Detail, c.Do)
		}
		name, _, _ := strings.Cut(c.Name, ".")
		bad[name] = c.Status
	}
	return bad
}

// Each thing that can be wrong with a home is found, and nothing else is said.
func TestDoctor(t *testing.T) {
	out := toured(t)
	aa, bb := out.Homes[0], out.Homes[1]
	h, err := desk.Open(bb)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.NoteBackup(time.Now().UTC()); err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if bad := unwell(t, bb, time.Time{}); len(bad) != 0 {
		t.Fatalf("a good home: %v", bad)
	}
	for _, tt := range []struct {
		name  string
		spoil func() (back func())
		at    time.Time
		want  map[string]verify.Status
	}{
		{name: "key for others", spoil: mode(t, filepath.Join(bb, "keys", "lab.key"), 0o644), want: map[string]verify.Status{"keys": verify.Fails}},
		{name: "no card", spoil: away(t, filepath.Join(bb, "keys", "lab.card")), want: map[string]verify.Status{"keys": verify.Fails}},
		{name: "no key", spoil: away(t, filepath.Join(bb, "keys", "lab.key")), want: map[string]verify.Status{"keys": verify.Fails}},
		{name: "no list", spoil: away(t, filepath.Join(bb, "trust", "list.note")), want: map[string]verify.Status{"trust": verify.Undecided, "clock": verify.Undecided}},
		{name: "another's list", spoil: flipped(t, filepath.Join(bb, "trust", "list.note")), want: map[string]verify.Status{"trust": verify.Fails, "clock": verify.Undecided}},
		{name: "no store", spoil: away(t, filepath.Join(bb, "store", "FORMAT")), want: map[string]verify.Status{"store": verify.Fails}},
		{name: "no checkpoint", spoil: away(t, filepath.Join(bb, "ledger", "log", "checkpoint")), want: map[string]verify.Status{"ledger": verify.Fails}},
		{name: "no cosigner", spoil: away(t, filepath.Join(aa, "cosigner")), want: map[string]verify.Status{"cosigners": verify.Fails}},
		{name: "refused act", spoil: added(t, filepath.Join(bb, "queue", "refused", "x.age")), want: map[string]verify.Status{"queue": verify.Undecided}},
		{name: "act not logged", spoil: added(t, filepath.Join(bb, "queue", "x.age")), want: map[string]verify.Status{"queue": verify.Undecided}},
		{name: "list soon over", spoil: nothing, at: time.Now().UTC().AddDate(1, 0, -5), want: map[string]verify.Status{"trust": verify.Undecided, "backup": verify.Undecided}},
		{name: "list over", spoil: nothing, at: time.Now().UTC().AddDate(1, 0, 5), want: map[string]verify.Status{"trust": verify.Undecided, "backup": verify.Undecided}},
		{name: "clock behind", spoil: nothing, at: time.Now().UTC().AddDate(0, 0, -2), want: map[string]verify.Status{"clock": verify.Fails}},
		{name: "state lost", spoil: away(t, filepath.Join(bb, "state.json")), want: map[string]verify.Status{"backup": verify.Undecided}},
	} {
		back := tt.spoil()
		if got := unwell(t, bb, tt.at); !maps.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
		back()
	}
	if bad := unwell(t, bb, time.Time{}); len(bad) != 0 {
		t.Errorf("put right again: %v", bad)
	}
}

func nothing() (back func()) { return func() {} }

// must fails the test for an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// away takes a file or folder out of its place.
func away(t *testing.T, path string) func() (back func()) {
	return func() func() {
		must(t, os.Rename(path, path+".away"))
		return func() { must(t, os.Rename(path+".away", path)) }
	}
}

func mode(t *testing.T, path string, m os.FileMode) func() (back func()) {
	return func() func() {
		must(t, os.Chmod(path, m))
		return func() { must(t, os.Chmod(path, 0o600)) }
	}
}

func added(t *testing.T, path string) func() (back func()) {
	return func() func() {
		must(t, os.WriteFile(path, []byte("x"), 0o600))
		return func() { must(t, os.Remove(path)) }
	}
}

// flipped changes the last letter of a file's content but one.
func flipped(t *testing.T, path string) func() (back func()) {
	return func() func() {
		was, err := os.ReadFile(path)
		must(t, err)
		b := slices.Clone(was)
		b[len(b)/2] ^= 1
		must(t, os.WriteFile(path, b, 0o600))
		return func() { must(t, os.WriteFile(path, was, 0o600)) }
	}
}

// With a key the doctor finds an object that is gone.
func TestExamine(t *testing.T) {
	out := toured(t)
	examine := func() (fails []string) {
		h, err := desk.Open(out.Homes[1])
		must(t, err)
		s, err := h.Unlock(t.Context(), "lab", out.Passphrase)
		must(t, err)
		defer func() { must(t, s.Close()) }()
		checks, err := s.Examine(t.Context(), progress.None{})
		must(t, err)
		for _, c := range checks {
			if c.Status != verify.Holds {
				fails = append(fails, c.Name)
			}
		}
		return fails
	}
	if bad := examine(); bad != nil {
		t.Fatalf("a good home: %v", bad)
	}
	objects := tree(t, filepath.Join(out.Homes[1], "store"))
	removed := 0
	for _, path := range objects {
		if name := filepath.Base(path); len(name) == 32 || len(name) == 30 {
			must(t, os.Remove(path))
			removed++
		}
	}
	if removed == 0 {
		t.Fatalf("no object among %q", objects)
	}
	if bad := examine(); len(bad) < removed || !strings.HasPrefix(bad[0], "item.") {
		t.Errorf("%d objects removed: %v", removed, bad)
	}
}
