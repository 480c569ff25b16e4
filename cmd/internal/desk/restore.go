package desk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"example.org/custody/cmd/internal/desk/backup"
	"example.org/custody/cmd/internal/desk/progress"
)

// Restore makes the home dir, which must not exist or be empty, from a backup.
// Every file is compared with the backup's list; when one differs, nothing is
// left. A ledger older than what another state has cosigned is never written again
// (rule P21), and before the first act other states are asked: [ErrRestored].
func Restore(file, dir string, p progress.Sink) (r backup.Report, err error) {
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
	if r, err = backup.Unpack(progress.Reader(f, p), part); err != nil {
		return r, err
	}
	for _, name := range homeFolders {
		if err := os.MkdirAll(filepath.Join(part, filepath.FromSlash(name)), 0o700); err != nil {
			return r, err
		}
	}
	c, err := readConfig(part)
	if err != nil {
		return r, err
	}
	restored := &Home{Dir: part, Config: c}
	if err := errors.Join(restored.NoteBackup(r.Made), restored.markRestored()); err != nil { // its own state is from before it
		return r, err
	}
	os.Remove(dir) // an empty folder may stand in the place
	if err := os.Rename(part, dir); err != nil {
		return r, err
	}
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
func PlanRestore(file, dir string, p progress.Sink) (r backup.Report, err error) {
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
	if r, err = backup.Check(progress.Reader(f, p)); err != nil {
		return r, err
	}
	r.Path, r.DryRun = dir, true
	return r, nil
}
