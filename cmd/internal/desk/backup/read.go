package backup

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"example.org/custody/evidence"
)

// Unpack writes the backup's files and folders below dir and checks them against its
// list. After an error what is below dir is of no use.
func Unpack(f io.Reader, dir string) (Report, error) {
	m, err := read(f, func(r io.Reader, name string) (manifestFile, error) {
		return unpackFile(r, name, filepath.Join(dir, filepath.FromSlash(name)))
	})
	if err != nil {
		return Report{}, err
	}
	for _, name := range m.Folders {
		if err := os.MkdirAll(filepath.Join(dir, filepath.FromSlash(name)), 0o700); err != nil {
			return Report{}, err
		}
	}
	return m.report(), nil
}

// Check reads a whole backup and compares it with its list.
func Check(f io.Reader) (Report, error) {
	m, err := read(f, discard)
	if err != nil {
		return Report{}, err
	}
	return m.report(), nil
}

// read gives each file of a backup to take, which says what it read, and
// compares all of them with the backup's list.
func read(f io.Reader, take func(r io.Reader, name string) (manifestFile, error)) (*manifest, error) {
	seen := map[string]manifestFile{}
	t := tar.NewReader(f)
	for {
		hdr, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("it ends before its list: %w", ErrDamaged)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		if hdr.Name == manifestName {
			return checkManifest(t, seen)
		}
		_, again := seen[hdr.Name]
		if again || !filepath.IsLocal(filepath.FromSlash(hdr.Name)) || hdr.Typeflag != tar.TypeReg || sparse(hdr) {
			return nil, fmt.Errorf("entry %q: %w", hdr.Name, ErrDamaged)
		}
		got, err := take(t, hdr.Name)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, fmt.Errorf("%w: it is cut short in %s", ErrDamaged, hdr.Name)
		}
		if err != nil {
			return nil, err
		}
		seen[hdr.Name] = got
	}
}

// sparse reports an entry that says how large its holes are instead of having them:
// a few bytes could fill a disk.
func sparse(hdr *tar.Header) bool {
	for name := range hdr.PAXRecords {
		if strings.HasPrefix(name, "GNU.sparse.") {
			return true
		}
	}
	return false
}

// discard reads a file of a backup and keeps nothing.
func discard(r io.Reader, name string) (manifestFile, error) {
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
	got, err := discard(io.TeeReader(r, f), name)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return manifestFile{}, fmt.Errorf("%s: %w", name, err)
	}
	return got, nil
}

func checkManifest(r io.Reader, seen map[string]manifestFile) (*manifest, error) {
	b, err := io.ReadAll(io.LimitReader(r, 1<<30))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	m := new(manifest)
	if err := evidence.ParseCanonical(b, m); err != nil || m.Format != format {
		return nil, fmt.Errorf("its list cannot be read: %w", errors.Join(ErrDamaged, err))
	}
	for _, name := range m.Folders {
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return nil, fmt.Errorf("folder %q: %w", name, ErrDamaged)
		}
	}
	for _, want := range m.Files {
		if seen[want.Name] != want {
			return nil, fmt.Errorf("%s is missing or differs from the list: %w", want.Name, ErrDamaged)
		}
		delete(seen, want.Name)
	}
	for name := range seen {
		return nil, fmt.Errorf("%s is not in the list: %w", name, ErrDamaged)
	}
	return m, nil
}
