package evidence

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// Hash is a 32-byte SHA-256 or SHA3-256 value. In text and JSON it is 64
// lower-case hexadecimal digits; nothing else parses (spec/event.md, "Payload").
type Hash [32]byte

// Seal is the hash of a seal key; exactly one event may close it, by showing
// the key (spec/leaf.md, "Seal").
type Seal Hash

// SealKey is the random preimage of a [Seal]. Whoever has it can close the
// seal, so it never enters an event, a package or a message to a person.
type SealKey [32]byte

// ItemID names an item for ever: it is the item's birth seal (rule P13).
type ItemID Seal

// KeyID is the SHA-256 of a key's DER SubjectPublicKeyInfo (spec/event.md).
type KeyID Hash

// Origin is the name of a ledger for ever: the first line of its checkpoints
// (C2SP tlog-checkpoint v1.0.0). 1 to 255 bytes, no white space, no '+'.
type Origin string

// ErrNotHash reports text that is not 64 lower-case hexadecimal digits.
var ErrNotHash = errors.New("not 64 lower-case hexadecimal digits")

// ErrNotOrigin reports text that cannot name a ledger.
var ErrNotOrigin = errors.New("not an origin: 1 to 255 printable bytes without space or '+'")

// ParseHash reads 64 lower-case hexadecimal digits, or returns [ErrNotHash].
func ParseHash(s string) (Hash, error) {
	var h Hash
	if len(s) != 2*len(h) || strings.ToLower(s) != s {
		return Hash{}, fmt.Errorf("%.80q: %w", s, ErrNotHash)
	}
	if _, err := hex.Decode(h[:], []byte(s)); err != nil {
		return Hash{}, fmt.Errorf("%.80q: %w", s, ErrNotHash)
	}
	return h, nil
}

// ParseOrigin checks that s can name a ledger, or returns [ErrNotOrigin].
func ParseOrigin(s string) (Origin, error) {
	if len(s) == 0 || len(s) > 255 {
		return "", ErrNotOrigin
	}
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || c == '+' {
			return "", fmt.Errorf("%q: %w", s, ErrNotOrigin)
		}
	}
	return Origin(s), nil
}

// String returns 64 lower-case hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText implements [encoding.TextMarshaler].
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]; it is as strict as [ParseHash].
func (h *Hash) UnmarshalText(b []byte) (err error) { *h, err = ParseHash(string(b)); return err }

// String returns 64 lower-case hexadecimal digits.
func (s Seal) String() string { return Hash(s).String() }

// MarshalText implements [encoding.TextMarshaler].
func (s Seal) MarshalText() ([]byte, error) { return Hash(s).MarshalText() }

// UnmarshalText implements [encoding.TextUnmarshaler]; it is as strict as [ParseHash].
func (s *Seal) UnmarshalText(b []byte) error { return (*Hash)(s).UnmarshalText(b) }

// String returns 64 lower-case hexadecimal digits.
func (i ItemID) String() string { return Hash(i).String() }

// Short returns the first 12 digits, for people who look at a screen; it
// identifies nothing by itself.
func (i ItemID) Short() string { return i.String()[:12] }

// MarshalText implements [encoding.TextMarshaler].
func (i ItemID) MarshalText() ([]byte, error) { return Hash(i).MarshalText() }

// UnmarshalText implements [encoding.TextUnmarshaler]; it is as strict as [ParseHash].
func (i *ItemID) UnmarshalText(b []byte) error { return (*Hash)(i).UnmarshalText(b) }

// String returns 64 lower-case hexadecimal digits.
func (k KeyID) String() string { return Hash(k).String() }

// MarshalText implements [encoding.TextMarshaler].
func (k KeyID) MarshalText() ([]byte, error) { return Hash(k).MarshalText() }

// UnmarshalText implements [encoding.TextUnmarshaler]; it is as strict as [ParseHash].
func (k *KeyID) UnmarshalText(b []byte) error { return (*Hash)(k).UnmarshalText(b) }

// NewSealKey returns a fresh key from crypto/rand.
func NewSealKey() SealKey {
	var k SealKey
	rand.Read(k[:]) // never fails: crypto/rand ends the program instead
	return k
}

// BirthKey returns the key of the one seal that an item's first event closes:
// SHA-256("custody/birth/v1" ‖ origin ‖ record root), spec/leaf.md "Seal".
func BirthKey(o Origin, recordRoot Hash) SealKey {
	h := sha256.New()
	h.Write([]byte("custody/birth/v1"))
	h.Write([]byte(o))
	h.Write(recordRoot[:])
	return SealKey(h.Sum(nil))
}

// Seal returns the seal that k closes: SHA-256("custody/seal/v1" ‖ k),
// spec/leaf.md "Seal".
func (k SealKey) Seal() Seal {
	h := sha256.New()
	h.Write([]byte("custody/seal/v1"))
	h.Write(k[:])
	return Seal(h.Sum(nil))
}

// String hides the key, so that it cannot end up in a log by accident.
func (k SealKey) String() string { return "seal key (hidden)" }
