package vault_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/evidence/vault"
	"example.org/custody/ledger"
)

// story is one item's life in a vault: sealed, its event kept, one file erased,
// then all of it. It can be broken off anywhere and goes on after a reopen.
type story struct {
	desk   *desk
	path   string
	files  map[string][]byte
	values []evidence.FileValue
	signed bool // the event is signed: what was sealed must not be lost
	told   int  // steps done

	onSigned func() // nil: nobody wants to know
}

var storyItem = evidence.ItemID{0xaa, 1}

const storyBody = `{"seq":0,"what":"the body of an event"}`

// storyFiles has two packs' worth in one and an object of its own.
func storyFiles() map[string][]byte {
	return map[string][]byte{
		"a": []byte("file a, to be erased first"), "b": []byte("file b, which stays a little longer"), "c": {},
		"large": noise(9, 1<<20+77),
	}
}

func newStory(t testing.TB, d *desk) *story {
	s := &story{desk: d, files: storyFiles()}
	s.path = folder(t, s.files)
	return s
}

// steps are done one after the other; each may be repeated.
func (s *story) steps() []func() error {
	return []func() error{s.seal, s.keep, s.eraseOne, s.eraseAll}
}

// tell goes on to the end or the first error.
func (s *story) tell() error {
	for steps := s.steps(); s.told < len(steps); s.told++ {
		if err := steps[s.told](); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) seal() error {
	if !s.signed {
		values, err := s.desk.ingest(s.desk.t.Context(), intake(s.desk.t, s.path))
		if err != nil {
			return err
		}
		s.values, s.signed = values, true
		if s.onSigned != nil {
			s.onSigned()
		}
	}
	err := s.desk.Commit(s.desk.t.Context(), s.values)
	if errors.Is(err, vault.ErrNoSealing) {
		return nil // done before the break
	}
	return err
}

func (s *story) keep() error {
	return s.desk.PutBody(s.desk.t.Context(), storyItem, 0, strings.NewReader(storyBody))
}

func (s *story) eraseOne() error {
	_, err := s.desk.Erase(s.desk.t.Context(), vault.Erasure{Item: storyItem, Files: s.values[:1]})
	return err
}

func storyStub() vault.Stub {
	return vault.Stub{Item: storyItem, Leaf: ledger.Leaf{1, 2, 3}, Index: 7, Order: "order 5"}
}

func (s *story) eraseAll() error {
	_, err := s.desk.Erase(s.desk.t.Context(), vault.Erasure{Item: storyItem, Files: s.values, Bodies: []vault.Stub{storyStub()}})
	return err
}

// resume is what a desk does after a reopen.
func (s *story) resume() error {
	if s.desk.Unfinished() == nil {
		return nil
	}
	if s.signed {
		return s.desk.Commit(s.desk.t.Context(), s.values)
	}
	return s.desk.Abandon(s.desk.t.Context())
}

// check compares the vault with what the steps done must have made of it. While
// a step is broken off its own effects may be there or not: exact says that none
// is.
func (s *story) check(exact bool) error {
	var wrong []error
	for i, v := range s.values {
		if v.Kind == evidence.KindUnreadable {
			continue // the system was made to refuse it
		}
		erased := v.Digests.Size > 0 && (s.told == 4 || s.told == 3 && i == 0) // of an empty file there is nothing to erase
		open := !exact && (s.told == 3 || s.told == 2 && i == 0)
		got, err := s.desk.content(v)
		switch {
		case s.told == 0 && !s.signed || open && err != nil:
		case erased && (errors.Is(err, vault.ErrErased) || errors.Is(err, vault.ErrNoKey)):
		case erased || err != nil || !bytes.Equal(got, s.files[v.Path]):
			wrong = append(wrong, fmt.Errorf("%s: %d bytes, %v", v.Path, len(got), err))
		}
	}
	bodies, err := s.desk.Bodies(s.desk.t.Context(), storyItem)
	kept := s.told == 2 || s.told == 3
	if exact && (err != nil || kept != (len(bodies) == 1 && string(bodies[0]) == storyBody)) {
		wrong = append(wrong, fmt.Errorf("%d bodies, %v", len(bodies), err))
	}
	return errors.Join(append(wrong, s.leftovers(exact))...)
}

// stored counts the objects of the values.
func (s *story) stored() int {
	names := map[evidence.ObjectName]bool{}
	for _, v := range s.values {
		if v.Stored != nil {
			names[v.Stored.Object] = true
		}
	}
	return len(names)
}

// leftovers looks for files that belong to nothing.
func (s *story) leftovers(exact bool) error {
	temps, _ := filepath.Glob(filepath.Join(s.desk.dir, "*", "tmp", "*"))
	want := 0
	if s.told < 4 {
		want = s.stored()
	}
	if n := s.desk.objects(); len(temps) > 0 || exact && n != want {
		return fmt.Errorf("%d objects, want %d; temporary files %q", n, want, temps)
	}
	if _, err := os.Lstat(filepath.Join(s.desk.dir, "vault", "ingest")); err == nil {
		return errors.New("the journal is still there")
	}
	if left, _ := os.ReadDir(filepath.Join(s.desk.dir, "vault", "erasing")); len(left) > 0 {
		return errors.New("an order is still there")
	}
	if s.told < 4 {
		return nil
	}
	stubs, err := s.desk.Stubs(s.desk.t.Context(), storyItem)
	if err != nil || !slices.Equal(stubs, []vault.Stub{storyStub()}) {
		return fmt.Errorf("stubs %+v, %v", stubs, err)
	}
	// Neither body nor keys: the stub and two reports.
	for _, name := range s.desk.everything() {
		if !strings.HasSuffix(name, "/0.erased") && !strings.HasPrefix(name, "vault/erased/") {
			return fmt.Errorf("left: %q", name)
		}
	}
	register, err := os.ReadFile(filepath.Join(s.desk.dir, "vault", "register"))
	if err != nil || len(register) != 0 {
		return fmt.Errorf("register of %d bytes, %v", len(register), err)
	}
	return nil
}

func TestStory(t *testing.T) {
	s := newStory(t, newDesk(t))
	for i, step := range s.steps() {
		if err := step(); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
		s.told++
		if err := s.check(true); err != nil {
			t.Fatalf("after step %d: %v", i, err)
		}
		s.desk.reopen()
		if err := s.check(true); err != nil {
			t.Fatalf("after step %d and a reopen: %v", i, err)
		}
	}
}
