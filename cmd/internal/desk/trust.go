package desk

import (
	"errors"
	"os"
	"path/filepath"

	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/signing/trust"
)

// Adopt pins a trust list with its policies and certificates. A list that is
// there already must be of a lower version.
func (s *Session) Adopt(signed []byte, policies map[trust.Digest][]byte, certs [][]byte) error {
	var previous *trust.List
	if s.trusted != nil {
		previous = s.trusted.List
	}
	list, err := trust.Open(signed, previous)
	if err != nil {
		return err
	}
	if previous != nil && list.Version <= previous.Version {
		return trustlist.ErrOlder
	}
	dir := s.path("trust")
	for d, text := range policies {
		if err := files.WriteFile(filepath.Join(dir, "policy-"+d.Hex()+".txt"), text, 0o600); err != nil {
			return err
		}
	}
	for _, der := range certs {
		if err := files.WriteFile(filepath.Join(dir, "cert-"+trust.DigestOf(der).Hex()+".der"), der, 0o600); err != nil {
			return err
		}
	}
	if err := s.bind(boundList, signed); err != nil {
		return err
	}
	if err := files.WriteFile(filepath.Join(dir, "list.note"), signed, 0o600); err != nil {
		return err
	}
	s.trusted, err = trustlist.Read(dir)
	return err
}

// TrustNote returns the pinned list, verbatim.
func (h *Home) TrustNote() ([]byte, error) {
	b, err := os.ReadFile(h.path("trust", "list.note"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, trustlist.ErrNone
	}
	return b, err
}

// TrustFile is where the pinned trust list lies.
func (h *Home) TrustFile() string { return h.path("trust", "list.note") }
