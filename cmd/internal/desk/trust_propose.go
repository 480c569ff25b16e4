package desk

import (
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"example.org/custody/signing/trust"
)

// Proposal is what the next trust list is to say otherwise than the pinned one.
// Members that are empty leave it as it is.
type Proposal struct {
	Founders   [][]byte // founder files of states to be added
	Revoke     []Revoke
	Retire     []Retire
	End        []End
	Void       []Void
	NextUpdate time.Time // zero: one year from now
	Signers    int
	Lying      int // how many other states may lie, for every policy; below 0: trust.Tolerable
	MaxAge     time.Duration
	Require    []int
	Standards  []trust.Pin // added, or in the place of one of the same name
	Instrument []trust.Pin
}

// Revoke takes a log's, witness's or auditor's key out of use.
type Revoke struct {
	Name   string // of the cosigner, or the ledger's origin
	Reason string // code: a–z and -
	Good   [][]byte
}

// Retire ends a ledger at its final checkpoint.
type Retire struct {
	Final     []byte // signed by the ledger
	Successor string // origin, or ""
}

// End ends the window of a witness, an auditor or an authority.
type End struct {
	Name string // of the cosigner, or "sha256:…" of the authority's certificate
	At   time.Time
}

// Void says that an authority was compromised, and what it enrolled before still
// counts.
type Void struct {
	Digest trust.Digest // of its certificate
	Good   [][]byte     // last good checkpoints, one for each of its state's ledgers
}

// ErrProposal reports a change that no list can have.
var ErrProposal = errors.New("no trust list can say that")

// Proposed is a list that was proposed or signed by this desk.
type Proposed struct {
	File    *TrustFile
	View    *TrustView
	Changes []string
	Signed  []string // states whose signatures it has
	Missing string   // what it lacks to be pinned; "" for nothing
	Again   bool     // this state had signed before
}

// Propose makes the list that follows the pinned one, signed by this state alone. A
// dry run signs nothing.
func (s *Session) Propose(p Proposal) (*Proposed, error) {
	if s.trusted == nil {
		return nil, ErrNoTrust
	}
	o, err := s.own()
	if err != nil {
		return nil, err
	}
	now := s.Now().Truncate(time.Second)
	if p.NextUpdate.IsZero() {
		p.NextUpdate = now.AddDate(1, 0, 0)
	}
	l := s.trusted.list.Next(now, p.NextUpdate.UTC().Truncate(time.Second))
	f := &TrustFile{Policies: map[trust.Digest][]byte{}, Certs: map[trust.Digest][]byte{}}
	if err := p.apply(l, f, now); err != nil {
		return nil, err
	}
	if f.Note, err = l.Sign(); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrProposal, err)
	}
	if err := f.complete(l, s.trusted); err != nil {
		return nil, err
	}
	return s.signList(o, f)
}

// apply makes the changes, those of states first: policies come from what is then
// listed.
func (p Proposal) apply(l *trust.List, f *TrustFile, now time.Time) error {
	for _, b := range p.Founders {
		founder, cert, err := trust.OpenFounder(b)
		if err == nil {
			_, err = x509.ParseCertificate(cert)
		}
		if err == nil {
			err = l.Admit(founder, now)
		}
		if err != nil {
			return fmt.Errorf("%w: %v", ErrProposal, err)
		}
		f.Certs[founder.Authority] = cert
	}
	for _, step := range []func(*trust.List) error{p.revoke, p.retire, p.end, p.void} {
		if err := step(l); err != nil {
			return err
		}
	}
	p.settings(l)
	texts, err := l.SetPolicies(p.Lying)
	if err != nil {
		return fmt.Errorf("%w: %v", ErrProposal, err)
	}
	f.Policies = texts
	return nil
}

func (p Proposal) settings(l *trust.List) {
	if p.Signers != 0 {
		l.Signers = p.Signers
	}
	if p.MaxAge != 0 {
		l.MaxAge = p.MaxAge
	}
	if len(p.Require) > 0 {
		l.Require = p.Require
	}
	l.Standards, l.Instruments = withPins(l.Standards, p.Standards), withPins(l.Instruments, p.Instrument)
}

func withPins(have, fresh []trust.Pin) []trust.Pin {
	for _, p := range fresh {
		have = slices.DeleteFunc(have, func(old trust.Pin) bool { return old.Name == p.Name })
		have = append(have, p)
	}
	return have
}
