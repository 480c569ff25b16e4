//go:build !js

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"
)

// section writes one section of a module; none here is longer than 127 bytes.
func section(id byte, body ...byte) []byte { return append([]byte{id, byte(len(body))}, body...) }

// small is a module with one imported function, which has no name, and three of its
// own, of 2, 3 and 4 bytes.
func small() (whole, bare []byte) {
	name := func(i byte, s string) []byte { return append([]byte{i, byte(len(s))}, s...) }
	names := slices.Concat([]byte{3}, name(1, "cel.dev_cel_go_parser.__Parser_.Parse"), name(2, "cel.dev_cel_go.New"), name(3, "wasm_pc_f_loop"))
	custom := slices.Concat([]byte("\x04name"), []byte{functionNames, byte(len(names))}, names)
	bare = slices.Concat([]byte("\x00asm\x01\x00\x00\x00"),
		section(importSection, 1, 1, 'm', 1, 'f', 0, 0),
		section(codeSection, 3, 2, 0, 11, 3, 0, 1, 11, 4, 0, 1, 1, 11),
		section(dataSection, 0))
	return slices.Concat(bare, section(customSection, custom...)), bare
}

// The sizes are those of the packages whose functions they are, and what only tools
// read is left out of the page.
func TestModule(t *testing.T) {
	whole, bare := small()
	m, err := parseModule(whole)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(m.bare, bare) || m.data != 1 {
		t.Errorf("bare: %x, data %d", m.bare, m.data)
	}
	want := []packageSize{{"(made by the compiler)", 4}, {"cel.dev/cel-go", 3}, {"cel.dev/cel-go/parser", 2}}
	if got := m.sizes([]string{"cel.dev/cel-go", "cel.dev/cel-go/parser"}); !slices.Equal(got, want) {
		t.Errorf("sizes: %v, want %v", got, want)
	}
}

// A module cut anywhere is refused or taken as one with fewer sections, and never
// more than that.
func TestModuleRefuses(t *testing.T) {
	whole, _ := small()
	for n := range len(whole) {
		m, err := parseModule(whole[:n])
		if err == nil && !bytes.HasPrefix(whole, m.bare) || err != nil && !errors.Is(err, errModule) {
			t.Errorf("the first %d bytes: %v", n, err)
		}
	}
	if _, err := parseModule([]byte("GIF89a, no module")); !errors.Is(err, errModule) {
		t.Errorf("no module: %v", err)
	}
}

// The verifier as text is itself again, and nothing in it is lost in a page or ends
// its element.
func TestAsText(t *testing.T) {
	for n := range 300 {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(i * i * n) // every value, and zeros
		}
		for _, b := range [][]byte{b, bytes.Repeat([]byte{0xff}, n)} {
			text := asText(b)
			if strings.ContainsAny(text, "<\x00\t\n\v\f\r\x7f") || len(text) != n+(n+groupBytes-1)/groupBytes {
				t.Fatalf("%d bytes: %q", n, text)
			}
			if got := fromText(t, text); !bytes.Equal(got, b) {
				t.Fatalf("%d bytes: %x is %x", n, b, got)
			}
		}
	}
}

// fromText reads a text as the page does.
func fromText(t *testing.T, text string) (b []byte) {
	t.Helper()
	worth := map[byte]uint64{}
	for d := range uint64(textBase) {
		worth[digit(d)] = d
	}
	if len(worth) != textBase {
		t.Fatalf("%d digits", len(worth))
	}
	for len(text) > 0 {
		n := min(len(text), groupDigits)
		v := uint64(0)
		for _, c := range []byte(text[:n]) {
			v = v*textBase + worth[c]
		}
		b, text = append(b, binary.BigEndian.AppendUint64(nil, v)[8-(n-1):]...), text[n:]
	}
	return b
}
