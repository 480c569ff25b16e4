package cms

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"
	"strings"
	"time"

	"example.org/custody/signing"
	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

// Token is a timestamp token (RFC 3161 §2.4.2). Nothing it says is proven before
// [Token.Verify].
type Token struct {
	Time     time.Time             // genTime, UTC
	Accuracy time.Duration         // how far off the true time may be; 0 when not stated
	Policy   asn1.ObjectIdentifier // under which it was given
	Serial   *big.Int              // unique for its authority
	Nonce    *big.Int              // of the request; nil when there was none
	Hash     crypto.Hash           // of Imprint
	Imprint  []byte                // digest of the bytes it is over

	der []byte
	sd  *signedData
}

// DER returns the token's bytes.
func (t *Token) DER() []byte { return bytes.Clone(t.der) }

// ParseToken reads a token of at most 1 MiB: DER, and over a SHA-2 digest. It
// returns [ErrForm] or [ErrAlgorithm].
func ParseToken(b []byte) (*Token, error) {
	sd, err := parseSignedData(b)
	if err != nil {
		return nil, err
	}
	if !sd.kind.Equal(oidTSTInfo) || sd.content == nil {
		return nil, badForm("content of type %s is no token", sd.kind)
	}
	t := &Token{sd: sd, der: bytes.Clone(b)}
	return t, t.readInfo(sd.content)
}

// readInfo reads TSTInfo.
func (t *Token) readInfo(b []byte) (err error) {
	in := cryptobyte.String(b)
	var info, accuracy cryptobyte.String
	var version int
	t.Serial = new(big.Int)
	if !in.ReadASN1(&info, der.SEQUENCE) || !in.Empty() || !info.ReadASN1Integer(&version) || version != 1 || !info.ReadASN1ObjectIdentifier(&t.Policy) {
		return badForm("token content")
	}
	if t.Hash, t.Imprint, err = readImprint(&info); err != nil {
		return err
	}
	if !info.ReadASN1Integer(t.Serial) {
		return badForm("token serial number")
	}
	if t.Time, err = readTime(&info); err != nil {
		return err
	}
	if !info.ReadOptionalASN1(&accuracy, nil, der.SEQUENCE) {
		return badForm("token accuracy")
	}
	if t.Accuracy, err = readAccuracy(accuracy); err != nil {
		return err
	}
	ordering := false
	if info.PeekASN1Tag(der.BOOLEAN) && !info.ReadASN1Boolean(&ordering) {
		return badForm("token ordering")
	}
	if t.Nonce, err = readNonce(&info); err != nil {
		return err
	}
	if !info.SkipOptionalASN1(explicit0) { // the authority's name: the certificate says it
		return badForm("token authority")
	}
	return readExtensions(&info, explicit1)
}

func readImprint(s *cryptobyte.String) (crypto.Hash, []byte, error) {
	var body, digest cryptobyte.String
	if !s.ReadASN1(&body, der.SEQUENCE) {
		return 0, nil, badForm("message imprint")
	}
	h, err := readDigest(&body)
	if err != nil {
		return 0, nil, err
	}
	if !body.ReadASN1(&digest, der.OCTET_STRING) || !body.Empty() || len(digest) != h.Size() {
		return 0, nil, badForm("message imprint")
	}
	return h, bytes.Clone(digest), nil
}

func readNonce(s *cryptobyte.String) (*big.Int, error) {
	if !s.PeekASN1Tag(der.INTEGER) {
		return nil, nil
	}
	n := new(big.Int)
	if !s.ReadASN1Integer(n) {
		return nil, badForm("nonce")
	}
	return n, nil
}

// readTime reads a GeneralizedTime as RFC 3161 has it: UTC, with seconds, a
// fraction without trailing zeros.
func readTime(s *cryptobyte.String) (time.Time, error) {
	var raw cryptobyte.String
	if !s.ReadASN1(&raw, der.GeneralizedTime) {
		return time.Time{}, badForm("time")
	}
	text := string(raw)
	at, err := time.Parse("20060102150405.999999999Z", text)
	if err != nil {
		at, err = time.Parse("20060102150405Z", text)
	}
	if err != nil || at.Format("20060102150405.999999999Z") != text {
		return time.Time{}, badForm("time %.40q", text)
	}
	return at, nil
}

// readAccuracy reads the content of Accuracy.
func readAccuracy(s cryptobyte.String) (time.Duration, error) {
	var sum time.Duration
	for _, part := range []struct {
		tag       der.Tag
		unit      time.Duration
		low, high int64
	}{
		{der.INTEGER, time.Second, 0, 1 << 31},
		{der.Tag(0).ContextSpecific(), time.Millisecond, 1, 999},
		{der.Tag(1).ContextSpecific(), time.Microsecond, 1, 999},
	} {
		if !s.PeekASN1Tag(part.tag) {
			continue
		}
		var n int64
		if !s.ReadASN1Int64WithTag(&n, part.tag) || n < part.low || n > part.high {
			return 0, badForm("token accuracy")
		}
		sum += time.Duration(n) * part.unit
	}
	if !s.Empty() {
		return 0, badForm("token accuracy")
	}
	return sum, nil
}

// readExtensions passes over extensions that are not critical, such as the
// statement that a stamp is qualified (EN 319 422), and refuses others.
func readExtensions(s *cryptobyte.String, tag der.Tag) error {
	var list cryptobyte.String
	if !s.ReadOptionalASN1(&list, nil, tag) || !s.Empty() {
		return badForm("something after the last field")
	}
	for !list.Empty() {
		var x, value cryptobyte.String
		var oid asn1.ObjectIdentifier
		critical := false
		if !list.ReadASN1(&x, der.SEQUENCE) || !x.ReadASN1ObjectIdentifier(&oid) || x.PeekASN1Tag(der.BOOLEAN) && !x.ReadASN1Boolean(&critical) ||
			!x.ReadASN1(&value, der.OCTET_STRING) || !x.Empty() {
			return badForm("extension")
		}
		if critical {
			return badForm("critical extension %s", oid)
		}
	}
	return nil
}

// Certificate returns the certificate that is said to have signed the token: the
// one a trust list has to name.
func (t *Token) Certificate() *x509.Certificate { return t.sd.signer }

// Covers reports whether the token is over bytes with that SHA-256.
func (t *Token) Covers(digest [sha256.Size]byte) bool {
	return t.Hash == crypto.SHA256 && bytes.Equal(t.Imprint, digest[:])
}

// CoversLong reports whether the token is over bytes with that SHA-512.
func (t *Token) CoversLong(digest []byte) bool {
	return t.Hash == crypto.SHA512 && bytes.Equal(t.Imprint, digest)
}

// Latest is the last moment at which the bytes may have come into being: the
// stated time and accuracy.
func (t *Token) Latest() time.Time { return t.Time.Add(t.Accuracy) }

// Verify checks the token's signature under the enclosed certificate, and that
// this is one for timestamps alone and was valid at the token's time.
//
// It returns [signing.ErrSignature] for a signature that does not verify,
// [ErrContent] when what is signed is another content than the one enclosed,
// [signing.ErrCertificate], [ErrForm] and [ErrAlgorithm].
func (t *Token) Verify() error {
	if err := CheckAuthority(t.sd.signer); err != nil {
		return err
	}
	if err := validAt(t.sd.signer, t.Time); err != nil {
		return err
	}
	return t.sd.verify(t.sd.content)
}

// CheckAuthority reports with [signing.ErrCertificate] or [ErrAlgorithm] a
// certificate that cannot sign tokens (RFC 3161 §2.3): a critical extended key
// usage of timeStamping and nothing else, a key usage of digitalSignature or
// contentCommitment where there is one, no authority over others, a strong key.
func CheckAuthority(c *x509.Certificate) error {
	critical := false
	for _, x := range c.Extensions {
		if x.Id.Equal(oidUsage) {
			critical = x.Critical
		}
	}
	usage := x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	switch {
	case !critical || len(c.ExtKeyUsage) != 1 || c.ExtKeyUsage[0] != x509.ExtKeyUsageTimeStamping || len(c.UnknownExtKeyUsage) > 0:
		return fmt.Errorf("certificate of %s is not for timestamps alone, and critically so: %w", c.Subject, signing.ErrCertificate)
	case c.KeyUsage != 0 && (c.KeyUsage&usage == 0 || c.KeyUsage&^usage != 0) || c.IsCA:
		return fmt.Errorf("certificate of %s is for other things too: %w", c.Subject, signing.ErrCertificate)
	case len(c.UnhandledCriticalExtensions) > 0:
		return fmt.Errorf("certificate of %s has critical extensions that are not known: %w", c.Subject, signing.ErrCertificate)
	}
	return checkKey(c)
}

// validAt checks a certificate's own window, both ends inclusive. Certificates
// have whole seconds: what was made in the last one was made within.
func validAt(c *x509.Certificate, at time.Time) error {
	if at.Before(c.NotBefore) || at.Truncate(time.Second).After(c.NotAfter) {
		return fmt.Errorf("certificate of %s is valid from %s to %s, not at %s: %w", strings.TrimSpace(c.Subject.String()),
			c.NotBefore.Format(time.RFC3339), c.NotAfter.Format(time.RFC3339), at.Format(time.RFC3339Nano), signing.ErrCertificate)
	}
	return nil
}
