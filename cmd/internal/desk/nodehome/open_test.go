package nodehome

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger"
)

const origin = evidence.Origin("aa.example/ledger")

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func logKey(name string) (note.Signer, note.Verifier) {
	skey, vkey, err := note.GenerateKey(nil, name)
	return must(note.NewSigner(must(skey, err))), must(note.NewVerifier(vkey))
}

func treeOf(o evidence.Origin, size uint64) ledger.Checkpoint {
	return ledger.Checkpoint{Origin: o, Size: size, Root: sha256.Sum256([]byte{byte(size)})}
}

// A ledger has ended where its own key says, and nobody who can only write to the home can
// end it.
func TestFinal(t *testing.T) {
	own, v := logKey(string(origin))
	other, _ := logKey(string(origin))
	elsewhere, w := logKey("bb.example/ledger")
	end := treeOf(origin, 7)
	for name, c := range map[string]struct {
		signed []byte
		key    note.Verifier
		want   error
	}{
		"its own":        {must(end.Sign(own)), v, nil},
		"another key":    {must(end.Sign(other)), v, ErrFinal},
		"another ledger": {must(treeOf("bb.example/ledger", 7).Sign(elsewhere)), w, ErrFinal},
		"not signed":     {end.Marshal(), v, ErrFinal},
		"half":           {must(end.Sign(own))[:20], v, ErrFinal},
	} {
		n := &Open{home: t.TempDir(), pins: &pins{dir: t.TempDir(), origin: origin}}
		s := secrets{about: About{Origin: origin}, verifier: c.key}
		if got, err := n.final(s); got != nil || err != nil {
			t.Errorf("a ledger that goes on: %v, %v", got, err)
		}
		path := filepath.Join(n.home, "ledger", "final.note")
		if err := errors.Join(os.Mkdir(filepath.Dir(path), 0o700), os.WriteFile(path, c.signed, 0o600)); err != nil {
			t.Fatal(err)
		}
		got, err := n.final(s)
		if !errors.Is(err, c.want) || (err == nil) != (got != nil && *got == end) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// Cosigners' newest notes outlive the process; a damaged file of them is none.
func TestNotesKept(t *testing.T) {
	n := &Open{home: t.TempDir()}
	if err := os.Mkdir(filepath.Join(n.home, "ledger"), 0o700); err != nil {
		t.Fatal(err)
	}
	skey, vkey, err := note.GenerateKey(nil, "bb-witness")
	if err != nil {
		t.Fatal(err)
	}
	n.known = note.VerifierList(must(fnote.NewVerifierForCosignatureV1(vkey)))
	own, _ := logKey(string(origin))
	text := must(note.Sign(&note.Note{Text: string(treeOf(origin, 7).Marshal())}, own, must(fnote.NewSignerForCosignatureV1(skey))))
	if got := n.kept(); got != nil {
		t.Errorf("%q", got)
	}
	if err := writeNotes(durable.Files{}, n.notesPath(), [][]byte{text}); err != nil {
		t.Fatal(err)
	}
	if got := n.kept(); !slices.EqualFunc(got, [][]byte{text}, bytes.Equal) {
		t.Errorf("%q", got)
	}
	b := must(os.ReadFile(n.notesPath()))
	if err := os.WriteFile(n.notesPath(), b[:len(b)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	if got := n.kept(); got != nil {
		t.Errorf("of a damaged file %q", got)
	}
}
