package signing

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// MaxEnvelope is the largest envelope in bytes, as encoded (spec/event.md,
// "Envelope").
const MaxEnvelope = 1 << 20

// maxSignatures bounds the work that one envelope can ask of a verifier. Two
// sign at most today; the rest is room.
const maxSignatures = 16

// maxPayloadType is the longest payload type in bytes.
const maxPayloadType = 128

// Errors of [Parse] and [Envelope.Marshal].
var (
	// ErrTooLarge reports an envelope of more than [MaxEnvelope] bytes.
	ErrTooLarge = errors.New("envelope is over 1 MiB")
	// ErrEncoding reports bytes that are not an envelope in its one encoding.
	ErrEncoding = errors.New("not an envelope in its one encoding")
)

// Signature is one signature of an envelope.
type Signature struct {
	KeyID KeyID  // the key said to have made it
	Sig   []byte // ECDSA: DER; RSA-PSS: 384 bytes
}

// Envelope is a signed payload (DSSE). The encoding is a function of its value,
// so a parsed envelope gives back the bytes it came from.
type Envelope struct {
	PayloadType string      // media type, 1 to 128 bytes of RFC 6838 §4.2 characters
	Payload     []byte      // what is signed, any bytes
	Signatures  []Signature // 1 to 16, each by another key, in the payload's order
}

// envelopeJSON only reads; appendJSON writes.
type envelopeJSON struct {
	Payload     string `json:"payload"`
	PayloadType string `json:"payloadType"`
	Signatures  []struct {
		KeyID string `json:"keyid"`
		Sig   string `json:"sig"`
	} `json:"signatures"`
}

// Parse reads an envelope. It decodes, encodes again, and compares: extra,
// repeated or reordered members, white space, escapes, loose base64 and
// everything else that means the same in other bytes is [ErrEncoding] (rule
// P19). More than [MaxEnvelope] bytes is [ErrTooLarge], before anything is read.
// Signatures are not verified.
func Parse(b []byte) (*Envelope, error) {
	if len(b) > MaxEnvelope {
		return nil, ErrTooLarge
	}
	var j envelopeJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEncoding, err)
	}
	e := &Envelope{PayloadType: j.PayloadType}
	var err error
	if e.Payload, err = decode64(j.Payload); err != nil {
		return nil, fmt.Errorf("payload: %w: %w", ErrEncoding, err)
	}
	for i, s := range j.Signatures {
		id, err := ParseKeyID(s.KeyID)
		if err != nil {
			return nil, fmt.Errorf("signature %d: %w: %w", i, ErrEncoding, err)
		}
		sig, err := decode64(s.Sig)
		if err != nil {
			return nil, fmt.Errorf("signature %d: %w: %w", i, ErrEncoding, err)
		}
		e.Signatures = append(e.Signatures, Signature{KeyID: id, Sig: sig})
	}
	again, err := e.Marshal()
	if err != nil {
		return nil, err
	}
	if at := firstDifference(again, b); at >= 0 {
		return nil, fmt.Errorf("byte %d: %w", at, ErrEncoding)
	}
	return e, nil
}

// Marshal returns the envelope's one encoding: RFC 8785 JSON with padded
// standard base64 (RFC 4648 §4). It returns [ErrEncoding] for a value outside
// the ranges of [Envelope], and [ErrTooLarge].
func (e *Envelope) Marshal() ([]byte, error) {
	if err := e.validate(); err != nil {
		return nil, err
	}
	b := e.appendJSON(make([]byte, 0, 256+len(e.Payload)*4/3+256*len(e.Signatures)))
	if len(b) > MaxEnvelope {
		return nil, ErrTooLarge
	}
	return b, nil
}

// appendJSON writes the members in RFC 8785 order. Nothing it writes needs an
// escape: base64, hex, and the characters that validate allows in a type.
func (e *Envelope) appendJSON(b []byte) []byte {
	b = append(b, `{"payload":"`...)
	b = base64.StdEncoding.AppendEncode(b, e.Payload)
	b = append(b, `","payloadType":"`...)
	b = append(b, e.PayloadType...)
	b = append(b, `","signatures":[`...)
	for i, s := range e.Signatures {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"keyid":"`...)
		b = append(b, s.KeyID.String()...)
		b = append(b, `","sig":"`...)
		b = base64.StdEncoding.AppendEncode(b, s.Sig)
		b = append(b, `"}`...)
	}
	return append(b, `]}`...)
}

// validate checks the ranges given at [Envelope].
func (e *Envelope) validate() error {
	if !validType(e.PayloadType) {
		return fmt.Errorf("payload type %.140q: %w", e.PayloadType, ErrEncoding)
	}
	if n := len(e.Signatures); n == 0 || n > maxSignatures {
		return fmt.Errorf("%d signatures: %w", n, ErrEncoding)
	}
	seen := make(map[KeyID]bool)
	for i, s := range e.Signatures {
		if len(s.Sig) == 0 {
			return fmt.Errorf("signature %d is empty: %w", i, ErrEncoding)
		}
		if seen[s.KeyID] {
			// Two signatures by one key must never look like two people.
			return fmt.Errorf("key %s signs twice: %w", s.KeyID, ErrEncoding)
		}
		seen[s.KeyID] = true
	}
	return nil
}

// validType allows the characters of a media type, RFC 6838 §4.2, of which none
// needs an escape in JSON.
func validType(s string) bool {
	if s == "" || len(s) > maxPayloadType {
		return false
	}
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case bytes.IndexByte([]byte("!#$^_.+-/"), c) >= 0:
		default:
			return false
		}
	}
	return true
}

func decode64(s string) ([]byte, error) { return base64.StdEncoding.Strict().DecodeString(s) }

// firstDifference returns the offset of the first byte in which a and b differ,
// or -1 when they are equal.
func firstDifference(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	if len(a) == len(b) {
		return -1
	}
	return n
}
