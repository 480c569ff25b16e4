package pdf

import (
	"encoding/binary"
	"encoding/json"
	"io/fs"
	"strings"
	"testing"

	"example.org/custody/spec"
)

// Every character of every language that a PDF is written in has a glyph in every
// font that is embedded: an empty box is no word.
func TestEveryCharacterHasGlyph(t *testing.T) {
	names, err := fs.Glob(spec.Languages, "lang/*.json")
	if err != nil || len(names) == 0 {
		t.Fatalf("no catalogues: %v", err)
	}
	for font, data := range map[string][]byte{"regular": regular, "bold": bold, "mono": mono} {
		has := glyphs(t, data)
		if has('\u3042') { // Japanese, which none of them is for
			t.Fatalf("%s: it seems to have everything", font)
		}
		for _, name := range names {
			b, err := fs.ReadFile(spec.Languages, name)
			if err != nil {
				t.Fatal(err)
			}
			var c struct{ Direction string }
			if err := json.Unmarshal(b, &c); err != nil {
				t.Fatal(err)
			}
			for _, r := range string(b) {
				if c.Direction == "ltr" && r > ' ' && !has(r) {
					t.Errorf("%s: %s has no glyph for %q", name, font, r)
				}
			}
		}
	}
}

// glyphs reads which characters a TrueType font maps, from its cmap table of
// format 4 (OpenType 1.9, cmap).
func glyphs(t *testing.T, font []byte) func(rune) bool {
	u16 := func(at int) int { return int(binary.BigEndian.Uint16(font[at:])) }
	u32 := func(at int) int { return int(binary.BigEndian.Uint32(font[at:])) }
	cmap := 0
	for i := range u16(4) {
		if entry := 12 + 16*i; strings.HasPrefix(string(font[entry:]), "cmap") {
			cmap = u32(entry + 8)
		}
	}
	for i := range u16(cmap + 2) {
		table := cmap + u32(cmap+4+8*i+4)
		if u16(table) != 4 {
			continue
		}
		segments := u16(table+6) / 2
		ends, starts := table+14, table+16+2*segments
		return func(r rune) bool {
			for s := range segments {
				if int(r) <= u16(ends+2*s) {
					return int(r) >= u16(starts+2*s)
				}
			}
			return false
		}
	}
	t.Fatal("the font has no cmap of format 4")
	return nil
}
