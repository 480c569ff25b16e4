package rules

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrLoad is what every [LoadError] is.
var ErrLoad = errors.New("not a standard that can be used")

// LoadError says why a pack or a translation is refused, and where it says so.
type LoadError struct {
	File   string // as the caller named it
	Line   int    // from 1; 0 when no line is to blame
	Reason string
}

// Error implements error.
func (e *LoadError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Reason)
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason)
}

// Is reports whether target is [ErrLoad].
func (e *LoadError) Is(target error) bool { return target == ErrLoad }

// places finds the line of a member by its path, such as rules[3].holds.
type places struct {
	file  string
	bytes []byte
	at    map[string]int64 // offset of the end of the first token
}

// fault returns the error for the member at path, or the nearest one around it;
// "" is the whole document.
func (p *places) fault(path, format string, args ...any) *LoadError {
	e := &LoadError{File: p.file, Reason: fmt.Sprintf(format, args...)}
	for path != "" {
		if at, ok := p.at[path]; ok {
			e.Line = p.line(at)
			return e
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	if at, ok := p.at[""]; ok {
		e.Line = p.line(at)
	}
	return e
}

func (p *places) line(offset int64) int {
	return 1 + bytes.Count(p.bytes[:min(offset, int64(len(p.bytes)))], []byte("\n"))
}

// maxNesting is how deep arrays and objects of a pack may lie in each other.
const maxNesting = 12

// locate walks the tokens of a JSON document and refuses what encoding/json
// lets through: a member twice, null, a number that is no integer.
func locate(file string, b []byte) (*places, error) {
	p := &places{file: file, bytes: b, at: map[string]int64{}}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	if err := p.value(dec, "", 0); err != nil {
		return nil, p.syntax(dec, err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, p.syntax(dec, errors.New("something stands behind the end"))
	}
	return p, nil
}

func (p *places) syntax(dec *json.Decoder, err error) error {
	var at *LoadError
	if errors.As(err, &at) {
		return at
	}
	offset := dec.InputOffset()
	var s *json.SyntaxError
	if errors.As(err, &s) {
		offset = s.Offset
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the file ends too early")
	}
	return &LoadError{File: p.file, Line: p.line(offset), Reason: "not JSON: " + err.Error()}
}

func (p *places) value(dec *json.Decoder, path string, depth int) error {
	t, err := dec.Token()
	if err != nil {
		return err
	}
	p.at[path] = dec.InputOffset()
	switch t := t.(type) {
	case nil:
		return p.fault(path, "null says nothing; leave the member out")
	case json.Number:
		if strings.ContainsAny(t.String(), ".eE") {
			return p.fault(path, "%s is no whole number", t)
		}
	case json.Delim:
		if depth == maxNesting {
			return p.fault(path, "nested more than %d deep", maxNesting)
		}
		if t == '{' {
			return p.object(dec, path, depth)
		}
		return p.array(dec, path, depth)
	}
	return nil
}

func (p *places) array(dec *json.Decoder, path string, depth int) error {
	for i := 0; dec.More(); i++ {
		if err := p.value(dec, fmt.Sprintf("%s[%d]", path, i), depth+1); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

func (p *places) object(dec *json.Decoder, path string, depth int) error {
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return err
		}
		name, _ := t.(string)
		at := strings.TrimPrefix(path+"."+name, ".")
		if seen[name] {
			return p.twice(dec, name)
		}
		seen[name] = true
		if err := p.value(dec, at, depth+1); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

func (p *places) twice(dec *json.Decoder, name string) error {
	return &LoadError{File: p.file, Line: p.line(dec.InputOffset()), Reason: fmt.Sprintf("the member %q stands there twice", name)}
}
