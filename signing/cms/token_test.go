package cms

import (
	"crypto/elliptic"
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"example.org/custody/signing"
)

// A token that was made is read again with all that it says.
func TestToken(t *testing.T) {
	for name, p := range map[string]party{
		"P-256": stamper(t, ecKey(t, elliptic.P256())),
		"P-384": stamper(t, ecKey(t, elliptic.P384())),
		"RSA":   stamper(t, rsaKey()),
	} {
		tok, err := ParseToken(tokenOf(t, p, bytes1, noon))
		if err == nil {
			err = tok.Verify()
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !tok.Time.Equal(noon) || tok.Latest().Sub(noon) != time.Second || tok.Policy.String() != "1.2.3.4" || tok.Serial.Int64() != 7 || !tok.Certificate().Equal(p.cert) {
			t.Errorf("%s: read %+v", name, tok)
		}
		if !tok.Covers(sha256.Sum256(bytes1)) || tok.Covers(sha256.Sum256(nil)) {
			t.Errorf("%s: over other bytes", name)
		}
	}
}

// Bounds of the certificate are inclusive, to the last fraction of the second.
func TestTokenWindow(t *testing.T) {
	p := stamper(t, ecKey(t, elliptic.P256()))
	for at, want := range map[time.Time]error{
		begin: nil, end: nil,
		begin.Add(-time.Second): signing.ErrCertificate, end.Add(time.Second): signing.ErrCertificate,
	} {
		tok, err := ParseToken(tokenOf(t, p, bytes1, at))
		must(t, err)
		if err := tok.Verify(); !errors.Is(err, want) {
			t.Errorf("at %s: %v", at, err)
		}
	}
	if err := validAt(p.cert, end.Add(time.Second-1)); err != nil {
		t.Error(err)
	}
}

func TestResponse(t *testing.T) {
	p := stamper(t, ecKey(t, elliptic.P256()))
	g := grant(bytes1, noon)
	if r, err := ParseRequest(g.Request.Marshal()); err != nil || r.Digest != g.Request.Digest || r.Nonce.Cmp(g.Request.Nonce) != 0 {
		t.Fatalf("request read as %+v, %v", r, err)
	}
	token, err := SignToken(t.Context(), g, p)
	must(t, err)
	other := g.Request
	other.Nonce = nil
	changed := g.Request
	changed.Digest[0] ^= 1
	for name, c := range map[string]struct {
		of   Request
		in   []byte
		want error
	}{
		"granted":         {g.Request, MarshalResponse(token), nil},
		"without nonce":   {other, MarshalResponse(token), ErrContent},
		"other digest":    {changed, MarshalResponse(token), ErrContent},
		"refused":         {g.Request, MarshalRefusal("no"), ErrRefused},
		"nothing":         {g.Request, nil, ErrForm},
		"trailing":        {g.Request, append(MarshalResponse(token), 0), ErrForm},
		"granted nothing": {g.Request, MarshalResponse(nil), ErrForm},
	} {
		tok, raw, err := c.of.ParseResponse(c.in)
		if !errors.Is(err, c.want) || err == nil && (string(raw) != string(token) || tok == nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Only a certificate for timestamps alone signs tokens.
func TestStamperCertificate(t *testing.T) {
	p := officer(t, ecKey(t, elliptic.P256()))
	if _, err := SignToken(t.Context(), grant(bytes1, noon), p); !errors.Is(err, signing.ErrCertificate) {
		t.Errorf("an officer stamps: %v", err)
	}
	if _, err := CreateAuthority(ecKey(t, elliptic.P521()), template("x")); !errors.Is(err, signing.ErrKey) {
		t.Errorf("P-521: %v", err)
	}
}
