package plain_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"example.org/custody/verify/report/plain"
	"pgregory.net/rapid"
)

func TestText(t *testing.T) {
	for _, c := range []struct{ in, text, name string }{
		{"photo.jpg", "photo.jpg", "photo.jpg"},
		{"Звіт №7.pdf", "Звіт №7.pdf", "Звіт №7.pdf"},
		{"تقرير.pdf", "تقرير.pdf", "تقرير.pdf"},
		{"می\u200cخواهم", "می\u200cخواهم", "می\u200cخواهم"},
		{"a\u200cb", `a\u200cb`, `a\u200cb`},
		{"invoice\u202efdp.exe", `invoice\u202efdp.exe`, `invoice\u202efdp.exe`},
		{"a\u2066b\u2069", `a\u2066b\u2069`, `a\u2066b\u2069`},
		{"\x1b[2J\x07", `\x1b[2J\x07`, `\x1b[2J\x07`},
		{"a\nb\tc\r", `a\nb\tc\r`, `a\nb\tc\r`},
		{"a\xff\xfe", `a\xff\xfe`, `a\xff\xfe`},
		{"bad \ufffd char", "bad \ufffd char", "bad \ufffd char"},
		{`C:\dir`, `C:\dir`, `C:\\dir`},
		{"no\u00a0break", `no\u00a0break`, `no\u00a0break`},
		{"soft\u00adhyphen", `soft\u00adhyphen`, `soft\u00adhyphen`},
		{"hangul\u3164filler", `hangul\u3164filler`, `hangul\u3164filler`},
		{"line\u2028sep", `line\u2028sep`, `line\u2028sep`},
		{"tag\U000e0041", `tag\U000e0041`, `tag\U000e0041`},
		{"\u0301x", `\u0301x`, `\u0301x`},
		{"", "", `""`},
		{"  ", "  ", `"  "`},
		{" a", " a", `" a"`},
		{`"a"`, `"a"`, `\x22a"`},
	} {
		if got := plain.Text(c.in); got != c.text {
			t.Errorf("Text(%q) = %s, want %s", c.in, got, c.text)
		}
		if got := plain.Name(c.in); got != c.name {
			t.Errorf("Name(%q) = %s, want %s", c.in, got, c.name)
		}
	}
}

// Whatever goes in, nothing comes out that a reader cannot see.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "a", "\u202e", "\x00", "e\u0301", "\xf0\x28", "\U000e0001", "می\u200cخ", "👩\u200d🔬"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, out := range []string{plain.Text(s), plain.Name(s)} {
			if !utf8.ValidString(out) {
				t.Fatalf("%q is not UTF-8", out)
			}
			for _, r := range out {
				if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs) ||
					unicode.Is(unicode.Cf, r) && r != 0x200c && r != 0x200d {
					t.Fatalf("%q lets %U through", out, r)
				}
			}
		}
		if plain.Text(plain.Text(s)) != plain.Text(s) {
			t.Fatalf("escaping %q twice changes it", s)
		}
	})
}

// Two names that differ never look the same: what Name gives can be read back.
func TestNameTellsApart(t *testing.T) {
	piece := rapid.SampledFrom([]string{"a", `\`, `\\`, "\\n", "\n", "\u202e", `\u202e`, " ", `"`, "\xff", `\xff`, "\u0301", `\x22`})
	name := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(piece, 0, 6).Draw(t, "pieces"), "")
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := name.Draw(t, "a"), name.Draw(t, "b")
		if a != b && plain.Name(a) == plain.Name(b) {
			t.Fatalf("%q and %q both look like %s", a, b, plain.Name(a))
		}
	})
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		in      string
		columns int
		want    string
	}{
		{"", 10, ""},
		{"one two three", 7, "one two|three"},
		{"0123456789", 4, "0123|4567|89"},
		{"a 0123456789 b", 4, "a|0123|4567|89 b"},
		{"証拠品目録", 4, "証拠|品目|録"},
		{"  a   b  ", 10, "a b"},
	} {
		if got := strings.Join(plain.Wrap(c.in, c.columns), "|"); got != c.want {
			t.Errorf("Wrap(%q, %d) = %s, want %s", c.in, c.columns, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s, n := rapid.String().Draw(t, "s"), rapid.IntRange(2, 40).Draw(t, "columns")
		got := plain.Wrap(s, n)
		for _, line := range got {
			if plain.Width(line) > n {
				t.Fatalf("line %q is wider than %d", line, n)
			}
		}
		if a, b := strings.Join(strings.Fields(s), ""), strings.Join(strings.Fields(strings.Join(got, "")), ""); a != b {
			t.Fatalf("%q lost something: %q", a, b)
		}
	})
}

func TestShortenAndPad(t *testing.T) {
	if got := plain.Shorten("a long text", 6); got != "a lon…" {
		t.Errorf("Shorten = %q", got)
	}
	if got := plain.Shorten("short", 5); got != "short" {
		t.Errorf("Shorten = %q", got)
	}
	if got := plain.Pad("é証", 5); plain.Width(got) != 5 {
		t.Errorf("Pad is %d columns wide", plain.Width(got))
	}
}
