package pdf

import (
	"encoding/json"
	"io/fs"
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
		has := glyphsOf(data).has
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

// A character that a font does not have is known, and so is one whose letters the PDF
// would set in the wrong order.
func TestSets(t *testing.T) {
	for r, want := range map[rune]bool{
		'a': true, 'ż': true, 'Ω': true, 'ж': true, '7': true, '\u0667': true, '☒': true, '☐': true, '…': true, '\n': true, '\u0301': true,
		'\u096d': false, '\u1043': false, '\u3001': false, '\u3042': false, // no glyph: ७ ၃ 、 あ
		'\u0633': false, '\u05d0': false, // letters from right to left
		'\U0001f600': false, '\ufffe': false, 0: false,
	} {
		if sets(r) != want {
			t.Errorf("%U %c: %t", r, r, !want)
		}
	}
}
