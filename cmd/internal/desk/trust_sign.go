package desk

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/signing/trust"
)

// SignTrust adds this state's signature to a list that another state proposed, once
// everything in it is at hand and has this state as it is. A dry run shows what the
// list changes and signs nothing.
func (s *Session) SignTrust(f *TrustFile) (*Proposed, error) {
	if s.trusted == nil {
		return nil, ErrNoTrust
	}
	o, err := s.own()
	if err != nil {
		return nil, err
	}
	l, err := f.draft()
	if err != nil {
		return nil, err
	}
	switch pinned := s.trusted.list; {
	case l.Version < pinned.Version:
		return nil, fmt.Errorf("version %d, pinned is %d: %w", l.Version, pinned.Version, ErrTrustOlder)
	case l.Version == pinned.Version && trust.DigestOf(f.Note) != pinned.Digest():
		return nil, fmt.Errorf("%w: version %d is sha256 %s here and sha256 %s there", ErrTrustConflict, l.Version, pinned.Digest().Hex(), trust.DigestOf(f.Note).Hex())
	case l.Previous != pinned.Digest() && !s.trusted.alone(s.Config.State):
		return nil, fmt.Errorf("%w: version %d names %s as the list before it, pinned is %s", ErrTrustChain, l.Version, l.Previous, pinned.Digest())
	}
	if err := f.complete(l, s.trusted); err != nil {
		return nil, err
	}
	return s.signList(o, f)
}

// signList adds this state's signature to a list whose texts are complete.
func (s *Session) signList(o *own, f *TrustFile) (*Proposed, error) {
	l, err := f.draft()
	if err != nil {
		return nil, err
	}
	if err := o.listed(l); err != nil {
		return nil, err
	}
	out := &Proposed{File: f, Changes: s.changes(l)}
	n, err := openDraft(f.Note, l)
	if err != nil {
		return nil, err
	}
	out.Again = slices.ContainsFunc(n.Sigs, func(sig note.Signature) bool { return sig.Name == o.Key.Name() && sig.Hash == o.Key.Hash() })
	if !out.Again && !s.DryRun {
		if f.Note, err = note.Sign(n, o.signer); err != nil {
			return nil, err
		}
	}
	out.Signed = signedBy(l, f.Note)
	out.Missing = s.missing(f.Note)
	if opened, err := trust.Open(f.Note, nil); err == nil {
		l = opened // it has a digest now, which a further signature would change
	}
	out.View = ViewTrust(l, f.Policies, s.Now())
	out.View.Signed, out.View.Missing = out.Signed, out.Missing
	return out, nil
}

// openDraft verifies the signatures that a list has so far, and drops those of
// strangers.
func openDraft(signed []byte, l *trust.List) (*note.Note, error) {
	if len(signed) == 0 {
		return nil, fmt.Errorf("%w: it was never signed", ErrTrustNote)
	}
	var keys []trust.VKey
	for _, s := range l.States {
		keys = append(keys, s.Key)
	}
	known, err := trust.Verifiers(keys...)
	if err != nil {
		return nil, err
	}
	if text, unsigned := strings.CutSuffix(string(signed), "\n\n"); unsigned { // a dry run's
		return &note.Note{Text: text + "\n"}, nil
	}
	n, err := note.Open(signed, known)
	var none *note.UnverifiedNoteError
	if errors.As(err, &none) {
		n, err = none.Note, nil
	}
	if err != nil {
		return nil, chainError("the list", fmt.Errorf("%v: %w", err, trust.ErrSignature))
	}
	n.UnverifiedSigs = nil
	return n, nil
}

func stateOfKey(l *trust.List, sig note.Signature) string {
	for _, s := range l.States {
		if s.Key.Name() == sig.Name && s.Key.Hash() == sig.Hash {
			return s.Code
		}
	}
	return sig.Name
}

// missing says what a list lacks before this desk could pin it.
func (s *Session) missing(signed []byte) string {
	_, err := trust.Open(signed, nil)
	if err == nil && trust.DigestOf(signed) != s.trusted.list.Digest() {
		_, _, err = s.trusted.successor(signed)
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// alone reports whether the pinned list names this state and no other.
func (t *trusted) alone(state string) bool {
	return len(t.list.States) == 1 && t.list.States[0].Code == state
}

// changes says which statements a list adds to the pinned one and takes from it.
func (s *Session) changes(l *trust.List) []string {
	before, after := statements(s.trusted.list), statements(l)
	out := []string{}
	for _, line := range before {
		if !slices.Contains(after, line) {
			out = append(out, "- "+line)
		}
	}
	for _, line := range after {
		if !slices.Contains(before, line) {
			out = append(out, "+ "+line)
		}
	}
	return out
}

func statements(l *trust.List) []string {
	text, err := l.Text()
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")[1:]
}
