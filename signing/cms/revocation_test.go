package cms

import (
	"crypto/elliptic"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"testing"
	"time"

	"example.org/custody/signing"
)

// lister is an authority that may issue revocation lists, and an officer of it.
func lister(t testing.TB) (officer party, list func(at time.Time, revoked ...signing.Revoked) []byte) {
	t.Helper()
	root, key := ecKey(t, elliptic.P256()), ecKey(t, elliptic.P256())
	in := template("Prosecution AA")
	in.Lists = true
	authority, err := signing.CreateAuthority(root, in)
	must(t, err)
	public, err := signing.NewSigner(key)
	must(t, err)
	c, err := signing.CreateOfficer(authority, root, public.Public(), template("Officer AA"))
	must(t, err)
	s, err := signing.NewSigner(key, c, authority)
	must(t, err)
	return party{s, key, c, []*x509.Certificate{authority}}, func(at time.Time, revoked ...signing.Revoked) []byte {
		b, err := signing.CreateRevocationList(authority, root, revoked, at, at.AddDate(0, 0, 7))
		must(t, err)
		return b
	}
}

// openssl asks the enclosed lists when it is told to, and so do we; what one says no
// other takes back.
func TestLevelLT(t *testing.T) {
	p, list := lister(t)
	tsa := stamper(t, ecKey(t, elliptic.P256()))
	b := stamped(t, p, tsa, bytes1, noon, noon)
	clean, revoked := list(noon.Add(time.Minute)), list(noon.Add(time.Hour), signing.Revoked{Certificate: p.cert, At: noon.Add(30 * time.Minute)})
	later, sooner := list(noon.Add(2*time.Hour)), list(noon.Add(3*time.Hour), signing.Revoked{Certificate: p.cert, At: noon.Add(10 * time.Minute)})
	after, named := list(end.AddDate(0, 0, 1)), list(end.AddDate(0, 0, 2), signing.Revoked{Certificate: p.cert, At: noon.Add(30 * time.Minute)})
	for name, c := range map[string]struct {
		lists  [][]byte
		want   Revocation
		passes bool
	}{
		"left out later":        {[][]byte{revoked, later}, Revocation{noon.Add(2 * time.Hour), noon.Add(30 * time.Minute)}, false},
		"left out once expired": {[][]byte{revoked, after}, Revocation{noon.Add(time.Hour), noon.Add(30 * time.Minute)}, false},
		"the earliest":          {[][]byte{sooner, revoked}, Revocation{noon.Add(3 * time.Hour), noon.Add(10 * time.Minute)}, false},
		"of what is expired":    {[][]byte{after}, Revocation{}, false},
		"named once expired":    {[][]byte{named}, Revocation{end.AddDate(0, 0, 2), noon.Add(30 * time.Minute)}, false},
		"clean":                 {[][]byte{clean}, Revocation{Listed: noon.Add(time.Minute)}, true},
		"revoked later":         {[][]byte{clean, revoked}, Revocation{noon.Add(time.Hour), noon.Add(30 * time.Minute)}, false},
		"the other way":         {[][]byte{revoked, clean}, Revocation{noon.Add(time.Hour), noon.Add(30 * time.Minute)}, false},
		"revoked alone":         {[][]byte{revoked}, Revocation{noon.Add(time.Hour), noon.Add(30 * time.Minute)}, false},
		"of a stranger":         {[][]byte{strangersList(t)}, Revocation{}, false},
		"a bit is other":        {[][]byte{flipLast(revoked)}, Revocation{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			lt, err := WithRevocations(b, c.lists)
			must(t, err)
			must(t, verifyCAdES(lt, bytes1, p.roots))
			s, err := ParseSignature(lt)
			must(t, err)
			if got := s.Revocation(p.roots); got != c.want {
				t.Errorf("%+v, not %+v", got, c.want)
			}
			dir := t.TempDir()
			write(t, dir, map[string][]byte{"s.p7s": lt, "content": bytes1, "ca.pem": pemOf(p.roots...)})
			out, err := openssl(t, dir, "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "s.p7s", "-content", "content", "-CAfile", "ca.pem",
				"-purpose", "any", "-crl_check", "-attime", "1795524000", "-out", "/dev/null") // 2026-11-24, in the afternoon
			if (err == nil) != c.passes && len(c.lists) == 1 { // of two it takes either
				t.Errorf("openssl: %v\n%s", err, out)
			}
		})
	}
}

func flipLast(b []byte) []byte { b = append([]byte{}, b...); b[len(b)-1] ^= 1; return b }

func strangersList(t *testing.T) []byte {
	_, list := lister(t)
	return list(noon.Add(time.Minute))
}

func TestWithRevocationsRefuses(t *testing.T) {
	p, list := lister(t)
	tsa := stamper(t, ecKey(t, elliptic.P256()))
	good := stamped(t, p, tsa, bytes1, noon, noon)
	lt, err := WithRevocations(good, [][]byte{list(noon)})
	must(t, err)
	for name, c := range map[string]struct {
		signature []byte
		lists     [][]byte
	}{
		"level B":        {signatureOf(t, p, bytes1, noon), [][]byte{list(noon)}},
		"lists already":  {lt, [][]byte{list(noon)}},
		"no list":        {good, nil},
		"not a list":     {good, [][]byte{p.cert.Raw}},
		"too many lists": {good, make([][]byte, 17)},
		"no signature":   {bytes1, [][]byte{list(noon)}},
	} {
		if _, err := WithRevocations(c.signature, c.lists); !errors.Is(err, ErrForm) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What authorities wrote beside the certificates of a token, whatever it is, is
// passed over.
func TestOtherRevocationValues(t *testing.T) {
	p, _ := lister(t)
	b := stamped(t, p, stamper(t, ecKey(t, elliptic.P256())), bytes1, noon, noon)
	parts := cut(b)
	parts.lists = []byte{0xa1, 3, 2, 1, 5} // an integer
	s, err := ParseSignature(parts.join())
	must(t, err)
	must(t, s.Verify(bytes1, p.roots))
	if got := s.Revocation(p.roots); !got.Listed.IsZero() {
		t.Errorf("%+v", got)
	}
}

// A list with a critical extension may speak of some certificates only.
func TestPartialList(t *testing.T) {
	root := ecKey(t, elliptic.P256())
	in := template("Prosecution AA")
	in.Lists = true
	authority, err := signing.CreateAuthority(root, in)
	must(t, err)
	raw, err := x509.CreateRevocationList(nil, &x509.RevocationList{
		Number: big.NewInt(1), ThisUpdate: noon, NextUpdate: noon.AddDate(0, 0, 1),
		ExtraExtensions: []pkix.Extension{{Id: []int{2, 5, 29, 28}, Critical: true, Value: []byte{0x30, 0}}},
	}, authority, root)
	must(t, err)
	partial, err := x509.ParseRevocationList(raw)
	must(t, err)
	if err := signing.CheckRevocationList(partial, authority); !errors.Is(err, signing.ErrCertificate) {
		t.Error(err)
	}
}
