package standard_test

import (
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.org/custody/evidence/rules"
	"example.org/custody/spec"
	"golang.org/x/text/unicode/norm"
)

// original is the language in which the standards were written, languages those
// into which each is translated.
const original = "en"

var languages = []string{"de", "es", "fr", "it", "pl"}

// Each standard is there in every language, and no translation lies about that
// no standard names. That none lacks a text is the loader's to refuse.
func TestEveryStandardIsInEveryLanguage(t *testing.T) {
	want := map[string]bool{}
	all := append([]string{original}, languages...)
	for s := range shipped(t) {
		if got := rules.Builtin().Languages(s); !slices.Equal(got, all) {
			t.Errorf("%s is in %v, want %v", s.Name(), got, all)
		}
		for _, l := range languages {
			want["lang/standards/"+strings.TrimSuffix(s.FileName(), ".json")+"."+l+".json"] = true
		}
	}
	files, err := fs.Glob(spec.Languages, "lang/standards/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !want[f] {
			t.Errorf("no standard names %s", f)
		}
		delete(want, f)
	}
	for f := range want {
		t.Errorf("%s is missing", f)
	}
}

// A rule says the same in every language as far as a program can tell: the same
// numbers in the same order, and not the words of the original.
func TestTranslationsKeepTheNumbers(t *testing.T) {
	for s := range shipped(t) {
		for _, l := range languages {
			w := rules.Builtin().Words(s, l)
			for _, r := range s.Rules {
				sameNumbers(t, string(s.Name())+" "+r.ID+" "+l, r.Text, w.Rules[r.ID])
			}
			for _, f := range s.Fields {
				sameNumbers(t, string(s.Name())+" "+f.Name+" "+l, f.Help, w.Fields[f.Name].Help)
			}
		}
	}
}

var number = regexp.MustCompile(`[0-9]+`)

func sameNumbers(t *testing.T, where, original, translated string) {
	t.Helper()
	if a, b := number.FindAllString(original, -1), number.FindAllString(translated, -1); !slices.Equal(a, b) {
		t.Errorf("%s: numbers %v, in the original %v", where, b, a)
	}
	if translated == original && strings.Count(original, " ") > 2 {
		t.Errorf("%s: is not translated", where)
	}
	if !norm.NFC.IsNormalString(translated) || strings.TrimSpace(translated) != translated {
		t.Errorf("%s: %q is not NFC, or has blanks around it", where, translated)
	}
}

// shipped yields the standards that the program carries.
func shipped(t *testing.T) func(yield func(*rules.Standard) bool) {
	t.Helper()
	files, err := fs.Glob(spec.Standards, "standards/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no standards: %v", err)
	}
	found := map[rules.Name]*rules.Standard{}
	for _, f := range files {
		base := strings.TrimSuffix(path.Base(f), ".json")
		i := strings.LastIndex(base, "-")
		for _, s := range rules.Builtin().Named(rules.Name(base[:i] + "/" + base[i+1:])) {
			found[s.Name()] = s
		}
	}
	if len(found) != len(files) {
		t.Fatalf("%d files, %d standards", len(files), len(found))
	}
	return maps.Values(found)
}
