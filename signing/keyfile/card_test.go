package keyfile_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/gowebpki/jcs"
	"pgregory.net/rapid"

	"example.org/custody/signing"
	"example.org/custody/signing/keyfile"
)

func TestCardRoundTrip(t *testing.T) {
	base := bundle(t).Card
	rapid.Check(t, func(r *rapid.T) {
		c := base
		c.Alias = rapid.StringMatching(`[ -~]{1,60}|[äöüßàé]{1,20}|<&>"\\{1,5}`).Draw(r, "alias")
		c.Authority = rapid.StringMatching(`[A-Z]{2}(/[a-z0-9]{1,20})?`).Draw(r, "authority")
		c.Role = rapid.SampledFrom([]string{"collector", "examiner", "custodian", "court"}).Draw(r, "role")
		c.State = rapid.StringMatching(`[A-Z]{2,8}`).Draw(r, "state")
		if rapid.Bool().Draw(r, "no vault") {
			c.Vault = ""
		}
		if rapid.Bool().Draw(r, "enrolled") {
			c.Enrolment = rapid.SliceOfN(rapid.Byte(), 1, 2000).Draw(r, "enrolment")
		}
		b, err := c.Marshal()
		if err != nil {
			r.Fatal(err)
		}
		if canonical, err := jcs.Transform(b); err != nil || !bytes.Equal(canonical, b) {
			r.Fatalf("not RFC 8785: %s", b)
		}
		got, err := keyfile.ParseCard(b)
		if err != nil {
			r.Fatal(err)
		}
		if got.Alias != c.Alias || got.Authority != c.Authority || got.Role != c.Role || got.State != c.State ||
			got.Age != c.Age || got.Vault != c.Vault || !bytes.Equal(got.Enrolment, c.Enrolment) || got.Key.ID() != c.Key.ID() {
			r.Fatalf("%+v", got)
		}
	})
}

func TestCardRecipient(t *testing.T) {
	c := bundle(t).Card
	for _, want := range []string{c.Vault, c.Age} {
		r, err := c.Recipient()
		if err != nil || r.(interface{ String() string }).String() != want {
			t.Errorf("%v, want %s: %v", r, want, err)
		}
		c.Vault = ""
	}
}

// otherThan returns another character of bech32.
func otherThan(c byte) string {
	if c == 'q' {
		return "p"
	}
	return "q"
}

func TestParseCardRefuses(t *testing.T) {
	c := bundle(t).Card
	c.Enrolment = []byte("enrolled") // base64 with padding
	b, err := c.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	good, id := string(b), c.Key.ID().String()
	for _, bad := range []struct {
		name, from, to string
		want           error
	}{
		{"extra member", `"format"`, `"extra":1,"format"`, keyfile.ErrCard},
		{"member twice", `"format"`, `"alias":"x","format"`, keyfile.ErrCard},
		{"white space", `{"age"`, `{ "age"`, keyfile.ErrCard},
		{"format", "custody/card/v1", "custody/card/v2", keyfile.ErrCard},
		{"another key's id", id, signing.KeyIDOf(nil).String(), keyfile.ErrCard},
		{"id in upper case", id, strings.ToUpper(id), keyfile.ErrCard},
		{"recipient", c.Age, c.Age[:len(c.Age)-1] + otherThan(c.Age[len(c.Age)-1]), keyfile.ErrCard},
		{"recipient in upper case", c.Age, strings.ToUpper(c.Age), keyfile.ErrCard},
		{"vault", c.Vault, "age1x", keyfile.ErrCard},
		{"empty vault", `,"vault":"` + c.Vault + `"`, `,"vault":""`, keyfile.ErrCard},
		{"role", `"custodian"`, `"Custodian"`, keyfile.ErrCard},
		{"state", `"state":"AA"`, `"state":"A"`, keyfile.ErrCard},
		{"alias not NFC", "officer 7", "officer u\u0308", keyfile.ErrCard},
		{"alias with a control character", "officer 7", `officer \u0007`, keyfile.ErrCard},
		{"empty alias", "officer 7", "", keyfile.ErrCard},
		{"long alias", "officer 7", strings.Repeat("x", 257), keyfile.ErrCard},
		{"empty authority", `"authority":"AA"`, `"authority":""`, keyfile.ErrCard},
		{"enrolment unpadded", `="`, `"`, keyfile.ErrCard},
		{"unknown suite", "ecdsa-p256-sha256", "ecdsa-p256-sha256+ml-dsa-65", signing.ErrSuite},
		{"another suite", "ecdsa-p256-sha256", "ecdsa-p384-sha384", signing.ErrKey},
		{"another key", `"spki":"MFk`, `"spki":"MFm`, signing.ErrKey},
	} {
		if !strings.Contains(good, bad.from) {
			t.Fatalf("%s: nothing to replace in %s", bad.name, good)
		}
		if _, err := keyfile.ParseCard([]byte(strings.Replace(good, bad.from, bad.to, 1))); !errors.Is(err, bad.want) {
			t.Errorf("%s: %v", bad.name, err)
		}
	}
	c.Enrolment = make([]byte, 256<<10+1)
	if _, err := c.Marshal(); !errors.Is(err, keyfile.ErrCard) {
		t.Errorf("long enrolment: %v", err)
	}
	if _, err := keyfile.ParseCard(make([]byte, 512<<10+1)); !errors.Is(err, keyfile.ErrCard) {
		t.Errorf("long card: %v", err)
	}
	if _, err := (&keyfile.Card{}).Marshal(); !errors.Is(err, keyfile.ErrCard) {
		t.Errorf("no key: %v", err)
	}
}
