package asic

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCheckName(t *testing.T) {
	for _, name := range []string{
		"a", "a/b", "README.txt", ".hidden", "..a", "a..b", "a b", " a", "Müller.jpg", "é", "雪.txt", "میان‌وند.txt", "a,b;c=d@e!f#g$h%i&j'k(l)m+n[o]p^q`r{s}t~u",
		"console.txt", "com10", "comx", "lpt", "nulls/x", "CON1", strings.Repeat("p", 255), strings.Repeat("0123456789abcde/", 31) + "0123456789abcdef",
		"Screenshot 3.15\u202fPM.png", "a\u00a0b", "\ufffd",
	} {
		if err := CheckName(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, bad := range badNames {
		if CheckName(bad.name) == nil {
			t.Errorf("%s: %q is taken", bad.label, bad.name)
		}
	}
	if CheckName("") == nil {
		t.Error("an empty name is taken")
	}
	if CheckName(strings.Repeat("0123456789abcde/", 32)+"x") == nil {
		t.Error("513 bytes are taken")
	}
}

// TestFold proves that folding joins what file systems join: it does not matter
// in which case or Unicode form a name is given.
func TestFold(t *testing.T) {
	for _, pair := range [][2]string{{"a", "A"}, {"é", "É"}, {"e\u0301", "É"}, {"ſ", "S"}, {"ς", "Σ"}, {"ǆ", "Ǆ"}, {"ǆ", "ǅ"}, {"\u212b", "å"}, {"\u212a", "k"}} {
		if fold(pair[0]) != fold(pair[1]) {
			t.Errorf("%q and %q fold to %q and %q", pair[0], pair[1], fold(pair[0]), fold(pair[1]))
		}
	}
	for _, pair := range [][2]string{{"a", "b"}, {"ß", "ss"}, {"ı", "i"}, {"a", "à"}} {
		if fold(pair[0]) == fold(pair[1]) {
			t.Errorf("%q and %q fold to one", pair[0], pair[1])
		}
	}
	alphabet := rapid.SampledFrom([]rune("aAbBsSſkKéÉσςΣµμΜǆǅǄιͅΙ"))
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.StringOfN(alphabet, 1, 3, -1).Draw(t, "a"), rapid.StringOfN(alphabet, 1, 3, -1).Draw(t, "b")
		if one := strings.Map(foldRune, a) == strings.Map(foldRune, b); one != strings.EqualFold(a, b) {
			t.Fatalf("%q and %q: folded equal %v, EqualFold %v", a, b, one, !one)
		}
	})
}

// TestNameSetMatchesPairs compares the set with the definition: no two equal,
// none a folder of another, after folding.
func TestNameSetMatchesPairs(t *testing.T) {
	part := rapid.SampledFrom([]string{"a", "A", "b", "é", "É", "ab"})
	name := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(part, 1, 3).Draw(t, "parts"), "/")
	})
	rapid.Check(t, func(t *rapid.T) {
		set := nameSet{}
		var taken []string
		for _, n := range rapid.SliceOfN(name, 1, 8).Draw(t, "names") {
			clash := false
			for _, o := range taken {
				f, g := fold(n), fold(o)
				clash = clash || f == g || strings.HasPrefix(f, g+"/") || strings.HasPrefix(g, f+"/")
			}
			if err := set.add(n); (err != nil) != clash {
				t.Fatalf("%q after %q: error %v, clash %v", n, taken, err, clash)
			} else if err != nil {
				return
			}
			taken = append(taken, n)
		}
	})
}
