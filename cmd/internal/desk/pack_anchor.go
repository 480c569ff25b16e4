package desk

import (
	"errors"
	"fmt"

	"example.org/custody/evidence"
	channelanchor "example.org/custody/ledger/anchor"
	"example.org/custody/verify/pack"
)

// ErrAnchor reports an anchor proof (spec/anchor.md) that would say nothing in a package.
var ErrAnchor = errors.New("the anchor proof does not count")

// checkAnchors checks that each proof counts under the pinned trust list, and gives it the
// version of the agreement under which it does. Errors wrap [ErrAnchor].
func (s *Session) checkAnchors(list []pack.Anchor) error {
	for i, a := range list {
		var err error
		if list[i], err = s.countedAnchor(a); err != nil {
			return fmt.Errorf("anchor proof %d: %w: %w", i+1, ErrAnchor, err)
		}
	}
	return nil
}

// countedAnchor looks for the version under which a proof counts, the agreement that it
// names first.
func (s *Session) countedAnchor(a pack.Anchor) (pack.Anchor, error) {
	p, err := channelanchor.ParseProof(a.Proof)
	if err != nil {
		return a, err
	}
	texts := map[evidence.Hash][]byte{}
	versions := append([][]byte{a.Agreement}, a.Versions...)
	for _, text := range versions {
		texts[pack.NoteDigest(text)] = text
	}
	var all []error
	for _, text := range versions {
		agreement, err := channelanchor.Pinned(s.trusted.List, pack.NoteDigest(text), texts)
		if err == nil {
			_, err = p.Verify(agreement)
		}
		if err == nil {
			return pack.Anchor{Agreement: text, Proof: a.Proof, Versions: versions}, nil
		}
		all = append(all, err)
	}
	return a, errors.Join(all...)
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
