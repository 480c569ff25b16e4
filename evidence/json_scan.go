package evidence

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner walks bytes that must be canonical JSON, without building anything.
// It accepts exactly the RFC 8785 form restricted to integers and without null,
// so that strictness rests on one reader of about a hundred lines and not on
// what a general decoder forgives.
type scanner struct {
	b     []byte
	i     int // next byte
	depth int
}

// checkCanonical reports whether b is one canonical JSON value and nothing else.
func checkCanonical(b []byte) error {
	if len(b) > MaxCanonical {
		return fmt.Errorf("%w: %d bytes, limit %d", ErrNotCanonical, len(b), MaxCanonical)
	}
	s := scanner{b: b}
	if err := s.value(); err != nil {
		return err
	}
	return s.end()
}

func (s *scanner) fail(problem string) error {
	return fmt.Errorf("byte %d: %w: %s", s.i, ErrNotCanonical, problem)
}

// end fails when bytes are left over.
func (s *scanner) end() error {
	if s.i != len(s.b) {
		return s.fail("bytes after the value")
	}
	return nil
}

// peek returns the next byte, or 0, which starts nothing in JSON, at the end.
func (s *scanner) peek() byte {
	if s.i < len(s.b) {
		return s.b[s.i]
	}
	return 0
}

// lit consumes text if it comes next and reports whether it did.
func (s *scanner) lit(text string) bool {
	if len(s.b)-s.i < len(text) || string(s.b[s.i:s.i+len(text)]) != text {
		return false
	}
	s.i += len(text)
	return true
}

func (s *scanner) value() error {
	switch c := s.peek(); {
	case c == '{':
		return s.nested((*scanner).object)
	case c == '[':
		return s.nested((*scanner).array)
	case c == '"':
		_, err := s.str()
		return err
	case c == '-' || '0' <= c && c <= '9':
		return s.number()
	case s.lit("true") || s.lit("false"):
		return nil
	}
	return s.fail("no value, or one that is not allowed here")
}

func (s *scanner) nested(body func(*scanner) error) error {
	s.depth++
	if s.depth > MaxDepth {
		return s.fail("nested too deep")
	}
	s.i++ // the bracket
	err := body(s)
	s.depth--
	return err
}

func (s *scanner) array() error {
	if s.lit("]") {
		return nil
	}
	for {
		if err := s.value(); err != nil {
			return err
		}
		if s.lit("]") {
			return nil
		}
		if !s.lit(",") {
			return s.fail("want ',' or ']'")
		}
	}
}

func (s *scanner) object() error {
	if s.lit("}") {
		return nil
	}
	var before []byte
	for first := true; ; first = false {
		at := s.i
		name, err := s.str()
		if err != nil {
			return err
		}
		if !first && compareMembers(before, name) >= 0 {
			s.i = at
			return s.fail("member twice or out of order")
		}
		before = name
		if !s.lit(":") {
			return s.fail("want ':'")
		}
		if err := s.value(); err != nil {
			return err
		}
		if s.lit("}") {
			return nil
		}
		if !s.lit(",") {
			return s.fail("want ',' or '}'")
		}
	}
}

// str consumes a string and returns what stands between the quotes, escapes
// included (RFC 8785 §3.2.2.2: only what must be escaped is, in the short form
// where there is one).
func (s *scanner) str() ([]byte, error) {
	if !s.lit(`"`) {
		return nil, s.fail("want a string")
	}
	start := s.i
	for s.i < len(s.b) {
		for s.i < len(s.b) && ordinaryByte[s.b[s.i]] {
			s.i++
		}
		if s.i == len(s.b) {
			break
		}
		switch c := s.b[s.i]; {
		case c == '"':
			s.i++
			return s.b[start : s.i-1], nil
		case c == '\\':
			if !s.escape() {
				return nil, s.fail("escape that is not canonical")
			}
		case c < ' ':
			return nil, s.fail("control character in text")
		default:
			r, n := utf8.DecodeRune(s.b[s.i:])
			if r == utf8.RuneError && n == 1 {
				return nil, s.fail("text is not UTF-8")
			}
			s.i += n
		}
	}
	return nil, s.fail("text has no end")
}

// ordinaryByte marks what stands for itself in a text and ends none.
var ordinaryByte = func() (t [256]bool) {
	for c := byte(' '); c < utf8.RuneSelf; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

func (s *scanner) escape() bool {
	rest := s.b[s.i+1:]
	if len(rest) > 0 && bytes.IndexByte([]byte(`"\bfnrt`), rest[0]) >= 0 {
		s.i += 2
		return true
	}
	if len(rest) < 5 || rest[0] != 'u' {
		return false
	}
	n, err := strconv.ParseUint(string(rest[1:5]), 16, 16)
	if err != nil || n >= ' ' || bytes.IndexByte([]byte("\b\f\n\r\t"), byte(n)) >= 0 {
		return false
	}
	if string(rest[1:5]) != fmt.Sprintf("%04x", n) {
		return false
	}
	s.i += 6
	return true
}

func (s *scanner) number() error {
	start := s.i
	s.lit("-")
	digits := s.i
	for c := s.peek(); '0' <= c && c <= '9'; c = s.peek() {
		s.i++
	}
	text := string(s.b[digits:s.i])
	n, err := strconv.ParseUint(text, 10, 64)
	switch {
	case err != nil, len(text) > 1 && text[0] == '0', n > MaxInteger, n == 0 && digits > start:
		s.i = start
		return s.fail("number that is not an integer in canonical form")
	}
	return nil
}

// compareMembers orders member names, given as they stand between the quotes,
// by UTF-16 code units (RFC 8785 §3.2.3).
func compareMembers(a, b []byte) int {
	if plain(a) && plain(b) {
		return bytes.Compare(a, b)
	}
	return slices.Compare(codeUnits(a), codeUnits(b))
}

// plain reports whether b is ASCII without escapes, whose bytes are its code units.
func plain(b []byte) bool {
	for _, c := range b {
		if !ordinaryByte[c] {
			return false
		}
	}
	return true
}

// codeUnits decodes a canonical string that [scanner.str] has accepted.
func codeUnits(b []byte) []uint16 {
	text, err := strconv.Unquote(`"` + string(b) + `"`) // canonical escapes are Go escapes too
	if err != nil {
		panic("internal error: string passed the canonical check: " + err.Error())
	}
	return utf16.Encode([]rune(text))
}
