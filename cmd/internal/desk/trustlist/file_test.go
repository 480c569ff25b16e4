package trustlist

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"example.org/custody/signing/trust"
	"example.org/custody/verify"
	"example.org/custody/verify/verifytest"
)

// trustFile makes a trust file of one state's list.
func trustFile(t testing.TB) *File {
	t.Helper()
	w := verifytest.New(verifytest.Config{})
	w.State("AA")
	f := &File{Note: w.List.Note(), Policies: map[trust.Digest][]byte{}, Certs: map[trust.Digest][]byte{}}
	for _, text := range w.Policies {
		f.Policies[trust.DigestOf(text)] = text
	}
	for _, der := range w.Certs {
		f.Certs[trust.DigestOf(der)] = der
	}
	return f
}

func marshalled(t testing.TB, f *File) []byte {
	t.Helper()
	b, err := f.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A trust file has one encoding, and carries nothing that its list does not name.
func TestParseTrustFile(t *testing.T) {
	good := marshalled(t, trustFile(t))
	f, err := ParseFile(good)
	if err != nil || len(f.Policies) == 0 || len(f.Certs) == 0 {
		t.Fatalf("%d policies, %d certificates, %v", len(f.Policies), len(f.Certs), err)
	}
	for name, bad := range map[string][]byte{
		"empty":          nil,
		"a space":        bytes.Replace(good, []byte(`,"format"`), []byte(`, "format"`), 1),
		"format":         bytes.Replace(good, []byte("trust/v1"), []byte("trust/v2"), 1),
		"a member more":  bytes.Replace(good, []byte(`"format"`), []byte(`"f":1,"format"`), 1),
		"a policy more":  bytes.Replace(good, []byte(`"policies":[`), []byte(`"policies":["x",`), 1),
		"a policy twice": bytes.Replace(good, []byte(`"policies":[`), []byte(`"policies":["`+string(bytes.ReplaceAll(f.policies()[0], []byte("\n"), []byte(`\n`)))+`",`), 1),
		"no list":        bytes.Replace(good, []byte("custody-trust/v1"), []byte("custody-trust/v0"), 1),
	} {
		if _, err := ParseFile(bad); !errors.Is(err, ErrNote) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A verdict can be asked under a trust file as under its list alone.
func TestGivenTrustFile(t *testing.T) {
	f := trustFile(t)
	file := filepath.Join(t.TempDir(), "trust")
	for _, c := range []struct {
		content  []byte
		policies int
	}{{marshalled(t, f), len(f.Policies)}, {f.Note, 0}} {
		if err := os.WriteFile(file, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := Given(file)
		if err != nil || got.Source != verify.SourceGiven || got.List == nil || len(got.Policies) != c.policies {
			t.Errorf("%d policies, %v", len(got.Policies), err)
		}
	}
}

func FuzzParseTrustFile(f *testing.F) {
	f.Add([]byte(`{"certificates":[],"format":"custody/trust/v1","list":"","policies":[]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := ParseFile(b)
		if err != nil {
			return
		}
		if again, err := got.Marshal(); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("taken, and written otherwise: %q", b)
		}
	})
}
