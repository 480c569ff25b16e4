package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"example.org/custody/cmd/internal/desk/standards"
)

// A template of every standard, in every language, has every field, can be read,
// and answers nothing until it is filled in.
func TestTemplates(t *testing.T) {
	t.Setenv("CUSTODY_HOME", filepath.Join(t.TempDir(), "none"))
	for _, name := range standards.Known() {
		chosen, err := findStandard(name, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, lang := range chosen.Library.Languages(chosen.Pack.Standard) {
			text := mustTool(t, "standard", "show", name, "--template", "--lang", lang)
			for _, f := range chosen.Pack.AllFields() {
				if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(f.Name) + `:$`).MatchString(text) {
					t.Errorf("%s, %s: no field %s", name, lang, f.Name)
				}
			}
			path := filepath.Join(t.TempDir(), "t.yaml")
			writeSample(t, path, []byte(text))
			if got, err := standards.ReadAnswers(path); err != nil || len(got) != 0 {
				t.Errorf("%s, %s: %v, %v", name, lang, got, err)
			}
		}
	}
}

// A template that is filled in is answers like any others: a group, a list and
// what YAML would take for a number or a truth are what their fields say.
func TestTemplateFilled(t *testing.T) {
	t.Setenv("CUSTODY_HOME", filepath.Join(t.TempDir(), "none"))
	text := mustTool(t, "standard", "show", "device-seizure/1", "--template")
	for _, fill := range [][2]string{
		{"\nquantity:\n", "\nquantity: 1\n"}, {"\n  covers:\n", "\n  covers: yes\n"}, {"\n  kind:\n", "\n  kind: warrant\n"},
		{"\n  reference:\n", "\n  reference: 007\n"}, {"\n  scope:\n", "\n  scope: phones\n"}, {"\n  why:\n", "\n  why: 2026-03-03\n"},
	} {
		if strings.Count(text, fill[0]) != 1 {
			t.Fatalf("%q stands there %d times", fill[0], strings.Count(text, fill[0]))
		}
		text = strings.Replace(text, fill[0], fill[1], 1)
	}
	path := filepath.Join(t.TempDir(), "t.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	given, err := standards.ReadAnswers(path)
	if err != nil {
		t.Fatal(err)
	}
	chosen, err := findStandard("device-seizure/1", "")
	if err != nil {
		t.Fatal(err)
	}
	got, err := chosen.Pack.Answers(given)
	if err != nil {
		t.Fatal(err)
	}
	authority, _ := got["authority"].(map[string]any)
	if got["quantity"] != int64(1) || authority["covers"] != true || authority["reference"] != "007" || authority["why"] != "2026-03-03" || len(got) != 2 {
		t.Errorf("%v", got)
	}
	given["authority"].(map[string]any)["covers"] = "maybe"
	if _, err := chosen.Pack.Answers(given); err == nil || !strings.Contains(err.Error(), "authority.covers") {
		t.Errorf("%v", err)
	}
}
