package desk

import (
	"context"
	"errors"
	"fmt"

	"example.org/custody/evidence"
	"example.org/custody/evidence/rules"
	"example.org/custody/verify/standard"
)

// Errors of an attestation.
var (
	ErrNotUnder   = errors.New("the item was not sealed under a standard that is known here")
	ErrNoReviewer = errors.New("the second signer cannot be the reviewer")
)

// Attesting is a reviewer's word about an item's rules.
type Attesting struct {
	Item    *Item
	Second  string         // alias of the reviewer
	Library *rules.Library // where the item's pack is looked for
	At      *evidence.Occurred
}

// Attest states, in an examine signed by the custodian and a reviewer, what became
// of every rule of the item's standard that this desk can decide, because it has
// the whole record: so that it can be relied on where something is held back
// (spec/standards.md, "Attestation").
func (s *Session) Attest(ctx context.Context, a Attesting) (Done, *standard.Judgement, error) {
	if err := s.mayReview(a); err != nil {
		return Done{}, nil, err
	}
	j, err := s.judged(a)
	if err != nil {
		return Done{}, nil, err
	}
	done, err := s.Do(ctx, Act{Item: a.Item, Action: evidence.Examine, Second: a.Second, At: a.At, Fields: map[string]any{
		standard.FieldAttestation: j.Attest(a.Item.First().Event.Record.Root), "purpose": "review under " + string(j.Name),
	}})
	return done, j, err
}

// mayReview refuses a second signer whose word would count for nobody.
func (s *Session) mayReview(a Attesting) error {
	signers, err := s.officersOf(a.Second)
	switch {
	case err != nil:
		return err
	case len(signers) < 2:
		return fmt.Errorf("there is none: %w", ErrNoReviewer)
	case !standard.MayReview(a.Item.First().Event, signers[1].as):
		return fmt.Errorf("role %q: %w", signers[1].as.Role, ErrNoReviewer)
	}
	return nil
}

// judged evaluates the pack that was sealed over all that this desk knows.
func (s *Session) judged(a Attesting) (*standard.Judgement, error) {
	first := a.Item.First()
	view, err := first.View()
	if err != nil {
		return nil, err
	}
	stated, presence, err := evidence.Value[standard.Stated](view, standard.Field)
	if err != nil || presence != evidence.Present {
		return nil, errors.Join(ErrNotUnder, err)
	}
	pack, err := a.Library.Pack(stated.SHA256)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotUnder, err)
	}
	in := &rules.Input{Now: evidence.Instant(s.Now())}
	if in.Links, err = a.Item.links(); err != nil {
		return nil, err
	}
	if in.Timeline, err = s.Timeline(a.Item); err != nil {
		return nil, err
	}
	if first.Event.Parent == nil {
		in.Rooted = rules.FactTrue
	}
	return standard.Under(pack, in)
}
