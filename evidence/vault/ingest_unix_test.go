//go:build unix

package vault_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/evidence/vault"
)

// TestFolderAsItIs seals what a folder can hold besides files that are read.
func TestFolderAsItIs(t *testing.T) {
	d := newDesk(t)
	dir := folder(t, map[string][]byte{"gone": []byte("x"), "kept": []byte("y")})
	if err := errors.Join(
		os.Symlink("/etc/passwd", filepath.Join(dir, "link")), os.Mkdir(filepath.Join(dir, "folder"), 0o700),
		syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600),
	); err != nil {
		t.Fatal(err)
	}
	in := intake(t, dir)
	if err := os.Remove(filepath.Join(dir, "gone")); err != nil {
		t.Fatal(err)
	}
	values, err := d.ingest(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]evidence.FileKind{}
	for _, f := range values {
		got[f.Path] = f.Kind
		if _, err := d.Open(t.Context(), f); f.Kind != evidence.KindFile && !errors.Is(err, vault.ErrNotKept) {
			t.Errorf("%s opened: %v", f.Path, err)
		}
	}
	for path, kind := range map[string]evidence.FileKind{
		"folder": evidence.KindDir, "gone": evidence.KindVanished, "kept": evidence.KindFile, "link": evidence.KindSymlink, "pipe": evidence.KindSpecial,
	} {
		if got[path] != kind {
			t.Errorf("%s is %q, want %q", path, got[path], kind)
		}
	}
}
