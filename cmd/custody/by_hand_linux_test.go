package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
)

// What the tool sealed is opened without it: with the file that init wrote for the
// recovery recipient, and age, as spec/vault.md says.
func TestRecoveryByHand(t *testing.T) {
	t.Parallel()
	work := t.TempDir()
	home, recovery, sealed := filepath.Join(work, "home"), filepath.Join(work, "recovery.txt"), filepath.Join(work, "letter.txt")
	content := bytes.Repeat([]byte("the only copy of it\n"), 1<<16)
	if err := os.WriteFile(sealed, content, 0o600); err != nil {
		t.Fatal(err)
	}
	mustRun(t, home, "init --state AA --officer ann --role collector --recovery-file "+recovery)
	mustRun(t, home, "seal "+sealed+" --exhibit E-1 --as ann")
	if err := os.Remove(sealed); err != nil {
		t.Fatal(err)
	}

	keys, err := filepath.Glob(filepath.Join(home, "vault", "keys", "*.age"))
	if err != nil || len(keys) == 0 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	for _, key := range keys {
		object := strings.TrimSuffix(filepath.Base(key), ".age")
		own, err := aged(key, recovery)
		if err != nil {
			t.Fatal(err)
		}
		identity := filepath.Join(work, object)
		if err := os.WriteFile(identity, own, 0o600); err != nil {
			t.Fatal(err)
		}
		stored := filepath.Join(home, "store", "objects", object[:1], object)
		if got, err := aged(stored, identity); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%d bytes of %d, %v", len(got), len(content), err)
		}
		if _, err := aged(stored, recovery); err == nil {
			t.Error("the object is encrypted to the recovery recipient itself")
		}
	}
}

// aged is what `age -d -i IDENTITIES FILE` prints.
func aged(file, identities string) ([]byte, error) {
	text, err := os.ReadFile(identities)
	if err != nil {
		return nil, err
	}
	keys, err := age.ParseIdentities(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	r, err := age.Decrypt(f, keys...)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	plain, err := io.ReadAll(r)
	return plain, errors.Join(err, f.Close())
}
