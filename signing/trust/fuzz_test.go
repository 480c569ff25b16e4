package trust

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/torchwood"
	"github.com/rogpeppe/go-internal/txtar"
)

// seeds adds one file of every vector.
func seeds(f *testing.F, glob, name string) {
	f.Helper()
	paths, err := filepath.Glob("../../spec/vectors/" + glob)
	if err != nil || len(paths) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range txtar.Parse(b).Files {
			if file.Name == name {
				f.Add(file.Data)
			}
		}
	}
}

func FuzzOpen(f *testing.F) {
	seeds(f, "trust-*.txtar", "list.note")
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := Open(b, nil)
		if err != nil {
			errorName(t, err)
			return
		}
		if !bytes.Equal(l.Note(), b) || l.Signers < 1 {
			t.Fatalf("opened, and is not itself:\n%s", b)
		}
	})
}

func FuzzParseText(f *testing.F) {
	seeds(f, "trust-*.txtar", "list.note")
	f.Fuzz(func(t *testing.T, b []byte) {
		text, _, _ := bytes.Cut(b, []byte("\n\n"))
		l, err := ParseText(string(text) + "\n")
		if err != nil {
			if !errors.Is(err, ErrForm) {
				t.Fatal(err)
			}
			return
		}
		if again, err := l.Text(); err != nil || again != string(text)+"\n" {
			t.Fatalf("%v\n%s\n%s", err, text, again)
		}
	})
}

func FuzzParsePolicy(f *testing.F) {
	seeds(f, "policy-*.txtar", "policy.txt")
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParsePolicy(b)
		if err != nil {
			if !errors.Is(err, ErrForm) {
				t.Fatal(err)
			}
			return
		}
		if _, err := torchwood.ParsePolicy(b); err != nil {
			t.Fatalf("we accept, torchwood does not: %v\n%s", err, b)
		}
		again, err := ParsePolicy(p.Text())
		if err != nil || !bytes.Equal(again.Text(), p.Text()) {
			t.Fatalf("%v\n%s\n%s", err, b, p.Text())
		}
		if !p.Satisfied(func(VKey) bool { return true }) {
			t.Fatalf("everyone signed and it is not enough:\n%s", b)
		}
		if p.Quorum != None && p.Satisfied(func(VKey) bool { return false }) {
			t.Fatalf("nobody signed and it is enough:\n%s", b)
		}
	})
}

func FuzzParseVKey(f *testing.F) {
	f.Add(vkey(f, "log.aa.example/1", AlgEd25519).String())
	f.Add(vkey(f, "witness.aa.example", AlgCosignature).String())
	f.Fuzz(func(t *testing.T, s string) {
		k, err := ParseVKey(s)
		if err != nil {
			if !errors.Is(err, ErrVKey) {
				t.Fatal(err)
			}
			return
		}
		if k.String() != s {
			t.Fatalf("%q is %q", s, k)
		}
		v, err := k.Verifier()
		if err != nil || v.Name() != k.Name() || v.KeyHash() != k.Hash() {
			t.Fatalf("%q: %v", s, err)
		}
	})
}

func FuzzParseDigest(f *testing.F) {
	for _, s := range []string{"", DigestOf(nil).String(), DigestOf(nil).Hex(), "sha256:" + strings.ToUpper(DigestOf(nil).Hex())} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := ParseDigest(s); err == nil && d.String() != s || err != nil && !errors.Is(err, ErrForm) {
			t.Errorf("%q: %v, %v", s, d, err)
		}
	})
}
