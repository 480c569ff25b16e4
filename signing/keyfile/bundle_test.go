package keyfile

import (
	"bytes"
	"crypto/x509"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"example.org/custody/signing"
)

func plaintext(t testing.TB) []byte {
	t.Helper()
	b, err := Generate(Card{Role: "custodian", Authority: "AA", State: "AA", Alias: "officer 7"})
	if err != nil {
		t.Fatal(err)
	}
	cert, err := signing.CreateAuthority(b.Key, signing.Template{NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<31, 0), Serial: big.NewInt(1)})
	if err != nil {
		t.Fatal(err)
	}
	b.Chain = []*x509.Certificate{cert}
	plain, err := b.marshal()
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// TestParseBundle: a plaintext is taken whole and in its one form; what fails
// says so without telling the secret.
func TestParseBundle(t *testing.T) {
	good, stranger := string(plaintext(t)), string(plaintext(t))
	part := func(s, from, to string) string {
		i := strings.Index(s, from)
		return s[i : i+strings.Index(s[i:], to)]
	}
	for name, c := range map[string]struct{ from, to string }{
		"header":         {"key/v1", "key/v2"},
		"another card":   {part(good, "# {", "\n"), part(stranger, "# {", "\n")},
		"another age":    {part(good, "AGE-", "\n"), part(stranger, "AGE-", "\n")},
		"another key":    {part(good, "-----BEGIN PRIV", "-----BEGIN CERT"), part(stranger, "-----BEGIN PRIV", "-----BEGIN CERT")},
		"age lower case": {part(good, "AGE-", "\n"), strings.ToLower(part(good, "AGE-", "\n"))},
		"age damaged":    {part(good, "AGE-", "\n"), part(good, "AGE-", "\n")[:60]},
		"card damaged":   {`"role":"`, `"role":"X`},
		"no hash":        {"# {", "{"},
		"space":          {"-----END PRIVATE KEY-----\n", "-----END PRIVATE KEY----- \n"},
		"line end":       {"-----END CERTIFICATE-----\n", "-----END CERTIFICATE-----"},
		"line more":      {"-----END CERTIFICATE-----\n", "-----END CERTIFICATE-----\n\n"},
	} {
		bad := strings.Replace(good, c.from, c.to, 1)
		if bad == good {
			t.Fatalf("%s: nothing replaced", name)
		}
		_, err := parseBundle([]byte(bad))
		if !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		} else if strings.Contains(err.Error(), "AGE-SECRET") || strings.Contains(strings.ToUpper(err.Error()), part(good, "AGE-", "\n")[20:40]) {
			t.Errorf("%s: the error tells the secret: %v", name, err)
		}
	}
	if _, err := parseBundle([]byte(good)); err != nil {
		t.Error(err)
	}
}

func FuzzParseBundle(f *testing.F) {
	f.Add(vectorFiles(f, "keys-file.txtar")["plaintext.txt"])
	f.Fuzz(func(t *testing.T, plain []byte) {
		b, err := parseBundle(plain)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Fatal(err)
			}
			return
		}
		if again, err := b.marshal(); err != nil || !bytes.Equal(again, plain) {
			t.Fatalf("%v\n%s\n%s", err, plain, again)
		}
	})
}

func FuzzParseKey(f *testing.F) {
	plain := vectorFiles(f, "keys-file.txtar")["plaintext.txt"]
	f.Add(plain[bytes.Index(plain, []byte("-----BEGIN")):])
	f.Fuzz(func(t *testing.T, b []byte) {
		key, chain, err := ParseKey(b)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Fatal(err)
			}
			return
		}
		if again, err := MarshalKey(key, chain...); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%v\n%s\n%s", err, b, again)
		}
	})
}
