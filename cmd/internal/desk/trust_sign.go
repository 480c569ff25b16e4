package desk

import (
	"errors"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/signing/trust"
)

// SignTrust adds this state's signature to a list that another state proposed, once
// everything in it is at hand and has this state as it is. A dry run shows what the
// list changes and signs nothing.
func (s *Session) SignTrust(f *trustlist.File) (*Proposed, error) {
	if s.trusted == nil {
		return nil, trustlist.ErrNone
	}
	o, err := s.own()
	if err != nil {
		return nil, err
	}
	l, err := f.Draft()
	if err != nil {
		return nil, err
	}
	switch pinned := s.trusted.List; {
	case l.Version < pinned.Version:
		return nil, fmt.Errorf("version %d, pinned is %d: %w", l.Version, pinned.Version, trustlist.ErrOlder)
	case l.Version == pinned.Version && trust.DigestOf(f.Note) != pinned.Digest():
		return nil, fmt.Errorf("%w: version %d is sha256 %s here and sha256 %s there", trustlist.ErrConflict, l.Version, pinned.Digest().Hex(), trust.DigestOf(f.Note).Hex())
	case l.Previous != pinned.Digest() && !s.trusted.Alone(s.Config.State):
		return nil, fmt.Errorf("%w: version %d names %s as the list before it, pinned is %s", trustlist.ErrChain, l.Version, l.Previous, pinned.Digest())
	}
	if err := f.Complete(l, s.trusted); err != nil {
		return nil, err
	}
	return s.signList(o, f)
}

// signList adds this state's signature to a list whose texts are complete.
func (s *Session) signList(o *own, f *trustlist.File) (*Proposed, error) {
	l, err := f.Draft()
	if err != nil {
		return nil, err
	}
	if err := errors.Join(o.listed(l), s.wholeEnds(l)); err != nil {
		return nil, err
	}
	out := &Proposed{File: f, Changes: s.trusted.Changes(l)}
	n, err := trustlist.OpenDraft(f.Note, l)
	if err != nil {
		return nil, err
	}
	out.Again = slices.ContainsFunc(n.Sigs, func(sig note.Signature) bool { return sig.Name == o.Key.Name() && sig.Hash == o.Key.Hash() })
	if !out.Again && !s.DryRun {
		if f.Note, err = note.Sign(n, o.signer); err != nil {
			return nil, err
		}
	}
	out.Signed = trustlist.SignedBy(l, f.Note)
	out.Missing = s.trusted.Missing(f.Note)
	if opened, err := trust.Open(f.Note, nil); err == nil {
		l = opened // it has a digest now, which a further signature would change
	}
	out.View = trustlist.ViewOf(l, f.Policies, s.Now())
	out.View.Signed, out.View.Missing = out.Signed, out.Missing
	return out, nil
}
