package keyfile

import (
	"bytes"
	"encoding/base64"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"example.org/custody/signing"
)

// vectorFiles returns the files of a vector of spec/vectors, by name. They were
// written once, with keys nobody must trust, and never change.
func vectorFiles(t testing.TB, name string) map[string][]byte {
	t.Helper()
	b, err := os.ReadFile("../../spec/vectors/" + name)
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string][]byte)
	for _, f := range txtar.Parse(b).Files {
		files[f.Name] = f.Data
	}
	return files
}

// TestVectors opens what an earlier version wrote; the key file has the work
// factor of real ones.
func TestVectors(t *testing.T) {
	f := vectorFiles(t, "keys-file.txtar")
	sealed, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(string(f["key.age.base64"]), "\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	b, err := unseal(sealed, strings.TrimSuffix(string(f["passphrase.txt"]), "\n"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := b.marshal(); err != nil || !bytes.Equal(plain, f["plaintext.txt"]) {
		t.Errorf("key file: %v\n%s", err, plain)
	}

	want := bytes.TrimSuffix(vectorFiles(t, "keys-card.txtar")["card.json"], []byte("\n"))
	c, err := ParseCard(want)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.Marshal(); err != nil || !bytes.Equal(got, want) {
		t.Errorf("card: %v\n%s", err, got)
	}
	if c.Key.ID() != b.Card.Key.ID() || c.Age != b.Card.Age {
		t.Error("card and key file are about other keys")
	}

	f = vectorFiles(t, "keys-recovery.txtar")
	for _, name := range []string{"recovery.txt", "sheet.txt"} {
		id, err := ParseRecovery(f[name])
		if err != nil || RecoverySheet(id) != string(f["sheet.txt"]) || id.Recipient().String() != c.Vault {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParseCard(f *testing.F) {
	f.Add(bytes.TrimSuffix(vectorFiles(f, "keys-card.txtar")["card.json"], []byte("\n")))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ParseCard(b)
		if err != nil {
			if !errors.Is(err, ErrCard) && !errors.Is(err, signing.ErrSuite) && !errors.Is(err, signing.ErrKey) {
				t.Fatal(err)
			}
			return
		}
		if again, err := c.Marshal(); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%v\n%s\n%s", err, b, again)
		}
	})
}

func FuzzParseRecovery(f *testing.F) {
	for _, b := range vectorFiles(f, "keys-recovery.txtar") {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		id, err := ParseRecovery(b)
		if err != nil {
			if !errors.Is(err, ErrRecovery) {
				t.Fatal(err)
			}
			return
		}
		if again, err := ParseRecovery([]byte(RecoverySheet(id))); err != nil || again.String() != id.String() {
			t.Fatal(err)
		}
	})
}
