package desk

import (
	"errors"
	"fmt"

	channelanchor "example.org/custody/ledger/anchor"
	"example.org/custody/verify/pack"
)

// ErrAnchor reports an anchor proof (spec/anchor.md) that would say nothing in a package.
var ErrAnchor = errors.New("the anchor proof does not count")

// checkAnchors checks that each proof holds under its agreement, which the pinned trust
// list must name. Errors wrap [ErrAnchor].
func (s *Session) checkAnchors(list []pack.Anchor) error {
	for i, a := range list {
		if err := s.checkAnchor(a); err != nil {
			return fmt.Errorf("anchor proof %d: %w: %w", i+1, ErrAnchor, err)
		}
	}
	return nil
}

func (s *Session) checkAnchor(a pack.Anchor) error {
	agreement, err := channelanchor.ParseAgreement(a.Agreement)
	if err != nil {
		return err
	}
	if err := agreement.PinnedBy(s.trusted.List); err != nil {
		return err
	}
	p, err := channelanchor.ParseProof(a.Proof)
	if err != nil {
		return err
	}
	_, err = p.Verify(agreement)
	return err
}

// allAnchored checks that a dossier has every anchor that it was to carry: one about
// another ledger, or of a history that is not shown here, is left out by the builder.
func allAnchored(d *pack.Dossier, list []pack.Anchor) error {
	for i, a := range list {
		found := false
		for _, l := range d.Anchors {
			found = found || pack.NoteDigest(l.Proof) == pack.NoteDigest(a.Proof)
		}
		if !found {
			return fmt.Errorf("anchor proof %d is not about a ledger of this package, or not of its history: %w", i+1, ErrAnchor)
		}
	}
	return nil
}
