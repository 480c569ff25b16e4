package desk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"example.org/custody/cmd/internal/desk/cosigner"
	"example.org/custody/cmd/internal/desk/nodehome"
	"example.org/custody/evidence"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/trillianlog"
)

// ErrNotShared reports a ledger that one node alone can keep: the embedded engine does.
var ErrNotShared = errors.New("the embedded engine keeps this ledger, for one node alone")

// AnotherNode makes in dir the home of one more node for the ledger that Trillian keeps
// for the home of: both append to it, in turns. The new home has the ledger's key, the
// pinned trust list and the addresses of cosigners; it has no vault and no officers, and
// desks that begin at its node keep theirs. Its cosigner is new, in no trust list, and so
// counts nowhere.
//
// For a home that it has made, it brings trust list and cosigners up to date. Errors:
// [ErrNoHome], [ErrHomeExists], [ErrNotShared], [nodehome.ErrNone], those of
// [trillianlog.Join].
func AnotherNode(ctx context.Context, of, dir string) error {
	c, err := readConfig(of)
	if err != nil {
		return err
	}
	if !trillianlog.Made(filepath.Join(of, "ledger")) {
		return fmt.Errorf("%s: %w", of, ErrNotShared)
	}
	if c.Cosigners, err = absolute(of, c.Cosigners); err != nil {
		return err
	}
	c.Node = ""
	a := anotherNode{of: of, config: c}
	if made, err := readConfig(dir); err == nil && made.Origin == c.Origin && nodehome.Made(dir) {
		return a.renew(dir)
	}
	if err := checkNoHome(dir); err != nil {
		return err
	}
	part, err := os.MkdirTemp(filepath.Dir(mustAbs(dir)), ".custody-node-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(part) // nothing is left of what failed
	if err := a.make(ctx, part); err != nil {
		return err
	}
	os.Remove(dir) // an empty folder may stand in the place
	if err := os.Rename(part, dir); err != nil {
		return err
	}
	return files.SyncDir(filepath.Dir(mustAbs(dir)))
}

// absolute makes paths of folders good from any other home; addresses stay.
func absolute(home string, cosigners []string) ([]string, error) {
	all := make([]string, len(cosigners))
	for i, at := range cosigners {
		if all[i] = at; client.IsAddress(at) || filepath.IsAbs(at) {
			continue
		}
		path, err := filepath.Abs(filepath.Join(home, at))
		if err != nil {
			return nil, err
		}
		all[i] = path
	}
	return all, nil
}

// anotherNode is a home to be made after another one.
type anotherNode struct {
	of     string
	config Config
}

func (a *anotherNode) make(ctx context.Context, dir string) error {
	servers, err := trillianlog.ConfigOf(filepath.Join(a.of, "ledger"))
	if err != nil {
		return err
	}
	signer, err := nodehome.Another(a.of, dir, files)
	if err != nil {
		return err
	}
	for _, d := range []string{"cosigner", "trust"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o700); err != nil {
			return err
		}
	}
	for _, role := range []cosigner.Role{cosigner.Witness, cosigner.Auditor} {
		if _, err := cosigner.NewKey(filepath.Join(dir, "cosigner"), role, a.config.State); err != nil {
			return err
		}
	}
	if err := trillianlog.Join(ctx, filepath.Join(dir, "ledger"), signer, servers); err != nil {
		return err
	}
	return a.renew(dir)
}

// renew writes the trust folder and the configuration. The list comes after what it
// names, and a node that runs takes it up.
func (a *anotherNode) renew(dir string) error {
	entries, err := os.ReadDir(filepath.Join(a.of, "trust"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var last []string
	for _, e := range entries {
		if e.Name() == "list.note" {
			last = append(last, e.Name())
		} else if err := a.copy(dir, e.Name()); err != nil {
			return err
		}
	}
	for _, name := range last {
		if err := a.copy(dir, name); err != nil {
			return err
		}
	}
	b, err := evidence.Canonical(a.config)
	if err != nil {
		return err
	}
	return files.WriteFile(filepath.Join(dir, "custody.json"), b, 0o600)
}

// copy copies a file of the trust folder.
func (a *anotherNode) copy(dir, name string) error {
	b, err := os.ReadFile(filepath.Join(a.of, "trust", name))
	if err != nil {
		return err
	}
	return files.WriteFile(filepath.Join(dir, "trust", name), b, 0o600)
}
