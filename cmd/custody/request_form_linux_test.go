package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The form of a request is asked for section by section: ? explains a field, what does
// not fit or keep a rule of the section is asked for again, ! keeps what there is and
// the form goes on from there, and it is shown whole before it is drafted.
func TestRequestForm(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("CUSTODY_HOME", filepath.Join(dir, "home"))
	t.Setenv("CUSTODY_PASSPHRASE_COMMAND", "echo correct horse battery")
	mustTool(t, "init", "--state", "DE", "--officer", "ann", "--role", "custodian", "--no-recovery")
	line := []string{"request", "new", "--instrument", "budapest", "--form-id", "preservation", "--to", "US", "--measure", "preservation", "--exhibit", "B-1"}
	first := []string{
		"5 sections", "", "Section 1: Authority. 12 fields", "",
		"a-requesting-state: ", "?", "of two or three capital letters", "", "a-requesting-state: ", "Germany", "is not a country's code", "", "a-requesting-state: ", "DE",
		"a-requested-state: ", "DE", "a-name: ", "Prosecutor's office", "a-representative: ", "Representative A", "a-post: ", "prosecutor",
		"a-file: ", "12 Js 1/26", "a-address: ", "Square 1", "a-phone: ", "1", "a-fax [-]: ", "-", "a-email: ", "-", "it must be given", "", "a-email: ", "office@authority.example",
		"a-languages: ", "de, en", "a-contact-point [-]: ", "yes",
		"still wanted:", "", "section 1, a-requested-state (Requested state)", "", "answer which field again [-]: ", "a-requested-stat", "did you mean a-requested-state", "",
		"answer which field again [-]: ", "a-requested-state", "a-requested-state: ", "US",
		"Section 2: Offence and facts. 2 fields", "", "b-offence: ", "smuggling", "b-facts: ", "!",
		"Kept in preservation.json", "", "--to US --measure preservation --from-file preservation.json --form", "",
	}
	s := newScreen(t)
	if out, code := s.run(first, line...); code != 0 || out != "" {
		t.Fatalf("exit code %d, %s\n%s", code, out, s.Screen())
	}
	if info, err := os.Stat("preservation.json"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	if list := mustTool(t, "list", "--json"); strings.Contains(list, "B-1") {
		t.Errorf("kept, and there is %s", list)
	}

	// A form that is kept is not written over by one that begins anew.
	s = newScreen(t)
	if out, code := s.run(nil, line...); code != 1 || !strings.Contains(s.Screen(), "preservation.json is already there") {
		t.Errorf("exit code %d, %s\n%s", code, out, s.Screen())
	}

	rest := []string{
		"Section 1: Authority. 1 field", "", "Fill them in? yes, or [-]: ", "-", "Section 2: Offence and facts. 1 field", "", "b-facts: ", "A boat.",
		"c-data: ", "mailbox", "c-relation: ", "used for it", "c-custodian [-]: ", "-", "c-location [-]: ", "-",
		"section 3, c-custodian", "", "answer which field again [-]: ", "-",
		"d-necessity: ", "it is deleted after 30 days", "d-intention: ", "yes", "d-confidential [-]: ", "-",
		"e-signatory: ", "Representative A", "e-signatory-post: ", "prosecutor", "e-date: ", "2026-11-27", "e-stamp [-]: ", "-",
		"still wanted:", "", "answer which field again [-]: ", "c-custodian", "c-custodian [-]: ", "Provider Inc.",
		"Section 1: Authority", "", "a-requested-state: US", "", "not filled in: 1 field", "", "c-custodian: Provider Inc.", "",
		"Draft it as it stands? yes, !, or a field to answer again: ", "b-facts", "b-facts: ", "A boat was stopped.",
		"b-facts: A boat was stopped.", "", "or a field to answer again: ", "yes",
	}
	s = newScreen(t)
	out, code := s.run(rest, append(slices.Clone(line), "--from-file", "preservation.json", "--form")...)
	if code != 0 || strings.Contains(s.Screen(), "It is not complete") {
		t.Fatalf("exit code %d, %s\n%s", code, out, s.Screen())
	}
	mustTool(t, "request", "check", "B-1")
	if got := mustTool(t, "request", "print", "B-1", "--out", "form.json"); !strings.Contains(got, "a draft that nobody has signed") {
		t.Error(got)
	}
	if b, err := os.ReadFile("form.json"); err != nil || !strings.Contains(string(b), "A boat was stopped.") {
		t.Errorf("%s %v", b, err)
	}
}
