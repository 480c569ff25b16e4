//go:build !js

package main

import (
	"bytes"
	"errors"
	"math/big"
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

// The verifier as text is itself again, and nothing in it ends its element.
func TestAsText(t *testing.T) {
	for n := range 300 {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(i * i * n) // every value, and zeros
		}
		for _, b := range [][]byte{b, bytes.Repeat([]byte{0xff}, n)} {
			text := asText(b)
			if strings.Contains(text, "<") || len(text) > n*groupDigits/groupBytes+2 {
				t.Fatalf("%d bytes: %s", n, text)
			}
			if got := fromText(t, text); !bytes.Equal(got, b) {
				t.Fatalf("%d bytes: %x is %x", n, b, got)
			}
		}
	}
}

// fromText reads a text as the page does, with numbers of any size.
func fromText(t *testing.T, text string) (b []byte) {
	t.Helper()
	for len(text) > 0 {
		n := min(len(text), groupDigits)
		v := new(big.Int)
		for _, c := range []byte(text[:n]) {
			v.Add(v.Mul(v, big.NewInt(94)), big.NewInt(int64(strings.IndexByte(digits, c))))
		}
		b = append(b, v.FillBytes(make([]byte, slices.Index(digitsOf[:], n)))...)
		text = text[n:]
	}
	return b
}
