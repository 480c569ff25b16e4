package vault_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"filippo.io/age"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/evidence/vault"
)

func TestOpenRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(path string) error
		check func(error) bool
	}{
		"nothing there":  {os.RemoveAll, is(fs.ErrNotExist)},
		"half made":      {func(p string) error { return remove(p, "FORMAT", "lock", "register", "register.key") }, is(vault.ErrHalfMade)},
		"another folder": {func(p string) error { return os.Rename(filepath.Join(p, "FORMAT"), filepath.Join(p, "holiday.jpg")) }, is(vault.ErrNotVault)},
		"later version":  {write("FORMAT", "custody/vault/v2\n"), isFormat("custody/vault/v2")},
		"cut short":      {write("FORMAT", "custody/va"), isFormat("custody/va")},
		"emptied":        {write("FORMAT", ""), isFormat("")},
		"no register key": {func(p string) error {
			return errors.Join(remove(p, "register.key"), write("register", string(noise(1, 64)))(p))
		}, is(vault.ErrDamaged)},
		"register key damaged": {write("register.key", "x"), is(vault.ErrDamaged)},
		"journal damaged":      {write("ingest", `{"format":"custody/ingest/v1"`), is(vault.ErrDamaged)},
		"journal of later":     {write("ingest", `{"format":"custody/ingest/v2","names":1,"register":0,"seed":"`+evidence.Hash{}.String()+`"}`), is(vault.ErrDamaged)},
		"order damaged":        {write("erasing/0123.age", "x"), is(vault.ErrDamaged)},
	} {
		d := newDesk(t)
		d.close()
		if err := c.spoil(filepath.Join(d.dir, "vault")); err != nil {
			t.Fatal(err)
		}
		if err := d.tryOpen(); !c.check(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func is(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }

func isFormat(found string) func(error) bool {
	return func(err error) bool {
		var fe *vault.FormatError
		return errors.As(err, &fe) && fe.Found == found
	}
}

func write(name, text string) func(string) error {
	return func(p string) error { return os.WriteFile(filepath.Join(p, name), []byte(text), 0o600) }
}

func remove(p string, names ...string) error {
	for _, name := range names {
		if err := os.Remove(filepath.Join(p, name)); err != nil {
			return err
		}
	}
	return nil
}

func TestOpenWithOtherKeys(t *testing.T) {
	d := newDesk(t)
	if _, err := vault.Open(t.Context(), filepath.Join(d.dir, "vault"), d.options()); !errors.Is(err, durable.ErrInUse) {
		t.Errorf("opened twice: %v", err)
	}
	d.close()
	o := d.options()
	o.Recipients = o.Recipients[1:]
	if _, err := vault.Open(t.Context(), filepath.Join(d.dir, "vault"), o); !errors.Is(err, vault.ErrRecipients) {
		t.Errorf("nobody could open what it writes: %v", err)
	}
	d.own = newIdentity(t)
	if err := d.tryOpen(); !errors.Is(err, vault.ErrIdentity) {
		t.Errorf("another identity: %v", err)
	}
}

// TestCreateInterrupted fails every change of Create once; after that Create
// finishes and the vault works.
func TestCreateInterrupted(t *testing.T) {
	for n := 1; ; n++ {
		path := filepath.Join(t.TempDir(), "vault")
		changes := 0
		err := vault.Create(path, durable.Files{Fault: func(durable.Op, string) (bool, error) {
			changes++
			if changes == n {
				return n%2 == 0, errBroken
			}
			return false, nil
		}})
		if changes < n {
			if err != nil || n < 10 {
				t.Errorf("%d changes, %v", changes, err)
			}
			break
		}
		if err == nil {
			t.Errorf("change %d failed unnoticed", n)
		}
		if err := vault.Create(path, durable.Files{}); err != nil && !errors.Is(err, fs.ErrExist) {
			t.Fatalf("change %d: create again: %v", n, err)
		}
		own := newIdentity(t)
		v, err := vault.Open(t.Context(), path, vault.Options{Identity: own, Recipients: []*age.X25519Recipient{own.Recipient()}})
		if err != nil {
			t.Fatalf("change %d: %v", n, err)
		}
		v.Close()
	}
	d := newDesk(t)
	if err := vault.Create(filepath.Join(d.dir, "vault"), durable.Files{}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a vault that is there: %v", err)
	}
	if err := vault.Create(d.dir, durable.Files{}); !errors.Is(err, vault.ErrNotVault) {
		t.Errorf("somebody's folder: %v", err)
	}
}

// TestWithoutEmptyFolders opens a vault that was copied by something that drops
// them.
func TestWithoutEmptyFolders(t *testing.T) {
	d := newDesk(t)
	d.close()
	for _, name := range []string{"tmp", "keys", "bodies", "erasing", "erased"} {
		if err := os.Remove(filepath.Join(d.dir, "vault", name)); err != nil {
			t.Fatal(err)
		}
	}
	d.open()
	want := map[string][]byte{"a": []byte("x")}
	d.checkContent(d.seal(folder(t, want)), want)
}

// TestRemovesTemps: what was cut off is removed, and counted.
func TestRemovesTemps(t *testing.T) {
	d := newDesk(t)
	d.close()
	temp := filepath.Join(d.dir, "vault", "tmp", durable.TempPrefix)
	if err := errors.Join(
		os.WriteFile(temp+"1", []byte("half"), 0o600), os.Mkdir(temp+"2", 0o700), os.WriteFile(temp+"2/0.age", []byte("half"), 0o600),
	); err != nil {
		t.Fatal(err)
	}
	d.open()
	if n := d.Recovered().Temps; n != 2 || len(d.everything()) > 0 {
		t.Errorf("removed %d, left %q", n, d.everything())
	}
}

func TestBodies(t *testing.T) {
	d := newDesk(t)
	a, b := evidence.ItemID{1}, evidence.ItemID{2}
	for _, seq := range []uint64{10, 0, 2} {
		if err := d.PutBody(t.Context(), a, seq, bytes.NewReader([]byte{byte(seq)})); err != nil {
			t.Fatal(err)
		}
	}
	for _, body := range []string{"without a receipt, and longer", "with one"} {
		if err := d.PutBody(t.Context(), b, 0, bytes.NewReader([]byte(body))); err != nil {
			t.Fatal(err)
		}
	}
	d.reopen()
	got, err := d.Bodies(t.Context(), a)
	if err != nil || !slices.EqualFunc(got, []byte{0, 2, 10}, func(x []byte, y byte) bool { return len(x) == 1 && x[0] == y }) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := d.Body(t.Context(), b, 0); err != nil || string(got) != "with one" {
		t.Errorf("%q, %v", got, err)
	}
	if found := d.search([]byte("without a receipt")); len(found) > 0 {
		t.Errorf("the old body is in %q", found)
	}
	if got, err := d.Bodies(t.Context(), evidence.ItemID{3}); err != nil || len(got) > 0 {
		t.Errorf("unknown item: %v, %v", got, err)
	}
	if _, err := d.Body(t.Context(), b, 1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such body: %v", err)
	}
	for prefix, want := range map[string][]evidence.ItemID{"": {a, b}, a.String(): {a}, b.String()[:6]: {b}, "f0f0f0": nil} {
		if items, err := d.ItemsLike(t.Context(), prefix); err != nil || !slices.Equal(items, want) {
			t.Errorf("items like %q: %v, %v", prefix, items, err)
		}
	}
	if items, err := d.Items(t.Context()); err != nil || !slices.Equal(items, []evidence.ItemID{a, b}) {
		t.Errorf("%v, %v", items, err)
	}
}

// TestMisplaced: a file in another's place, or with any byte changed, is noticed.
func TestMisplaced(t *testing.T) {
	d := newDesk(t)
	for seq := range uint64(2) {
		if err := d.PutBody(t.Context(), evidence.ItemID{1}, seq, bytes.NewReader([]byte("body"))); err != nil {
			t.Fatal(err)
		}
	}
	folder := filepath.Join(d.dir, "vault", "bodies", evidence.ItemID{1}.String())
	first, err := os.ReadFile(folder + "/0.age")
	if err != nil {
		t.Fatal(err)
	}
	for i := range first {
		b := bytes.Clone(first)
		b[i] ^= 1
		if err := os.WriteFile(folder+"/0.age", b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Body(t.Context(), evidence.ItemID{1}, 0); !errors.Is(err, vault.ErrDamaged) && !errors.Is(err, vault.ErrIdentity) {
			t.Errorf("byte %d: %v", i, err)
		}
	}
	if err := os.WriteFile(folder+"/1.age", first, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Bodies(t.Context(), evidence.ItemID{1}); !errors.Is(err, vault.ErrDamaged) {
		t.Errorf("event 0 in the place of event 1: %v", err)
	}
	if err := os.WriteFile(folder+"/01.age", first, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Bodies(t.Context(), evidence.ItemID{1}); !errors.Is(err, vault.ErrDamaged) {
		t.Errorf("a second name for event 1: %v", err)
	}
}

// TestReaders reads from many goroutines, with other objects opened in between.
func TestReaders(t *testing.T) {
	d := newDesk(t)
	want := sample()
	values := d.seal(folder(t, want))
	var running sync.WaitGroup
	for i := range 8 {
		running.Go(func() {
			for j := range values {
				f := values[(i*7+j*5)%len(values)]
				if got, err := d.content(f); err != nil || !bytes.Equal(got, want[f.Path]) {
					t.Errorf("%s: %d bytes, %v", f.Path, len(got), err)
				}
			}
		})
	}
	running.Wait()
}
