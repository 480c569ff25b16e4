package signing_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"errors"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"example.org/custody/signing"
)

// standardVerify verifies an ECDSA signature without sigstore.
func standardVerify(pub crypto.PublicKey, data, sig []byte) error {
	k := pub.(*ecdsa.PublicKey)
	digest := sha256.Sum256(data)
	h := digest[:]
	if k.Curve == elliptic.P384() {
		d := sha512.Sum384(data)
		h = d[:]
	}
	if !ecdsa.VerifyASN1(k, h, sig) {
		return errors.New("standard library: does not verify")
	}
	return nil
}

// TestLowS: whatever S the key store gives, the envelope has the low one.
func TestLowS(t *testing.T) {
	a := fixed(t, "custody test key a")
	n := elliptic.P256().Params().N
	sawHigh := false
	rapid.Check(t, func(r *rapid.T) {
		payload := rapid.SliceOfN(rapid.Byte(), 0, 64).Draw(r, "payload")
		high := signerFunc{a.public, func(m []byte) ([]byte, error) {
			sig, err := a.Sign(context.Background(), m)
			p := pair(t, sig)
			if new(big.Int).Lsh(p.S, 1).Cmp(n) <= 0 {
				p.S.Sub(n, p.S)
			}
			sawHigh = true
			return p.der(t), err
		}}
		for _, s := range []signing.Signer{a, high} {
			e, err := signing.Sign(t.Context(), "a/b", payload, s)
			if err != nil {
				r.Fatal(err)
			}
			if got := pair(t, e.Signatures[0].Sig); new(big.Int).Lsh(got.S, 1).Cmp(n) > 0 {
				r.Fatalf("S is high: %x", got.S)
			}
			if err := verifies(e, a.public); err != nil {
				r.Fatal(err)
			}
		}
	})
	if !sawHigh {
		t.Fatal("no high S was tried")
	}
}

type signerFunc struct {
	public *signing.PublicKey
	sign   func([]byte) ([]byte, error)
}

func (s signerFunc) Public() *signing.PublicKey                             { return s.public }
func (s signerFunc) Sign(_ context.Context, message []byte) ([]byte, error) { return s.sign(message) }

// TestFaultySigner: nothing that does not verify leaves Sign.
func TestFaultySigner(t *testing.T) {
	a, b := fixed(t, "custody test key a"), fixed(t, "custody test key b")
	broken := errors.New("card removed")
	for name, c := range map[string]struct {
		sign func([]byte) ([]byte, error)
		want error
	}{
		"fails":       {func([]byte) ([]byte, error) { return nil, broken }, broken},
		"other key":   {func(m []byte) ([]byte, error) { return b.Sign(context.Background(), m) }, signing.ErrSignature},
		"other bytes": {func(m []byte) ([]byte, error) { return a.Sign(context.Background(), m[1:]) }, signing.ErrSignature},
		"not DER":     {func(m []byte) ([]byte, error) { return m[:64], nil }, signing.ErrSignature},
		"nothing":     {func(m []byte) ([]byte, error) { return nil, nil }, signing.ErrSignature},
	} {
		if _, err := signing.Sign(t.Context(), "a/b", nil, signerFunc{a.public, c.sign}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSuites signs and verifies under every suite, and keeps them apart.
func TestSuites(t *testing.T) {
	p256, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p384, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	p521, _ := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	rsa3072, err := rsa.GenerateKey(rand.Reader, 3072)
	if err != nil {
		t.Fatal(err)
	}
	_, ed, _ := ed25519.GenerateKey(rand.Reader)

	var publics []*signing.PublicKey
	for suite, key := range map[signing.Suite]crypto.Signer{
		signing.ECDSAP256: p256, signing.ECDSAP384: p384, signing.RSAPSS3072: rsa3072,
	} {
		s, err := signing.NewSigner(key)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Public().Suite(); got != suite {
			t.Errorf("%T: suite %s, want %s", key, got, suite)
		}
		again, err := signing.NewPublicKey(suite, s.Public().SPKI())
		if err != nil || again.ID() != s.Public().ID() {
			t.Fatalf("%s: %v", suite, err)
		}
		e := sign(t, s)
		if err := again.Verify(testType, testPayload, e.Signatures[0].Sig); err != nil {
			t.Errorf("%s: %v", suite, err)
		}
		if err := again.Verify(testType, []byte("other"), e.Signatures[0].Sig); !errors.Is(err, signing.ErrSignature) {
			t.Errorf("%s, other payload: %v", suite, err)
		}
		publics = append(publics, again)
	}
	for _, k := range publics {
		for _, s := range []signing.Suite{signing.ECDSAP256, signing.ECDSAP384, signing.RSAPSS3072} {
			if _, err := signing.NewPublicKey(s, k.SPKI()); (err == nil) != (s == k.Suite()) {
				t.Errorf("key of %s under %s: %v", k.Suite(), s, err)
			}
		}
	}
	for _, key := range []crypto.Signer{p521, ed} {
		if _, err := signing.NewSigner(key); !errors.Is(err, signing.ErrKey) {
			t.Errorf("%T: %v", key, err)
		}
	}
	if _, err := signing.NewPublicKey("ecdsa-p256-sha256 ", publics[0].SPKI()); !errors.Is(err, signing.ErrSuite) {
		t.Errorf("unknown suite: %v", err)
	}
}

// TestOneSPKI: a key has one id, so only one encoding of it is taken.
func TestOneSPKI(t *testing.T) {
	a := fixed(t, "custody test key a")
	good := a.public.SPKI()
	point := elliptic.MarshalCompressed(elliptic.P256(), a.key.X, a.key.Y)
	compressed := bytes.Clone(good[:26])
	compressed[1], compressed[24] = byte(24+len(point)), byte(1+len(point))
	for name, spki := range map[string][]byte{
		"compressed point": append(compressed, point...),
		"trailing byte":    append(bytes.Clone(good), 0),
		"long length":      append([]byte{0x30, 0x81, good[1]}, good[2:]...),
		"off the curve":    flipLast(good),
		"empty":            nil,
	} {
		if _, err := signing.NewPublicKey(signing.ECDSAP256, spki); !errors.Is(err, signing.ErrKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOneRSAKey: x509 reads an RSA key with bytes after the exponent, which
// would give the key a second id.
func TestOneRSAKey(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 3072)
	if err != nil {
		t.Fatal(err)
	}
	inner := append(x509.MarshalPKCS1PublicKey(&key.PublicKey), 2, 1, 1) // INTEGER 1
	binary.BigEndian.PutUint16(inner[2:], uint16(len(inner)-4))          // the sequence holds it
	spki, err := asn1.Marshal(struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}{
		pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}, Parameters: asn1.NullRawValue},
		asn1.BitString{Bytes: inner, BitLength: 8 * len(inner)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x509.ParsePKIXPublicKey(spki); err != nil {
		t.Fatalf("x509 refuses it by itself now: %v", err)
	}
	if _, err := signing.NewPublicKey(signing.RSAPSS3072, spki); !errors.Is(err, signing.ErrKey) {
		t.Errorf("a key with two ids: %v", err)
	}
}

func FuzzNewPublicKey(f *testing.F) {
	f.Add(fixed(f, "custody test key a").public.SPKI())
	f.Fuzz(func(t *testing.T, spki []byte) {
		for _, s := range []signing.Suite{signing.ECDSAP256, signing.ECDSAP384, signing.RSAPSS3072} {
			k, err := signing.NewPublicKey(s, spki)
			if err != nil {
				if !errors.Is(err, signing.ErrKey) {
					t.Fatal(err)
				}
				continue
			}
			if der, err := x509.MarshalPKIXPublicKey(k.Key()); err != nil || !bytes.Equal(der, spki) || k.ID() != sha256.Sum256(spki) {
				t.Fatalf("%x taken, is %x (%v)", spki, der, err)
			}
		}
	})
}

// FuzzSignature: of all byte strings exactly one is the signature.
func FuzzSignature(f *testing.F) {
	a := fixed(f, "custody test key a")
	good := sign(f, a).Signatures[0].Sig
	p := pair(f, good)
	f.Add(good)
	f.Add(p.raw())
	f.Add(ecdsaPair{p.R, new(big.Int).Sub(elliptic.P256().Params().N, p.S)}.der(f))
	f.Fuzz(func(t *testing.T, sig []byte) {
		err := a.public.Verify(testType, testPayload, sig)
		if (err == nil) != bytes.Equal(sig, good) {
			t.Fatalf("%x: %v", sig, err)
		}
		if err != nil && !errors.Is(err, signing.ErrSignature) {
			t.Fatal(err)
		}
	})
}

func TestKeyID(t *testing.T) {
	id := signing.KeyIDOf([]byte("spki"))
	b, err := id.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	var again signing.KeyID
	if err := again.UnmarshalText(b); err != nil || again != id {
		t.Fatalf("%s, %v", again, err)
	}
	s := id.String()
	for _, bad := range []string{"", s[1:], s + "0", "A" + s[1:], "g" + s[1:], " " + s[1:]} {
		if _, err := signing.ParseKeyID(bad); !errors.Is(err, signing.ErrKeyID) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
