package desk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"example.org/custody/evidence"
)

// homeFormat is the version of the folder's layout (spec/home.md).
const homeFormat = "custody/home/v1"

// Config is custody.json: what never changes about a home, and where its
// cosigners are.
type Config struct {
	Authority string          `json:"authority"`          // SHA-256 of the authority certificate's DER, hex
	Cosigners []string        `json:"cosigners"`          // of other states: addresses of nodes, or folders, relative to the home
	Created   time.Time       `json:"created"`            // to the second
	Format    string          `json:"format"`             // homeFormat
	Node      string          `json:"node,omitempty"`     // address of the node that keeps the ledger; empty: the desk keeps it
	Origin    evidence.Origin `json:"origin"`             // the embedded ledger's name for ever
	Recovery  string          `json:"recovery,omitempty"` // age recipient kept offline; empty after --no-recovery
	State     string          `json:"state"`              // code of the member state
	Vault     string          `json:"vault"`              // age recipient of the desk's vault identity
}

// Errors about a home folder.
var (
	ErrNoHome      = errors.New("no desk here")
	ErrHomeExists  = errors.New("a desk is here already")
	ErrHomeVersion = errors.New("home of another format version")
	ErrHomeInUse   = errors.New("home is in use by another process")
	ErrHomeDamaged = errors.New("home is half written or damaged")
)

func readConfig(dir string) (Config, error) {
	var c Config
	b, err := os.ReadFile(filepath.Join(dir, "custody.json"))
	if errors.Is(err, os.ErrNotExist) {
		if entries, _ := os.ReadDir(dir); len(entries) > 0 {
			return c, fmt.Errorf("%s has files but no custody.json: %w", dir, ErrHomeDamaged)
		}
		return c, fmt.Errorf("%s: %w", dir, ErrNoHome)
	}
	if err != nil {
		return c, err
	}
	if err := parseFile(b, &c); err != nil {
		return c, fmt.Errorf("%s: custody.json: %w: %w", dir, ErrHomeDamaged, err)
	}
	if c.Format != homeFormat {
		return c, fmt.Errorf("%s has format %.80q, this program reads %q: %w", dir, c.Format, homeFormat, ErrHomeVersion)
	}
	return c, nil
}
