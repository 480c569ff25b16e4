package pack

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Sizes of an age file (C2SP age, "Payload").
const (
	ageChunk = 64 << 10 // bytes of plaintext in every chunk but the last
	ageTag   = 16       // bytes that encryption adds to a chunk
	ageNonce = 16       // bytes before the first chunk
)

// Bounds of the header of an age file.
const (
	maxAgeHeader = 1 << 20 // bytes
	maxAgeLine   = 4 << 10 // bytes: an argument of a hybrid stanza has some 1,500
	ageIntro     = "age-encryption.org/v1"
	ageMAC       = 43 // characters of base64
)

// AgeHeader is what an age file shows to someone without a key.
type AgeHeader struct {
	Length  int64    // bytes
	Stanzas []string // types of the recipient stanzas, in their order
}

// ReadAgeHeader reads the header of an age file (C2SP age, version 1). It checks its
// lines, not its MAC, which takes a key, nor the bodies of its stanzas. What is none
// is [ErrForm]; any other error is r's.
func ReadAgeHeader(r io.Reader) (*AgeHeader, error) {
	in := ageLines{r: bufio.NewReaderSize(io.LimitReader(r, maxAgeHeader), maxAgeLine)}
	h := &AgeHeader{}
	for line := in.next(); in.err == nil; line = in.next() {
		switch mac, last := strings.CutPrefix(line, "--- "); {
		case in.n == 1 && line != ageIntro:
			return nil, fmt.Errorf("it is no age file: %w", ErrForm)
		case last && len(h.Stanzas) > 0 && len(mac) == ageMAC:
			h.Length = in.read
			return h, nil
		case last:
			return nil, fmt.Errorf("header of an age file without recipients, or with another end: %w", ErrForm)
		case strings.HasPrefix(line, "-> "):
			kind, _, _ := strings.Cut(line[3:], " ")
			h.Stanzas = append(h.Stanzas, kind)
		case in.n > 1 && len(h.Stanzas) == 0:
			return nil, fmt.Errorf("header of an age file with a line before its recipients: %w", ErrForm)
		}
	}
	if errors.Is(in.err, io.EOF) || errors.Is(in.err, bufio.ErrBufferFull) {
		return nil, fmt.Errorf("header of an age file does not end: %w", ErrForm)
	}
	return nil, in.err
}

// ageLines reads the lines of a header.
type ageLines struct {
	r    *bufio.Reader
	n    int   // lines
	read int64 // bytes
	err  error
}

func (l *ageLines) next() string {
	b, err := l.r.ReadSlice('\n')
	l.n, l.read, l.err = l.n+1, l.read+int64(len(b)), err
	return strings.TrimSuffix(string(b), "\n")
}

// PlainSize returns how many bytes are encrypted in an age file of size bytes, or
// false when no number is.
func (h *AgeHeader) PlainSize(size int64) (int64, bool) {
	body := size - h.Length - ageNonce
	if body < ageTag {
		return 0, false
	}
	chunks := (body + ageChunk + ageTag - 1) / (ageChunk + ageTag)
	n := body - chunks*ageTag
	return n, n >= 0 && body == ageBody(n)
}

// ageBody returns how many bytes follow header and nonce when n are encrypted: an
// empty chunk is there only when there is no other.
func ageBody(n int64) int64 {
	return n + ageTag*max(1, (n+ageChunk-1)/ageChunk)
}
