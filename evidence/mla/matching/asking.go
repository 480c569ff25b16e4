package matching

import (
	"io"

	"example.org/custody/evidence"
)

// Asking is the side that opens a session, between two messages.
type Asking struct {
	side
	sent   evidence.Hash // the message sent last
	claims map[evidence.Hash]int
}

// Ask opens a session with identifiers of this side, at most [MaxIdentifiers]. Errors:
// [ErrSession], [ErrIdentifier], [ErrCount].
func Ask(random io.Reader, s Session, ids []Identifier) (*Asking, []byte, error) {
	own, err := newSide(random, s, ids)
	if err != nil {
		return nil, nil, err
	}
	a := &Asking{side: *own}
	blinded, err := a.blinded()
	if err != nil {
		return nil, nil, err
	}
	key, err := a.key.Public().MarshalBinary()
	if err != nil {
		return nil, nil, err
	}
	m, err := head{Format: formatOpening, Key: key, Blocks: a.blocks()}.of(s).write(blinded)
	a.sent = m.hash()
	return a, m.all, err
}

// Tokens takes the other side's answer and returns the third message. Errors:
// [ErrMessage], [ErrProof].
func (a *Asking) Tokens(answer []byte) ([]byte, error) {
	m, err := read(answer, formatAnswer)
	if err == nil {
		err = m.answers(a.sent, a.session)
	}
	if err != nil {
		return nil, err
	}
	theirs, err := m.publicKey()
	if err != nil {
		return nil, err
	}
	mine, asked, err := split(m.body, a.blocks()*evaluatedSize, m.Blocks*askedSize)
	if err != nil {
		return nil, err
	}
	values, err := a.values(mine, theirs)
	if err != nil {
		return nil, err
	}
	secrets, err := a.secrets(values, true)
	if err != nil {
		return nil, err
	}
	evaluated, err := a.evaluate(asked)
	if err != nil {
		return nil, err
	}
	tokens := make([]evidence.Hash, len(secrets))
	claims := make(map[evidence.Hash]int, len(a.ids))
	for i, x := range secrets {
		if tokens[i] = x.token; i < len(a.ids) {
			claims[x.claim] = i
		}
	}
	out, err := head{Format: formatTokens, Previous: m.hash()}.of(a.session).write(evaluated, join(tokens))
	if err != nil {
		return nil, err
	}
	a.sent, a.claims = out.hash(), claims
	return out.all, nil
}

// Hits takes the last message and returns the identifiers that the other side has too, in
// the order of [Ask]. Error: [ErrMessage], also for a claim of what was not asked.
func (a *Asking) Hits(last []byte) ([]Identifier, error) {
	m, err := read(last, formatHits)
	if err == nil {
		err = m.answers(a.sent, a.session)
	}
	if err != nil {
		return nil, err
	}
	if *m.Hits < 0 || *m.Hits > len(a.ids) {
		return nil, ErrMessage
	}
	body, _, err := split(m.body, *m.Hits*len(evidence.Hash{}), 0)
	if err != nil {
		return nil, err
	}
	all, err := parted(body)
	if err != nil {
		return nil, err
	}
	hit := make([]bool, len(a.ids))
	for _, claim := range all {
		i, ok := a.claims[claim]
		if !ok {
			return nil, ErrMessage
		}
		hit[i] = true
	}
	return a.chosen(hit), nil
}

// chosen returns the identifiers that are marked.
func (s *side) chosen(hit []bool) (out []Identifier) {
	for i, is := range hit {
		if is {
			out = append(out, s.ids[i])
		}
	}
	return out
}
