package trustlist

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.org/custody/signing/trust"
)

// Successor opens a list that may take the place of the pinned one, or is it.
func (t *Pinned) Successor(signed []byte) (l *trust.List, joins bool, err error) {
	if trust.DigestOf(signed) == t.List.Digest() {
		return t.List, false, nil
	}
	if l, err = trust.Open(signed, nil); err != nil {
		return nil, false, ChainError("the list", err)
	}
	switch {
	case l.Version < t.List.Version:
		return nil, false, fmt.Errorf("version %d, pinned is %d: %w", l.Version, t.List.Version, ErrOlder)
	case l.Version == t.List.Version:
		return nil, false, conflict("the list", t.List, l)
	}
	next, err := trust.Open(signed, t.List)
	if err == nil {
		return next, false, nil
	}
	if !errors.Is(err, trust.ErrChain) || len(t.List.States) != 1 {
		return nil, false, ChainError("the list", err)
	}
	// The one signature that would follow the pinned list is there: its only state
	// says what its list is from now on.
	n, errOpen := OpenDraft(signed, t.List)
	if errOpen != nil || len(n.Sigs) == 0 {
		return nil, false, ChainError("the list", err)
	}
	return l, true, nil
}

// Missing says what a list lacks before the desk could pin it; "" for nothing.
func (t *Pinned) Missing(signed []byte) string {
	_, err := trust.Open(signed, nil)
	if err == nil && trust.DigestOf(signed) != t.List.Digest() {
		_, _, err = t.Successor(signed)
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// Changes says which statements a list adds to the pinned one and takes from it.
func (t *Pinned) Changes(l *trust.List) []string {
	before, after := statements(t.List), statements(l)
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
