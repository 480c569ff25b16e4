package asic

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func createFile(t *testing.T, path string, overwrite bool) *File {
	t.Helper()
	f, err := Create(path, Options{Signatures: []string{SignatureDSSE}, Overwrite: overwrite})
	must(t, err)
	must(t, f.WriteFile(goodFiles()[0].Header, []byte("content")))
	_, err = f.WriteManifest()
	must(t, err)
	must(t, f.AddSignature(SignatureDSSE, []byte(goodSignature)))
	return f
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	var s []string
	for _, e := range entries {
		s = append(s, e.Name())
	}
	return s
}

// TestFileAppearsWhole proves that the path shows nothing before Close, the
// whole container after it, and no temporary file in the end.
func TestFileAppearsWhole(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "p.asice")
	f := createFile(t, path, false)
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("path is there before Close: %v", err)
	}
	must(t, f.Close())
	must(t, f.Close())
	must(t, f.Abort())
	b, err := os.ReadFile(path)
	must(t, err)
	must(t, check(b))
	if s := names(t, dir); len(s) != 1 {
		t.Errorf("folder holds %q", s)
	}
}

func TestAbortLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	f := createFile(t, filepath.Join(dir, "p.asice"), false)
	must(t, f.Abort())
	must(t, f.Abort())
	if s := names(t, dir); len(s) != 0 {
		t.Errorf("folder holds %q", s)
	}
}

func TestIncompleteCloseLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	f, err := Create(filepath.Join(dir, "p.asice"), Options{Signatures: []string{SignatureDSSE}})
	must(t, err)
	if f.Close() == nil {
		t.Error("closed without manifest")
	}
	if s := names(t, dir); len(s) != 0 {
		t.Errorf("folder holds %q", s)
	}
}

// TestNoOverwrite covers a path that is taken at the start, one taken while the
// container is written, and one that may be replaced.
func TestNoOverwrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "p.asice")
	late := createFile(t, path, false)
	must(t, os.WriteFile(path, []byte("theirs"), 0o600))
	if err := late.Close(); !errors.Is(err, fs.ErrExist) {
		t.Errorf("late: error = %v, want fs.ErrExist", err)
	}
	if _, err := Create(path, Options{Signatures: []string{SignatureDSSE}}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("early: error = %v, want fs.ErrExist", err)
	}
	if b, _ := os.ReadFile(path); string(b) != "theirs" {
		t.Errorf("their file now holds %q", b)
	}
	must(t, createFile(t, path, true).Close())
	b, err := os.ReadFile(path)
	must(t, err)
	must(t, check(b))
	if s := names(t, dir); len(s) != 1 {
		t.Errorf("folder holds %q", s)
	}
}

func TestNeverReplacesFolderOrLink(t *testing.T) {
	dir := t.TempDir()
	if _, err := Create(dir, Options{Signatures: []string{SignatureDSSE}, Overwrite: true}); err == nil {
		t.Error("a folder is replaced")
	}
	link := filepath.Join(dir, "link")
	must(t, os.Symlink("elsewhere", link))
	if _, err := Create(link, Options{Signatures: []string{SignatureDSSE}, Overwrite: true}); err == nil {
		t.Error("a symbolic link is replaced")
	}
	if _, err := Create(filepath.Join(dir, "no", "p"), Options{Signatures: []string{SignatureDSSE}}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("folder that is not there: %v", err)
	}
	if s := names(t, dir); len(s) != 1 {
		t.Errorf("folder holds %q", s)
	}
}
