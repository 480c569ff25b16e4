package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return string(b)
}

// TestWriteFaults fails each change once, not persisted and persisted: the file
// is the old or the new one, never a part, and says so.
func TestWriteFaults(t *testing.T) {
	broken := errors.New("bad sector")
	for _, apply := range []bool{false, true} {
		for n := 1; ; n++ {
			dir := t.TempDir()
			path := filepath.Join(dir, "f")
			if err := (Files{}).WriteFile(path, []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			at, failed := 0, Op("")
			files := Files{Fault: func(op Op, _ string) (bool, error) {
				if at++; at == n {
					failed = op
					return apply, broken
				}
				return false, nil
			}}
			err := files.WriteFile(path, []byte("new"), 0o600)
			if failed == "" {
				if err != nil || read(t, path) != "new" {
					t.Errorf("without fault: %v, %q", err, read(t, path))
				}
				break
			}
			want := "old"
			if failed == OpPlace && apply || failed == OpSyncDir {
				want = "new"
			}
			if got := read(t, path); !errors.Is(err, broken) || got != want {
				t.Errorf("%s fails (applied: %v): %v, file is %q, want %q", failed, apply, err, got, want)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, TempPrefix+"*")); len(left) > 0 {
				t.Errorf("%s fails (applied: %v): left %q", failed, apply, left)
			}
		}
	}
}

func TestWriteNew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := (Files{}).WriteNew(path, []byte("first"), 0o400); err != nil {
		t.Fatal(err)
	}
	if err := (Files{}).WriteNew(path, []byte("second"), 0o400); !errors.Is(err, fs.ErrExist) || read(t, path) != "first" {
		t.Errorf("second: %v, file is %q", err, read(t, path))
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o222 != 0 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestRemoveTemps(t *testing.T) {
	dir := t.TempDir()
	for i := range 3 {
		if _, err := (Files{}).CreateTemp(dir, 0o600); err != nil {
			t.Fatal(i, err)
		}
	}
	if err := (Files{}).WriteFile(filepath.Join(dir, "stays"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if n, err := (Files{}).RemoveTemps(dir); n != 3 || err != nil {
		t.Errorf("removed %d, %v", n, err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 || left[0].Name() != "stays" {
		t.Errorf("left %v", left)
	}
}

func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	l, err := NewLock(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewLock(path); !errors.Is(err, ErrInUse) {
		t.Errorf("taken twice: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l, err = NewLock(path)
	if err != nil {
		t.Fatalf("after Close: %v", err)
	}
	l.Close()
}

func TestPlaceInMissingFolder(t *testing.T) {
	dir := t.TempDir()
	from := filepath.Join(dir, "a")
	if err := os.WriteFile(from, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (Files{}).Place(from, filepath.Join(dir, "none", "a")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(from); err != nil {
		t.Errorf("the file is gone: %v", err)
	}
}

func TestOrderOfChanges(t *testing.T) {
	var got []Op
	files := Files{Fault: func(op Op, _ string) (bool, error) { got = append(got, op); return false, nil }}
	if err := files.WriteFile(filepath.Join(t.TempDir(), "f"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if want := []Op{OpCreate, OpWrite, OpSync, OpPlace, OpSyncDir}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
