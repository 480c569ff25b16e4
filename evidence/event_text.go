package evidence

import (
	"errors"
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxText is the longest text in an event or a withholding, in bytes.
const maxText = 256

var errText = errors.New("not a text: 1 to 256 bytes of UTF-8 in NFC without control characters")

// checkText refuses what cannot be shown to every reader in the same way:
// besides control characters also line separators and the marks that reorder
// what stands around them.
func checkText(s string) error {
	if len(s) == 0 || len(s) > maxText || !utf8.ValidString(s) || !norm.NFC.IsNormalString(s) {
		return fmt.Errorf("%.40q: %w", s, errText)
	}
	for _, r := range s {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' ||
			'\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069' {
			return fmt.Errorf("%.40q: %w", s, errText)
		}
	}
	return nil
}

// checkState refuses what is not 2 to 8 upper-case letters.
func checkState(s StateCode) error {
	if len(s) < 2 || len(s) > 8 {
		return fmt.Errorf("%.40q is not a state: 2 to 8 letters A–Z", s)
	}
	for _, c := range []byte(s) {
		if c < 'A' || c > 'Z' {
			return fmt.Errorf("%.40q is not a state: 2 to 8 letters A–Z", s)
		}
	}
	return nil
}

// checkInstant refuses times that the format would not carry unchanged.
func checkInstant(t time.Time) error {
	switch {
	case t.IsZero():
		return errors.New("no time")
	case t.Location() != time.UTC:
		return errors.New("time is not in UTC")
	case t.Nanosecond()%int(time.Millisecond) != 0:
		return errors.New("time is finer than milliseconds")
	case t.Year() < 1 || t.Year() > 9999:
		return errors.New("year is not 1 to 9999")
	}
	return nil
}
