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
func Restore(file, dir string) (r BackupReport, err error) {
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return r, fmt.Errorf("%s: %w", dir, ErrHomeExists)
	}
	f, err := os.Open(file)
	if err != nil {
		return r, err
	}
	defer f.Close()
	part := dir + ".restoring"
	if err := os.Mkdir(part, 0o700); err != nil {
		return r, err
	}
	defer os.RemoveAll(part) // nothing is left of a restore that failed
	m, err := unpack(f, part)
	if err != nil {
		return r, err
	}
	for _, name := range homeFolders {
		if err := os.MkdirAll(filepath.Join(part, filepath.FromSlash(name)), 0o700); err != nil {
			return r, err
		}
	}
	if _, err := readConfig(part); err != nil {
		return r, err
	}
	os.Remove(dir) // an empty folder may stand in the place
	if err := os.Rename(part, dir); err != nil {
		return r, err
	}
	r = m.report()
	r.Path = dir
	return r, syncDir(filepath.Dir(mustAbs(dir)))
}

// unpack writes the backup's files below dir and checks them against its list.
func unpack(f io.Reader, dir string) (*manifest, error) {
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
		if !filepath.IsLocal(filepath.FromSlash(hdr.Name)) || hdr.Typeflag != tar.TypeReg {
			return nil, fmt.Errorf("entry %q: %w", hdr.Name, ErrBackup)
		}
		got, err := unpackFile(t, hdr.Name, filepath.Join(dir, filepath.FromSlash(hdr.Name)))
		if err != nil {
			return nil, err
		}
		seen[hdr.Name] = got
	}
}

func unpackFile(r io.Reader, name, path string) (manifestFile, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return manifestFile{}, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return manifestFile{}, err
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, sum), r)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return manifestFile{}, fmt.Errorf("%s: %w", name, err)
	}
	return manifestFile{Name: name, SHA256: hex.EncodeToString(sum.Sum(nil)), Size: n}, nil
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
