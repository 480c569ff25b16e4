package vault

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.org/custody/evidence/store/durable"
)

// vaultFormat is the whole of a vault's format file (spec/vault.md "Vault").
const vaultFormat = "custody/vault/v1\n"

const (
	formatFile   = "FORMAT"
	lockFile     = "lock"
	registerFile = "register"
	registerKey  = "register.key"
	journalFile  = "ingest"
	tempDir      = "tmp"
	keysDir      = "keys"
	bodiesDir    = "bodies"
	erasingDir   = "erasing"
	erasedDir    = "erased"
)

var vaultDirs = []string{tempDir, keysDir, bodiesDir, erasingDir, erasedDir}

// Errors about a vault folder and what is in it.
var (
	ErrNotVault = errors.New("not a vault")
	ErrHalfMade = errors.New("vault is half made")
	ErrDamaged  = errors.New("vault is damaged")
	ErrIdentity = errors.New("vault is encrypted to another identity")
)

// FormatError reports a vault of another format version, or one whose format
// file is damaged.
type FormatError struct {
	Path  string // of the vault
	Found string // what its format file says, cut to 80 bytes
}

// Error implements error.
func (e *FormatError) Error() string {
	return fmt.Sprintf("vault %s has format %q, this program reads %q", e.Path, e.Found, strings.TrimSpace(vaultFormat))
}

// Create makes an empty vault in the folder path, which may exist if nothing is
// in it, or what an interrupted Create left. On a vault that is there already
// the error wraps [fs.ErrExist].
func Create(path string, files durable.Files) error {
	if err := CheckFormat(path); err == nil {
		return &fs.PathError{Op: "create vault", Path: path, Err: fs.ErrExist}
	} else if !errors.Is(err, ErrHalfMade) && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, dir := range append([]string{""}, vaultDirs...) {
		if err := files.Mkdir(filepath.Join(path, dir)); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	if err := files.SyncDir(filepath.Dir(path)); err != nil {
		return err
	}
	if _, err := files.RemoveTemps(path); err != nil { // of an interrupted Create
		return err
	}
	// The format file comes last: whoever sees it sees a whole vault.
	return files.WriteNew(filepath.Join(path, formatFile), []byte(vaultFormat), 0o600)
}

// CheckFormat returns nil for a vault of this format, and otherwise
// [*FormatError], [ErrHalfMade], [ErrNotVault], or an error that wraps
// [fs.ErrNotExist] when there is nothing.
func CheckFormat(path string) error {
	b, err := os.ReadFile(filepath.Join(path, formatFile))
	switch {
	case err == nil && string(b) == vaultFormat:
		return nil
	case err == nil:
		return &FormatError{Path: path, Found: fmt.Sprintf("%.80s", strings.TrimSpace(string(b)))}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !slices.Contains(vaultDirs, e.Name()) && !strings.HasPrefix(e.Name(), durable.TempPrefix) {
			return fmt.Errorf("%s: %w", path, ErrNotVault)
		}
	}
	return fmt.Errorf("%s: %w", path, ErrHalfMade)
}
