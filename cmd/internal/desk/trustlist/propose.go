package trustlist

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
	Founders   [][]byte    // founder files of states to be added, or listed with other cosigners
	Rekey      []string    // states among them that get the list key and the ledger of their file too
	Logs       []trust.Log // ledgers of states that are listed, to be added
	Authority  []Authority // of states that are listed, to be added
	Revoke     []Revoke
	Retire     []Retire
	End        []End
	Void       []Void
	TSA        []TSA     // timestamp authorities to be added
	Drop       []string  // digests, "sha256:…", of timestamp authorities to be taken out
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

// Authority is a further authority of a state: one of a desk that logs at its node.
type Authority struct {
	State string
	Cert  []byte // its certificate, DER
}

// TSA is a timestamp authority to be added.
type TSA struct {
	State string // whose word it is
	Cert  []byte // its certificate, DER
}

// ErrProposal reports a change that no list can have.
var ErrProposal = errors.New("no trust list can say that")

// Next makes the list that follows the pinned one, unsigned, with the texts that it names and that
// come with it or are at hand.
func (p Proposal) Next(have *Pinned, now time.Time) (*File, error) {
	now = now.Truncate(time.Second)
	if p.NextUpdate.IsZero() {
		p.NextUpdate = now.AddDate(1, 0, 0)
	}
	l := have.List.Next(now, p.NextUpdate.UTC().Truncate(time.Second))
	f := &File{Policies: map[trust.Digest][]byte{}, Certs: map[trust.Digest][]byte{}}
	if err := p.apply(l, f, now); err != nil {
		return nil, err
	}
	var err error
	if f.Note, err = l.Sign(); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrProposal, err)
	}
	return f, f.Complete(l, have)
}

// apply makes the changes, those of states first: policies come from what is then
// listed.
func (p Proposal) apply(l *trust.List, f *File, now time.Time) error {
	for _, b := range p.Founders {
		founder, cert, err := trust.OpenFounder(b)
		if err == nil {
			_, err = x509.ParseCertificate(cert)
		}
		if err == nil {
			err = p.found(l, founder, now)
		}
		if err != nil {
			return fmt.Errorf("%w: %v", ErrProposal, err)
		}
		f.Certs[founder.Authority] = cert
	}
	l.Logs = append(l.Logs, p.Logs...)
	if err := p.authorities(l, f, now); err != nil {
		return err
	}
	for _, step := range []func(*trust.List) error{p.revoke, p.retire, p.end, p.void} {
		if err := step(l); err != nil {
			return err
		}
	}
	if err := errors.Join(p.times(l, now), p.begunAnew(l)); err != nil {
		return err
	}
	p.settings(l)
	texts, err := l.SetPolicies(p.Lying)
	if err != nil {
		return fmt.Errorf("%w: %v", ErrProposal, err)
	}
	f.Policies = texts
	return nil
}

// found adds a state, or replaces what a founder file of a listed one may replace.
func (p Proposal) found(l *trust.List, f trust.Founder, now time.Time) error {
	switch {
	case !listed(l, f.State):
		return l.Admit(f, now)
	case slices.Contains(p.Rekey, f.State):
		return l.Rekey(f, now)
	}
	err := l.Replace(f, now)
	if err != nil && !slices.Contains(l.States, trust.State{Code: f.State, Key: f.Key}) {
		err = fmt.Errorf("%w; if the state says so itself, --new-list-key %s gives it the one in the file", err, f.State)
	}
	return err
}

// begunAnew refuses a list that gives a state another list key and leaves in force what
// was lost or stolen with the old one: whoever has it could go on in the state's name.
func (p Proposal) begunAnew(l *trust.List) error {
	for _, b := range p.Founders {
		founder, _, err := trust.OpenFounder(b)
		if err != nil || !slices.Contains(p.Rekey, founder.State) {
			continue
		}
		for _, g := range l.Logs {
			_, ended := l.Retirement(g.Origin)
			revoked := slices.ContainsFunc(l.Revoked, func(r trust.Revocation) bool { return r.Key == g.Key })
			if g.State == founder.State && g.Key != founder.Log && !ended && !revoked {
				return fmt.Errorf("%w: %s begins anew, and %s goes on under the old key: --retire or --revoke it in the same list", ErrProposal, founder.State, g.Origin)
			}
		}
		for _, a := range l.Authorities {
			void := slices.ContainsFunc(l.Compromised, func(c trust.Compromise) bool { return c.Digest == a.Digest })
			if a.State == founder.State && a.Digest != founder.Authority && a.To.IsZero() && !void {
				return fmt.Errorf("%w: %s begins anew, and its authority %s goes on enrolling: --end or --compromised it in the same list", ErrProposal, founder.State, a.Digest)
			}
		}
	}
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
