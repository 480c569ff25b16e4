package cms

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"

	"example.org/custody/signing"
	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

// signedData is SignedData with one signer (RFC 5652 §5.1). Nothing in it is
// proven.
type signedData struct {
	kind      asn1.ObjectIdentifier // of the content
	content   []byte                // nil when it is detached
	certs     []*x509.Certificate
	lists     []cryptobyte.String // revocation values, one element each, unread
	hash      crypto.Hash
	algorithm x509.SignatureAlgorithm
	message   []byte // the signed attributes as they are hashed: tag SET
	signed    []attribute
	unsigned  []attribute
	signature []byte
	signer    *x509.Certificate // whom the signer info names, among certs
}

// parseSignedData reads a ContentInfo with SignedData that ends where b ends.
func parseSignedData(b []byte) (*signedData, error) {
	if len(b) > maxSize {
		return nil, badForm("%d bytes", len(b))
	}
	in := cryptobyte.String(b)
	var info, wrapped, body cryptobyte.String
	var kind asn1.ObjectIdentifier
	var version int
	if !in.ReadASN1(&info, der.SEQUENCE) || !in.Empty() || !info.ReadASN1ObjectIdentifier(&kind) || !kind.Equal(oidSignedData) ||
		!info.ReadASN1(&wrapped, explicit0) || !info.Empty() || !wrapped.ReadASN1(&body, der.SEQUENCE) || !wrapped.Empty() ||
		!body.ReadASN1Integer(&version) || version != 1 && version != 3 {
		return nil, badForm("no signed data in DER, or something after it")
	}
	sd := new(signedData)
	for _, read := range []func(*cryptobyte.String) error{sd.readDigests, sd.readContent, sd.readCerts, sd.readSigners} {
		if err := read(&body); err != nil {
			return nil, err
		}
	}
	if !body.Empty() {
		return nil, badForm("something after the signer")
	}
	return sd, nil
}

func (sd *signedData) readDigests(body *cryptobyte.String) error {
	var set cryptobyte.String
	if !body.ReadASN1(&set, der.SET) {
		return badForm("digest algorithms")
	}
	h, err := readDigest(&set)
	if err == nil && !set.Empty() {
		err = badForm("several digest algorithms")
	}
	sd.hash = h
	return err
}

func (sd *signedData) readContent(body *cryptobyte.String) error {
	var info, wrapped, content cryptobyte.String
	var there bool
	if !body.ReadASN1(&info, der.SEQUENCE) || !info.ReadASN1ObjectIdentifier(&sd.kind) || !info.ReadOptionalASN1(&wrapped, &there, explicit0) || !info.Empty() {
		return badForm("encapsulated content")
	}
	if !there {
		return nil
	}
	if !wrapped.ReadASN1(&content, der.OCTET_STRING) || !wrapped.Empty() {
		return badForm("encapsulated content")
	}
	sd.content = slices.Concat([]byte{}, content)
	return nil
}

// readCerts reads the certificates and keeps the revocation values, on which a
// token does not rest.
func (sd *signedData) readCerts(body *cryptobyte.String) error {
	var set, values cryptobyte.String
	if !body.ReadOptionalASN1(&set, nil, explicit0) || !body.ReadOptionalASN1(&values, nil, explicit1) {
		return badForm("certificates")
	}
	for !values.Empty() {
		var raw cryptobyte.String
		var tag der.Tag
		if !values.ReadAnyASN1Element(&raw, &tag) {
			break // authorities have written much here; nothing rests on it
		}
		sd.lists = append(sd.lists, raw)
	}
	for !set.Empty() {
		var raw cryptobyte.String
		if len(sd.certs) == maxCerts || !set.ReadASN1Element(&raw, der.SEQUENCE) {
			return badForm("too many certificates, or one that is no X.509 certificate")
		}
		c, err := x509.ParseCertificate(raw)
		if err != nil {
			return badForm("certificate: %v", err)
		}
		sd.certs = append(sd.certs, c)
	}
	return nil
}

// readSigners reads the one signer info (RFC 5652 §5.3).
func (sd *signedData) readSigners(body *cryptobyte.String) error {
	var set, info cryptobyte.String
	var version int
	if !body.ReadASN1(&set, der.SET) || !set.ReadASN1(&info, der.SEQUENCE) || !set.Empty() || !info.ReadASN1Integer(&version) || version != 1 {
		return badForm("no signer, several, or not named by issuer and serial number")
	}
	if err := sd.readSigner(&info); err != nil {
		return err
	}
	h, err := readDigest(&info)
	if err != nil {
		return err
	}
	if h != sd.hash {
		return badForm("the signer uses another digest than is announced")
	}
	if err := sd.readSigned(&info); err != nil {
		return err
	}
	if sd.algorithm, err = readSignature(&info, h); err != nil {
		return err
	}
	var signature, unsigned cryptobyte.String
	if !info.ReadASN1(&signature, der.OCTET_STRING) || len(signature) == 0 || !info.ReadOptionalASN1(&unsigned, nil, explicit1) || !info.Empty() {
		return badForm("signature")
	}
	sd.signature = signature
	sd.unsigned, err = readAttributes(unsigned)
	return err
}

// readSigner finds the certificate that the signer info names.
func (sd *signedData) readSigner(info *cryptobyte.String) error {
	var sid, issuer cryptobyte.String
	serial := new(big.Int)
	if !info.ReadASN1(&sid, der.SEQUENCE) || !sid.ReadASN1Element(&issuer, der.SEQUENCE) || !sid.ReadASN1Integer(serial) || !sid.Empty() {
		return badForm("issuer and serial number of the signer")
	}
	for _, c := range sd.certs {
		if bytes.Equal(c.RawIssuer, issuer) && c.SerialNumber.Cmp(serial) == 0 {
			sd.signer = c
			return nil
		}
	}
	return badForm("the signer's certificate is not enclosed")
}

func (sd *signedData) readSigned(info *cryptobyte.String) (err error) {
	var whole, signed cryptobyte.String
	if !info.ReadASN1Element(&whole, explicit0) {
		return badForm("no signed attributes")
	}
	sd.message = append([]byte{byte(der.SET)}, whole[1:]...) // RFC 5652 §5.4
	whole.ReadASN1(&signed, explicit0)
	sd.signed, err = readAttributes(signed)
	return err
}

// verify checks what the signature says about content: type, digest, the
// certificate it names and its key, the signature itself.
func (sd *signedData) verify(content []byte) error {
	var kind asn1.ObjectIdentifier
	v, ok := find(sd.signed, oidContentType)
	if !ok || !v.ReadASN1ObjectIdentifier(&kind) || !v.Empty() || !kind.Equal(sd.kind) {
		return badForm("the signed content type is missing, or another")
	}
	if err := checkKey(sd.signer); err != nil {
		return err
	}
	if err := sd.checkCertID(); err != nil {
		return err
	}
	if err := sd.signer.CheckSignature(sd.algorithm, sd.message, sd.signature); err != nil {
		return fmt.Errorf("%v: %w", err, signing.ErrSignature)
	}
	var digest cryptobyte.String
	h := sd.hash.New()
	h.Write(content)
	v, ok = find(sd.signed, oidMessageDigest)
	if !ok || !v.ReadASN1(&digest, der.OCTET_STRING) || !v.Empty() {
		return badForm("the signed digest is missing")
	}
	if !bytes.Equal(digest, h.Sum(nil)) {
		return fmt.Errorf("signed is a content with %v %x: %w", sd.hash, []byte(digest), ErrContent)
	}
	return nil
}
