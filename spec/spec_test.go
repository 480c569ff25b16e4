package spec_test

import (
	"encoding/json"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"example.org/custody/spec"
	"github.com/rogpeppe/go-internal/txtar"
)

var expect = regexp.MustCompile(`(?m)^expect: (holds|(fails|undecided):[A-Za-z0-9._\[\]-]+)$`)

// Every vector has files and exactly one answer.
func TestVectorsSayWhatTheyExpect(t *testing.T) {
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
		if n := len(expect.FindAll(a.Comment, -1)); n != 1 {
			t.Errorf("%s: %d expect lines", name, n)
		}
		if len(a.Files) == 0 {
			t.Errorf("%s: no files", name)
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
