package desk

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/evidence"
	"example.org/custody/ledger/client"
	"example.org/custody/signing/trust"
)

// ledgerSecret is keys/ledger.age.
type ledgerSecret struct {
	Log string `json:"log"` // C2SP signer key of the log
}

// Found makes the first trust list of the states given, signed by all of them,
// and pins it at every desk. One state alone gets policies without quorum, and
// its verdicts say so.
func Found(ctx context.Context, now time.Time, states ...*Created) ([]byte, error) {
	f := trust.Founding{From: now, Issued: now, NextUpdate: now.AddDate(1, 0, 0)}
	var certs [][]byte
	var signers []note.Signer
	for _, c := range states {
		f.Founders = append(f.Founders, c.Founder)
		own, err := readAll(c.path("trust", "cert-*.der"))
		if err != nil {
			return nil, err
		}
		certs = append(certs, own...)
		signer, err := c.listSigner()
		if err != nil {
			return nil, err
		}
		signers = append(signers, signer)
	}
	if len(states) > 1 {
		f.F = len(states) - 2 // the most that n = states-1 others bear with all of them asked
	}
	list, policies, err := trust.Found(f)
	if err != nil {
		return nil, err
	}
	signed, err := list.Sign(signers...)
	if err != nil {
		return nil, err
	}
	for _, c := range states {
		if err := c.Adopt(signed, policies, certs); err != nil {
			return nil, err
		}
	}
	return signed, nil
}

// listSigner signs trust lists for the desk's state.
func (s *Session) listSigner() (note.Signer, error) {
	a, err := s.authority()
	if err != nil {
		return nil, err
	}
	return note.NewSigner(a.secret.List)
}

// UseCosigners names other states' cosigners: the addresses of their nodes, and
// folders on this machine.
func (s *Session) UseCosigners(dirs ...string) error {
	for i, dir := range dirs {
		if client.IsAddress(dir) {
			continue
		}
		if rel, err := filepath.Rel(mustAbs(s.Dir), mustAbs(dir)); err == nil {
			dirs[i] = filepath.ToSlash(rel)
		}
	}
	s.Config.Cosigners = append([]string{}, dirs...) // none is an empty list, not null
	b, err := evidence.Canonical(s.Config)
	if err != nil {
		return err
	}
	if old, err := os.ReadFile(s.path("custody.json")); err == nil && bytes.Equal(old, b) {
		return nil
	}
	if s.book != nil {
		return errors.New("the ledger is open; name the cosigners before the first act")
	}
	if err := s.bind(boundConfig, b); err != nil {
		return err
	}
	return files.WriteFile(s.path("custody.json"), b, 0o600)
}
