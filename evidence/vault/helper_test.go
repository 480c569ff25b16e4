package vault_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/evidence/vault"
)

// desk is a vault with its store and keys.
type desk struct {
	*vault.Vault
	t        testing.TB
	dir      string // with store and vault in it
	own      *age.X25519Identity
	recovery *age.X25519Identity
	store    *store.Dir
	files    durable.Files
	now      time.Time
}

func newIdentity(t testing.TB) *age.X25519Identity {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	return newDeskIn(t, t.TempDir())
}

// memoryDir is for tests that make many changes: no power is lost in a test, so
// that nothing depends on a disk.
func memoryDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "vault-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func newDeskIn(t testing.TB, dir string) *desk {
	t.Helper()
	d := &desk{t: t, dir: dir, own: newIdentity(t), recovery: newIdentity(t), now: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)}
	d.create()
	d.open()
	t.Cleanup(d.close)
	return d
}

// create makes what is missing of store and vault.
func (d *desk) create() {
	d.t.Helper()
	for name, create := range map[string]func(string, durable.Files) error{"store": store.Create, "vault": vault.Create} {
		if err := create(filepath.Join(d.dir, name), d.files); err != nil && !errors.Is(err, fs.ErrExist) {
			d.t.Fatal(err)
		}
	}
}

func (d *desk) options() vault.Options {
	return vault.Options{
		Store: d.store, Identity: d.own, Files: d.files, Now: func() time.Time { return d.now },
		Recipients: []*age.X25519Recipient{d.own.Recipient(), d.recovery.Recipient()},
	}
}

// tryOpen opens store and vault; with an error both are closed.
func (d *desk) tryOpen() (err error) {
	if d.store, err = store.Open(filepath.Join(d.dir, "store"), store.Options{Files: d.files}); err != nil {
		return err
	}
	if d.Vault, err = vault.Open(d.t.Context(), filepath.Join(d.dir, "vault"), d.options()); err != nil {
		d.store.Close()
		d.Vault, d.store = nil, nil
	}
	return err
}

func (d *desk) open() {
	d.t.Helper()
	if err := d.tryOpen(); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) close() {
	if d.Vault == nil {
		return
	}
	if err := d.Vault.Close(); err != nil {
		d.t.Error(err)
	}
	d.store.Close()
	d.Vault = nil
}

// reopen is what the next process does.
func (d *desk) reopen() {
	d.t.Helper()
	d.close()
	d.open()
}

// folder writes files into a new folder.
func folder(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// noise returns n bytes that depend on seed alone.
func noise(seed uint64, n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(seed >> 16), 1})
	r.Read(b)
	return b
}

// intake walks paths.
func intake(t testing.TB, paths ...string) vault.Intake {
	t.Helper()
	src, err := evidence.OpenSource(paths...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	found, err := evidence.Walk(src)
	if err != nil {
		t.Fatal(err)
	}
	return vault.Intake{Source: src, Found: found, Which: evidence.WithSHA256}
}

// ingest collects what is recorded.
func (d *desk) ingest(ctx context.Context, in vault.Intake) (values []evidence.FileValue, err error) {
	in.Found = slices.Clone(in.Found)
	in.Each = func(v evidence.FileValue) error {
		values = append(values, v)
		return nil
	}
	return values, d.Ingest(ctx, in)
}

// seal ingests a folder and commits.
func (d *desk) seal(path string) []evidence.FileValue {
	d.t.Helper()
	values, err := d.ingest(d.t.Context(), intake(d.t, path))
	if err != nil {
		d.t.Fatal(err)
	}
	if err := d.Commit(d.t.Context(), values); err != nil {
		d.t.Fatal(err)
	}
	return values
}

// content reads a file back.
func (d *desk) content(f evidence.FileValue) ([]byte, error) {
	r, err := d.Open(d.t.Context(), f)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// checkContent reads files back, compares them with what was sealed, and their
// digests with those in the values.
func (d *desk) checkContent(values []evidence.FileValue, want map[string][]byte) {
	d.t.Helper()
	for _, f := range values {
		got, err := d.content(f)
		if err != nil || !bytes.Equal(got, want[f.Path]) {
			d.t.Errorf("%s: %d bytes instead of %d, %v", f.Path, len(got), len(want[f.Path]), err)
		}
		digests, err := d.Digest(d.t.Context(), f, nil)
		if err == nil {
			err = f.Digests.Check(digests)
		}
		if err != nil || digests.Algorithms() != f.Digests.Algorithms() {
			d.t.Errorf("%s: %v", f.Path, err)
		}
	}
}

// objects counts what the store holds.
func (d *desk) objects() (n int) {
	d.t.Helper()
	for _, err := range d.store.List(d.t.Context()) {
		if err != nil {
			d.t.Fatal(err)
		}
		n++
	}
	return n
}

// everything lists all files below the desk but for what a new one has too.
func (d *desk) everything() []string {
	d.t.Helper()
	var all []string
	err := filepath.WalkDir(d.dir, func(path string, e os.DirEntry, err error) error {
		rel, _ := filepath.Rel(d.dir, path)
		if err == nil && !e.IsDir() && !strings.HasSuffix(rel, "FORMAT") && !strings.HasSuffix(rel, "lock") && !strings.HasPrefix(rel, "vault/register") {
			all = append(all, rel)
		}
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return all
}
