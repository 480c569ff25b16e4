package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gowebpki/jcs"
)

// Limits of every canonical document. A reader refuses what is over them before
// it builds anything from the bytes.
const (
	MaxCanonical = 64 << 20  // bytes of one document
	MaxDepth     = 32        // arrays and objects inside each other
	MaxInteger   = 1<<53 - 1 // largest size of a number: what RFC 8785 §3.2.2.3 keeps exact
)

// ErrNotCanonical reports bytes or values that have no, or not the one,
// canonical form; the wrapping text says where and why.
var ErrNotCanonical = errors.New("not canonical JSON")

// Canonical returns the one encoding that formats allow for v: RFC 8785, with
// integers of at most [MaxInteger] in size as the only numbers, and without null
// (spec/event.md, "Payload"). It returns [ErrNotCanonical] when v has no such
// form: a null, a fraction, a number out of range, text that is not UTF-8.
func Canonical(v any) ([]byte, error) {
	b, err := encode(v)
	if err != nil {
		return nil, err
	}
	if checkCanonical(b) == nil { // members were in order already: nothing to rewrite
		return b, nil
	}
	if err := checkEncodable(b); err != nil {
		return nil, err
	}
	if b, err = jcs.Transform(b); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotCanonical, err)
	}
	return b, checkCanonical(b)
}

// IsCanonical reports whether b is the canonical form of v. Of a long text it
// keeps no second copy. It does not try to put members into order: of a type that
// has them in another one, nothing is canonical.
func IsCanonical(v any, b []byte) bool { return checkCanonical(b) == nil && encodesTo(v, b) }

// encodesTo reports whether encode would return b.
func encodesTo(v any, b []byte) bool {
	enc := json.NewEncoder(matcher(b))
	enc.SetEscapeHTML(false)
	return enc.Encode(v) == nil
}

// matcher takes one text, with a line feed behind it, and nothing else.
type matcher []byte

var errDiffers = errors.New("another text")

// Write implements [io.Writer].
func (m matcher) Write(p []byte) (int, error) {
	if len(p) != len(m)+1 || !bytes.Equal(p[:len(m)], m) {
		return 0, errDiffers
	}
	return len(p), nil
}

// copied is up to how many bytes a document may be copied only for a clearer
// message about an unknown member; re-encoding finds one in any case.
const copied = 1 << 20

func decode(b []byte, into any) error {
	if len(b) > copied {
		return json.Unmarshal(b, into)
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	return dec.Decode(into)
}

// encode returns v as JSON; only the order of members, and what Canonical has to
// refuse, may differ from the canonical form.
func encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), err
}

// ParseCanonical decodes b into the value that into points to, and refuses with
// [ErrNotCanonical] everything but the canonical form of that value: unknown,
// missing, duplicate, null or misspelt members, other order, white space, other
// escapes or numbers, more than [MaxCanonical] bytes or [MaxDepth] levels. It
// re-encodes the value and compares bytes (rule P19), so nothing that b says is
// lost.
//
// Into a *any, numbers come as int64.
func ParseCanonical(b []byte, into any) error {
	if err := checkCanonical(b); err != nil {
		return err
	}
	if v, ok := into.(*any); ok {
		dec := json.NewDecoder(bytes.NewReader(b))
		dec.UseNumber()
		if err := dec.Decode(v); err != nil {
			return fmt.Errorf("%w: %w", ErrNotCanonical, err)
		}
		*v = integers(*v)
		return nil
	}
	if err := decode(b, into); err != nil {
		return fmt.Errorf("%w: %w", ErrNotCanonical, err)
	}
	if encodesTo(into, b) {
		return nil // members in canonical order, as nearly all types have them
	}
	again, err := Canonical(into)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, b) {
		return fmt.Errorf("byte %d: %w: a member is missing, misspelt, out of place or written in another way", differ(again, b), ErrNotCanonical)
	}
	return nil
}

// integers replaces every [json.Number] below v by the int64 it stands for.
// The bytes were checked: each one fits.
func integers(v any) any {
	switch v := v.(type) {
	case json.Number:
		n, err := v.Int64()
		if err != nil {
			panic("internal error: number passed the canonical check: " + v.String())
		}
		return n
	case []any:
		for i := range v {
			v[i] = integers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = integers(v[k])
		}
	}
	return v
}

// checkEncodable refuses what the canonical rewriting would change in silence:
// it rounds numbers, and the encoder has put "\ufffd" for bytes that are not UTF-8.
func checkEncodable(b []byte) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrNotCanonical, err)
		}
		if n, ok := tok.(json.Number); ok && checkCanonical([]byte(n)) != nil {
			return fmt.Errorf("number %.40s: %w", n, ErrNotCanonical)
		}
	}
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' {
			if strings.HasPrefix(string(b[i:min(i+6, len(b))]), `\ufffd`) {
				return fmt.Errorf("%w: text is not UTF-8", ErrNotCanonical)
			}
			i++ // the escaped byte is not the start of another escape
		}
	}
	return nil
}

// differ returns the index of the first byte in which a and b differ.
func differ(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}
