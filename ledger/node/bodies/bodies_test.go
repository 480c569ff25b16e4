package bodies

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"filippo.io/age"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
)

func identity(t testing.TB) *age.X25519Identity {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func open(t testing.TB, dir string, id *age.X25519Identity, files durable.Files) *Store {
	t.Helper()
	s, err := Open(dir, Options{Identity: id, Recipients: []age.Recipient{id.Recipient()}, Files: files})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func body(n byte) *Body {
	return &Body{Envelope: []byte{n}, Item: evidence.ItemID{n}, Origin: "aa.example/ledger", Record: json.RawMessage(`[]`), Salt: evidence.Hash{n}, Seq: uint64(n)}
}

func TestStore(t *testing.T) {
	dir, id := t.TempDir(), identity(t)
	s := open(t, dir, id, durable.Files{})
	var wait sync.WaitGroup
	refs := make([][]Ref, 40)
	for i := range refs {
		wait.Go(func() {
			var err error
			if refs[i], err = s.Put(t.Context(), body(byte(2*i)), body(byte(2*i+1))); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	for again := range 2 {
		for i, two := range refs {
			for j, r := range two {
				if b, err := s.Get(t.Context(), r); err != nil || b.Seq != uint64(2*i+j) {
					t.Fatalf("%d: body %d: %+v, %v", again, 2*i+j, b, err)
				}
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, dir, id, durable.Files{})
	}
	seen := map[uint64]bool{}
	if err := s.All(t.Context(), func(_ Ref, b *Body) error { seen[b.Seq] = true; return nil }); err != nil || len(seen) != 80 {
		t.Errorf("%d bodies, %v", len(seen), err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil || bytes.Contains(b, []byte("aa.example")) {
			t.Errorf("%s is in clear, %v", f, err)
		}
	}
	if len(files) > 40 {
		t.Errorf("%d files for 40 calls", len(files))
	}
}

// After erasing, neither the store nor its files have the body; the others stay.
func TestErase(t *testing.T) {
	dir, id := t.TempDir(), identity(t)
	s := open(t, dir, id, durable.Files{})
	refs, err := s.Put(t.Context(), body(1), body(2), body(3))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Erase(t.Context(), refs[1]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Get(t.Context(), refs[1]); !errors.Is(err, ErrErased) {
		t.Errorf("erased: %v", err)
	}
	for _, i := range []int{0, 2} {
		if b, err := s.Get(t.Context(), refs[i]); err != nil || b.Seq != uint64(i+1) {
			t.Errorf("%d: %+v, %v", i, b, err)
		}
	}
	if plain, err := s.open(1); err != nil || bytes.Contains(plain, []byte(evidence.ItemID{2}.String())) {
		t.Errorf("the file still has it, %v", err)
	}
	n := 0
	if err := s.All(t.Context(), func(Ref, *Body) error { n++; return nil }); err != nil || n != 2 {
		t.Errorf("%d bodies, %v", n, err)
	}
}

// A write that fails is told to everybody in it, and what comes next is kept.
func TestPutFails(t *testing.T) {
	dir, id := t.TempDir(), identity(t)
	fault := true
	boom := errors.New("no space")
	s := open(t, dir, id, durable.Files{Fault: func(op durable.Op, _ string) (bool, error) {
		if fault && op == durable.OpSync {
			return false, boom
		}
		return true, nil
	}})
	if _, err := s.Put(t.Context(), body(1)); !errors.Is(err, boom) {
		t.Fatalf("%v", err)
	}
	fault = false
	refs, err := s.Put(t.Context(), body(2))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := s.Get(t.Context(), refs[0]); err != nil || b.Seq != 2 {
		t.Errorf("%+v, %v", b, err)
	}
	s.Close()
	if _, err := s.Put(context.Background(), body(3)); !errors.Is(err, ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
}

func TestDamage(t *testing.T) {
	dir, id := t.TempDir(), identity(t)
	s := open(t, dir, id, durable.Files{})
	if _, err := s.Put(t.Context(), body(1)); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(s.path(1))
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)-1] ^= 1
	if err := os.WriteFile(s.path(1), b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.All(t.Context(), func(Ref, *Body) error { return nil }); !errors.Is(err, ErrDamaged) {
		t.Errorf("%v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{Identity: id}); !errors.Is(err, ErrDamaged) {
		t.Errorf("a strange file: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	b, err := evidence.Canonical(body(1))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		if body, err := Parse(b); err == nil {
			if again, err := evidence.Canonical(body); err != nil || !bytes.Equal(again, b) {
				t.Errorf("%q is written %q, %v", b, again, err)
			}
		} else if !errors.Is(err, ErrDamaged) {
			t.Errorf("%v", err)
		}
	})
}
