package asic

import (
	"errors"
	"fmt"
	"io"
)

// The kinds of refusal (spec/container.md, "Reading"). Their texts are the names
// of the findings.
var (
	// ErrMalformed: not the bytes the writer emits for these entries.
	ErrMalformed = errors.New("malformed")
	// ErrTruncated: begins as a container, ends before its end record.
	ErrTruncated = errors.New("truncated")
	// ErrLimit: more or larger than the reader accepts.
	ErrLimit = errors.New("limit")
	// ErrChecksum: content differs from its CRC-32; damaged on the way.
	ErrChecksum = errors.New("checksum")
	// ErrDigest: content differs from its digest in the manifest.
	ErrDigest = errors.New("digest")
)

// Error says what is wrong with a container, and with which entry of it.
type Error struct {
	Kind   error  // one of the five sentinels; errors.Is finds it
	Entry  string // name of the entry, as found; "" for the container as a whole
	At     int64  // position in the container in bytes; -1 when there is none to name
	Detail string // what is wrong, in plain words
}

// Error implements error. Names come from strangers and are quoted.
func (e *Error) Error() string {
	s := "container"
	if e.Entry != "" {
		s += fmt.Sprintf(": entry %.200q", e.Entry)
	}
	if e.At >= 0 {
		s += fmt.Sprintf(": at byte %d", e.At)
	}
	return s + ": " + e.Detail + " (" + e.Kind.Error() + ")"
}

// Unwrap returns the kind.
func (e *Error) Unwrap() error { return e.Kind }

func refuse(kind error, entry string, at int64, format string, args ...any) error {
	return &Error{Kind: kind, Entry: entry, At: at, Detail: fmt.Sprintf(format, args...)}
}

// readAt fills b from position at. A container that is shorter than it was said
// to be is truncated; other failures are the medium's and stay what they are.
func readAt(r io.ReaderAt, b []byte, at int64) error {
	n, err := r.ReadAt(b, at)
	switch {
	case n == len(b):
		return nil
	case err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return refuse(ErrTruncated, "", at+int64(n), "ends here, %d bytes more were expected", len(b)-n)
	}
	return fmt.Errorf("container: reading at byte %d: %w", at, err)
}
