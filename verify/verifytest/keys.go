package verifytest

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"example.org/custody/signing"
	"example.org/custody/signing/trust"
	"golang.org/x/mod/sumdb/note"
)

// seeded returns 32 bytes that follow from a label.
func seeded(label string) [32]byte { return sha256.Sum256([]byte("custody/verifytest/" + label)) }

// signerKey is an ECDSA P-256 key that signs the same message the same way
// (RFC 6979), so that worlds are reproducible.
type signerKey struct {
	private *ecdsa.PrivateKey
	public  *signing.PublicKey
}

var _ signing.Signer = (*signerKey)(nil)

func newSignerKey(label string) *signerKey {
	b := seeded("ecdsa " + label)
	b[0] &= 0x7f // below the order, surely
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), b[:])
	must(err)
	spki, err := x509.MarshalPKIXPublicKey(private.Public())
	must(err)
	public, err := signing.NewPublicKey(signing.ECDSAP256, spki)
	must(err)
	return &signerKey{private, public}
}

// Public implements [signing.Signer].
func (k *signerKey) Public() *signing.PublicKey { return k.public }

// Sign implements [signing.Signer].
func (k *signerKey) Sign(_ context.Context, message []byte) ([]byte, error) {
	h := sha256.Sum256(message)
	return k.private.Sign(nil, h[:], crypto.SHA256)
}

// certSigner is a [crypto.Signer] for making certificates reproducibly.
type certSigner struct{ *ecdsa.PrivateKey }

// Sign implements [crypto.Signer]; it takes no randomness.
func (c certSigner) Sign(_ io.Reader, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	return c.PrivateKey.Sign(nil, digest, o)
}

// noteKey signs notes: checkpoints and lists (type 0x01), or cosignatures with
// times of the caller's choice (type 0x04).
type noteKey struct {
	name    string
	alg     byte
	private ed25519.PrivateKey
	vkey    trust.VKey
	at      time.Time // of the next cosignature
}

var _ note.Signer = (*noteKey)(nil)

func newNoteKey(name, label string, alg byte) *noteKey {
	seed := seeded("ed25519 " + label)
	k := &noteKey{name: name, alg: alg, private: ed25519.NewKeyFromSeed(seed[:])}
	raw := append([]byte{alg}, k.private.Public().(ed25519.PublicKey)...)
	sum := sha256.Sum256(append([]byte(name+"\n"), raw...))
	v, err := trust.ParseVKey(fmt.Sprintf("%s+%x+%s", name, sum[:4], base64.StdEncoding.EncodeToString(raw)))
	must(err)
	k.vkey = v
	return k
}

// Name implements [note.Signer].
func (k *noteKey) Name() string { return k.name }

// KeyHash implements [note.Signer].
func (k *noteKey) KeyHash() uint32 { return k.vkey.Hash() }

// Sign implements [note.Signer] (C2SP tlog-cosignature for type 0x04).
func (k *noteKey) Sign(text []byte) ([]byte, error) {
	if k.alg == trust.AlgEd25519 {
		return ed25519.Sign(k.private, text), nil
	}
	message := fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", k.at.Unix(), text)
	out := binary.BigEndian.AppendUint64(nil, uint64(k.at.Unix()))
	return append(out, ed25519.Sign(k.private, message)...), nil
}

func must(err error) {
	if err != nil {
		panic("verifytest: " + err.Error())
	}
}
