package client

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"strconv"
	"strings"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/signing"
)

// Requests to a node are signed by RFC 9421 with an officer's or an authority's key.
// What is signed is fixed: method, path, query, the digest of the body (RFC 9530),
// the ledger that is meant, the reason and the mandate, each present though it be
// empty; when, by which key, and a nonce. The ledger's name stands in the place of
// the host's: a node to which a request was sent could send it on to another under
// that one's host, and under no other ledger's name.
const (
	InputHeader     = "Signature-Input"
	SignatureHeader = "Signature"
	DigestHeader    = "Content-Digest"
	// LedgerHeader names the ledger that the request is for, by its origin.
	LedgerHeader = "Custody-Ledger"
	// ReasonHeader says why a body is asked for; the node's access log keeps it.
	ReasonHeader = "Custody-Reason"
	// MandateHeader names what entitles an auditor to a body.
	MandateHeader = "Custody-Mandate"

	absent     = "-" // value of a header that says nothing
	label      = "custody"
	components = `("@method" "@path" "@query" "content-digest" "custody-ledger" "custody-reason" "custody-mandate")`
	nonceBytes = 16
)

// ErrSignature reports a request whose signature is missing, of another form, or
// wrong.
var ErrSignature = errors.New("the request is not signed as it must be")

// ErrDigest reports a request whose body is not the one that was signed.
var ErrDigest = fmt.Errorf("the body is not that of the digest: %w", ErrSignature)

// Sign signs a request with the key of s, under the headers of ledger, reason and
// mandate that it has. body is what the request sends; now is the clock of whoever
// sends it.
func Sign(ctx context.Context, r *http.Request, body []byte, s signing.Signer, now time.Time) error {
	nonce := make([]byte, nonceBytes)
	rand.Read(nonce)
	r.Header.Set(DigestHeader, contentDigest(body))
	for _, name := range []string{LedgerHeader, ReasonHeader, MandateHeader} {
		if r.Header.Get(name) == "" {
			r.Header.Set(name, absent)
		}
	}
	public := s.Public()
	params := fmt.Sprintf(`%s;created=%d;keyid="%s";nonce="%s"`, components, now.Unix(), public.ID(), hex.EncodeToString(nonce))
	sig, err := s.Sign(ctx, signatureBase(r, params))
	if err != nil {
		return err
	}
	if size := coordinate(public); size > 0 {
		if sig, err = fixedECDSA(sig, size); err != nil {
			return err
		}
	}
	r.Header.Set(InputHeader, label+"="+params)
	r.Header.Set(SignatureHeader, label+"=:"+base64.StdEncoding.EncodeToString(sig)+":")
	return nil
}

// Signed is a request's signature, read and not yet verified.
type Signed struct {
	Key     signing.KeyID
	Created time.Time // by the clock of whoever sent it, to the second
	Nonce   string    // 32 hexadecimal digits, never the same twice from one key
	Ledger  evidence.Origin
	Reason  string // "" when none was given
	Mandate string // "" when none was given

	base, sig []byte
}

// ReadSigned reads the signature of a request with the body given. It returns
// [ErrSignature] when there is none, when it covers other parts of the request than
// it must, and when the body is not that of the digest.
func ReadSigned(r *http.Request, body []byte) (*Signed, error) {
	params, ok := single(r, InputHeader, label+"=")
	if !ok {
		return nil, fmt.Errorf("no %s of the form that nodes take: %w", InputHeader, ErrSignature)
	}
	s, err := parseParams(params)
	if err != nil {
		return nil, err
	}
	raw, ok := single(r, SignatureHeader, label+"=:")
	raw, closed := strings.CutSuffix(raw, ":")
	s.sig, err = base64.StdEncoding.Strict().DecodeString(raw)
	if !ok || !closed || err != nil || strings.ContainsAny(raw, "\r\n") {
		return nil, fmt.Errorf("%s header: %w", SignatureHeader, ErrSignature)
	}
	if got := r.Header.Values(DigestHeader); len(got) != 1 || got[0] != contentDigest(body) {
		return nil, ErrDigest
	}
	if err := s.readHeaders(r); err != nil {
		return nil, err
	}
	s.base = signatureBase(r, params)
	return s, nil
}

func (s *Signed) readHeaders(r *http.Request) error {
	var said [3]string
	for i, name := range []string{LedgerHeader, ReasonHeader, MandateHeader} {
		all := r.Header.Values(name)
		if len(all) != 1 || all[0] == "" {
			return fmt.Errorf("no %s header: %w", name, ErrSignature)
		}
		if all[0] != absent {
			said[i] = all[0]
		}
	}
	s.Ledger, s.Reason, s.Mandate = evidence.Origin(said[0]), said[1], said[2]
	return nil
}

// Verify verifies the signature with the key whose id it names; the suite is the
// key's, never the request's.
func (s *Signed) Verify(key *signing.PublicKey) error {
	if key.ID() != s.Key {
		return fmt.Errorf("signed with key %s, not %s: %w", s.Key, key.ID(), ErrSignature)
	}
	ok := false
	switch pub := key.Key().(type) {
	case *ecdsa.PublicKey:
		if size := coordinate(key); len(s.sig) == 2*size {
			digest := sha256.Sum256(s.base)
			hashed := digest[:]
			if key.Suite() == signing.ECDSAP384 {
				digest := sha512.Sum384(s.base)
				hashed = digest[:]
			}
			ok = ecdsa.Verify(pub, hashed, new(big.Int).SetBytes(s.sig[:size]), new(big.Int).SetBytes(s.sig[size:]))
		}
	case *rsa.PublicKey:
		digest := sha256.Sum256(s.base)
		ok = rsa.VerifyPSS(pub, crypto.SHA256, digest[:], s.sig, &rsa.PSSOptions{SaltLength: sha256.Size}) == nil
	}
	if !ok {
		return fmt.Errorf("not signed by key %s: %w", key.ID(), ErrSignature)
	}
	return nil
}

// single returns what stands behind the prefix in a header that is there once.
func single(r *http.Request, header, prefix string) (string, bool) {
	all := r.Header.Values(header)
	if len(all) != 1 {
		return "", false
	}
	return strings.CutPrefix(all[0], prefix)
}

// parseParams reads the signature's parameters in the one form that [Sign] writes.
func parseParams(params string) (*Signed, error) {
	rest, ok := strings.CutPrefix(params, components+";created=")
	created, rest, ok1 := strings.Cut(rest, `;keyid="`)
	key, rest, ok2 := strings.Cut(rest, `";nonce="`)
	nonce, ok3 := strings.CutSuffix(rest, `"`)
	seconds, errTime := strconv.ParseInt(created, 10, 64)
	id, errKey := signing.ParseKeyID(key)
	if err := errors.Join(errTime, errKey); !ok || !ok1 || !ok2 || !ok3 || err != nil || strconv.FormatInt(seconds, 10) != created || seconds < 0 {
		return nil, fmt.Errorf("%s header: %w", InputHeader, ErrSignature)
	}
	if b, err := hex.DecodeString(nonce); err != nil || len(b) != nonceBytes || nonce != strings.ToLower(nonce) {
		return nil, fmt.Errorf("nonce: %w", ErrSignature)
	}
	return &Signed{Key: id, Created: time.Unix(seconds, 0).UTC(), Nonce: nonce}, nil
}

// signatureBase is what is signed (RFC 9421 section 2.5).
func signatureBase(r *http.Request, params string) []byte {
	path := r.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	b := fmt.Appendf(nil, "\"@method\": %s\n\"@path\": %s\n\"@query\": ?%s\n", r.Method, path, r.URL.RawQuery)
	for _, name := range []string{DigestHeader, LedgerHeader, ReasonHeader, MandateHeader} {
		b = fmt.Appendf(b, "%q: %s\n", strings.ToLower(name), strings.TrimSpace(r.Header.Get(name)))
	}
	return fmt.Appendf(b, "\"@signature-params\": %s", params)
}

// contentDigest is the header of RFC 9530 for a body.
func contentDigest(body []byte) string {
	d := sha256.Sum256(body)
	return "sha-256=:" + base64.StdEncoding.EncodeToString(d[:]) + ":"
}

// coordinate is the length of r and of s in an ECDSA signature by RFC 9421 (3.3.4,
// 3.3.5), which is not DER; 0 for keys of another kind.
func coordinate(k *signing.PublicKey) int {
	pub, ok := k.Key().(*ecdsa.PublicKey)
	if !ok {
		return 0
	}
	return (pub.Curve.Params().BitSize + 7) / 8
}

func fixedECDSA(der []byte, size int) ([]byte, error) {
	var v struct{ R, S *big.Int }
	rest, err := asn1.Unmarshal(der, &v)
	if err != nil || len(rest) > 0 || v.R.Sign() <= 0 || v.S.Sign() <= 0 || v.R.BitLen() > 8*size || v.S.BitLen() > 8*size {
		return nil, fmt.Errorf("the signer's ECDSA value: %w", ErrSignature)
	}
	out := make([]byte, 2*size)
	v.R.FillBytes(out[:size])
	v.S.FillBytes(out[size:])
	return out, nil
}
