package spec_test

import (
	"encoding/json"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"example.org/custody/spec"
	"github.com/rogpeppe/go-internal/txtar"
)

var expect = regexp.MustCompile(`(?m)^expect: (holds|(fails|undecided):[A-Za-z0-9._\[\]-]+)$`)

// vector is what every file in vectors has.
type vector struct {
	name    string // without folder and ending
	comment string
	expect  string // what stands behind "expect: "
	files   int
}

func vectors(t *testing.T) (all []vector) {
	t.Helper()
	names, err := fs.Glob(spec.Vectors, "vectors/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, name := range names {
		b, err := spec.Vectors.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		a := txtar.Parse(b)
		found := expect.FindAllSubmatch(a.Comment, -1)
		if len(found) != 1 {
			t.Fatalf("%s: %d expect lines", name, len(found))
		}
		all = append(all, vector{strings.TrimSuffix(path.Base(name), ".txtar"), string(a.Comment), string(found[0][1]), len(a.Files)})
	}
	return all
}

// Every vector has exactly one answer, and files or the name of the vector whose
// files it changes.
func TestVectorsSayWhatTheyExpect(t *testing.T) {
	for _, v := range vectors(t) {
		if v.files == 0 && !strings.Contains(v.comment, "\nbase: ") {
			t.Errorf("%s: no files", v.name)
		}
	}
}

func TestSchemasAreOfTheDraft(t *testing.T) {
	names, err := fs.Glob(spec.Schemas, "schema/*.schema.json")
	if err != nil || len(names) == 0 {
		t.Fatalf("no schemas: %v", err)
	}
	ids := map[string]string{}
	for _, name := range names {
		b, err := spec.Schemas.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var s struct {
			Schema      string `json:"$schema"`
			ID          string `json:"$id"`
			Description string `json:"description"`
		}
		if err := json.Unmarshal(b, &s); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if s.Schema != "https://json-schema.org/draft/2020-12/schema" || s.Description == "" {
			t.Errorf("%s: schema %q, description %q", name, s.Schema, s.Description)
		}
		if ids[s.ID] != "" {
			t.Errorf("%s and %s have one $id %q", name, ids[s.ID], s.ID)
		}
		ids[s.ID] = name
	}
}

// The first page leads to every other one.
func TestPagesAreReachable(t *testing.T) {
	index, err := spec.Pages.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(spec.Pages, "*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if name != "README.md" && !strings.Contains(string(index), "("+name+")") {
			t.Errorf("README.md does not name %s", name)
		}
	}
}

// Every protocol rule has vectors that name it, of things that keep it and of
// things that break it.
func TestRulesHaveVectors(t *testing.T) {
	named := regexp.MustCompile(`\bP([1-9][0-9]?)\b`)
	keeps, breaks := map[string]int{}, map[string]int{}
	for _, v := range vectors(t) {
		count := keeps
		if v.expect != "holds" {
			count = breaks
		}
		for _, m := range named.FindAllStringSubmatch(v.comment, -1) {
			count[m[1]]++
		}
	}
	for rule := 1; rule <= 25; rule++ {
		if n := strconv.Itoa(rule); keeps[n] == 0 || breaks[n] == 0 {
			t.Errorf("rule P%s: %d vectors keep it, %d break it", n, keeps[n], breaks[n])
		}
	}
}

// Every format has vectors, good ones and bad ones.
func TestFormatsHaveVectors(t *testing.T) {
	formats := []string{"content", "record", "event", "envelope", "fold", "leaf", "epoch", "receipt", "closed",
		"trust", "policy", "container", "package", "verdict", "keys", "home", "vault", "access", "node", "deadline", "limits", "inventory", "match"}
	good, bad := map[string]int{}, map[string]int{}
	for _, v := range vectors(t) {
		format, _, _ := strings.Cut(v.name, "-")
		if v.expect == "holds" {
			good[format]++
		} else {
			bad[format]++
		}
	}
	for _, format := range formats {
		if good[format] == 0 || bad[format] == 0 {
			t.Errorf("%s: %d good vectors, %d bad ones", format, good[format], bad[format])
		}
	}
}
