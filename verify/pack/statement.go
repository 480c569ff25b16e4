package pack

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"example.org/custody/evidence"
)

// Names of the packer's statement (spec/package.md, "package.dsse").
const (
	StatementFormat = "custody/package/v1"
	StatementType   = "application/vnd.custody.package.v1+json" // of its DSSE envelope
)

// Statement is what the packer signs: this manifest, these items, packed then.
type Statement struct {
	Format   string            `json:"format"`   // StatementFormat
	Items    []evidence.ItemID `json:"items"`    // as in items.jsonl
	Manifest evidence.Hash     `json:"manifest"` // SHA-256 of the manifest's bytes
	Packed   time.Time         `json:"packed"`   // the packer's own clock; UTC, whole milliseconds
	Signers  []evidence.Signer `json:"signers"`  // those who sign, in their order
	To       string            `json:"to,omitempty"`
}

// maxTo is the longest reference of a receiver, in bytes.
const maxTo = 256

// ParseStatement reads a statement in its one encoding, or returns [ErrForm].
func ParseStatement(b []byte) (*Statement, error) {
	var s Statement
	if err := evidence.ParseCanonical(b, &s); err != nil {
		return nil, fmt.Errorf("statement: %w: %w", err, ErrForm)
	}
	if err := s.validate(); err != nil {
		return nil, fmt.Errorf("statement: %w: %w", err, ErrForm)
	}
	return &s, nil
}

// Marshal returns the statement's one encoding, or [ErrForm].
func (s *Statement) Marshal() ([]byte, error) {
	if err := s.validate(); err != nil {
		return nil, fmt.Errorf("statement: %w: %w", err, ErrForm)
	}
	c := *s
	c.Items = list(c.Items)
	return evidence.Canonical(c)
}

func (s *Statement) validate() error {
	switch {
	case s.Format != StatementFormat:
		return fmt.Errorf("format %.40q", s.Format)
	case !s.Packed.Equal(evidence.Instant(s.Packed)) || !strings.HasSuffix(s.Packed.Format(time.RFC3339Nano), "Z"):
		return errors.New("packed is not UTC in whole milliseconds")
	case len(s.To) > maxTo || !utf8.ValidString(s.To) || strings.ContainsFunc(s.To, func(r rune) bool { return !unicode.IsPrint(r) }):
		return errors.New("to is too long, or has characters that cannot be seen")
	case len(s.Signers) == 0 || len(s.Signers) > evidence.MaxSigners:
		return fmt.Errorf("%d signers", len(s.Signers))
	}
	for i, x := range s.Signers {
		if !slices.Contains(evidence.Roles(), x.Role) || x.Enrolled == (evidence.ItemID{}) {
			return fmt.Errorf("signer %d has no enrolled role", i)
		}
		for _, y := range s.Signers[:i] {
			if x.Key == y.Key {
				return fmt.Errorf("signer %d signs twice", i)
			}
		}
	}
	return nil
}
