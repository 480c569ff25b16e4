package desk

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"

	"filippo.io/age"

	"example.org/custody/evidence"
	"example.org/custody/signing/keyfile"
)

// A home's files in clear say to whom it encrypts and whom it trusts. Whoever can
// write to the folder, or to a backup of it, could put an own recipient or list
// there, and everything sealed from then on would be open to them. So the desk
// binds each such content with a key that only who can open the vault has
// (spec/home.md, "Bound files"): a marker in the folder bound, named by an HMAC.
// Markers are made before the file they are for, so no crash unbinds a file.

// boundFolder holds the markers.
const boundFolder = "bound"

// Names under which contents are bound.
const (
	boundConfig = "custody.json"
	boundList   = "trust/list.note"
	boundCard   = "card"
)

// boundName is the marker's name: 64 hexadecimal digits.
func boundName(vault *age.X25519Identity, name string, content []byte) string {
	key := hmac.New(sha256.New, []byte(vault.String()))
	key.Write([]byte("custody/bound/v1"))
	mac := hmac.New(sha256.New, key.Sum(nil))
	mac.Write([]byte(name))
	mac.Write([]byte{0})
	mac.Write(content)
	return hex.EncodeToString(mac.Sum(nil))
}

// bind makes the marker of a content that is about to be written.
func (s *Session) bind(name string, content []byte) error {
	return files.WriteFile(s.path(boundFolder, boundName(s.vaultID, name, content)), nil, 0o600)
}

// checkBound refuses a content that this desk did not write.
func (s *Session) checkBound(name string, content []byte) error {
	if _, err := os.Stat(s.path(boundFolder, boundName(s.vaultID, name, content))); err != nil {
		return fmt.Errorf("%s is not what this desk wrote; somebody else changed it: %w", name, ErrHomeDamaged)
	}
	return nil
}

// checkHome checks what the home encrypts to and trusts by.
func (s *Session) checkHome() error {
	config, err := evidence.Canonical(s.Config)
	if err != nil {
		return err
	}
	if err := s.checkBound(boundConfig, config); err != nil {
		return err
	}
	if s.trusted == nil {
		return nil
	}
	return s.checkBound(boundList, s.trusted.Note)
}

// checkCard refuses a card that this desk did not write for its officer: the
// vault is encrypted to the recipient that it names.
func (s *Session) checkCard(card *keyfile.Card) error {
	raw, err := card.Marshal()
	if err != nil {
		return err
	}
	return s.checkBound(boundCard, raw)
}
