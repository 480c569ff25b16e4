package trust

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
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

// A vector founder-*.txtar holds founder.note.
func TestFounderVectors(t *testing.T) {
	_, good := founderFile(t)
	text, _, _ := strings.Cut(string(good), "\n\n")
	text += "\n"
	made := map[string]vector{}
	add := func(name, expect, why string, file []byte) {
		made[name] = vector{expect, why, []txtar.File{{Name: "founder.note", Data: file}}}
	}
	add("plain", "holds", "What state AA brings to a list, signed by its list key.", good)
	add("unsigned", "fails:form", "The text alone.", []byte(text))
	add("others-sign", "fails:form", "Signed by AA, and by BB who has no say in it.", signText(t, text, "AA", "BB"))
	add("stranger", "fails:signature", "Signed by BB's key and not by the key it names.", signText(t, text, "BB"))
	witness, auditor := vkey(t, "witness.aa.example", AlgCosignature), vkey(t, "auditor.aa.example", AlgCosignature)
	for _, c := range []struct{ name, why, from, to string }{
		{"other-format", "A format of a later version.", "founder/v1", "founder/v2"},
		{"state-lower-case", "State codes are A-Z.", "state AA", "state aa"},
		{"two-spaces", "One space between words.", "state AA", "state  AA"},
		{"statement-twice", "Witness twice, no auditor.", "auditor ", "witness "},
		{"statement-more", "A statement nobody knows.", "authority ", "note x\nauthority "},
		{"key-twice", "One key as witness and auditor.", auditor.String(), witness.String()},
		{"log-type", "A ledger with a key that makes cosignatures.", vkey(t, aaLog, AlgEd25519).String(), vkey(t, aaLog, AlgCosignature).String()},
		{"certificate", "A certificate that is not base64.", "authority ", "authority !"},
	} {
		if strings.Count(text, c.from) == 0 {
			t.Fatalf("%s: nothing to replace", c.name)
		}
		add("form-"+c.name, "fails:form", c.why, signText(t, strings.Replace(text, c.from, c.to, 1), "AA"))
	}
	runVectors(t, "founder-", made, func(t *testing.T, v vector) string {
		if _, _, err := OpenFounder(v.file("founder.note")); err != nil {
			return errorName(t, err)
		}
		return "holds"
	})
}

func TestFounderFileTooLong(t *testing.T) {
	_, b := founderFile(t)
	if _, _, err := OpenFounder(append(b, make([]byte, MaxFounder)...)); !errors.Is(err, ErrForm) {
		t.Error(err)
	}
}

func FuzzOpenFounder(f *testing.F) {
	seeds(f, "founder-*.txtar", "founder.note")
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
