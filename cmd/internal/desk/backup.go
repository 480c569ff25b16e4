package desk

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

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
)

// A backup is a tar of the home as it stands under its lock: everything in it
// that is secret is encrypted there already, except the cosigner's keys, which
// are left out because a cosigner restored from an old state could sign two
// histories (rule P21). The last entry lists every file with its digest.
const (
	backupFormat   = "custody/backup/v1"
	backupManifest = "MANIFEST.json"
)

// ErrBackup reports a backup that is not whole or not one.
var ErrBackup = errors.New("backup is damaged or is none")

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

// BackupReport says what a backup or a restore covered.
type BackupReport struct {
	Files int             `json:"files"` // number of files
	Bytes int64           `json:"bytes"` // of their content
	Made  time.Time       `json:"made"`  // when the backup was made
	From  evidence.Origin `json:"origin"`
	Path  string          `json:"path"`

	DryRun bool `json:"dry_run,omitempty"` // nothing was written
}

// CheckBackupFile refuses a backup that would lie in the home it saves.
func (h *Home) CheckBackupFile(file string) error {
	if strings.HasPrefix(mustAbs(file), mustAbs(h.Dir)+string(filepath.Separator)) {
		return fmt.Errorf("%s lies in the home it would save: %w", file, os.ErrInvalid)
	}
	return nil
}

// PlanBackup says what [Home.Backup] would save.
func (h *Home) PlanBackup() (BackupReport, error) {
	names, _, err := h.backupNames()
	return BackupReport{Files: len(names), Bytes: h.sizeOf(names), Made: h.Now().Truncate(time.Second), From: h.Config.Origin, DryRun: true}, err
}

// NoteBackup remembers for [Home.Doctor] that a backup is in place.
func (h *Home) NoteBackup(made time.Time) error {
	return h.updateState(func(s *State) { s.LastBackup = &made })
}

func mustAbs(p string) string {
	if abs, err := filepath.Abs(p); err == nil {
		return abs
	}
	return p
}

// Backup writes the whole home to w. The home is held meanwhile, so nothing in it
// changes.
func (h *Home) Backup(w io.Writer, p Progress) (BackupReport, error) {
	m := manifest{Format: backupFormat, Made: h.Now().Truncate(time.Second), Origin: h.Config.Origin, Files: []manifestFile{}}
	names, folders, err := h.backupNames()
	if err != nil {
		return BackupReport{}, err
	}
	m.Folders = folders
	t := tar.NewWriter(w)
	p.Stage("backing up", h.sizeOf(names), len(names))
	for _, name := range names {
		p.File(name)
		file, err := addFile(t, h.path(filepath.FromSlash(name)), name, m.Made, p)
		if err != nil {
			return BackupReport{}, fmt.Errorf("%s: %w", name, err)
		}
		m.Files = append(m.Files, file)
	}
	b, err := evidence.Canonical(m)
	if err != nil {
		return BackupReport{}, err
	}
	hdr := &tar.Header{Name: backupManifest, Mode: 0o600, Size: int64(len(b)), ModTime: m.Made}
	if err := t.WriteHeader(hdr); err != nil {
		return BackupReport{}, err
	}
	if _, err := t.Write(b); err != nil {
		return BackupReport{}, err
	}
	return m.report(), t.Close()
}

func (m *manifest) report() BackupReport {
	r := BackupReport{Files: len(m.Files), Made: m.Made, From: m.Origin}
	for _, f := range m.Files {
		r.Bytes += f.Size
	}
	return r
}

// backupNames lists the home's files and folders, slash-separated and sorted.
func (h *Home) backupNames() (names, folders []string, err error) {
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
		case name == "cosigner":
			return fs.SkipDir
		case d.IsDir() && name != ".":
			folders = append(folders, name)
		case d.Type().IsRegular() && !strings.HasSuffix(name, "lock") && !strings.HasPrefix(d.Name(), durable.TempPrefix):
			names = append(names, name)
		}
		return nil
	})
	slices.Sort(names)
	slices.Sort(folders)
	return names, folders, err
}

// sizeOf adds up files of the home; one that cannot be asked counts nothing.
func (h *Home) sizeOf(names []string) (total int64) {
	for _, name := range names {
		if info, err := os.Stat(h.path(filepath.FromSlash(name))); err == nil {
			total += info.Size()
		}
	}
	return total
}

func addFile(t *tar.Writer, path, name string, at time.Time, p Progress) (manifestFile, error) {
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
	if _, err := io.Copy(io.MultiWriter(t, sum), counting{f, p}); err != nil {
		return manifestFile{}, err
	}
	return manifestFile{Name: name, SHA256: hex.EncodeToString(sum.Sum(nil)), Size: info.Size()}, nil
}
