package signing_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"

	"example.org/custody/signing"
)

const testType = "application/vnd.custody.test.v1+json"

var testPayload = []byte(`{"format":"custody/test/v1","text":"sealed"}`)

// fixedSigner signs by RFC 6979, so that vectors can be made again.
type fixedSigner struct {
	key    *ecdsa.PrivateKey
	public *signing.PublicKey
}

// fixed returns the signer whose P-256 scalar is SHA-256 of name.
func fixed(t testing.TB, name string) fixedSigner {
	t.Helper()
	scalar := sha256.Sum256([]byte(name))
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
	if err != nil {
		t.Fatal(err)
	}
	s, err := signing.NewSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	return fixedSigner{key, s.Public()}
}

func (s fixedSigner) Public() *signing.PublicKey { return s.public }

func (s fixedSigner) Sign(_ context.Context, message []byte) ([]byte, error) {
	digest := sha256.Sum256(message)
	return s.key.Sign(nil, digest[:], crypto.SHA256)
}

func (s fixedSigner) keyLine() string {
	return string(s.public.Suite()) + " " + base64.StdEncoding.EncodeToString(s.public.SPKI())
}

type ecdsaPair struct{ R, S *big.Int }

func pair(t testing.TB, der []byte) (p ecdsaPair) {
	t.Helper()
	if _, err := asn1.Unmarshal(der, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p ecdsaPair) der(t testing.TB) []byte {
	t.Helper()
	b, err := asn1.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// raw is the r ‖ s form, IEEE P1363.
func (p ecdsaPair) raw() []byte {
	return append(p.R.FillBytes(make([]byte, 32)), p.S.FillBytes(make([]byte, 32))...)
}

// makeVectors returns every vector made here, by file name. Those made with
// OpenSSL stand in spec/vectors only.
func makeVectors(t *testing.T) map[string]envelopeVector {
	a, b := fixed(t, "custody test key a"), fixed(t, "custody test key b")
	one := sign(t, a)
	two := sign(t, a, b)
	out := make(map[string]envelopeVector)
	add := func(file, expect, why string, envelope []byte, signers, keys []fixedSigner) *envelopeVector {
		v := envelopeVector{expect: expect, why: why, envelope: envelope}
		for _, s := range signers {
			v.signers = append(v.signers, s.public.ID().String())
		}
		for _, s := range keys {
			v.keys = append(v.keys, s.keyLine())
		}
		out["envelope-"+file+".txtar"] = v
		return &v
	}
	as, ab := []fixedSigner{a}, []fixedSigner{a, b}

	add("one", "holds", "One signature.", encode(t, one), as, as)
	add("two", "holds", "A two-person act: two signatures in the payload's order. The reader's keys may come in any order.", encode(t, two), ab, []fixedSigner{b, a})

	// What the JSON may look like.
	good := string(encode(t, one))
	for _, c := range []struct{ file, why, from, to string }{
		{"extra-member", "A member more, which a lenient reader would skip.", `"signatures":`, `"note":"","signatures":`},
		{"extra-inner-member", "A member more inside a signature.", `,"sig":`, `,"note":"","sig":`},
		{"duplicate-member", "payloadType twice: readers differ on which one counts.", `"payloadType":"`, `"payloadType":"x","payloadType":"`},
		{"member-case", "A lenient reader takes Payload for payload.", `{"payload":`, `{"Payload":`},
		{"white-space", "A space after a colon.", `"payload":"`, `"payload": "`},
		{"escape", "An escaped character in the payload type.", "application", "a\\u0070plication"},
		{"payload-type", "A payload type with a character no media type has.", testType, "application/x;y"},
		{"keyid-upper-case", "A key id in upper case.", a.public.ID().String(), strings.ToUpper(a.public.ID().String())},
		{"base64-unpadded", "Padding left out.", `="`, `"`},
		{"base64-trailing-bits", "The last base64 character carries bits that decode to nothing.", `Q=="`, `R=="`},
		{"base64-line-feed", "An escaped line feed within base64, which Go's decoder skips.", `"sig":"`, `"sig":"\n`},
		{"trailing-line-feed", "A line feed after the object.", `]}`, "]}\n"},
		{"no-signatures", "An empty list of signatures.", good[strings.Index(good, `"signatures":[`):], `"signatures":[]}`},
		{"null-signatures", "null instead of the list.", good[strings.Index(good, `"signatures":[`):], `"signatures":null}`},
	} {
		if !strings.Contains(good, c.from) {
			t.Fatalf("%s: nothing to replace", c.file)
		}
		add(c.file, "fails:encoding", c.why, []byte(strings.Replace(good, c.from, c.to, 1)), as, as)
	}
	add("member-order", "fails:encoding", "payloadType before payload: valid JSON, another order.",
		reorder(good), as, as)
	add("key-twice", "fails:encoding", "One key signs twice and must never look like two people.",
		[]byte(strings.Replace(good, `]}`, `,`+good[strings.Index(good, `{"keyid"`):], 1)), []fixedSigner{a, a}, as)

	// What an ECDSA signature may look like.
	p := pair(t, one.Signatures[0].Sig)
	n := elliptic.P256().Params().N
	der := p.der(t)
	for _, c := range []struct {
		file, expect, why string
		sig               []byte
	}{
		{"high-s", "fails:high-s", "S replaced by n - S: valid ECDSA, and anyone can make it.", ecdsaPair{p.R, new(big.Int).Sub(n, p.S)}.der(t)},
		{"raw-signature", "fails:signature", "r and s side by side (IEEE P1363), which sigstore's verifier takes as well.", p.raw()},
		{"der-long-length", "fails:signature", "BER: the sequence's length in two bytes.", append([]byte{0x30, 0x81, der[1]}, der[2:]...)},
		{"der-leading-zero", "fails:signature", "BER: a zero byte more before R.", append([]byte{0x30, der[1] + 1, 0x02, der[3] + 1, 0x00}, der[4:]...)},
		{"der-trailing-byte", "fails:signature", "A byte after the sequence.", append(bytes.Clone(der), 0)},
		{"r-zero", "fails:signature", "R = 0.", ecdsaPair{new(big.Int), p.S}.der(t)},
		{"s-zero", "fails:signature", "S = 0.", ecdsaPair{p.R, new(big.Int)}.der(t)},
		{"r-plus-n", "fails:signature", "R + n: equal modulo the group order, out of range.", ecdsaPair{new(big.Int).Add(p.R, n), p.S}.der(t)},
		{"bit-flipped", "fails:signature", "The last bit of S flipped.", flipLast(der)},
	} {
		e := *one
		e.Signatures = []signing.Signature{{KeyID: a.public.ID(), Sig: c.sig}}
		add(c.file, c.expect, c.why, encode(t, &e), as, as)
	}

	// What is signed, and by whom.
	e := *one
	e.Payload = bytes.Replace(testPayload, []byte("sealed"), []byte("opened"), 1)
	add("payload-changed", "fails:signature", "Another payload under the same signature.", encode(t, &e), as, as)
	e = *one
	e.PayloadType = "application/vnd.custody.other.v1+json"
	add("type-changed", "fails:signature", "The type is signed too: bytes meant as one thing cannot be read as another.", encode(t, &e), as, as)
	e = *two
	e.Signatures = []signing.Signature{two.Signatures[1], two.Signatures[0]}
	add("order-swapped", "fails:signers", "Both signatures, in the other order.", encode(t, &e), ab, ab)
	e.Signatures = []signing.Signature{{KeyID: a.public.ID(), Sig: two.Signatures[1].Sig}, {KeyID: b.public.ID(), Sig: two.Signatures[0].Sig}}
	add("signatures-swapped", "fails:signature", "The signatures change places, the key ids do not.", encode(t, &e), ab, ab)
	add("one-missing", "fails:signers", "One of two named signers did not sign.", encode(t, one), ab, ab)
	add("one-too-many", "fails:signers", "Somebody signed whom the payload does not name.", encode(t, two), as, ab)
	add("other-signer", "fails:signers", "Signed by a key that the payload does not name.", encode(t, one), []fixedSigner{b}, ab)
	e.Signatures = []signing.Signature{{KeyID: b.public.ID(), Sig: one.Signatures[0].Sig}}
	add("other-key", "fails:signature", "The signature of one key under the id of another.", encode(t, &e), []fixedSigner{b}, []fixedSigner{b})

	// What the reader knows of the key.
	add("key-unknown", "undecided:key", "The reader has no key for the signature: not proven wrong, not proven right.", encode(t, one), as, []fixedSigner{b})
	v := add("suite-unknown", "undecided:suite", "A suite of a later version, from the key's enrolment.", encode(t, one), as, as)
	v.keys = []string{strings.Replace(a.keyLine(), "ecdsa-p256-sha256", "ecdsa-p256-sha256+ml-dsa-65", 1)}
	out["envelope-suite-unknown.txtar"] = *v
	v = add("suite-other", "fails:key", "A P-256 key enrolled under a suite that it cannot belong to.", encode(t, one), as, as)
	v.keys = []string{strings.Replace(a.keyLine(), "ecdsa-p256-sha256", "ecdsa-p384-sha384", 1)}
	out["envelope-suite-other.txtar"] = *v
	return out
}

func sign(t testing.TB, by ...signing.Signer) *signing.Envelope {
	t.Helper()
	e, err := signing.Sign(t.Context(), testType, testPayload, by...)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func encode(t testing.TB, e *signing.Envelope) []byte {
	t.Helper()
	b, err := e.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func reorder(s string) []byte {
	i, j := strings.Index(s, `"payload":`), strings.Index(s, `"payloadType":`)
	k := strings.Index(s, `"signatures":`)
	return []byte(s[:i] + s[j:k] + s[i:j] + s[k:])
}

func flipLast(b []byte) []byte {
	b = bytes.Clone(b)
	b[len(b)-1] ^= 1
	return b
}
