package desk

import (
	"bytes"
	"errors"
	"testing"

	"example.org/custody/verify"
)

func trustFile(t testing.TB, desks []*Created) []byte {
	t.Helper()
	got, err := desks[0].Propose(Proposal{Lying: -1})
	if err != nil {
		t.Fatal(err)
	}
	b, err := got.File.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A trust file has one encoding, and carries nothing that its list does not name.
func TestParseTrustFile(t *testing.T) {
	desks := apart(t, "AA")
	good := trustFile(t, desks)
	f, err := ParseTrustFile(good)
	if err != nil || len(f.Policies) != 1 || len(f.Certs) != 1 {
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
		if _, err := ParseTrustFile(bad); !errors.Is(err, ErrTrustNote) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A verdict can be asked under a trust file as under its list alone.
func TestGivenTrustFile(t *testing.T) {
	desks := apart(t, "AA")
	b := trustFile(t, desks)
	l := &liar{t: t}
	got, err := GivenTrust(l.file(b))
	if err != nil || got.Source != verify.SourceGiven || got.List.Version != 2 || len(got.Policies) != 1 || len(got.Certs) != 1 {
		t.Errorf("version %d, %d policies, %v", got.List.Version, len(got.Policies), err)
	}
	note, _ := desks[0].TrustNote()
	if got, err = GivenTrust(l.file(note)); err != nil || got.List.Version != 1 || got.Policies != nil {
		t.Errorf("a note: %+v, %v", got, err)
	}
}

func FuzzParseTrustFile(f *testing.F) {
	f.Add([]byte(`{"certificates":[],"format":"custody/trust/v1","list":"","policies":[]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := ParseTrustFile(b)
		if err != nil {
			return
		}
		if again, err := got.Marshal(); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("taken, and written otherwise: %q", b)
		}
	})
}
