package desk

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"filippo.io/age"

	"example.org/custody/cmd/internal/desk/copies"
	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/evidence"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/pack/readers"
)

// key is a reader's key and its recipient.
type key struct {
	*age.X25519Identity
	recipient string
}

func newReader(t *testing.T) key {
	t.Helper()
	i, err := age.GenerateX25519Identity()
	noError(t, err)
	return key{i, i.Recipient().String()}
}

// keys are what a reader verifies with.
func (k key) keys(t *testing.T) verify.Keys {
	t.Helper()
	got, err := readers.NewKeys(k.X25519Identity)
	noError(t, err)
	return got
}

// newPacker is a desk at which a collector is there to sign.
func newPacker(t *testing.T) *Session {
	t.Helper()
	aa, _ := twoStates(t)
	_, err := aa.AddOfficer(t.Context(), NewOfficer{Alias: string(evidence.RoleCollector), Role: evidence.RoleCollector, Passphrase: testPassphrase})
	noError(t, err)
	return aa.Session.as(t, evidence.RoleCollector)
}

// sealMany seals n small files.
func sealMany(t *testing.T, s *Session, n int) *Item {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		noError(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d.txt", i)), fmt.Appendf(nil, "file %d of %s", i, dir), 0o600))
	}
	return s.mustSeal(t, Sealing{Paths: []string{dir}})
}

// packedFor packs an item for readers.
func packedFor(t *testing.T, s *Session, it *Item, to ...ReaderOf) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "p.asice")
	_, err := s.Pack(t.Context(), Packing{Items: []*Item{it}, Out: out, Readers: to})
	noError(t, err)
	return out
}

// verified gives a package to the verifier with a reader's keys.
func verified(t *testing.T, s *Session, file string, k verify.Keys) (*verify.Verdict, *pack.Package) {
	t.Helper()
	b, err := os.ReadFile(file)
	noError(t, err)
	v, p, err := verify.File(t.Context(), bytes.NewReader(b), int64(len(b)), s.trusted.Root(), verify.Options{Keys: k})
	noError(t, err)
	return v, p
}

// unzipped returns an entry as a zip program finds it.
func unzipped(t *testing.T, file, name string) []byte {
	t.Helper()
	z, err := zip.OpenReader(file)
	noError(t, err)
	defer z.Close()
	f, err := z.Open(name)
	noError(t, err)
	defer f.Close()
	b, err := io.ReadAll(f)
	noError(t, err)
	return b
}

// decrypted opens what is encrypted as `age -d` does.
func decrypted(t *testing.T, b []byte, by age.Identity) []byte {
	t.Helper()
	r, err := age.Decrypt(bytes.NewReader(b), by)
	noError(t, err)
	plain, err := io.ReadAll(r)
	noError(t, err)
	return plain
}

// A copy is for its reader: age opens it with the reader's key, the verifier compares
// it, and takes it out; with another key, or none, it says that it did not.
func TestPackForReaders(t *testing.T) {
	s := newPacker(t)
	one, two := newReader(t), newReader(t)
	it := sealMany(t, s, 3)
	file := packedFor(t, s, it, ReaderOf{EntryName{Name: "file/1"}, one.recipient}, ReaderOf{EntryName{Name: "file/2"}, two.recipient})

	plain := decrypted(t, unzipped(t, file, "payload/1/1.txt.age"), one)
	if want := "file 0 of "; !bytes.HasPrefix(plain, []byte(want)) {
		t.Errorf("%q", plain)
	}
	if v, _ := verified(t, s, file, nil); v.Exit != verify.ExitUndecided {
		t.Errorf("without a key: exit %d, %s", v.Exit, v.Sentence)
	}
	if v, _ := verified(t, s, file, newReader(t).keys(t)); v.Exit != verify.ExitUndecided {
		t.Errorf("with a stranger's key: exit %d", v.Exit)
	}
	v, p := verified(t, s, file, one.keys(t))
	if v.Exit != verify.ExitHolds {
		t.Fatalf("with a reader's key: exit %d, %s", v.Exit, v.Sentence)
	}
	dir := filepath.Join(t.TempDir(), "out")
	out, err := copies.Extract(t.Context(), copies.Extraction{Package: p, Verdict: v, Dir: dir, Keys: one.keys(t), Progress: progress.Or(nil)})
	noError(t, err)
	if len(out.Files) != 2 || out.NotOpened != 1 || out.NotEnclosed != 0 {
		t.Errorf("%d files, %d not opened, %d not enclosed", len(out.Files), out.NotOpened, out.NotEnclosed)
	}
}

// Of many files the bag is encrypted as a whole, and a copy for everybody stays out of it.
func TestPackBagForReaders(t *testing.T) {
	s := newPacker(t)
	one := newReader(t)
	it := sealMany(t, s, bagFrom+3)
	file := packedFor(t, s, it, ReaderOf{EntryName{Name: "file/"}, one.recipient})
	z := decrypted(t, unzipped(t, file, "payload/1.zip.age"), one)
	bag, err := zip.NewReader(bytes.NewReader(z), int64(len(z)))
	noError(t, err)
	if len(bag.File) != bagFrom+3+4 { // with the files that are no copies
		t.Errorf("%d members", len(bag.File))
	}
	v, p := verified(t, s, file, one.keys(t))
	if v.Exit != verify.ExitHolds {
		t.Fatalf("exit %d, %s", v.Exit, v.Sentence)
	}
	out, err := copies.Extract(t.Context(), copies.Extraction{Package: p, Verdict: v, Dir: filepath.Join(t.TempDir(), "out"), Keys: one.keys(t), Progress: progress.Or(nil)})
	noError(t, err)
	if len(out.Files) != bagFrom+3 {
		t.Errorf("%d files taken out", len(out.Files))
	}
	if _, err := copies.Extract(t.Context(), copies.Extraction{Package: p, Verdict: v, Dir: filepath.Join(t.TempDir(), "none"), Progress: progress.Or(nil)}); !errors.Is(err, copies.ErrNotReader) {
		t.Errorf("without a key: %v", err)
	}
	for what, to := range map[error][]ReaderOf{
		ErrBagReaders:  {{EntryName{Name: "file/"}, one.recipient}, {EntryName{Name: "file/1"}, newReader(t).recipient}},
		ErrNothingRead: {{EntryName{Name: "file/9999"}, one.recipient}},
	} {
		p := filepath.Join(t.TempDir(), "x.asice")
		if _, err := s.Pack(t.Context(), Packing{Items: []*Item{it}, Out: p, Readers: to}); !errors.Is(err, what) {
			t.Errorf("%v: %v", what, err)
		}
		if _, err := os.Stat(p); err == nil {
			t.Errorf("%v: a package was written", what)
		}
	}
	part := packedFor(t, s, it, ReaderOf{EntryName{Name: "file/1"}, one.recipient})
	if v, _ := verified(t, s, part, one.keys(t)); v.Exit != verify.ExitHolds {
		t.Errorf("one file of a bag encrypted: exit %d, %s", v.Exit, v.Sentence)
	}
	unzipped(t, part, "payload/1.zip") // with what everybody may read
}

// A reader of one item's file is none of another's that has the same number; by the number
// alone it is refused, for the same reason.
func TestReaderIsOfOneItem(t *testing.T) {
	s := newPacker(t)
	one := newReader(t)
	a, b := sealMany(t, s, 2), sealMany(t, s, 1)
	pack := func(items []*Item, to ...ReaderOf) (string, error) {
		file := filepath.Join(t.TempDir(), "p.asice")
		_, err := s.Pack(t.Context(), Packing{Items: items, Out: file, Readers: to})
		return file, err
	}
	file, err := pack([]*Item{a, b}, ReaderOf{EntryName{a.ID, "file/1"}, one.recipient})
	noError(t, err)
	decrypted(t, unzipped(t, file, "payload/1/1.txt.age"), one)
	unzipped(t, file, "payload/2/1.txt") // for everybody
	for name, c := range map[string]struct {
		items []*Item
		file  EntryName
		want  error
	}{
		"which":        {[]*Item{a, b}, EntryName{Name: "file/1"}, ErrWhichEntry},
		"one has it":   {[]*Item{a, b}, EntryName{Name: "file/2"}, ErrWhichEntry},
		"all":          {[]*Item{a, b}, EntryName{Name: "file/"}, nil},
		"one item":     {[]*Item{a}, EntryName{Name: "file/1"}, nil},
		"another item": {[]*Item{a}, EntryName{b.ID, "file/1"}, ErrNothingRead},
		"all of one":   {[]*Item{a, b}, EntryName{b.ID, "file/"}, nil},
	} {
		if _, err := pack(c.items, ReaderOf{c.file, one.recipient}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
