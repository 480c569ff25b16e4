package pdf

import (
	"encoding/binary"
	"sync"
	"unicode"
)

// sets reports whether every font of this package has a glyph for the character and
// its letters stand in the order in which they are written: those of Latin, Greek and
// Cyrillic do. A line feed is not set, it ends a line.
func sets(r rune) bool {
	if unicode.IsLetter(r) && !unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic) {
		return false
	}
	return r == '\n' || inEveryFont().has(r)
}

// glyphs is a set of characters of the basic plane, one bit for each.
type glyphs [1 << 16 / 64]uint64

func (g *glyphs) has(r rune) bool { return r >= 0 && r < 1<<16 && g[r/64]>>(r%64)&1 == 1 }

// inEveryFont are the characters that all fonts of this package have.
var inEveryFont = sync.OnceValue(func() *glyphs {
	all := glyphsOf(regular)
	for _, font := range [][]byte{bold, mono} {
		for i, word := range glyphsOf(font) {
			all[i] &= word
		}
	}
	return all
})

// sfnt is the bytes of a TrueType font, all of whose numbers are big-endian.
type sfnt []byte

func (f sfnt) u16(at int) int { return int(binary.BigEndian.Uint16(f[at:])) }
func (f sfnt) u32(at int) int { return int(binary.BigEndian.Uint32(f[at:])) }

// glyphsOf reads which characters a font has, from the table of format 4 in its cmap
// (OpenType 1.9.1, cmap). The fonts are part of this program: one without such a table
// is a fault of it.
func glyphsOf(font sfnt) *glyphs {
	cmap := font.cmap()
	for i := range font.u16(cmap + 2) {
		if table := cmap + font.u32(cmap+4+8*i+4); font.u16(table) == 4 {
			return font.segments(table)
		}
	}
	panic("internal error: a font without a cmap of format 4")
}

// cmap returns where the table of characters begins.
func (f sfnt) cmap() int {
	for i := range f.u16(4) {
		if entry := 12 + 16*i; string(f[entry:entry+4]) == "cmap" {
			return f.u32(entry + 8)
		}
	}
	panic("internal error: a font without a cmap")
}

// segments reads a table of format 4: for each segment its last and first character,
// a delta, and where the numbers of its glyphs stand. Glyph 0 stands for none.
func (f sfnt) segments(table int) *glyphs {
	var out glyphs
	n := f.u16(table+6) / 2
	for s := range n {
		last, first := f.u16(table+14+2*s), f.u16(table+16+2*(n+s))
		delta, at := f.u16(table+16+2*(2*n+s)), table+16+2*(3*n+s)
		for c := first; c <= last; c++ {
			glyph := c
			if offset := f.u16(at); offset != 0 {
				if glyph = f.u16(at + offset + 2*(c-first)); glyph == 0 {
					continue
				}
			}
			if (glyph+delta)&0xffff != 0 {
				out[c/64] |= 1 << (c % 64)
			}
		}
	}
	return &out
}
