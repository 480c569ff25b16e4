package desk

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"example.org/custody/evidence"
)

// Restore makes the home dir, which must not exist or be empty, from a backup.
// Every file is compared with the backup's list; when one differs, nothing is
// left. A ledger older than what another state has cosigned stays read-only
// afterwards (rule P21); opening it says so.
func Restore(file, dir string, p Progress) (r BackupReport, err error) {
	if err := checkNoHome(dir); err != nil {
		return r, err
	}
	f, err := os.Open(file)
	if err != nil {
		return r, err
	}
	defer f.Close()
	part, err := os.MkdirTemp(filepath.Dir(mustAbs(dir)), ".custody-restore-*")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(part) // nothing is left of a restore that failed
	if info, err := f.Stat(); err == nil {
		p.Stage("restoring", info.Size(), -1)
	}
	m, err := unpack(counting{f, p}, part)
	if err != nil {
		return r, err
	}
	for _, name := range append(m.Folders, homeFolders...) {
		if err := os.MkdirAll(filepath.Join(part, filepath.FromSlash(name)), 0o700); err != nil {
			return r, err
		}
	}
	c, err := readConfig(part)
	if err != nil {
		return r, err
	}
	restored := &Home{Dir: part, Config: c}
	if err := restored.NoteBackup(m.Made); err != nil { // its own state is from before it
		return r, err
	}
	os.Remove(dir) // an empty folder may stand in the place
	if err := os.Rename(part, dir); err != nil {
		return r, err
	}
	r = m.report()
	r.Path = dir
	return r, files.SyncDir(filepath.Dir(mustAbs(dir)))
}

func checkNoHome(dir string) error {
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s: %w", dir, ErrHomeExists)
	}
	return nil
}

// PlanRestore reads a whole backup, compares it with its list, and says what
// [Restore] would make of it.
func PlanRestore(file, dir string, p Progress) (r BackupReport, err error) {
	if err := checkNoHome(dir); err != nil {
		return r, err
	}
	f, err := os.Open(file)
	if err != nil {
		return r, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil {
		p.Stage("reading", info.Size(), -1)
	}
	m, err := readBackup(counting{f, p}, discardFile)
	if err != nil {
		return r, err
	}
	r = m.report()
	r.Path, r.DryRun = dir, true
	return r, nil
}

// unpack writes the backup's files below dir and checks them against its list.
func unpack(f io.Reader, dir string) (*manifest, error) {
	return readBackup(f, func(r io.Reader, name string) (manifestFile, error) {
		return unpackFile(r, name, filepath.Join(dir, filepath.FromSlash(name)))
	})
}

// readBackup gives each file of a backup to take, which says what it read, and
// compares all of them with the backup's list.
func readBackup(f io.Reader, take func(r io.Reader, name string) (manifestFile, error)) (*manifest, error) {
	seen := map[string]manifestFile{}
	t := tar.NewReader(f)
	for {
		hdr, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("it ends before its list: %w", ErrBackup)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrBackup, err)
		}
		if hdr.Name == backupManifest {
			return checkManifest(t, seen)
		}
		_, again := seen[hdr.Name]
		if again || !filepath.IsLocal(filepath.FromSlash(hdr.Name)) || hdr.Typeflag != tar.TypeReg {
			return nil, fmt.Errorf("entry %q: %w", hdr.Name, ErrBackup)
		}
		got, err := take(t, hdr.Name)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, fmt.Errorf("%w: it is cut short in %s", ErrBackup, hdr.Name)
		}
		if err != nil {
			return nil, err
		}
		seen[hdr.Name] = got
	}
}

// discardFile reads a file of a backup and keeps nothing.
func discardFile(r io.Reader, name string) (manifestFile, error) {
	sum := sha256.New()
	n, err := io.Copy(sum, r)
	return manifestFile{Name: name, SHA256: hex.EncodeToString(sum.Sum(nil)), Size: n}, err
}

func unpackFile(r io.Reader, name, path string) (manifestFile, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return manifestFile{}, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return manifestFile{}, err
	}
	got, err := discardFile(io.TeeReader(r, f), name)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return manifestFile{}, fmt.Errorf("%s: %w", name, err)
	}
	return got, nil
}

func checkManifest(r io.Reader, seen map[string]manifestFile) (*manifest, error) {
	b, err := io.ReadAll(io.LimitReader(r, 1<<30))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBackup, err)
	}
	m := new(manifest)
	if err := evidence.ParseCanonical(b, m); err != nil || m.Format != backupFormat {
		return nil, fmt.Errorf("its list cannot be read: %w", errors.Join(ErrBackup, err))
	}
	for _, name := range m.Folders {
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return nil, fmt.Errorf("folder %q: %w", name, ErrBackup)
		}
	}
	for _, want := range m.Files {
		if seen[want.Name] != want {
			return nil, fmt.Errorf("%s is missing or differs from the list: %w", want.Name, ErrBackup)
		}
		delete(seen, want.Name)
	}
	for name := range seen {
		return nil, fmt.Errorf("%s is not in the list: %w", name, ErrBackup)
	}
	return m, nil
}
