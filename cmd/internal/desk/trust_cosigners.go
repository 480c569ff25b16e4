package desk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"example.org/custody/ledger/client"
	"example.org/custody/signing/trust"
)

// ErrCosignerFolder reports a folder without another state's cosigner.
var ErrCosignerFolder = errors.New("no other state's cosigner is there")

// NameCosigners names other states' cosigners: the addresses of their nodes
// ([client.ParseAddress]), and cosigner folders that this machine can reach; none
// clears them. A folder must have a witness and an auditor of another desk. A node is
// not asked: it may be down today.
func (h *Home) NameCosigners(dirs ...string) error {
	for _, dir := range dirs {
		if client.IsAddress(dir) {
			if _, err := client.ParseAddress(dir); err != nil {
				return fmt.Errorf("%w: %w", ErrCosignerFolder, err)
			}
			continue
		}
		for _, role := range []string{roleWitness, roleAuditor} {
			theirs, err := cosignerVKey(dir, role)
			if err != nil {
				return fmt.Errorf("%s: %w: %v", dir, ErrCosignerFolder, err)
			}
			ours, err := cosignerVKey(h.path("cosigner"), role)
			if err != nil {
				return err
			}
			if theirs == ours {
				return fmt.Errorf("%s is this desk's own, which must not cosign its own ledger: %w", dir, ErrCosignerFolder)
			}
		}
	}
	if h.DryRun {
		return nil
	}
	return (&Session{Home: h}).UseCosigners(append([]string{}, dirs...)...)
}

// CosignerFolders returns the folders of cosigners that the desk asks, as paths.
func (h *Home) CosignerFolders() []string {
	all := []string{}
	for _, dir := range h.Config.Cosigners {
		all = append(all, h.resolve(dir))
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
