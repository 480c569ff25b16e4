package trustlist

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/signing/trust"
)

// OpenDraft verifies the signatures that a list has so far, and drops those of
// strangers.
func OpenDraft(signed []byte, l *trust.List) (*note.Note, error) {
	if len(signed) == 0 {
		return nil, fmt.Errorf("%w: it was never signed", ErrNote)
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
		return nil, ChainError("the list", fmt.Errorf("%v: %w", err, trust.ErrSignature))
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

// SignedBy returns the states whose signatures a note of the list has.
func SignedBy(l *trust.List, signed []byte) []string {
	states := []string{}
	n, err := OpenDraft(signed, l)
	if err != nil {
		return states
	}
	for _, sig := range n.Sigs {
		states = append(states, stateOfKey(l, sig))
	}
	slices.Sort(states)
	return states
}
