package ledger

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Cosignature is a verified cosignature of a checkpoint (C2SP
// tlog-cosignature, types 0x04 and 0x06).
type Cosignature struct {
	Name string    // name of the cosigner's key
	Hash uint32    // key id; (Name, Hash) is one key
	Time time.Time // when it was made, by the cosigner's own clock; UTC, whole seconds
}

// maxTime is the last second of the year 9999, beyond which RFC 3339 cannot say a time.
const maxTime = 253402300799

// Cosignatures returns the cosignatures of signed that known keys made, in the
// note's order. Lines of unknown keys are ignored, as C2SP signed-note asks; a
// line of a known key that does not verify makes the whole note invalid
// ([ErrNote]). One without a time (C2SP: "no statement as to the tree being
// the largest"), or with one after the year 9999, says nothing here and is left
// out. An empty result is no error.
//
// The verifiers must be of cosigners ([github.com/transparency-dev/formats/note]):
// a log's own signature bears no time. Whether a cosigner counts, when, and for
// which state is the trust list's to say.
func Cosignatures(signed []byte, known note.Verifiers) ([]Cosignature, error) {
	if _, err := ReadCheckpoint(signed); err != nil {
		return nil, err
	}
	n, err := note.Open(signed, known)
	var none *note.UnverifiedNoteError
	if errors.As(err, &none) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNote, err)
	}
	var out []Cosignature
	for _, s := range n.Sigs {
		t, ok := lineTime(s)
		if !ok {
			continue
		}
		out = append(out, Cosignature{Name: s.Name, Hash: s.Hash, Time: t})
	}
	return out, nil
}

// lineTime returns the time in a cosignature line: key id (4) ‖ seconds (8) ‖
// signature (64 or more).
func lineTime(s note.Signature) (time.Time, bool) {
	raw, err := base64.StdEncoding.DecodeString(s.Base64)
	if err != nil || len(raw) < 4+8+64 {
		return time.Time{}, false
	}
	sec := binary.BigEndian.Uint64(raw[4:])
	if sec == 0 || sec > maxTime {
		return time.Time{}, false
	}
	return time.Unix(int64(sec), 0).UTC(), true
}

// AddCosignatures adds to a signed checkpoint the lines that a cosigner
// answered with. Lines of unknown keys are dropped, a line of a known key that
// does not verify is refused ([ErrNote]), and a new line of a key that signed
// already takes the place of the old one. It reports [ErrNote] too when no
// line of a known key is left: a cosigner that answers so has not signed.
func AddCosignatures(signed, lines []byte, known note.Verifiers) ([]byte, error) {
	text, have, err := splitNote(signed)
	if err != nil {
		return nil, err
	}
	added, err := parseLines(lines)
	if err != nil {
		return nil, err
	}
	n, err := note.Open(slices.Concat(text, []byte("\n"), lines), known)
	if err != nil {
		return nil, fmt.Errorf("cosignature: %w: %w", ErrNote, err)
	}
	for _, s := range added {
		if !slices.Contains(n.Sigs, s) {
			continue
		}
		have = slices.DeleteFunc(have, func(h note.Signature) bool { return h.Name == s.Name && h.Hash == s.Hash })
		have = append(have, s)
	}
	out := append(slices.Clone(text), '\n')
	for _, s := range have {
		out = appendLine(out, s)
	}
	return out, nil
}
