package readers

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"filippo.io/age"

	"example.org/custody/verify/pack"
)

// Errors of readers.
var (
	// ErrRecipient reports text that is no recipient of a kind that packages have.
	ErrRecipient = errors.New("no age recipient of a kind that packages have")
	// ErrMixed reports readers of both kinds for one copy: a copy that is encrypted
	// to a recipient that a quantum computer could break is not safe from one.
	ErrMixed = errors.New("readers with post-quantum keys and readers without cannot share a copy")
	// ErrIdentity reports text that is no age identity file.
	ErrIdentity = errors.New("no age identity file")
)

// ParseRecipient checks that s is a recipient in its one spelling: age1… (X25519)
// or age1pq1… (ML-KEM-768 with X25519).
func ParseRecipient(s string) (age.Recipient, error) {
	var r interface {
		age.Recipient
		fmt.Stringer
	}
	var err error
	if strings.HasPrefix(s, "age1pq1") {
		r, err = age.ParseHybridRecipient(s)
	} else {
		r, err = age.ParseX25519Recipient(s)
	}
	if err != nil {
		return nil, fmt.Errorf("%.80q: %w: %w", s, ErrRecipient, err)
	}
	if r.String() != s {
		return nil, fmt.Errorf("%.80q: %w", s, ErrRecipient)
	}
	return r, nil
}

// ParseRecipients reads the recipients of a file as `age -R` takes it: one a line,
// with empty lines and comments that begin with #. They come sorted, each once. An
// error does not quote the file: someone may have taken the key's file for it.
func ParseRecipients(b []byte) ([]string, error) {
	var list []string
	n := 0
	for line := range strings.Lines(string(b)) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if _, err := ParseRecipient(line); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, ErrRecipient)
		}
		list = append(list, line)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("nothing but comments: %w", ErrRecipient)
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

// Check reports with [ErrMixed] recipients that cannot share a copy.
func Check(recipients []string) error {
	if len(pack.StanzasOf(recipients)) > 1 {
		return ErrMixed
	}
	return nil
}

// Encrypt is [pack.Encrypt] with age.
func Encrypt(dst io.Writer, recipients []string) (io.WriteCloser, error) {
	if err := Check(recipients); err != nil {
		return nil, err
	}
	var to []age.Recipient
	for _, s := range recipients {
		r, err := ParseRecipient(s)
		if err != nil {
			return nil, err
		}
		to = append(to, r)
	}
	return age.Encrypt(dst, to...)
}
