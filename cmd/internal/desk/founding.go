package desk

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/cmd/internal/desk/internal/foundings"
	"example.org/custody/cmd/internal/desk/standards"
	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/evidence"
	"example.org/custody/ledger/client"
	"example.org/custody/signing/trust"
)

// ledgerSecret is keys/ledger.age.
type ledgerSecret struct {
	Log string `json:"log"` // C2SP signer key of the log
}

// Founding is what the founders of a trust list agree on besides themselves.
type Founding struct {
	Now  time.Time   // when the list is made, to the second
	TSAs []trust.TSA // timestamp authorities that count

	Instruments []trust.Pin // what is agreed besides, as about the states' channel
}

// Found is [FoundWith] without timestamp authorities.
func Found(ctx context.Context, now time.Time, states ...*Created) ([]byte, error) {
	return FoundWith(ctx, Founding{Now: now}, states...)
}

// FoundWith makes the first trust list of the states given, signed by all of them,
// and pins it at every desk. One state alone gets policies without quorum, and
// its verdicts say so.
func FoundWith(ctx context.Context, in Founding, states ...*Created) ([]byte, error) {
	f := trust.Founding{From: in.Now, Issued: in.Now, NextUpdate: in.Now.AddDate(1, 0, 0), TSAs: in.TSAs, Standards: standards.Pins(),
		Instruments: slices.Concat(in.Instruments, foundings.Instruments)}
	var certs [][]byte
	var signers []note.Signer
	for _, c := range states {
		f.Founders = append(f.Founders, c.Founder)
		own, err := trustlist.ReadAll(c.path("trust", "cert-*.der"))
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
	if !s.alone {
		return s.stuck
	}
	for i, dir := range dirs {
		if client.IsAddress(dir) {
			continue
		}
		if rel, err := filepath.Rel(mustAbs(s.Dir), mustAbs(dir)); err == nil {
			dirs[i] = filepath.ToSlash(rel)
		}
	}
	c := s.Config
	c.Cosigners = append([]string{}, dirs...) // none is an empty list, not null
	if s.book != nil && !slices.Equal(c.Cosigners, s.Config.Cosigners) {
		return errors.New("the ledger is open; name the cosigners before the first act")
	}
	return s.configure(c)
}

// UseNode has the home remember the address of the node that keeps its ledger, in the
// place of the one before. The node is not asked. Errors: [client.ErrAddress].
func (s *Session) UseNode(address string) error {
	if !s.alone {
		return s.stuck
	}
	if _, err := client.ParseAddress(address); err != nil {
		return err
	}
	c := s.Config
	c.Node = address
	return s.configure(c)
}

// configure writes custody.json, unless that is what it says.
func (s *Session) configure(c Config) error {
	b, err := evidence.Canonical(c)
	if err != nil {
		return err
	}
	if old, err := os.ReadFile(s.path("custody.json")); err != nil || !bytes.Equal(old, b) {
		if err := s.bind(boundConfig, b); err != nil {
			return err
		}
		if err := files.WriteFile(s.path("custody.json"), b, 0o600); err != nil {
			return err
		}
	}
	s.Config = c
	return nil
}
