package tesseralog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
)

// Names in a ledger's folder.
const (
	lockName   = "lock"
	formatName = "format"
	tilesName  = "log"
)

// version is the folder's format. Tessera v1.0.4's own compatibility version, 1,
// belongs to it.
const version = "custody ledger 1"

// TilesDir returns the part of the ledger's folder that is public: a C2SP
// tlog-tiles folder, to be served over HTTP without the names that begin with a dot.
func TilesDir(dir string) string { return filepath.Join(dir, tilesName) }

// InUse reports whether a process has the ledger in dir open for writing now.
func InUse(dir string) bool {
	lock, err := durable.NewSharedLock(filepath.Join(dir, lockName))
	if err != nil {
		return errors.Is(err, durable.ErrInUse)
	}
	return lock.Close() != nil
}

func formatText(o evidence.Origin) []byte { return fmt.Appendf(nil, "%s\n%s\n", version, o) }

// readFormat returns the origin of the ledger in dir, or [ErrNone], [ErrHalf],
// [ErrVersion].
func readFormat(dir string) (evidence.Origin, error) {
	b, err := os.ReadFile(filepath.Join(dir, formatName))
	_, errTiles := os.Stat(TilesDir(dir))
	switch none := errors.Is(errTiles, fs.ErrNotExist); {
	case errors.Is(err, fs.ErrNotExist) && none:
		return "", fmt.Errorf("%s: %w", dir, ErrNone)
	case errors.Is(err, fs.ErrNotExist), err == nil && none:
		return "", fmt.Errorf("%s: %w", dir, ErrHalf)
	case err != nil:
		return "", err
	case errTiles != nil:
		return "", errTiles
	}
	lines := strings.Split(string(b), "\n")
	if lines[0] != version {
		return "", fmt.Errorf("%s: %.40q, want %q: %w", dir, lines[0], version, ErrVersion)
	}
	if len(lines) != 3 || lines[2] != "" {
		return "", fmt.Errorf("%s: format file: %w", dir, ErrDamaged)
	}
	o, err := evidence.ParseOrigin(lines[1])
	if err != nil {
		return "", fmt.Errorf("%s: format file: %w: %w", dir, err, ErrDamaged)
	}
	return o, nil
}
