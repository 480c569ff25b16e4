package signing_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"testing"
	"time"

	"example.org/custody/signing"
)

var (
	from  = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	until = time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)
)

func template(name string, serial int64) signing.Template {
	return signing.Template{
		Subject: pkix.Name{Country: []string{"AA"}, CommonName: name}, NotBefore: from, NotAfter: until, Serial: big.NewInt(serial),
	}
}

func authority(t *testing.T, name string) (*ecdsa.PrivateKey, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := signing.CreateAuthority(key, template(name, 1))
	if err != nil {
		t.Fatal(err)
	}
	return key, cert
}

func TestCertificates(t *testing.T) {
	caKey, ca := authority(t, "authority of AA")
	officer := fixed(t, "custody test key a")
	cert, err := signing.CreateOfficer(ca, caKey, officer.public, template("officer 7", 2))
	if err != nil {
		t.Fatal(err)
	}
	if err := signing.CheckAuthority(ca); err != nil {
		t.Error(err)
	}
	if err := signing.CheckOfficer(cert); err != nil {
		t.Error(err)
	}
	for name, err := range map[string]error{"authority as officer": signing.CheckOfficer(ca), "officer as authority": signing.CheckAuthority(cert)} {
		if !errors.Is(err, signing.ErrCertificate) {
			t.Errorf("%s: %v", name, err)
		}
	}
	checkCritical(t, ca)
	checkCritical(t, cert)
	if cert.SerialNumber.Int64() != 2 {
		t.Errorf("serial %s", cert.SerialNumber)
	}
	if !ca.MaxPathLenZero || ca.MaxPathLen != 0 {
		t.Errorf("an authority may vouch for authorities: path length %d", ca.MaxPathLen)
	}
	k, err := signing.PublicKeyOf(cert)
	if err != nil || k.ID() != officer.public.ID() || k.Suite() != signing.ECDSAP256 {
		t.Errorf("key of certificate: %v", err)
	}
	s, err := signing.NewSigner(officer.key, cert, ca)
	if err != nil || len(s.Chain()) != 2 {
		t.Fatalf("signer with chain: %v", err)
	}
	if _, err := signing.NewSigner(caKey, cert); !errors.Is(err, signing.ErrKey) {
		t.Errorf("signer with another key's certificate: %v", err)
	}
}

// checkCritical looks for basicConstraints and keyUsage, RFC 5280 §4.2.1.9 and §4.2.1.3.
func checkCritical(t *testing.T, c *x509.Certificate) {
	t.Helper()
	critical := map[string]bool{}
	for _, e := range c.Extensions {
		critical[e.Id.String()] = e.Critical
	}
	if !critical["2.5.29.19"] || !critical["2.5.29.15"] || len(c.SubjectKeyId) != 20 || len(c.AuthorityKeyId) != 20 {
		t.Errorf("%s: critical extensions %v", c.Subject, critical)
	}
}

func TestVerifyChain(t *testing.T) {
	caKey, ca := authority(t, "authority of AA")
	_, other := authority(t, "authority of AA") // same name, another key
	officer := fixed(t, "custody test key a")
	cert, err := signing.CreateOfficer(ca, caKey, officer.public, template("officer 7", 2))
	if err != nil {
		t.Fatal(err)
	}
	// An officer who plays authority: the certificate is well formed and signed.
	forged, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(3), NotBefore: from, NotAfter: until, KeyUsage: x509.KeyUsageDigitalSignature,
	}, cert, fixed(t, "custody test key b").public.Key(), officer.key)
	if err != nil {
		t.Fatal(err)
	}
	below, err := x509.ParseCertificate(forged)
	if err != nil {
		t.Fatal(err)
	}
	chain, roots := []*x509.Certificate{cert}, []*x509.Certificate{other, ca}
	for _, c := range []struct {
		name         string
		chain, roots []*x509.Certificate
		at           time.Time
		ok           bool
	}{
		{"first second", chain, roots, from, true},
		{"last second", chain, roots, until, true},
		{"a second early", chain, roots, from.Add(-time.Second), false},
		{"a second late", chain, roots, until.Add(time.Second), false},
		{"authority in the chain", []*x509.Certificate{cert, ca}, roots, from, true},
		{"other authority", chain, []*x509.Certificate{other}, from, false},
		{"no authority", chain, nil, from, false},
		{"authority only in the chain", []*x509.Certificate{cert, ca}, []*x509.Certificate{other}, from, false},
		{"below an officer", []*x509.Certificate{below, cert}, roots, from, false},
		{"no certificate", nil, roots, from, false},
	} {
		got, err := signing.VerifyChain(c.chain, c.roots, c.at)
		if c.ok && (err != nil || !got.Equal(ca)) {
			t.Errorf("%s: %v", c.name, err)
		}
		if !c.ok && !errors.Is(err, signing.ErrCertificate) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestCreateOfficerRefuses(t *testing.T) {
	caKey, ca := authority(t, "authority of AA")
	otherKey, _ := authority(t, "authority of BB")
	officer := fixed(t, "custody test key a").public
	if _, err := signing.CreateOfficer(ca, otherKey, officer, template("officer 7", 2)); !errors.Is(err, signing.ErrKey) {
		t.Errorf("another authority's key: %v", err)
	}
	for name, change := range map[string]func(*signing.Template){
		"before the authority":  func(t *signing.Template) { t.NotBefore = from.Add(-time.Second) },
		"after the authority":   func(t *signing.Template) { t.NotAfter = until.Add(time.Second) },
		"ends before it starts": func(t *signing.Template) { t.NotBefore, t.NotAfter = until, from },
	} {
		tmpl := template("officer 7", 2)
		change(&tmpl)
		if _, err := signing.CreateOfficer(ca, caKey, officer, tmpl); !errors.Is(err, signing.ErrCertificate) {
			t.Errorf("%s: %v", name, err)
		}
	}
	tmpl := template("officer 7", 0)
	tmpl.Serial = nil
	a, err := signing.CreateOfficer(ca, caKey, officer, tmpl)
	if err != nil {
		t.Fatal(err)
	}
	b, err := signing.CreateOfficer(ca, caKey, officer, tmpl)
	if err != nil || a.SerialNumber.Cmp(b.SerialNumber) == 0 || a.SerialNumber.BitLen() != 127 {
		t.Errorf("drawn serials %s and %s: %v", a.SerialNumber, b.SerialNumber, err)
	}
}
