package ui

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain name.jpg":       "plain name.jpg",
		"\x1b]0;title\a":       `\x1b]0;title\a`,
		"invoice\u202efdp.exe": `invoice\u202efdp.exe`,
		"a\r\nb\tc":            "a\\r\nb\tc",
		"bad \xff\xfe":         `bad \xff\xfe`,
		"\u009b31m":            `\u009b31m`,
		"Гурко Ἀθήνα 東京 नमस्ते":   "Гурко Ἀθήνα 東京 नमस्ते",
		"می\u200cخواهم":           "می\u200cخواهم",
		"zero\u200bwidth\ufeff":   `zero\u200bwidth\ufeff`,
		"line\u2028sep":           `line\u2028sep`,
		"replaced \ufffd":         `replaced \ufffd`,
		"❤️ 👩‍⚖️":                 "❤️ 👩‍⚖️",
		"e\u0301":                 "e\u0301",
		"private \ue000":          `private \ue000`,
		"non-breaking\u00a0space": "non-breaking\u00a0space",
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestNameKeepsBreaksVisible(t *testing.T) {
	if got := name("a\nb\tc"); got != `a\nb\tc` {
		t.Errorf("got %q", got)
	}
	if got := oneLine(" a\nb\tc "); got != "a; b c" {
		t.Errorf("got %q", got)
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\x1b[2J\u202e\xff")
	f.Add(strings.Repeat("é", 40))
	f.Fuzz(func(t *testing.T, s string) {
		got := Clean(s)
		if !utf8.ValidString(got) {
			t.Fatalf("%q is not UTF-8", got)
		}
		for _, r := range got {
			if unicode.IsControl(r) && r != '\n' && r != '\t' || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
				t.Fatalf("%q keeps %U", got, r)
			}
		}
		if Clean(got) != got {
			t.Fatalf("%q is not clean the second time", got)
		}
	})
}

// What is named stays on its line, whatever its name.
func TestName(t *testing.T) {
	if got := Name("a\nb\tc\x1b[2J"); got != `a\nb\tc\x1b[2J` {
		t.Errorf("%q", got)
	}
}
