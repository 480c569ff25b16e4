package vault

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestSpans compares spans with a row of bytes, one for each place.
func TestSpans(t *testing.T) {
	const size = 40
	rapid.Check(t, func(t *rapid.T) {
		var s spans
		model := bytes.Repeat([]byte{1}, size)
		draw := func() span {
			offset := rapid.Int64Range(0, size).Draw(t, "offset")
			return span{rapid.Int64Range(0, size-offset).Draw(t, "length"), offset}
		}
		for range rapid.IntRange(0, 6).Draw(t, "spans") {
			x := draw()
			before := slices.Clone(s)
			if got, want := s.meets(x), bytes.IndexByte(model[x.Offset:x.end()], 0) >= 0; got != want {
				t.Fatalf("%v meets %v: %v", s, x, got)
			}
			next := s.with(x)
			if !slices.Equal(before, s) {
				t.Fatal("with changes what it is called on")
			}
			s = next
			clear(model[x.Offset:x.end()])
			if !s.ascending() {
				t.Fatalf("%v is not ascending", s)
			}
			if got, want := s.cover(size), bytes.IndexByte(model, 1) < 0; got != want {
				t.Fatalf("%v covers all: %v", s, got)
			}
		}
		at := rapid.Int64Range(0, size).Draw(t, "part")
		part := bytes.Repeat([]byte{1}, size-int(at))
		if s.clear(part, at); !bytes.Equal(part, model[at:]) {
			t.Fatalf("%v clears from %d: %v, want %v", s, at, part, model[at:])
		}
	})
}
