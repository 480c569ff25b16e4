package matching

import (
	"io"

	"github.com/cloudflare/circl/oprf"

	"example.org/custody/evidence"
)

// Answering is the side that was asked, between two messages.
type Answering struct {
	side
	sent   evidence.Hash // the answer
	theirs *oprf.PublicKey
	blocks int // of the asking side
}

// Reply answers an opening with identifiers of this side, at most [MaxIdentifiers]. Errors:
// [ErrMessage], [ErrIdentifier], [ErrCount].
func Reply(random io.Reader, opening []byte, ids []Identifier) (*Answering, []byte, error) {
	m, err := read(opening, formatOpening)
	if err != nil {
		return nil, nil, err
	}
	asked, _, err := split(m.body, m.Blocks*askedSize, 0)
	if err != nil {
		return nil, nil, err
	}
	theirs, err := m.publicKey()
	if err != nil {
		return nil, nil, err
	}
	own, err := newSide(random, m.session(), ids)
	if err != nil {
		return nil, nil, err
	}
	a := &Answering{side: *own, theirs: theirs, blocks: m.Blocks}
	evaluated, err := a.evaluate(asked)
	if err != nil {
		return nil, nil, err
	}
	blinded, err := a.blinded()
	if err != nil {
		return nil, nil, err
	}
	key, err := a.key.Public().MarshalBinary()
	if err != nil {
		return nil, nil, err
	}
	out, err := head{Format: formatAnswer, Previous: m.hash(), Key: key, Blocks: a.side.blocks()}.of(m.session()).write(evaluated, blinded)
	a.sent = out.hash()
	return a, out.all, err
}

// Hits takes the third message and returns the identifiers that the asking side has too, in
// the order of [Reply], and the last message, which tells the asking side. Errors:
// [ErrMessage], [ErrProof].
func (a *Answering) Hits(tokens []byte) ([]Identifier, []byte, error) {
	m, err := read(tokens, formatTokens)
	if err == nil {
		err = m.answers(a.sent, a.session)
	}
	if err != nil {
		return nil, nil, err
	}
	mine, shown, err := split(m.body, a.side.blocks()*evaluatedSize, a.blocks*tokensSize)
	if err != nil {
		return nil, nil, err
	}
	all, err := parted(shown)
	if err != nil {
		return nil, nil, err
	}
	values, err := a.values(mine, a.theirs)
	if err != nil {
		return nil, nil, err
	}
	secrets, err := a.secrets(values, false)
	if err != nil {
		return nil, nil, err
	}
	there := make(map[evidence.Hash]bool, len(all))
	for _, t := range all {
		there[t] = true
	}
	hit := make([]bool, len(a.ids))
	var claims []evidence.Hash
	for i := range a.ids {
		if hit[i] = there[secrets[i].token]; hit[i] {
			claims = append(claims, secrets[i].claim)
		}
	}
	n := len(claims)
	out, err := head{Format: formatHits, Previous: m.hash(), Hits: &n}.of(a.session).write(join(claims))
	return a.chosen(hit), out.all, err
}
