package store_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/evidence/store/storetest"
)

func newDir(t *testing.T, files durable.Files) *store.Dir {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store")
	if err := store.Create(path, durable.Files{}); err != nil {
		t.Fatal(err)
	}
	d, err := store.Open(path, store.Options{Files: files})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDir(t *testing.T) {
	engine := storetest.Engine{
		New: func(t *testing.T, fault storetest.Fault) store.Store {
			var files durable.Files
			if fault != nil {
				files.Fault = func(op durable.Op, _ string) (bool, error) { return fault(string(op)) }
			}
			return newDir(t, files)
		},
		Leftovers: func(t *testing.T, s store.Store) []string {
			temps, err := filepath.Glob(filepath.Join(root(s), "tmp", "*"))
			if err != nil {
				t.Fatal(err)
			}
			return temps
		},
	}
	for _, op := range durable.Ops {
		engine.Ops = append(engine.Ops, string(op))
	}
	storetest.Run(t, engine)
}

func root(s store.Store) string {
	return filepath.Dir(filepath.Dir(filepath.Dir(s.(*store.Dir).Path(evidence.ObjectName{}))))
}

// TestDirLeavesNothing has every change fail once and looks at the folder.
func TestDirLeavesNothing(t *testing.T) {
	for _, op := range []durable.Op{durable.OpWrite, durable.OpSync, durable.OpPlace} {
		full := false
		d := newDir(t, durable.Files{Fault: func(got durable.Op, _ string) (bool, error) {
			if got == op && full {
				return false, errors.New("no space left on device")
			}
			return false, nil
		}})
		full = true
		if _, err := d.Put(t.Context(), evidence.NewObjectName(), &endlessUntil{n: 3 << 20}); err == nil {
			t.Errorf("%s: the fault was not noticed", op)
		}
		for _, place := range []string{"tmp/*", "objects/*/*"} {
			if left, _ := filepath.Glob(filepath.Join(root(d), place)); len(left) > 0 {
				t.Errorf("%s: left %q", op, left)
			}
		}
		d.Close()
	}
}

func TestOpenRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(path string) error
		check func(error) bool
	}{
		"nothing there":  {os.RemoveAll, is(fs.ErrNotExist)},
		"half made":      {func(p string) error { return os.Remove(filepath.Join(p, "FORMAT")) }, is(store.ErrHalfMade)},
		"another folder": {func(p string) error { return os.Rename(filepath.Join(p, "FORMAT"), filepath.Join(p, "holiday.jpg")) }, is(store.ErrNotStore)},
		"later version":  {format("custody/store/v2\n"), isFormat("custody/store/v2")},
		"cut short":      {format("custody/st"), isFormat("custody/st")},
		"emptied":        {format(""), isFormat("")},
	} {
		path := filepath.Join(t.TempDir(), "store")
		if err := store.Create(path, durable.Files{}); err != nil {
			t.Fatal(err)
		}
		if err := c.spoil(path); err != nil {
			t.Fatal(err)
		}
		for _, readOnly := range []bool{false, true} {
			if _, err := store.Open(path, store.Options{ReadOnly: readOnly}); !c.check(err) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func is(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }

func isFormat(found string) func(error) bool {
	return func(err error) bool {
		var fe *store.FormatError
		return errors.As(err, &fe) && fe.Found == found
	}
}

func format(text string) func(string) error {
	return func(path string) error { return os.WriteFile(filepath.Join(path, "FORMAT"), []byte(text), 0o600) }
}

// TestCreateInterrupted fails every change of Create once; after that Create
// finishes and the store works.
func TestCreateInterrupted(t *testing.T) {
	for n := 1; ; n++ {
		path := filepath.Join(t.TempDir(), "store")
		changes := 0
		err := store.Create(path, durable.Files{Fault: func(durable.Op, string) (bool, error) {
			if changes++; changes == n {
				return n%2 == 0, errors.New("power lost")
			}
			return false, nil
		}})
		if err == nil {
			if changes >= n {
				t.Fatalf("change %d failed unnoticed", n)
			}
			return
		}
		if d, err := store.Open(path, store.Options{}); err == nil {
			if d.Close(); changes < 25 { // up to there the format file has no name
				t.Fatalf("change %d: a half-made store was opened", n)
			}
		}
		if err := store.Create(path, durable.Files{}); err != nil && !errors.Is(err, fs.ErrExist) {
			t.Fatalf("change %d: create again: %v", n, err)
		}
		d, err := store.Open(path, store.Options{})
		if err != nil {
			t.Fatalf("change %d: %v", n, err)
		}
		d.Close()
	}
}

func TestCreateRefuses(t *testing.T) {
	d := newDir(t, durable.Files{})
	defer d.Close()
	if err := store.Create(root(d), durable.Files{}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a store that is there: %v", err)
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "holiday.jpg"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := store.Create(other, durable.Files{}); !errors.Is(err, store.ErrNotStore) {
		t.Errorf("somebody's folder: %v", err)
	}
}

func TestTwoWriters(t *testing.T) {
	d := newDir(t, durable.Files{})
	if _, err := store.Open(root(d), store.Options{}); !errors.Is(err, durable.ErrInUse) {
		t.Errorf("second writer: %v", err)
	}
	name := evidence.NewObjectName()
	if _, err := d.Put(t.Context(), name, &endlessUntil{n: 10}); err != nil {
		t.Fatal(err)
	}
	reader, err := store.Open(root(d), store.Options{ReadOnly: true})
	if err != nil {
		t.Fatalf("reader beside a writer: %v", err)
	}
	if info, err := reader.Stat(t.Context(), name); err != nil || info.Size != 10 {
		t.Errorf("reader sees %+v, %v", info, err)
	}
	if _, err := reader.Put(t.Context(), evidence.NewObjectName(), &endlessUntil{}); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("put by a reader: %v", err)
	}
	if err := reader.Delete(t.Context(), name); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("delete by a reader: %v", err)
	}
	reader.Close()
	d.Close()
	again, err := store.Open(root(d), store.Options{})
	if err != nil {
		t.Fatalf("after Close: %v", err)
	}
	again.Close()
}

// TestMissingShard is a store that was copied by something that drops empty
// folders.
func TestMissingShard(t *testing.T) {
	d := newDir(t, durable.Files{})
	defer d.Close()
	shards, err := filepath.Glob(filepath.Join(root(d), "objects", "*"))
	if err != nil || len(shards) != 16 {
		t.Fatalf("%d shards, %v", len(shards), err)
	}
	for _, dir := range shards {
		if err := os.Remove(dir); err != nil {
			t.Fatal(err)
		}
	}
	name := evidence.NewObjectName()
	if _, err := d.Put(t.Context(), name, &endlessUntil{n: 10}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Stat(t.Context(), name); err != nil {
		t.Error(err)
	}
}

func TestObjectsAreReadOnly(t *testing.T) {
	d := newDir(t, durable.Files{})
	defer d.Close()
	name := evidence.NewObjectName()
	if _, err := d.Put(t.Context(), name, &endlessUntil{n: 10}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(d.Path(name))
	if err != nil || info.Mode().Perm()&0o222 != 0 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// endlessUntil delivers n bytes.
type endlessUntil struct{ n int }

func (e *endlessUntil) Read(p []byte) (int, error) {
	if e.n == 0 {
		return 0, io.EOF
	}
	n := min(len(p), e.n)
	e.n -= n
	return n, nil
}

// TestOrderOfChanges is what durability rests on: no power is lost in a test,
// so the changes themselves are compared.
func TestOrderOfChanges(t *testing.T) {
	var got []string
	d := newDir(t, durable.Files{Fault: func(op durable.Op, path string) (bool, error) {
		got = append(got, string(op)+" "+filepath.Base(filepath.Dir(path)))
		return false, nil
	}})
	defer d.Close()
	name := evidence.ObjectName{0xab}
	if _, err := d.Put(t.Context(), name, &endlessUntil{n: 1<<20 + 1}); err != nil {
		t.Fatal(err)
	}
	if err := d.Delete(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	want := []string{"create tmp", "write tmp", "write tmp", "sync tmp", "place a", "syncdir objects", "remove a", "syncdir objects"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
