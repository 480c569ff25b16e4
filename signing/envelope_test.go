package signing_test

import (
	"bytes"
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gowebpki/jcs"
	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"pgregory.net/rapid"

	"example.org/custody/signing"
)

func TestEnvelopeRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := &signing.Envelope{
			PayloadType: rapid.StringMatching(`[a-z]{1,20}/[A-Za-z0-9!#$^_.+-]{1,100}`).Draw(t, "type"),
			Payload:     rapid.SliceOfN(rapid.Byte(), 0, 4096).Draw(t, "payload"),
		}
		ids := rapid.SliceOfNDistinct(rapid.SliceOfN(rapid.Byte(), 32, 32), 1, 16, func(b []byte) string { return string(b) }).Draw(t, "ids")
		for _, id := range ids {
			sig := rapid.SliceOfN(rapid.Byte(), 1, 500).Draw(t, "sig")
			e.Signatures = append(e.Signatures, signing.Signature{KeyID: signing.KeyID(id), Sig: sig})
		}
		b, err := e.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		canonical, err := jcs.Transform(b)
		if err != nil || !bytes.Equal(canonical, b) {
			t.Fatalf("not RFC 8785 (%v): %s", err, b)
		}
		got, err := signing.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(e, got); d != "" {
			t.Fatal(d)
		}
	})
}

// TestEveryByteCounts: no byte of an envelope can change and leave it valid.
func TestEveryByteCounts(t *testing.T) {
	a, b := fixed(t, "custody test key a"), fixed(t, "custody test key b")
	good := encode(t, sign(t, a, b))
	for i := range good {
		for bit := range 8 {
			bad := bytes.Clone(good)
			bad[i] ^= 1 << bit
			e, err := signing.Parse(bad)
			if err != nil {
				continue
			}
			if verifies(e, a.public, b.public) == nil {
				t.Fatalf("byte %d, bit %d flipped, and it still verifies:\n%s", i, bit, bad)
			}
		}
		if e, err := signing.Parse(good[:i]); err == nil {
			t.Fatalf("cut at byte %d, and it still parses: %v", i, e)
		}
	}
	e, err := signing.Parse(good)
	if err != nil || verifies(e, a.public, b.public) != nil {
		t.Fatalf("the whole one does not verify: %v, %v", err, verifies(e, a.public, b.public))
	}
}

func verifies(e *signing.Envelope, keys ...*signing.PublicKey) error {
	var ids []signing.KeyID
	for _, k := range keys {
		ids = append(ids, k.ID())
	}
	err := e.CheckSigners(ids...)
	for _, r := range e.Verify(keys...) {
		err = errors.Join(err, r.Err)
	}
	return err
}

func TestEnvelopeLimits(t *testing.T) {
	a := fixed(t, "custody test key a")
	// 1 MiB is for the encoded envelope: find the largest payload that fits.
	overhead := len(encode(t, &signing.Envelope{PayloadType: "a/b", Signatures: []signing.Signature{{KeyID: a.public.ID(), Sig: []byte{1}}}}))
	room := (signing.MaxEnvelope - overhead) / 4 * 3
	e := &signing.Envelope{PayloadType: "a/b", Payload: make([]byte, room), Signatures: []signing.Signature{{KeyID: a.public.ID(), Sig: []byte{1}}}}
	b := encode(t, e)
	if _, err := signing.Parse(b); err != nil {
		t.Errorf("%d bytes: %v", len(b), err)
	}
	e.Payload = make([]byte, room+3)
	if _, err := e.Marshal(); !errors.Is(err, signing.ErrTooLarge) {
		t.Errorf("a payload of %d bytes: %v", room+3, err)
	}
	if _, err := signing.Parse(make([]byte, signing.MaxEnvelope+1)); !errors.Is(err, signing.ErrTooLarge) {
		t.Errorf("one byte over the limit: %v", err)
	}
	if _, err := signing.Sign(t.Context(), "a/b", nil); !errors.Is(err, signing.ErrEncoding) {
		t.Errorf("nobody signs: %v", err)
	}
	if _, err := signing.Sign(t.Context(), "a/b", nil, a, a); !errors.Is(err, signing.ErrEncoding) {
		t.Errorf("one key signs twice: %v", err)
	}
	for _, typ := range []string{"", "a b", `a"b`, "a/b;c=d", "ä/b", strings.Repeat("a", 129)} {
		if _, err := signing.Sign(t.Context(), typ, nil, a); !errors.Is(err, signing.ErrEncoding) {
			t.Errorf("payload type %q: %v", typ, err)
		}
	}
	var many []signing.Signature
	for i := range 17 {
		many = append(many, signing.Signature{KeyID: signing.KeyID{byte(i)}, Sig: []byte{1}})
	}
	if _, err := (&signing.Envelope{PayloadType: "a/b", Signatures: many}).Marshal(); !errors.Is(err, signing.ErrEncoding) {
		t.Errorf("17 signatures: %v", err)
	}
	if _, err := (&signing.Envelope{PayloadType: "a/b", Signatures: many[:16]}).Marshal(); err != nil {
		t.Errorf("16 signatures: %v", err)
	}
}

// TestForeignReader: what DSSE's own library reads and verifies is what we wrote.
func TestForeignReader(t *testing.T) {
	a, b := fixed(t, "custody test key a"), fixed(t, "custody test key b")
	var e dsse.Envelope
	if err := json.Unmarshal(encode(t, sign(t, a, b)), &e); err != nil {
		t.Fatal(err)
	}
	v, err := dsse.NewMultiEnvelopeVerifier(2, dsseVerifier{a.public}, dsseVerifier{b.public})
	if err != nil {
		t.Fatal(err)
	}
	keys, payload, err := v.VerifyAndDecode(t.Context(), &e)
	if err != nil || len(keys) != 2 || !bytes.Equal(payload, testPayload) {
		t.Fatalf("%d keys, payload %s, %v", len(keys), payload, err)
	}
}

// dsseVerifier verifies with the standard library alone.
type dsseVerifier struct{ k *signing.PublicKey }

func (v dsseVerifier) KeyID() (string, error)   { return v.k.ID().String(), nil }
func (v dsseVerifier) Public() crypto.PublicKey { return v.k.Key() }
func (v dsseVerifier) Verify(_ context.Context, data, sig []byte) error {
	return standardVerify(v.k.Key(), data, sig)
}

func FuzzParse(f *testing.F) {
	paths, err := filepath.Glob("../spec/vectors/envelope-*.txtar")
	if err != nil || len(paths) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		if _, rest, ok := bytes.Cut(b, []byte("-- envelope.json --\n")); ok {
			seed, _, _ := bytes.Cut(rest, []byte("\n-- signers.txt --"))
			f.Add(seed)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := signing.Parse(b)
		if err != nil {
			if !errors.Is(err, signing.ErrEncoding) && !errors.Is(err, signing.ErrTooLarge) {
				t.Fatalf("error callers cannot tell: %v", err)
			}
			return
		}
		again, err := e.Marshal()
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%q parses and encodes to %q (%v)", b, again, err)
		}
		if canonical, err := jcs.Transform(b); err != nil || !bytes.Equal(canonical, b) {
			t.Fatalf("%q is not RFC 8785: %q (%v)", b, canonical, err)
		}
	})
}
