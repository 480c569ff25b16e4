package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
	"example.org/custody/verify/pack"
)

// abroadTime is how long a desk waits for another state's node to say whose it is.
const abroadTime = 5 * time.Second

// abroad proves from another state's ledger, read through the node of that state,
// which is one of those that cosign here; nil when none of them is it.
func (s *Session) abroad(ctx context.Context, o evidence.Origin) (pack.Prover, error) {
	f, err := s.abroadAt(ctx, o)
	if f == nil || err != nil {
		return nil, err
	}
	return f.prover(ctx)
}

// abroadAt is another state's ledger at the node of that state; nil when none of those
// that cosign here is it.
func (s *Session) abroadAt(ctx context.Context, o evidence.Origin) (*followed, error) {
	if f, ok := s.ledgers[o]; ok {
		return f, nil
	}
	f, err := s.findAbroad(ctx, o)
	if f == nil || err != nil {
		return nil, err
	}
	if s.ledgers == nil {
		s.ledgers = map[evidence.Origin]*followed{}
	}
	s.ledgers[o] = f
	return f, nil
}

// findAbroad looks for a ledger among the nodes that the desk knows.
func (s *Session) findAbroad(ctx context.Context, o evidence.Origin) (*followed, error) {
	last := s.successor(o) // an ended ledger is at the node of the last that follows it
	for _, at := range s.Config.Cosigners {
		if !client.IsAddress(at) || !s.keeps(ctx, at, last) {
			continue
		}
		f, err := s.readAt(at, last)
		if err != nil || last == o {
			return f, err
		}
		return s.endedBehind(f, o)
	}
	return nil, nil
}

// keeps reports whether a node says that it keeps the ledger o. Whether that is so
// shows when what it gives is verified.
func (s *Session) keeps(ctx context.Context, at string, o evidence.Origin) bool {
	n, err := client.New(at, nil)
	if err != nil {
		return false
	}
	defer n.Close()
	ctx, cancel := context.WithTimeout(ctx, abroadTime)
	defer cancel()
	signed, err := n.Log().Checkpoint(ctx)
	if err != nil {
		return false
	}
	c, err := ledger.ReadCheckpoint(signed)
	return err == nil && c.Origin == o
}

// ownEnrolment is what makes the acting officer's key known to another state's node.
func (s *Session) ownEnrolment() (map[string][]byte, error) {
	card, _, err := s.ownCard()
	if err != nil {
		return nil, err
	}
	var dossier map[string][]byte
	if err := json.Unmarshal(card.Enrolment, &dossier); err != nil {
		return nil, fmt.Errorf("%s: %w", card.Alias, ErrNotEnrolled)
	}
	return dossier, nil
}
