package anchor

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/signing/trust"
)

// MissingError reports an agreement about the channel that the trust list names and that
// is not at hand. Without it nobody knows what it revokes.
type MissingError struct{ Digest evidence.Hash }

// Error implements error.
func (e *MissingError) Error() string {
	return fmt.Sprintf("the agreement %s about the channel is not in the package", e.Digest)
}

// Pinned returns the agreement of a digest as a reader of the trust list uses it
// (spec/anchor.md, "Agreement"): the list names it, and it revokes, besides its own, what
// any other version that the list names for the channel revokes. texts are the agreements
// at hand, by SHA-256. Errors: [*MissingError], [ErrAgreement], [ErrPin].
func Pinned(l *trust.List, digest evidence.Hash, texts map[evidence.Hash][]byte) (*Agreement, error) {
	a, err := agreementOf(digest, texts)
	if err == nil {
		err = a.PinnedBy(l)
	}
	if err != nil {
		return nil, err
	}
	for _, version := range a.versions(l) {
		other, err := agreementOf(version, texts)
		if err != nil {
			return nil, err
		}
		a.Revoked = append(a.Revoked, other.Revoked...)
	}
	slices.SortFunc(a.Revoked, func(x, y evidence.Hash) int { return bytes.Compare(x[:], y[:]) })
	a.Revoked = slices.Compact(a.Revoked)
	return a, nil
}

func agreementOf(digest evidence.Hash, texts map[evidence.Hash][]byte) (*Agreement, error) {
	text, ok := texts[digest]
	if !ok {
		return nil, &MissingError{digest}
	}
	return ParseAgreement(text)
}

// versions returns the digests of what the list names as versions of the channel's
// agreement.
func (a *Agreement) versions(l *trust.List) (list []evidence.Hash) {
	for _, pin := range l.Instruments {
		if strings.HasPrefix(pin.Name, a.family()) {
			list = append(list, evidence.Hash(pin.Digest))
		}
	}
	return list
}
