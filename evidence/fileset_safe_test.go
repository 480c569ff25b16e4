package evidence

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestSafePaths(t *testing.T) {
	var s SafePaths
	long := strings.Repeat("ä", 150)
	for _, c := range [][2]string{
		{"a/b.jpg", "a/b.jpg"},
		{"../../etc/passwd", "__/__/etc/passwd"},
		{"/etc/passwd", "etc/passwd"}, // not the same as the one before,
		{`c:\windows\x`, "c__windows_x"},
		{"a/../b", "a/__/b"},
		{"./b", "_/b"},
		{"a//b", "a/_/b"},
		{"dir/", "dir/_"},
		{"nul", "_nul"},
		{"Com1.txt", "_Com1.txt"},
		{"lpt².log", "_lpt².log"},
		{"COM10", "COM10"},
		{"aux .c", "_aux .c"},
		{"trailing. .", "trailing___"},
		{"new\nline", "new_line"},
		{"exe\u202egpj.txt", "exe_gpj.txt"},
		{"bad\xff", "bad\uFFFD"},
		{"ads.txt:hidden", "ads.txt_hidden"},
		{"README", "README"},
		{"readme", "readme~2"},
		{"A/x", "A/x"},
		{"a/X", "a/X~2"},
		{"same/file", "same/file"},
		{"same", "same~2"},
		{"was", "was"},
		{"was/now/file", "was~2/now/file"},
		{"was/now/else", "was~2/now/else"},
		{long + ".jpg", strings.Repeat("ä", 98) + ".jpg"},
		{".hidden", ".hidden"},
	} {
		got, renamed := s.Map(c[0])
		if got != c[1] || renamed != (c[0] != c[1]) {
			t.Errorf("%q became %q, renamed %v; want %q", c[0], got, renamed, c[1])
		}
	}
}

// TestSafePathsHold draws sets of hostile paths.
func TestSafePathsHold(t *testing.T) {
	part := rapid.OneOf(
		rapid.SampledFrom([]string{"", ".", "..", "a", "A", "nul", "NUL.txt", "a.", "a ", "a:b", `a\b`, "\xff", "é", "e\u0301", "~2", "a~2", strings.Repeat("x", 300)}),
		rapid.String(),
	)
	rapid.Check(t, func(t *rapid.T) {
		var s SafePaths
		seen := make(map[string]string)
		folders := make(map[string]bool)
		raws := rapid.SliceOfDistinct(rapid.Custom(func(t *rapid.T) string {
			return strings.Join(rapid.SliceOfN(part, 1, 4).Draw(t, "parts"), "/")
		}), rapid.ID[string]).Draw(t, "paths")
		for _, raw := range raws {
			safe, renamed := s.Map(raw)
			if renamed != (safe != raw) {
				t.Fatalf("%q became %q, renamed %v", raw, safe, renamed)
			}
			checkSafe(t, safe)
			if other, ok := seen[foldPath(safe)]; ok {
				t.Fatalf("%q and %q both became %q", raw, other, safe)
			}
			seen[foldPath(safe)] = raw
			for i := range safe {
				if safe[i] == '/' {
					folders[foldPath(safe[:i])] = true
				}
			}
		}
		for f := range folders {
			if raw, ok := seen[f]; ok {
				t.Fatalf("%q stands where a folder is, %q", raw, f)
			}
		}
	})
}

type fatal interface{ Fatalf(string, ...any) }

func checkSafe(t fatal, safe string) {
	if !filepath.IsLocal(safe) || !utf8.ValidString(safe) || strings.ContainsAny(safe, "\\:<>|?*\"\x00\n") {
		t.Fatalf("%q is not safe", safe)
	}
	for part := range strings.SplitSeq(safe, "/") {
		if part == "" || strings.TrimRight(part, ". ") != part || len(part) > 255 || reservedName(part) {
			t.Fatalf("%q has the part %q", safe, part)
		}
	}
}

func FuzzSafePath(f *testing.F) {
	f.Add("../x", "..\\x")
	f.Add("a", "A")
	f.Fuzz(func(t *testing.T, a, b string) {
		var s SafePaths
		x, _ := s.Map(a)
		y, _ := s.Map(b)
		checkSafe(t, x)
		checkSafe(t, y)
		if foldPath(x) == foldPath(y) {
			t.Fatalf("%q and %q both became %q", a, b, x)
		}
	})
}
