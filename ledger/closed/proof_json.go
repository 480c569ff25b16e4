package closed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"example.org/custody/evidence"
)

// ErrProofForm reports bytes that are not a proof in its one JSON form.
var ErrProofForm = errors.New("not a proof of the map of closed seals in canonical JSON")

// maxProof is room for 256 steps.
const maxProof = 256*100 + 200

// proofJSON has its members in the order of RFC 8785.
type proofJSON struct {
	Key   *evidence.Seal `json:"key,omitempty"`
	Path  []stepJSON     `json:"path"`
	Value *evidence.Hash `json:"value,omitempty"`
}

type stepJSON struct {
	Bit  uint8         `json:"bit"`
	Hash evidence.Hash `json:"hash"`
}

// ParseProof reads a proof in the JSON form of spec/leaf.md, which is canonical:
// it takes exactly what [Proof.MarshalJSON] writes and returns [ErrProofForm]
// otherwise. It verifies nothing.
func ParseProof(b []byte) (Proof, error) {
	if len(b) > maxProof {
		return Proof{}, fmt.Errorf("%d bytes: %w", len(b), ErrProofForm)
	}
	var j proofJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return Proof{}, fmt.Errorf("%w: %w", ErrProofForm, err)
	}
	if (j.Key == nil) != (j.Value == nil) || j.Key == nil && len(j.Path) > 0 {
		return Proof{}, fmt.Errorf("key, path and value do not agree: %w", ErrProofForm)
	}
	var p Proof
	if j.Key != nil {
		p.Reached = &Entry{Seal: *j.Key, Leaf: *j.Value}
	}
	for _, s := range j.Path {
		p.Path = append(p.Path, Step{Bit: s.Bit, Other: s.Hash})
	}
	// Spaces, duplicate and unknown members, and null do not survive this.
	again, err := p.MarshalJSON()
	if err != nil || !bytes.Equal(again, b) {
		return Proof{}, fmt.Errorf("in another encoding: %w", ErrProofForm)
	}
	return p, nil
}

// MarshalJSON implements [json.Marshaler]; the bytes are canonical (RFC 8785).
func (p Proof) MarshalJSON() ([]byte, error) {
	j := proofJSON{Path: make([]stepJSON, len(p.Path))}
	if p.Reached != nil {
		j.Key, j.Value = &p.Reached.Seal, &p.Reached.Leaf
	}
	for i, s := range p.Path {
		j.Path[i] = stepJSON{Bit: s.Bit, Hash: s.Other}
	}
	return json.Marshal(j)
}

// UnmarshalJSON implements [json.Unmarshaler]; it is as strict as [ParseProof].
func (p *Proof) UnmarshalJSON(b []byte) (err error) { *p, err = ParseProof(b); return err }
