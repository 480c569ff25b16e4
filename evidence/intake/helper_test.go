package intake_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"example.org/custody/evidence"
	"example.org/custody/evidence/intake"
)

// memory is files in memory as a source of evidence.
type memory struct{ fstest.MapFS }

func (m memory) ReadDir(dir string) ([]fs.DirEntry, error) { return fs.ReadDir(m.MapFS, dir) }
func (m memory) Readlink(p string) (string, error)         { return m.ReadLink(p) }
func (m memory) SameFile(a, b fs.FileInfo) bool            { return a.Name() == b.Name() }

// read reads what files say of themselves.
func read(t testing.TB, files map[string][]byte) *intake.Intake {
	t.Helper()
	src := memory{fstest.MapFS{}}
	for name, b := range files {
		src.MapFS[name] = &fstest.MapFile{Data: b, Mode: 0o600}
	}
	found, err := evidence.Walk(src)
	if err != nil {
		t.Fatal(err)
	}
	return intake.Read(src, found)
}

// sample is a file of testdata.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func sha(b []byte) string { s := sha256.Sum256(b); return hex.EncodeToString(s[:]) }

// zipped packs members in the order given: name, content, name, content, …
func zipped(t testing.TB, members ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		w, err := z.Create(members[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(members[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// want compares one answer in its printed form; "" wants none.
func want(t *testing.T, in *intake.Intake, field, value string) {
	t.Helper()
	got, there := in.Fields[field]
	if !there {
		got = ""
	}
	if fmt.Sprint(got) != value {
		t.Errorf("%s is %q, want %q; notes %v", field, fmt.Sprint(got), value, in.Notes)
	}
}

// kept returns what was kept of the file that ends so, in one format.
func kept(t *testing.T, in *intake.Intake, format string) map[string]string {
	t.Helper()
	for _, k := range in.Kept {
		if k.Format == format {
			return k.Values
		}
	}
	t.Fatalf("nothing of format %s is kept: %v, notes %v", format, in.Kept, in.Notes)
	return nil
}

func noted(in *intake.Intake, part string) bool {
	for _, n := range in.Notes {
		if bytes.Contains([]byte(n.Text), []byte(part)) {
			return true
		}
	}
	return false
}
