package trust

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

func founderFile(t testing.TB) (Founder, []byte) {
	t.Helper()
	f := founder(t, "AA")
	b, err := f.Sign([]byte("certificate of AA"), signer(t, "AA"))
	if err != nil {
		t.Fatal(err)
	}
	return f, b
}

func TestFounderFile(t *testing.T) {
	want, b := founderFile(t)
	got, cert, err := OpenFounder(b)
	if err != nil || got != want || string(cert) != "certificate of AA" {
		t.Fatalf("%+v, %q, %v", got, cert, err)
	}
	if _, err := want.Sign([]byte("x"), signer(t, "BB")); !errors.Is(err, ErrSignature) {
		t.Errorf("signed by another key: %v", err)
	}
}

// One founder has one file, and no byte of it can change.
func TestFounderFileFlips(t *testing.T) {
	_, b := founderFile(t)
	for i := range b {
		bad := bytes.Clone(b)
		bad[i] ^= 1
		if _, _, err := OpenFounder(bad); !errors.Is(err, ErrForm) && !errors.Is(err, ErrSignature) {
			t.Fatalf("byte %d: %v", i, err)
		}
	}
}

func TestFounderFileRefused(t *testing.T) {
	_, b := founderFile(t)
	text, _, _ := strings.Cut(string(b), "\n\n")
	text += "\n"
	other := func(old, new string) []byte { return signText(t, strings.Replace(text, old, new, 1), "AA") }
	both := signText(t, text, "AA", "BB")
	for name, bad := range map[string][]byte{
		"too long":           append(b, make([]byte, MaxFounder)...),
		"unsigned":           []byte(text),
		"another format":     other("founder/v1", "founder/v2"),
		"state":              other("state AA", "state aa"),
		"two spaces":         other("state AA", "state  AA"),
		"statement":          other("auditor ", "witness "),
		"one key twice":      other("auditor "+vkey(t, "auditor.aa.example", AlgCosignature).String(), "auditor "+vkey(t, "witness.aa.example", AlgCosignature).String()),
		"log with cosigner":  other("log "+vkey(t, "log.aa.example/1", AlgEd25519).String(), "log "+vkey(t, "log.aa.example/1", AlgCosignature).String()),
		"base64":             other("authority ", "authority !"),
		"something after it": signText(t, text+"more\n", "AA"),
		"others sign too":    both,
	} {
		if _, _, err := OpenFounder(bad); !errors.Is(err, ErrForm) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := OpenFounder(signText(t, text, "BB")); !errors.Is(err, ErrSignature) {
		t.Errorf("signed by a stranger: %v", err)
	}
	if _, err := note.Open(both, nil); err == nil {
		t.Error("a test of nothing")
	}
}

func FuzzOpenFounder(f *testing.F) {
	_, b := founderFile(f)
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		got, cert, err := OpenFounder(b)
		if err != nil {
			errorName(t, err)
			return
		}
		if text, _, _ := strings.Cut(string(b), "\n\n"); got.text(cert) != text+"\n" {
			t.Fatalf("opened, and is not itself:\n%s", b)
		}
	})
}
