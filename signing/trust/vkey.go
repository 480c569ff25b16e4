package trust

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

// The signature types of C2SP signed-note and tlog-cosignature that lists use.
const (
	AlgEd25519     = 0x01 // checkpoints and trust lists: Ed25519 over the note text
	AlgCosignature = 0x04 // witnesses and auditors: Ed25519 with a time
	AlgMLDSA44     = 0x06 // witnesses and auditors: ML-DSA-44 with a time
)

const mldsa44KeySize = 1312 // FIPS 204, table 2

// ErrVKey reports text that is not a verifier key in its one form.
var ErrVKey = errors.New("not a verifier key: name+hash+base64 wanted")

// VKey is a C2SP verifier key (signed-note, "Verifier keys"). It is comparable;
// the zero value is no key.
type VKey struct {
	name string
	hash uint32
	alg  byte
	key  string // the key's bytes, without the type
}

// ParseVKey reads "name+hash+base64". The name is 1 to 255 bytes of printable
// ASCII without '+', the hash 8 lower-case hexadecimal digits and right for
// name and key, the base64 padded and strict, the type one of those above.
// Otherwise it returns [ErrVKey].
//
// formats/note takes any hash and turns a type 0x01 into 0x04 in silence; a
// pinned key must not change its meaning that way.
func ParseVKey(s string) (VKey, error) {
	name, rest, _ := strings.Cut(s, "+")
	hash, b64, _ := strings.Cut(rest, "+")
	raw, err := base64.StdEncoding.Strict().DecodeString(b64)
	if err != nil || len(raw) == 0 {
		return VKey{}, fmt.Errorf("%.100q: %w", s, ErrVKey)
	}
	k, err := newVKey(name, raw[0], raw[1:])
	if err != nil {
		return VKey{}, err
	}
	if len(hash) != 8 || k.String() != s {
		return VKey{}, fmt.Errorf("%.100q: %w", s, ErrVKey)
	}
	return k, nil
}

func newVKey(name string, alg byte, key []byte) (VKey, error) {
	if !validKeyName(name) {
		return VKey{}, fmt.Errorf("key name %.100q: %w", name, ErrVKey)
	}
	want := map[byte]int{AlgEd25519: ed25519.PublicKeySize, AlgCosignature: ed25519.PublicKeySize, AlgMLDSA44: mldsa44KeySize}[alg]
	if want == 0 || len(key) != want {
		return VKey{}, fmt.Errorf("key %.100q: type %d with %d bytes: %w", name, alg, len(key), ErrVKey)
	}
	sum := sha256.Sum256(append([]byte(name+"\n"), append([]byte{alg}, key...)...))
	return VKey{name: name, hash: binary.BigEndian.Uint32(sum[:]), alg: alg, key: string(key)}, nil
}

func validKeyName(s string) bool {
	if s == "" || len(s) > 255 {
		return false
	}
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || c == '+' {
			return false
		}
	}
	return true
}

// String returns name+hash+base64, or "" for the zero value.
func (k VKey) String() string {
	if k == (VKey{}) {
		return ""
	}
	return fmt.Sprintf("%s+%08x+%s", k.name, k.hash, base64.StdEncoding.EncodeToString(append([]byte{k.alg}, k.key...)))
}

// Name returns the name under which the key signs notes.
func (k VKey) Name() string { return k.name }

// Hash returns the key id that stands in signature lines.
func (k VKey) Hash() uint32 { return k.hash }

// Alg returns the signature type.
func (k VKey) Alg() byte { return k.alg }

// Material returns the key's bytes without name and type. Two verifier keys with
// the same material are duplicates (C2SP tlog-policy): one holder, one vote.
func (k VKey) Material() string { return k.key }

// Cosigns reports whether the key makes timestamped cosignatures.
func (k VKey) Cosigns() bool { return k.alg == AlgCosignature || k.alg == AlgMLDSA44 }

// Verifier returns what checks the key's signatures on notes.
func (k VKey) Verifier() (note.Verifier, error) {
	if k.Cosigns() {
		return fnote.NewVerifierForCosignatureV1(k.String())
	}
	return note.NewVerifier(k.String())
}

// Verifiers returns a verifier list for [note.Open].
func Verifiers(keys ...VKey) (note.Verifiers, error) {
	var list []note.Verifier
	for _, k := range keys {
		v, err := k.Verifier()
		if err != nil {
			return nil, fmt.Errorf("key %s: %w", k.name, err)
		}
		list = append(list, v)
	}
	return note.VerifierList(list...), nil
}

// GenerateKey makes a key for a ledger's checkpoints (name = origin) or for
// signing trust lists: type 0x01, read by [note.NewSigner].
func GenerateKey(name string) (skey string, vkey VKey, err error) {
	return generate(name, AlgEd25519)
}

// GenerateCosignerKey makes a witness's or auditor's key: type 0x04, read by
// formats/note's NewSignerForCosignatureV1.
func GenerateCosignerKey(name string) (skey string, vkey VKey, err error) {
	return generate(name, AlgCosignature)
}

func generate(name string, alg byte) (string, VKey, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return "", VKey{}, err
	}
	k, err := newVKey(name, alg, public)
	if err != nil {
		return "", VKey{}, err
	}
	seed := append([]byte{alg}, private.Seed()...)
	return fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, k.hash, base64.StdEncoding.EncodeToString(seed)), k, nil
}

// VKeyOf returns the verifier key of a signing key made here, or [ErrVKey]. The
// error never carries the key.
func VKeyOf(skey string) (VKey, error) {
	bad := fmt.Errorf("signing key: %w", ErrVKey)
	rest, ok := strings.CutPrefix(skey, "PRIVATE+KEY+")
	name, rest, _ := strings.Cut(rest, "+")
	hash, b64, _ := strings.Cut(rest, "+")
	raw, err := base64.StdEncoding.Strict().DecodeString(b64)
	if !ok || err != nil || len(raw) != 1+ed25519.SeedSize || raw[0] != AlgEd25519 && raw[0] != AlgCosignature {
		return VKey{}, bad
	}
	public := ed25519.NewKeyFromSeed(raw[1:]).Public().(ed25519.PublicKey)
	k, err := newVKey(name, raw[0], bytes.Clone(public))
	if err != nil || hash != fmt.Sprintf("%08x", k.hash) {
		return VKey{}, bad
	}
	return k, nil
}
