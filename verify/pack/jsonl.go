package pack

import (
	"bytes"
	"errors"
	"fmt"

	"example.org/custody/evidence"
)

// ErrForm reports bytes that are not a dossier in its one encoding.
var ErrForm = errors.New("not in the one encoding")

// ErrLimit reports more than spec/package.md, "Limits", allows.
var ErrLimit = errors.New("over a limit")

// FileError says which file of a dossier is wrong, and where.
type FileError struct {
	Name string // file
	Line int    // from 1; 0 when it is the file as a whole
	Err  error  // wraps [ErrForm] or [ErrLimit]
}

// Error implements error.
func (e *FileError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %v", e.Name, e.Err)
	}
	return fmt.Sprintf("%s line %d: %v", e.Name, e.Line, e.Err)
}

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }

func formError(name string, line int, format string, args ...any) error {
	return &FileError{name, line, fmt.Errorf(format+": %w", append(args, ErrForm)...)}
}

func limitError(name string, format string, args ...any) error {
	return &FileError{name, 0, fmt.Errorf(format+": %w", append(args, ErrLimit)...)}
}

// encodeLines returns one canonical line for each value.
func encodeLines[T any](lines []T) ([]byte, error) {
	out := bytes.NewBuffer([]byte{}) // a file without lines is there, and empty
	for i, v := range lines {
		if err := encodeLine(out, v); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		out.WriteByte('\n')
	}
	return out.Bytes(), nil
}

func encodeLine(out *bytes.Buffer, v any) error {
	if large, ok := v.(EventLine); ok {
		return large.encode(out)
	}
	b, err := evidence.Canonical(v)
	out.Write(b)
	return err
}

// decodeLines reads one value from each line, in its canonical form only.
func decodeLines[T any](name string, b []byte, limit int) ([]T, error) {
	n := bytes.Count(b, []byte{'\n'})
	if n > limit {
		return nil, limitError(name, "%d lines, %d allowed", n, limit)
	}
	out := make([]T, 0, n)
	for len(b) > 0 {
		line, rest, ended := bytes.Cut(b, []byte{'\n'})
		if !ended {
			return nil, formError(name, len(out)+1, "last line has no line end")
		}
		b = rest
		var v T
		if err := decodeLine(line, &v); err != nil {
			return nil, formError(name, len(out)+1, "%v", err)
		}
		out = append(out, v)
	}
	return out, nil
}

func decodeLine(line []byte, into any) error {
	if large, ok := into.(*EventLine); ok {
		return large.decode(line)
	}
	return evidence.ParseCanonical(line, into)
}
