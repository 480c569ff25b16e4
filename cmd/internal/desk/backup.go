package desk

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"example.org/custody/cmd/internal/desk/backup"
	"example.org/custody/cmd/internal/desk/progress"
)

// CheckBackupFile refuses a backup that would lie in the home it saves.
func (h *Home) CheckBackupFile(file string) error {
	if strings.HasPrefix(mustAbs(file), mustAbs(h.Dir)+string(filepath.Separator)) {
		return fmt.Errorf("%s lies in the home it would save: %w", file, os.ErrInvalid)
	}
	return nil
}

// PlanBackup says what [Home.Backup] would save.
func (h *Home) PlanBackup() (backup.Report, error) { return h.saved().Plan() }

func (h *Home) saved() backup.Home {
	return backup.Home{Dir: h.Dir, Origin: h.Config.Origin, Made: h.Now().Truncate(time.Second)}
}

// Backup writes the whole home to w. The home is held meanwhile, so nothing in it
// changes.
func (h *Home) Backup(w io.Writer, p progress.Sink) (backup.Report, error) {
	return h.saved().Write(w, p)
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
