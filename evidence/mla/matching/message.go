package matching

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/cloudflare/circl/oprf"

	"example.org/custody/evidence"
)

// Formats of the messages.
const (
	formatOpening = "custody/match/opening/v1"
	formatAnswer  = "custody/match/answer/v1"
	formatTokens  = "custody/match/tokens/v1"
	formatHits    = "custody/match/hits/v1"
)

// maxHead is the longest head of a message in bytes.
const maxHead = 4096

// head is the first line of a message (spec/matching.md, "Encoding").
type head struct { // in the order of canonical JSON
	Answering evidence.KeyID `json:"answering"`
	Asking    evidence.KeyID `json:"asking"`
	Blocks    int            `json:"blocks,omitempty"`
	Format    string         `json:"format"`
	Hits      *int           `json:"hits,omitempty"`
	Key       []byte         `json:"key,omitempty"`
	Previous  evidence.Hash  `json:"previous,omitzero"`
	Purpose   Purpose        `json:"purpose"`
	ID        evidence.Hash  `json:"session"`
}

func (h head) session() Session { return Session{h.ID, h.Purpose, h.Asking, h.Answering} }

// of returns a head of a session.
func (h head) of(s Session) head {
	h.ID, h.Purpose, h.Asking, h.Answering = s.ID, s.Purpose, s.Asking, s.Answering
	return h
}

// message is a head and what is behind it.
type message struct {
	head
	body []byte
	all  []byte
}

func (m message) hash() evidence.Hash { return sha256.Sum256(m.all) }

// write returns the one encoding of a message.
func (h head) write(body ...[]byte) (message, error) {
	line, err := evidence.Canonical(h) // of no more than maxHead bytes
	if err != nil {
		return message{}, err
	}
	all := append(line, '\n')
	for _, b := range body {
		all = append(all, b...)
	}
	return message{head: h, body: all[len(line)+1:], all: all}, nil
}

// SessionOf returns the session that a message is of, and whether it opens it. Who sent it
// is not known yet. Error: [ErrMessage].
func SessionOf(b []byte) (s Session, opens bool, err error) {
	for _, format := range []string{formatOpening, formatAnswer, formatTokens, formatHits} {
		var m message
		if m, err = read(b, format); err == nil {
			return m.session(), format == formatOpening, nil
		}
	}
	return Session{}, false, err
}

// Asks returns how many blocks of [BlockSize] the sender of an opening or an answer
// compares. Error: [ErrMessage].
func Asks(b []byte) (blocks int, err error) {
	for _, format := range []string{formatOpening, formatAnswer} {
		var m message
		if m, err = read(b, format); err == nil {
			return m.Blocks, nil
		}
	}
	return 0, err
}

// read reads a message of a format; everything is checked but the elements. Error:
// [ErrMessage].
func read(b []byte, format string) (message, error) {
	line, _, ok := bytes.Cut(b[:min(len(b), maxHead)], []byte("\n"))
	if !ok {
		return message{}, ErrMessage
	}
	m := message{body: b[len(line)+1:], all: b}
	if err := json.Unmarshal(line, &m.head); err != nil || !evidence.IsCanonical(m.head, line) {
		return message{}, fmt.Errorf("its head: %w", ErrMessage)
	}
	begins, asks := format == formatOpening, format == formatOpening || format == formatAnswer
	switch {
	case m.Format != format, m.session().Check() != nil,
		(m.Previous == evidence.Hash{}) != begins, (m.Key != nil) != asks, (m.Hits != nil) != (format == formatHits),
		asks && (m.Blocks < 1 || m.Blocks > maxBlocks), !asks && m.Blocks != 0:
		return message{}, fmt.Errorf("its head: %w", ErrMessage)
	}
	return m, nil
}

// answers reports [ErrMessage] unless m answers before, in the same session.
func (m message) answers(before evidence.Hash, s Session) error {
	if m.Previous != before || m.session() != s {
		return fmt.Errorf("it answers another message: %w", ErrMessage)
	}
	return nil
}

// publicKey reads the sender's key. Error: [ErrMessage].
func (h head) publicKey() (*oprf.PublicKey, error) {
	k, e := new(oprf.PublicKey), suite.Group().NewElement()
	if err := e.UnmarshalBinary(h.Key); err != nil || e.IsIdentity() || len(h.Key) != elementSize {
		return nil, fmt.Errorf("its key: %w", ErrMessage)
	}
	if err := k.UnmarshalBinary(suite, h.Key); err != nil {
		return nil, fmt.Errorf("its key: %w", ErrMessage)
	}
	return k, nil
}

// split cuts a body into a part of n bytes and the rest. Error: [ErrMessage].
func split(b []byte, n, rest int) (first, second []byte, err error) {
	if len(b) != n+rest {
		return nil, nil, fmt.Errorf("%d bytes behind its head, %d expected: %w", len(b), n+rest, ErrMessage)
	}
	return b[:n], b[n:], nil
}

const (
	askedSize     = BlockSize * elementSize           // of a block of blinded elements
	evaluatedSize = BlockSize*elementSize + proofSize // of a block of evaluated ones
	tokensSize    = BlockSize * len(evidence.Hash{})  // of a block of tokens
)

// join sorts hashes, so that their order says nothing, and puts them behind each other.
func join(all []evidence.Hash) []byte {
	slices.SortFunc(all, func(a, b evidence.Hash) int { return bytes.Compare(a[:], b[:]) })
	out := make([]byte, 0, len(all)*len(evidence.Hash{}))
	for _, h := range all {
		out = append(out, h[:]...)
	}
	return out
}

// parted is the reverse of join: ascending, none twice. Error: [ErrMessage].
func parted(b []byte) ([]evidence.Hash, error) {
	out := make([]evidence.Hash, 0, len(b)/len(evidence.Hash{}))
	for part := range slices.Chunk(b, len(evidence.Hash{})) {
		if n := len(out); n > 0 && bytes.Compare(out[n-1][:], part) >= 0 {
			return nil, fmt.Errorf("hashes out of order: %w", ErrMessage)
		}
		out = append(out, evidence.Hash(part))
	}
	return out, nil
}
