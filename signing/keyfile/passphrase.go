package keyfile

import (
	"crypto/rand"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// Limits of passphrases for new files. Opening takes any.
const (
	minPassphrase = 12 // characters
	minDistinct   = 5  // different characters
)

// crockford are the 32 characters of Crockford's base32, which leaves out i, l,
// o and u; in lower case, as they are typed.
const crockford = "0123456789abcdefghjkmnpqrstvwxyz"

// CheckPassphrase reports with [ErrWeak] what a new key file does not take: fewer
// than 12 characters or 5 different ones, control characters, text that is not
// UTF-8 (which could not be typed again). A passphrase is used byte for byte;
// nothing is normalised, so that the age command takes the same one.
func CheckPassphrase(p string) error {
	if !utf8.ValidString(p) {
		return fmt.Errorf("not UTF-8: %w", ErrWeak)
	}
	distinct := make(map[rune]bool)
	for _, r := range p {
		if unicode.IsControl(r) {
			return fmt.Errorf("control character: %w", ErrWeak)
		}
		distinct[r] = true
	}
	if n := utf8.RuneCountInString(p); n < minPassphrase {
		return fmt.Errorf("%d characters, %d are the least: %w", n, minPassphrase, ErrWeak)
	}
	if len(distinct) < minDistinct {
		return fmt.Errorf("%d different characters: %w", len(distinct), ErrWeak)
	}
	return nil
}

// SuggestPassphrase returns a fresh passphrase of 100 random bits: five groups of
// four characters, each 5 bits, such as "7k3m-x9qd-0w2v-hr5e-t8jc".
func SuggestPassphrase() string {
	var random [20]byte
	rand.Read(random[:]) // never fails: crypto/rand ends the program instead
	var p []byte
	for i, r := range random {
		if i > 0 && i%4 == 0 {
			p = append(p, '-')
		}
		p = append(p, crockford[r%32]) // 256 is a multiple of 32: no character is likelier
	}
	return string(p)
}
