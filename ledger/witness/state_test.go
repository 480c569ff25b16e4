package witness

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"example.org/custody/ledger/ledgertest"
)

func states(t *testing.T) map[string]func() State {
	return map[string]func() State{
		"Memory": func() State { return &Memory{} },
		"Folder": func() State {
			f, err := NewFolder(filepath.Join(t.TempDir(), "state"))
			if err != nil {
				t.Fatal(err)
			}
			return f
		},
	}
}

func load(t *testing.T, s State, want string) {
	t.Helper()
	if b, err := s.Load(t.Context(), testOrigin); err != nil || string(b) != want {
		t.Fatalf("state is %q, %v; want %q", b, err, want)
	}
}

func TestState(t *testing.T) {
	for name, open := range states(t) {
		t.Run(name, func(t *testing.T) {
			s := open()
			load(t, s, "")
			if err := s.Swap(t.Context(), testOrigin, []byte("a"), []byte("b")); !errors.Is(err, ErrChanged) {
				t.Fatalf("swap of what is not there: %v", err)
			}
			old := ""
			for n := range 12 { // beyond the numbers with one digit
				next := fmt.Sprint("note ", n)
				var was []byte
				if n > 0 {
					was = []byte(old)
				}
				if err := s.Swap(t.Context(), testOrigin, was, []byte(next)); err != nil {
					t.Fatal(err)
				}
				load(t, s, next)
				if err := s.Swap(t.Context(), testOrigin, was, []byte("x")); !errors.Is(err, ErrChanged) {
					t.Fatalf("second swap of %q: %v", was, err)
				}
				old = next
			}
			if err := s.Swap(t.Context(), testOrigin, nil, []byte("x")); !errors.Is(err, ErrChanged) {
				t.Fatalf("swap from nothing: %v", err)
			}
			if b, err := s.Load(t.Context(), "bb.example/other"); err != nil || b != nil {
				t.Fatalf("another origin has %q, %v", b, err)
			}
			load(t, s, old)
		})
	}
}

func TestStateAlarm(t *testing.T) {
	for name, open := range states(t) {
		t.Run(name, func(t *testing.T) {
			s := open()
			if b, err := s.Alarm(t.Context(), testOrigin); err != nil || b != nil {
				t.Fatalf("alarm %q, %v", b, err)
			}
			for _, a := range []string{"first", "second"} {
				if err := s.SetAlarm(t.Context(), testOrigin, []byte(a)); err != nil {
					t.Fatal(err)
				}
				if b, err := s.Alarm(t.Context(), testOrigin); err != nil || string(b) != "first" {
					t.Fatalf("alarm %q, %v; the first is kept", b, err)
				}
			}
			load(t, s, "")
		})
	}
}

// Of many that swap the same note one wins, and its note stays.
func TestStateSwapsOnce(t *testing.T) {
	const many = 16
	for name, open := range states(t) {
		t.Run(name, func(t *testing.T) {
			s := open()
			var old []byte
			for round := range 20 {
				var wg sync.WaitGroup
				won := make(chan string, many)
				for n := range many {
					wg.Go(func() {
						next := fmt.Sprint(round, " ", n)
						err := s.Swap(t.Context(), testOrigin, old, []byte(next))
						switch {
						case err == nil:
							won <- next
						case !errors.Is(err, ErrChanged):
							t.Error(err)
						}
					})
				}
				wg.Wait()
				close(won)
				var winners []string
				for w := range won {
					winners = append(winners, w)
				}
				if len(winners) != 1 {
					t.Fatalf("round %d: winners %q", round, winners)
				}
				load(t, s, winners[0])
				old = []byte(winners[0])
			}
		})
	}
}

// A process that ends before any system call of a swap leaves the old note or the
// new one, and the next swap from there works.
func TestFolderCrash(t *testing.T) {
	for steps := 0; ; steps++ {
		dir := t.TempDir()
		f, err := NewFolder(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Swap(t.Context(), testOrigin, nil, []byte("old")); err != nil {
			t.Fatal(err)
		}
		left := steps
		f.step = func(what string) error {
			if left--; left < 0 {
				return fmt.Errorf("%s: %w", what, ledgertest.ErrFault)
			}
			return nil
		}
		err = f.Swap(t.Context(), testOrigin, []byte("old"), []byte("new"))
		again, errNew := NewFolder(dir)
		b, errLoad := again.Load(t.Context(), testOrigin)
		if e := errors.Join(errNew, errLoad); e != nil {
			t.Fatalf("after step %d: %v", steps, e)
		}
		if err == nil && string(b) != "new" || string(b) != "old" && string(b) != "new" {
			t.Fatalf("after step %d: %v, state is %q", steps, err, b)
		}
		if e := again.Swap(t.Context(), testOrigin, b, []byte("newer")); e != nil {
			t.Fatalf("after step %d: %v", steps, e)
		}
		load(t, again, "newer")
		if err == nil {
			if steps < 3 {
				t.Fatalf("only %d steps", steps)
			}
			return
		}
		if !errors.Is(err, ledgertest.ErrFault) {
			t.Fatal(err)
		}
	}
}

// What is in the folder by accident is not taken for a note.
func TestFolderIgnoresOtherFiles(t *testing.T) {
	f, err := NewFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Swap(t.Context(), testOrigin, nil, []byte("note")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"new-123", "99.txt", "x.note", "0.note", "-1.note"} {
		if err := os.WriteFile(filepath.Join(f.of(testOrigin), name), []byte("other"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	load(t, f, "note")
}
