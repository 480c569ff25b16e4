package desk

import (
	"errors"
	"io/fs"
	"os"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
)

// anchor is the newest cosigned checkpoint that this desk has seen: an event
// that names its digest cannot be older (rule P9).
type anchor struct {
	note   []byte // nil when there is none that counts
	digest evidence.Hash
	kept   bool // under its digest, for packing
}

// anchors returns the digest that acts of this session name.
func (s *Session) anchors() ([]evidence.Hash, error) {
	if s.latest == nil {
		a, err := s.findAnchor()
		if err != nil {
			return nil, err
		}
		s.latest = a
	}
	if s.latest.note == nil {
		return []evidence.Hash{}, nil
	}
	return []evidence.Hash{s.latest.digest}, nil
}

func (s *Session) findAnchor() (*anchor, error) {
	b, err := os.ReadFile(s.path("notes", "latest.note"))
	if errors.Is(err, fs.ErrNotExist) || err == nil && s.trusted == nil {
		return &anchor{}, nil
	}
	if err != nil {
		return nil, err
	}
	cp, err := ledger.ReadCheckpoint(b)
	if err != nil || s.trusted.ReceivedAt(b, cp.Origin).IsZero() || !s.trusted.Meets(b, cp.Origin, trust.Receipt) {
		return &anchor{}, nil // it would be ignored (rule P9)
	}
	return &anchor{note: b, digest: pack.NoteDigest(b)}, nil
}

// keepAnchor keeps the note that acts are about to name, so that a package can
// carry it.
func (s *Session) keepAnchor() error {
	a := s.latest
	if a == nil || a.note == nil || a.kept {
		return nil
	}
	err := files.WriteNew(s.path("notes", a.digest.String()+".note"), a.note, 0o600)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	a.kept = true
	return nil
}

// rememberNote keeps a cosigned checkpoint, to anchor later acts in.
func (s *Session) rememberNote(signed []byte) error {
	path := s.path("notes", "latest.note")
	if old, err := os.ReadFile(path); err == nil {
		a, errA := ledger.ReadCheckpoint(old)
		b, errB := ledger.ReadCheckpoint(signed)
		if errA == nil && errB == nil && a.Origin == b.Origin && b.Size <= a.Size {
			return nil
		}
	}
	s.latest = nil
	return files.WriteFile(path, signed, 0o600)
}
