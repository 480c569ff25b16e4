package closed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"example.org/custody/evidence"
)

// ErrProofForm reports bytes that are not a proof in its one JSON form.
var ErrProofForm = errors.New("not a proof of the map of closed seals in canonical JSON")

const (
	stepSize = 1 + 32 // bytes of a step: bit ‖ hash
	maxSteps = 256
	maxProof = maxSteps*stepSize*4/3 + 200
)

// proofJSON has its members in the order of RFC 8785.
type proofJSON struct {
	Key   *evidence.Seal `json:"key,omitempty"`
	Path  []byte         `json:"path"` // steps, in base64
	Value *evidence.Hash `json:"value,omitempty"`
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
	if len(j.Path)%stepSize != 0 || len(j.Path) > maxSteps*stepSize {
		return Proof{}, fmt.Errorf("path of %d bytes: %w", len(j.Path), ErrProofForm)
	}
	for s := range slices.Chunk(j.Path, stepSize) {
		p.Path = append(p.Path, Step{Bit: s[0], Other: evidence.Hash(s[1:])})
	}
	// Spaces, duplicate and unknown members, null and spare bits do not survive this.
	again, err := p.MarshalJSON()
	if err != nil || !bytes.Equal(again, b) {
		return Proof{}, fmt.Errorf("in another encoding: %w", ErrProofForm)
	}
	return p, nil
}

// MarshalJSON implements [json.Marshaler]; the bytes are canonical (RFC 8785).
func (p Proof) MarshalJSON() ([]byte, error) {
	j := proofJSON{Path: make([]byte, 0, len(p.Path)*stepSize)}
	if p.Reached != nil {
		j.Key, j.Value = &p.Reached.Seal, &p.Reached.Leaf
	}
	for _, s := range p.Path {
		j.Path = append(append(j.Path, s.Bit), s.Other[:]...)
	}
	return json.Marshal(j)
}

// UnmarshalJSON implements [json.Unmarshaler]; it is as strict as [ParseProof].
func (p *Proof) UnmarshalJSON(b []byte) (err error) { *p, err = ParseProof(b); return err }
