package desk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger"
	"example.org/custody/signing/trust"
)

// ErrNoTrust reports a desk that has pinned no trust list.
var ErrNoTrust = errors.New("no trust list is pinned here")

// ErrTrustOlder reports a list that is not newer than the pinned one.
var ErrTrustOlder = errors.New("the trust list is not newer than the pinned one")

// trusted is the pinned trust list with the texts it names by digest.
type trusted struct {
	list     *trust.List
	note     []byte
	policies map[trust.Digest][]byte
	certs    [][]byte
}

// readTrusted reads the folder trust; a folder without a list gives nil.
func readTrusted(dir string) (*trusted, error) {
	signed, err := os.ReadFile(filepath.Join(dir, "list.note"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	list, err := trust.Open(signed, nil)
	if err != nil {
		return nil, fmt.Errorf("pinned trust list: %w", err)
	}
	t := &trusted{list: list, note: signed, policies: map[trust.Digest][]byte{}}
	if t.certs, err = readAll(filepath.Join(dir, "cert-*.der")); err != nil {
		return nil, err
	}
	texts, err := readAll(filepath.Join(dir, "policy-*.txt"))
	for _, text := range texts {
		t.policies[trust.DigestOf(text)] = text
	}
	return t, err
}

func readAll(pattern string) ([][]byte, error) {
	found, err := filepath.Glob(pattern)
	if err != nil {
		return nil, err
	}
	all := make([][]byte, len(found))
	for i, p := range found {
		if all[i], err = os.ReadFile(p); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Adopt pins a trust list with its policies and certificates. A list that is
// there already must be of a lower version.
func (s *Session) Adopt(signed []byte, policies map[trust.Digest][]byte, certs [][]byte) error {
	var previous *trust.List
	if s.trusted != nil {
		previous = s.trusted.list
	}
	list, err := trust.Open(signed, previous)
	if err != nil {
		return err
	}
	if previous != nil && list.Version <= previous.Version {
		return ErrTrustOlder
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
	s.trusted, err = readTrusted(dir)
	return err
}

// TrustNote returns the pinned list, verbatim.
func (h *Home) TrustNote() ([]byte, error) {
	b, err := os.ReadFile(h.path("trust", "list.note"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, ErrNoTrust
	}
	return b, err
}

// policy returns one of the two policies of a log, as the list pins it.
func (t *trusted) policy(o evidence.Origin, kind trust.PolicyKind) (*trust.Policy, error) {
	if t == nil {
		return nil, ErrNoTrust
	}
	pin, err := t.list.Pinned(string(o), kind)
	if err != nil {
		return nil, err
	}
	return t.list.Policy(string(o), kind, t.policies[pin.Digest])
}

// meets reports whether a note has what the policy of its log asks, by the
// cosignatures of keys that the list lets count.
func (t *trusted) meets(signed []byte, o evidence.Origin, kind trust.PolicyKind) bool {
	p, err := t.policy(o, kind)
	if err != nil {
		return false
	}
	good := t.cosigners(signed, o)
	return p.Satisfied(func(k trust.VKey) bool { _, ok := good[k.String()]; return ok })
}

// cosigners returns who has cosigned a note and counts, by key, with state and time.
func (t *trusted) cosigners(signed []byte, o evidence.Origin) map[string]trust.Signed {
	good := map[string]trust.Signed{}
	known, err := t.list.CosignerVerifiers()
	if err != nil {
		return good
	}
	cp, err := ledger.ReadCheckpoint(signed)
	if err != nil {
		return good
	}
	found, err := ledger.Cosignatures(signed, known)
	if err != nil {
		return good
	}
	for _, c := range found {
		at := trust.Cosignature{Origin: string(o), Size: cp.Size, Name: c.Name, Hash: c.Hash, Time: c.Time}
		for _, look := range []func(trust.Cosignature) (trust.Cosigner, *trust.Point, error){t.list.Witness, t.list.Auditor} {
			if who, _, err := look(at); err == nil {
				good[who.Key.String()] = trust.Signed{State: who.State, Time: c.Time}
			}
		}
	}
	return good
}

// receivedAt is the time T of a note: when its log had that size at the latest
// as far as honest states say (spec/trust.md, "Time of a checkpoint").
func (t *trusted) receivedAt(signed []byte, o evidence.Origin) time.Time {
	if t == nil {
		return time.Time{}
	}
	f, err := t.list.F(string(o))
	if err != nil {
		return time.Time{}
	}
	var all []trust.Signed
	for _, s := range t.cosigners(signed, o) {
		all = append(all, s)
	}
	lower, _, ok := trust.Bounds(all, f)
	if !ok {
		return time.Time{}
	}
	return lower
}

// lists returns what a dossier carries of the pinned list.
func (t *trusted) texts() (lists, policies, certs [][]byte) {
	if t == nil {
		return nil, nil, nil
	}
	for _, text := range t.policies {
		policies = append(policies, text)
	}
	return [][]byte{t.note}, policies, t.certs
}

// isTemp reports a file that a crashed write left.
func isTemp(name string) bool { return strings.HasPrefix(filepath.Base(name), durable.TempPrefix) }

// TrustFile is where the pinned trust list lies.
func (h *Home) TrustFile() string { return h.path("trust", "list.note") }
