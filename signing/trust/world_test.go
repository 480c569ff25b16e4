package trust

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"golang.org/x/mod/sumdb/note"
)

var update = flag.Bool("update", false, "write the vectors this package can make")

var day = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

// fixedKey returns the signing key whose Ed25519 seed is SHA-256 of name.
func fixedKey(t testing.TB, name string, alg byte) (string, VKey) {
	t.Helper()
	seed := sha256.Sum256([]byte("custody test key " + name))
	k, err := newVKey(name, alg, ed25519.NewKeyFromSeed(seed[:]).Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, k.hash, base64.StdEncoding.EncodeToString(append([]byte{alg}, seed[:]...))), k
}

func vkey(t testing.TB, name string, alg byte) VKey {
	_, k := fixedKey(t, name, alg)
	return k
}

func signer(t testing.TB, name string) note.Signer {
	t.Helper()
	skey, _ := fixedKey(t, name, AlgEd25519)
	s, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// signText signs any text, well formed or not, for the states named.
func signText(t testing.TB, text string, states ...string) []byte {
	t.Helper()
	var signers []note.Signer
	for _, s := range states {
		signers = append(signers, signer(t, s))
	}
	b, err := note.Sign(&note.Note{Text: text}, signers...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func founder(t testing.TB, state string) Founder {
	low := strings.ToLower(state)
	return Founder{
		State:     state,
		Key:       vkey(t, state, AlgEd25519),
		Log:       vkey(t, "log."+low+".example/1", AlgEd25519),
		Witness:   vkey(t, "witness."+low+".example", AlgCosignature),
		Auditor:   vkey(t, "auditor."+low+".example", AlgCosignature),
		Authority: DigestOf([]byte("certificate of " + state)),
	}
}

// founded returns list 1 of the states and its policies.
func founded(t testing.TB, f int, states ...string) (*List, map[Digest][]byte) {
	t.Helper()
	in := Founding{From: day, Issued: day, NextUpdate: day.AddDate(0, 6, 0), F: f}
	for _, s := range states {
		in.Founders = append(in.Founders, founder(t, s))
	}
	l, texts, err := Found(in)
	if err != nil {
		t.Fatal(err)
	}
	return l, texts
}

// opened signs l for the states and opens it.
func opened(t testing.TB, l *List, previous *List, states ...string) *List {
	t.Helper()
	text, err := l.Text()
	if err != nil {
		t.Fatal(err)
	}
	l, err = Open(signText(t, text, states...), previous)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// next returns the content of the list after l, to be changed.
func next(l *List) *List {
	n := *l
	n.Version, n.Previous, n.note = l.Version+1, l.Digest(), nil
	n.Issued, n.NextUpdate = l.Issued.AddDate(0, 1, 0), l.NextUpdate.AddDate(0, 1, 0)
	return &n
}

// vector is a txtar file of spec/vectors: its expect line, and its files by name.
type vector struct {
	expect, why string
	files       []txtar.File
}

func (v vector) format() string {
	return string(txtar.Format(&txtar.Archive{Comment: []byte("expect: " + v.expect + "\n" + v.why + "\n"), Files: v.files}))
}

func (v vector) file(name string) []byte {
	for _, f := range v.files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

// runVectors compares spec/vectors/<prefix>*.txtar with what was made, and the
// answer to each with what it expects.
func runVectors(t *testing.T, prefix string, made map[string]vector, answer func(*testing.T, vector) string) {
	t.Helper()
	if *update {
		for name, v := range made {
			if err := os.WriteFile("../../spec/vectors/"+prefix+name+".txtar", []byte(v.format()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	paths, err := filepath.Glob("../../spec/vectors/" + prefix + "*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), prefix), ".txtar")
		t.Run(name, func(t *testing.T) {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if v, ok := made[name]; !ok || v.format() != string(b) {
				t.Error("differs from what this package makes; a released vector never changes")
			}
			delete(made, name)
			a := txtar.Parse(b)
			m := regexp.MustCompile(`^expect: (\S+)\n`).FindSubmatch(a.Comment)
			if m == nil {
				t.Fatal("no expect line")
			}
			if got := answer(t, vector{files: a.Files}); got != string(m[1]) {
				t.Errorf("%s, want %s", got, m[1])
			}
		})
	}
	for name := range made {
		t.Errorf("vector %s%s is not in spec/vectors (run with -update)", prefix, name)
	}
}
