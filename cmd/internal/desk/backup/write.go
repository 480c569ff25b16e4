package backup

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
)

const (
	format       = "custody/backup/v1"
	manifestName = "MANIFEST.json"
)

// ErrDamaged reports a backup that is not whole or not one.
var ErrDamaged = errors.New("backup is damaged or is none")

// manifest lists what a backup holds.
type manifest struct {
	Files   []manifestFile  `json:"files"`   // sorted by name
	Folders []string        `json:"folders"` // sorted; those with files in them too
	Format  string          `json:"format"`
	Made    time.Time       `json:"made"`
	Origin  evidence.Origin `json:"origin"`
}

type manifestFile struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

// Report says what a backup or a restore covered.
type Report struct {
	Files int             `json:"files"` // number of files
	Bytes int64           `json:"bytes"` // of their content
	Made  time.Time       `json:"made"`  // when the backup was made
	From  evidence.Origin `json:"origin"`
	Path  string          `json:"path"`

	DryRun bool `json:"dry_run,omitempty"` // nothing was written
}

// Home is what a backup is made of.
type Home struct {
	Dir    string          // the folder, which nobody changes meanwhile
	Origin evidence.Origin // its ledger
	Made   time.Time       // of the backup; to the second
}

// Plan says what [Home.Write] would save.
func (h Home) Plan() (Report, error) {
	names, _, err := h.names()
	return Report{Files: len(names), Bytes: h.sizeOf(names), Made: h.Made, From: h.Origin, DryRun: true}, err
}

// Write writes the whole home to w.
func (h Home) Write(w io.Writer, p progress.Sink) (Report, error) {
	m := manifest{Format: format, Made: h.Made, Origin: h.Origin, Files: []manifestFile{}}
	names, folders, err := h.names()
	if err != nil {
		return Report{}, err
	}
	m.Folders = folders
	t := tar.NewWriter(w)
	p.Stage("backing up", h.sizeOf(names), len(names))
	for _, name := range names {
		p.File(name)
		file, err := addFile(t, filepath.Join(h.Dir, filepath.FromSlash(name)), name, m.Made, p)
		if err != nil {
			return Report{}, fmt.Errorf("%s: %w", name, err)
		}
		m.Files = append(m.Files, file)
	}
	b, err := evidence.Canonical(m)
	if err != nil {
		return Report{}, err
	}
	hdr := &tar.Header{Name: manifestName, Mode: 0o600, Size: int64(len(b)), ModTime: m.Made}
	if err := t.WriteHeader(hdr); err != nil {
		return Report{}, err
	}
	if _, err := t.Write(b); err != nil {
		return Report{}, err
	}
	return m.report(), t.Close()
}

func (m *manifest) report() Report {
	r := Report{Files: len(m.Files), Made: m.Made, From: m.Origin}
	for _, f := range m.Files {
		r.Bytes += f.Size
	}
	return r
}

// names lists the home's files and folders, slash-separated and sorted.
func (h Home) names() (files, folders []string, err error) {
	folders = []string{}
	err = filepath.WalkDir(h.Dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(h.Dir, p)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		switch {
		case name == "cosigner", name == "node", name == "matching": // keys of machines, and what is not to outlive its use
			return fs.SkipDir
		case d.IsDir() && name != ".":
			folders = append(folders, name)
		case d.Type().IsRegular() && !strings.HasSuffix(name, "lock") && !strings.HasPrefix(d.Name(), durable.TempPrefix):
			files = append(files, name)
		}
		return nil
	})
	slices.Sort(files)
	slices.Sort(folders)
	return files, folders, err
}

// sizeOf adds up files of the home; one that cannot be asked counts nothing.
func (h Home) sizeOf(names []string) (total int64) {
	for _, name := range names {
		if info, err := os.Stat(filepath.Join(h.Dir, filepath.FromSlash(name))); err == nil {
			total += info.Size()
		}
	}
	return total
}

func addFile(t *tar.Writer, path, name string, at time.Time, p progress.Sink) (manifestFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return manifestFile{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return manifestFile{}, err
	}
	if err := t.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: info.Size(), ModTime: at}); err != nil {
		return manifestFile{}, err
	}
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(t, sum), progress.Reader(f, p)); err != nil {
		return manifestFile{}, err
	}
	return manifestFile{Name: name, SHA256: hex.EncodeToString(sum.Sum(nil)), Size: info.Size()}, nil
}
