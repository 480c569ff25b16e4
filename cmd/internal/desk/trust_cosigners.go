package desk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.org/custody/ledger/client"
	"example.org/custody/signing/trust"
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
	for _, role := range []string{roleWitness, roleAuditor} {
		theirs, err := cosignerVKey(dir, role)
		if err != nil {
			return fmt.Errorf("%s: %w: %v", dir, ErrCosignerFolder, err)
		}
		ours, err := cosignerVKey(s.path("cosigner"), role)
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

// cosignerVKey reads which key the witness or auditor in a cosigner folder has.
func cosignerVKey(dir, role string) (trust.VKey, error) {
	skey, err := os.ReadFile(filepath.Join(dir, role+".key"))
	if errors.Is(err, os.ErrNotExist) {
		return trust.VKey{}, fmt.Errorf("%s.key is missing: %w", role, ErrHomeDamaged)
	}
	if err != nil {
		return trust.VKey{}, err
	}
	k, err := trust.VKeyOf(strings.TrimSuffix(string(skey), "\n"))
	if err != nil {
		return k, fmt.Errorf("%s.key: %w", role, ErrHomeDamaged)
	}
	return k, nil
}
