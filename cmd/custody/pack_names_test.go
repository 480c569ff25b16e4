package main

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The name of a file is a value of the record: it is in no ledger, in no envelope,
// and in no package that holds the file back; neither does it stand readable at
// the desk. What repeats it in an entry that is shown is said.
func TestFileNames(t *testing.T) {
	dir := t.TempDir()
	home := filepath.Join(dir, "home")
	t.Setenv("CUSTODY_HOME", home)
	t.Setenv("CUSTODY_PASSPHRASE_COMMAND", "echo correct horse battery")
	t.Setenv("CUSTODY_PROGRESS", "off")
	const person = "anna.eriksson"
	writeSample(t, filepath.Join(dir, "set", person+".jpg"), intakeSample(t, "front.jpg"))
	writeSample(t, filepath.Join(dir, "set", "plain.txt"), []byte("hello"))
	mustTool(t, "init", "--state", "AA", "--officer", "ann", "--role", "collector", "--no-recovery")
	item := itemOf(t, mustTool(t, "seal", filepath.Join(dir, "set"), "--json"))
	pack := func(name string, more ...string) (said string) {
		line := append([]string{"pack", item, "--out", filepath.Join(dir, name), "--decided-by", "Court AA", "--review", "2099-01-01", "--withhold", "file/1=third-party"}, more...)
		_, said, code := deskTool(line...)
		if code != 0 {
			t.Fatal(said)
		}
		return said
	}
	pack("held.asice")
	shown := 0
	for name, b := range packed(t, filepath.Join(dir, "held.asice")) {
		if readable(b, person) {
			t.Errorf("%s has the name of a file that is held back", name)
		}
		if readable(b, "plain.txt") {
			shown++
		}
	}
	if shown == 0 {
		t.Error("the name of a file that is shown is not found either")
	}
	err := filepath.WalkDir(home, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if readable(b, person) || strings.Contains(path, person) {
			t.Errorf("%s has the name of a file", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}

	item = itemOf(t, mustTool(t, "seal", filepath.Join(dir, "set"), "--standard", namesPack(t, dir), "--again", "a second item", "--json"))
	if said := pack("shown.asice"); !strings.Contains(said, "file/1 of item") || !strings.Contains(said, "its name stands in imported") {
		t.Errorf("nothing says that the name is shown: %s", said)
	}
	if said := pack("both.asice", "--withhold", "imported=third-party"); strings.Contains(said, "its name stands in") {
		t.Errorf("the name is not shown, and it is said that it is: %s", said)
	}
	for name, b := range packed(t, filepath.Join(dir, "both.asice")) {
		if readable(b, person) {
			t.Errorf("%s has the name of a file that is held back", name)
		}
	}
}

// namesPack is a standard that asks for nothing: what the files say is kept.
func namesPack(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "names-1.json")
	writeSample(t, path, []byte(`{"format":"custody/standard/v1","id":"names","version":1,"language":"en","title":"T","about":"A test.","in-force":{"from":"2026-01-01"},"includes":[],"translations":[],
 "fields":[],"rules":[{"id":"N-1","severity":"warning","holds":"item.files.size() > 0","text":"There are files.","source":[{"standard":"Our code"}]}]}`))
	return path
}

// packed returns the members of a package.
func packed(t *testing.T, path string) map[string][]byte {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	all := map[string][]byte{}
	for _, m := range z.File {
		r, err := m.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			t.Fatal(err)
		}
		all[m.Name] = b
	}
	return all
}

var encoded = regexp.MustCompile(`[A-Za-z0-9+/]{24,}={0,2}`)

// readable reports whether text stands in b, or in base64 in it.
func readable(b []byte, text string) bool {
	if bytes.Contains(b, []byte(text)) {
		return true
	}
	for _, m := range encoded.FindAll(b, -1) {
		if plain, err := base64.StdEncoding.DecodeString(string(m)); err == nil && bytes.Contains(plain, []byte(text)) {
			return true
		}
	}
	return false
}
