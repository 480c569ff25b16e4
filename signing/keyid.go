package signing

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// KeyID names a key for ever: the SHA-256 of its DER SubjectPublicKeyInfo
// (spec/event.md, "Key id"). In text it is 64 lower-case hexadecimal digits.
type KeyID [sha256.Size]byte

// ErrKeyID reports text that is not 64 lower-case hexadecimal digits.
var ErrKeyID = errors.New("not a key id: 64 lower-case hexadecimal digits wanted")

// KeyIDOf returns the id of the key whose DER SubjectPublicKeyInfo is spki. It
// does not look inside; [NewPublicKey] does.
func KeyIDOf(spki []byte) KeyID { return sha256.Sum256(spki) }

// ParseKeyID reads 64 lower-case hexadecimal digits, or returns [ErrKeyID].
func ParseKeyID(s string) (KeyID, error) {
	var k KeyID
	if len(s) != 2*len(k) || strings.ToLower(s) != s {
		return KeyID{}, fmt.Errorf("%.80q: %w", s, ErrKeyID)
	}
	if _, err := hex.Decode(k[:], []byte(s)); err != nil {
		return KeyID{}, fmt.Errorf("%.80q: %w", s, ErrKeyID)
	}
	return k, nil
}

// String returns 64 lower-case hexadecimal digits.
func (k KeyID) String() string { return hex.EncodeToString(k[:]) }

// MarshalText implements [encoding.TextMarshaler].
func (k KeyID) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]; it is as strict as [ParseKeyID].
func (k *KeyID) UnmarshalText(b []byte) (err error) { *k, err = ParseKeyID(string(b)); return err }
