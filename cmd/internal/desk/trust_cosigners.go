package desk

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"example.org/custody/cmd/internal/desk/cosigner"
	"example.org/custody/ledger/client"
)

// ErrCosignerFolder reports a folder without another state's cosigner.
var ErrCosignerFolder = errors.New("no other state's cosigner is there")

// NameCosigners names whom the desk asks for cosignatures from now on: addresses of
// other states' nodes, and cosigner folders that this machine reaches; none clears
// them. A folder must have a witness and an auditor of another desk.
func (s *Session) NameCosigners(names ...string) error {
	for _, name := range names {
		if !client.IsAddress(name) {
			if err := s.foreignCosigner(name); err != nil {
				return err
			}
			continue
		}
		if _, err := client.ParseAddress(name); err != nil { // a node is not asked: it may be down today
			return fmt.Errorf("%w: %w", ErrCosignerFolder, err)
		}
	}
	if s.DryRun {
		return nil
	}
	return s.UseCosigners(slices.Clone(names)...)
}

func (s *Session) foreignCosigner(dir string) error {
	for _, role := range []cosigner.Role{cosigner.Witness, cosigner.Auditor} {
		theirs, err := cosigner.VKey(dir, role)
		if err != nil {
			return fmt.Errorf("%s: %w: %v", dir, ErrCosignerFolder, err)
		}
		ours, err := cosigner.VKey(s.path("cosigner"), role)
		if errors.Is(err, cosigner.ErrDamaged) {
			continue // a restored desk has none, and so it cannot be its own
		}
		if err != nil {
			return err
		}
		if theirs == ours {
			return fmt.Errorf("%s is this desk's own, which must not cosign its own ledger: %w", dir, ErrCosignerFolder)
		}
	}
	return nil
}

// NamedCosigners returns whom the desk asks: addresses, and folders as paths.
func (h *Home) NamedCosigners() []string {
	all := []string{}
	for _, name := range h.Config.Cosigners {
		if !client.IsAddress(name) {
			name = h.resolve(name)
		}
		all = append(all, name)
	}
	return all
}

// resolve returns the path of a cosigner folder that custody.json names, or the
// address that stands in its place.
func (h *Home) resolve(dir string) string {
	if client.IsAddress(dir) {
		return dir
	}
	if dir = filepath.FromSlash(dir); filepath.IsAbs(dir) {
		return dir
	}
	return h.path(dir)
}
