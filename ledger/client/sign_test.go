package client

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.org/custody/signing"
)

func signerOf(t *testing.T, key crypto.Signer, err error) signing.Signer {
	t.Helper()
	s, errS := signing.NewSigner(key)
	if err := errors.Join(err, errS); err != nil {
		t.Fatal(err)
	}
	return s
}

func p256(t *testing.T) signing.Signer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return signerOf(t, key, err)
}

// signed returns a request as a node gets it.
func signed(t *testing.T, s signing.Signer, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://node.aa.example/x/events?a=1", strings.NewReader(body))
	if err == nil {
		r.Header.Set(ReasonHeader, "case 7")
		r.Header.Set(LedgerHeader, "aa.example/ledger")
		err = Sign(t.Context(), r, []byte(body), s, time.Unix(1700000000, 5))
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A request is good under every suite, by its own key alone.
func TestSign(t *testing.T) {
	p384, err384 := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	rsaKey, errRSA := rsa.GenerateKey(rand.Reader, 3072)
	for _, s := range []signing.Signer{p256(t), signerOf(t, p384, err384), signerOf(t, rsaKey, errRSA)} {
		got, err := ReadSigned(signed(t, s, "body"), []byte("body"))
		if err != nil {
			t.Fatal(err)
		}
		if err := got.Verify(s.Public()); err != nil || got.Key != s.Public().ID() || got.Created.Unix() != 1700000000 || got.Reason != "case 7" || got.Ledger != "aa.example/ledger" || got.Mandate != "" || len(got.Nonce) != 32 {
			t.Errorf("%s: %+v, %v", s.Public().Suite(), got, err)
		}
		if err := got.Verify(p256(t).Public()); !errors.Is(err, ErrSignature) {
			t.Errorf("by another key: %v", err)
		}
	}
}

// No part of a signed request can be changed, taken away or given twice.
func TestSignChanged(t *testing.T) {
	s := p256(t)
	for name, change := range map[string]func(r *http.Request) (body string){
		"method":     func(r *http.Request) string { r.Method = http.MethodPut; return "body" },
		"ledger":     func(r *http.Request) string { r.Header.Set(LedgerHeader, "bb.example/ledger"); return "body" },
		"mandate":    func(r *http.Request) string { r.Header.Set(MandateHeader, "court 1"); return "body" },
		"no mandate": func(r *http.Request) string { r.Header.Del(MandateHeader); return "body" },
		"twice":      func(r *http.Request) string { r.Header.Add(LedgerHeader, "bb.example/ledger"); return "body" },
		"path":       func(r *http.Request) string { r.URL.Path = "/x/bodies"; return "body" },
		"query":      func(r *http.Request) string { r.URL.RawQuery = "a=2"; return "body" },
		"body":       func(*http.Request) string { return "Body" },
		"reason":     func(r *http.Request) string { r.Header.Set(ReasonHeader, "case 8"); return "body" },
		"no reason":  func(r *http.Request) string { r.Header.Del(ReasonHeader); return "body" },
		"two":        func(r *http.Request) string { r.Header.Add(InputHeader, r.Header.Get(InputHeader)); return "body" },
		"no input":   func(r *http.Request) string { r.Header.Del(InputHeader); return "body" },
		"no digest":  func(r *http.Request) string { r.Header.Del(DigestHeader); return "body" },
		"signature":  func(r *http.Request) string { r.Header.Set(SignatureHeader, "custody=:AAAA:"); return "body" },
		"components": edit(InputHeader, ` "@query"`, ``),
		"created":    edit(InputHeader, "1700000000", "1700000001"),
		"leading":    edit(InputHeader, "1700000000", "01700000000"),
		"more":       edit(InputHeader, `";nonce`, `";tag="x";nonce`),
		"label":      edit(InputHeader, "custody=", "sig1="),
	} {
		r := signed(t, s, "body")
		body := change(r)
		got, err := ReadSigned(r, []byte(body))
		if err == nil {
			err = got.Verify(s.Public())
		}
		if !errors.Is(err, ErrSignature) || errors.Is(err, ErrDigest) != (name == "body" || name == "no digest") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func edit(header, old, new string) func(*http.Request) string {
	return func(r *http.Request) string {
		r.Header.Set(header, strings.Replace(r.Header.Get(header), old, new, 1))
		return "body"
	}
}

// The base is that of RFC 9421 section 2.5 for these components.
func TestSignatureBase(t *testing.T) {
	r := signed(t, p256(t), "body")
	params := strings.TrimPrefix(r.Header.Get(InputHeader), label+"=")
	want := "\"@method\": POST\n\"@path\": /x/events\n\"@query\": ?a=1\n" +
		"\"content-digest\": sha-256=:Iw2DWNyOiJC0xY3utikS7i8gNXrpKlzIYbmOaP4xrLU=:\n\"custody-ledger\": aa.example/ledger\n" +
		"\"custody-reason\": case 7\n\"custody-mandate\": -\n\"@signature-params\": " + params
	if got := signatureBase(r, params); string(got) != want {
		t.Errorf("%s", got)
	}
}

func FuzzReadSigned(f *testing.F) {
	f.Add(`custody=("@method" "@authority" "@path" "@query" "content-digest" "custody-reason");created=1;keyid="00";nonce="00"`, "custody=:AA==:", []byte("x"))
	f.Fuzz(func(t *testing.T, input, sig string, body []byte) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://node.aa.example/events", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header[InputHeader], r.Header[SignatureHeader] = []string{input}, []string{sig}
		r.Header.Set(DigestHeader, contentDigest(body))
		for _, name := range []string{LedgerHeader, ReasonHeader, MandateHeader} {
			r.Header.Set(name, absent)
		}
		got, err := ReadSigned(r, body)
		if err != nil {
			if !errors.Is(err, ErrSignature) {
				t.Errorf("%v", err)
			}
			return
		}
		if !strings.Contains(string(got.base), strings.TrimPrefix(input, label+"=")) {
			t.Error("the base is not of what came")
		}
	})
}

// The published signature of RFC 9421 appendix B.2.4 (ecdsa-p256-sha256, key
// test-key-ecc-p256): r and s one after the other, over the base as it stands there.
func TestRFC9421(t *testing.T) {
	block, _ := pem.Decode([]byte(`-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf
w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==
-----END PUBLIC KEY-----`))
	key, err := signing.NewPublicKey(signing.ECDSAP256, block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	sig, err := base64.StdEncoding.DecodeString("wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==")
	if err != nil {
		t.Fatal(err)
	}
	base := "\"@status\": 200\n\"content-type\": application/json\n" +
		"\"content-digest\": sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:\n\"content-length\": 23\n" +
		"\"@signature-params\": (\"@status\" \"content-type\" \"content-digest\" \"content-length\");created=1618884473;keyid=\"test-key-ecc-p256\""
	s := &Signed{Key: key.ID(), base: []byte(base), sig: sig}
	if err := s.Verify(key); err != nil {
		t.Error(err)
	}
	if s.base[0] ^= 1; !errors.Is(s.Verify(key), ErrSignature) {
		t.Error("another base has the same signature")
	}
}
