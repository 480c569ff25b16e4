package desk_test

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/backup"
	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/ledger/ledgertest"
)

// contents returns the files below dir by name, but for what is never saved.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, path := range tree(t, dir) {
		name, err := filepath.Rel(dir, path)
		must(t, err)
		if strings.HasSuffix(name, "lock") || strings.HasPrefix(name, "cosigner") || strings.HasPrefix(name, "node") || name == "state.json" {
			continue
		}
		b, err := os.ReadFile(path)
		must(t, err)
		all[name] = string(b)
	}
	return all
}

// A backup comes back as it was; one with a byte changed comes back as it was,
// because the byte meant nothing, or leaves nothing.
func TestBackup(t *testing.T) {
	out := toured(t)
	h, err := desk.Open(out.Homes[1])
	must(t, err)
	var saved bytes.Buffer
	r, err := h.Backup(&saved, progress.None{})
	must(t, err)
	must(t, h.Close())
	want := contents(t, out.Homes[1])
	want[filepath.Join("ledger", "restored")] = "" // until other states were asked
	if r.Files < len(want)-1 {
		t.Errorf("%d files saved of %d", r.Files, len(want))
	}
	above := ledgertest.Folder(t)
	file, home := filepath.Join(above, "b.tar"), filepath.Join(above, "home")
	refused := 0
	for at := -1; at < saved.Len(); at += 4999 {
		b := bytes.Clone(saved.Bytes())
		if at >= 0 {
			b[at] ^= 0x40
		}
		must(t, os.WriteFile(file, b, 0o600))
		_, err := desk.Restore(file, home, progress.None{})
		switch {
		case err == nil && !maps.Equal(contents(t, home), want):
			t.Errorf("byte %d: another home came back", at)
		case at < 0 && err != nil:
			t.Fatal(err)
		case err != nil:
			refused++
			if !errors.Is(err, backup.ErrDamaged) && !errors.Is(err, desk.ErrHomeVersion) {
				t.Errorf("byte %d: %v", at, err)
			}
			if _, err := os.Stat(home); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("byte %d: something was left", at)
			}
		}
		must(t, os.RemoveAll(home))
	}
	if refused < 20 {
		t.Errorf("%d changed backups were refused", refused)
	}
	if left := tree(t, above); len(left) != 1 {
		t.Errorf("left over: %q", left)
	}
}

// A restored home says when it was saved, works, and can be saved again.
func TestRestoredHome(t *testing.T) {
	out := toured(t)
	h, err := desk.Open(out.Homes[1])
	must(t, err)
	file := filepath.Join(t.TempDir(), "b.tar")
	f, err := os.Create(file)
	must(t, err)
	r, err := h.Backup(f, progress.None{})
	must(t, err)
	must(t, errors.Join(f.Close(), h.Close()))
	home := filepath.Join(out.Dir, "again")
	_, err = desk.Restore(file, home, progress.None{})
	must(t, err)
	again, err := desk.Open(home)
	must(t, err)
	state, err := again.State()
	must(t, err)
	if state.LastBackup == nil || !state.LastBackup.Equal(r.Made) {
		t.Errorf("saved at %v, it says %v", r.Made, state.LastBackup)
	}
	s, err := again.Unlock(t.Context(), "lab", out.Passphrase)
	must(t, err)
	items, err := s.List(t.Context(), desk.Filter{})
	must(t, err)
	if len(items) != 4 {
		t.Errorf("%d items", len(items))
	}
	must(t, s.Close())
	if _, err := desk.Restore(file, home, progress.None{}); !errors.Is(err, desk.ErrHomeExists) {
		t.Errorf("over a home: %v", err)
	}
	if err := again.CheckBackupFile(filepath.Join(home, "b.tar")); err == nil {
		t.Error("a backup may lie in the home it saves")
	}
}

// tree lists the files below dir.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
