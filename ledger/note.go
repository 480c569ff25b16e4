package ledger

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// MaxNote is the largest signed note read, in bytes. 100 signatures, the most
// that x/mod's note package reads, fit in it several times over.
const MaxNote = 1 << 20

// ErrNote reports bytes that are not a signed note in its one encoding.
var ErrNote = errors.New("not a signed note")

const (
	sigPrefix = "— "
	maxSigs   = 100
)

// splitNote parts a signed note into text and signature lines, in order. It is
// stricter than note.Open: base64 must be canonical, and one key signs once. So
// no byte of a note can change without its meaning changing, or its being refused.
func splitNote(signed []byte) (text []byte, lines []note.Signature, err error) {
	if len(signed) > MaxNote {
		return nil, nil, fmt.Errorf("%d bytes: %w", len(signed), ErrNote)
	}
	i := bytes.LastIndex(signed, []byte("\n\n"))
	if i < 0 {
		return nil, nil, fmt.Errorf("no empty line: %w", ErrNote)
	}
	lines, err = parseLines(signed[i+2:])
	if err != nil {
		return nil, nil, err
	}
	// note.Open checks the text's encoding; it knows no key here.
	var unverified *note.UnverifiedNoteError
	if _, err := note.Open(signed, nil); !errors.As(err, &unverified) {
		return nil, nil, fmt.Errorf("%w: %w", ErrNote, err)
	}
	return signed[:i+1], lines, nil
}

// parseLines reads one or more signature lines.
func parseLines(b []byte) ([]note.Signature, error) {
	body, ok := strings.CutSuffix(string(b), "\n")
	if !ok {
		return nil, fmt.Errorf("signature lines do not end in a line feed: %w", ErrNote)
	}
	type key struct {
		name string
		hash uint32
	}
	seen := make(map[key]bool)
	var lines []note.Signature
	for line := range strings.SplitSeq(body, "\n") {
		s, err := parseLine(line)
		if err != nil {
			return nil, err
		}
		if seen[key{s.Name, s.Hash}] {
			return nil, fmt.Errorf("key %s+%08x signs twice: %w", s.Name, s.Hash, ErrNote)
		}
		seen[key{s.Name, s.Hash}] = true
		if lines = append(lines, s); len(lines) > maxSigs {
			return nil, fmt.Errorf("more than %d signatures: %w", maxSigs, ErrNote)
		}
	}
	return lines, nil
}

func parseLine(line string) (note.Signature, error) {
	rest, ok := strings.CutPrefix(line, sigPrefix)
	name, b64, ok2 := strings.Cut(rest, " ")
	raw, err := base64.StdEncoding.Strict().DecodeString(b64)
	// Strict still skips line breaks; a carriage return can stand in a line.
	if !ok || !ok2 || name == "" || err != nil || len(raw) < 5 || strings.ContainsAny(b64, "\r\n") {
		return note.Signature{}, fmt.Errorf("signature line %.100q: %w", line, ErrNote)
	}
	return note.Signature{Name: name, Hash: binary.BigEndian.Uint32(raw), Base64: b64}, nil
}

func appendLine(b []byte, s note.Signature) []byte {
	return fmt.Appendf(b, "%s%s %s\n", sigPrefix, s.Name, s.Base64)
}
