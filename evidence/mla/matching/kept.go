package matching

import (
	"encoding/json"
	"fmt"

	"github.com/cloudflare/circl/oprf"

	"example.org/custody/evidence"
)

// Formats of what is kept.
const (
	formatAsking    = "custody/match/asking/v1"
	formatAnswering = "custody/match/answering/v1"
)

// kept is a side between two messages. It is secret.
type kept struct {
	Format  string          `json:"format"`
	Session Session         `json:"session"`
	Key     []byte          `json:"key"`
	IDs     []Identifier    `json:"ids"`
	Dummies [][]byte        `json:"dummies"` // the inputs that are of no identifier
	Blinds  [][]byte        `json:"blinds"`
	Sent    evidence.Hash   `json:"sent"`
	Claims  []evidence.Hash `json:"claims,omitempty"` // of each identifier, once tokens are sent
	Theirs  []byte          `json:"theirs,omitempty"` // the asking side's key
	Blocks  int             `json:"blocks,omitempty"` // of the asking side
}

// Save returns what [LoadAsking] needs. Identifiers and keys are in it: it is to be kept
// encrypted and destroyed with the session.
func (a *Asking) Save() ([]byte, error) {
	k, err := a.keep(formatAsking, a.sent)
	if err != nil {
		return nil, err
	}
	if a.claims != nil {
		k.Claims = make([]evidence.Hash, len(a.ids))
		for claim, i := range a.claims {
			k.Claims[i] = claim
		}
	}
	return json.Marshal(k)
}

// LoadAsking returns the side that was saved. Error: [ErrState].
func LoadAsking(b []byte) (*Asking, error) {
	k, own, err := load(b, formatAsking)
	if err != nil {
		return nil, err
	}
	a := &Asking{side: *own, sent: k.Sent}
	if k.Claims == nil {
		return a, nil
	}
	a.claims = make(map[evidence.Hash]int, len(k.Claims))
	for i, c := range k.Claims {
		a.claims[c] = i
	}
	if len(a.claims) != len(a.ids) {
		return nil, ErrState
	}
	return a, nil
}

// Save returns what [LoadAnswering] needs; as secret as that of [Asking.Save].
func (a *Answering) Save() ([]byte, error) {
	k, err := a.keep(formatAnswering, a.sent)
	if err != nil {
		return nil, err
	}
	k.Blocks = a.blocks
	if k.Theirs, err = a.theirs.MarshalBinary(); err != nil {
		return nil, err
	}
	return json.Marshal(k)
}

// LoadAnswering returns the side that was saved. Error: [ErrState].
func LoadAnswering(b []byte) (*Answering, error) {
	k, own, err := load(b, formatAnswering)
	if err != nil {
		return nil, err
	}
	a := &Answering{side: *own, sent: k.Sent, theirs: new(oprf.PublicKey), blocks: k.Blocks}
	if err := a.theirs.UnmarshalBinary(suite, k.Theirs); err != nil || k.Blocks < 1 || k.Blocks > maxBlocks {
		return nil, ErrState
	}
	return a, nil
}

func (s *side) keep(format string, sent evidence.Hash) (k kept, err error) {
	k = kept{Format: format, Session: s.session, IDs: s.ids, Dummies: s.inputs[len(s.ids):], Sent: sent}
	if k.Key, err = s.key.MarshalBinary(); err != nil {
		return kept{}, err
	}
	for _, blind := range s.blinds {
		b, err := blind.MarshalBinary()
		if err != nil {
			return kept{}, err
		}
		k.Blinds = append(k.Blinds, b)
	}
	return k, nil
}

// load reads what keep has made.
func load(b []byte, format string) (k kept, _ *side, _ error) {
	if err := json.Unmarshal(b, &k); err != nil || k.Format != format {
		return k, nil, ErrState
	}
	s, key := &side{session: k.Session, ids: k.IDs}, new(oprf.PrivateKey)
	if err := key.UnmarshalBinary(suite, k.Key); err != nil {
		return k, nil, fmt.Errorf("its key: %w", ErrState)
	}
	s.setKey(key)
	for _, id := range k.IDs {
		s.inputs = append(s.inputs, id.input(k.Session.Purpose))
	}
	s.inputs = append(s.inputs, k.Dummies...)
	for _, b := range k.Blinds {
		x := suite.Group().NewScalar()
		if err := x.UnmarshalBinary(b); err != nil {
			return k, nil, fmt.Errorf("its blinds: %w", ErrState)
		}
		s.blinds = append(s.blinds, x)
	}
	if n := len(s.inputs); n == 0 || n%BlockSize != 0 || n > MaxIdentifiers || len(s.blinds) != n {
		return k, nil, ErrState
	}
	return k, s, nil
}
