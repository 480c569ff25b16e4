package trustlist

import (
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"example.org/custody/ledger"
	"example.org/custody/signing/cms"
	"example.org/custody/signing/trust"
)

// point is a checkpoint that the key its list gives has signed.
func point(l *trust.List, signed []byte) (trust.Point, error) {
	c, err := ledger.ReadCheckpoint(signed)
	if err != nil {
		return trust.Point{}, fmt.Errorf("%w: %v", ErrProposal, err)
	}
	for _, g := range l.Logs {
		if g.Origin != string(c.Origin) || g.FromSize > c.Size {
			continue
		}
		v, err := g.Key.Verifier()
		if err != nil {
			return trust.Point{}, err
		}
		if _, err := ledger.OpenCheckpoint(signed, v); err == nil {
			return trust.Point{Origin: g.Origin, Size: c.Size, Root: c.Root}, nil
		}
	}
	return trust.Point{}, fmt.Errorf("%w: the checkpoint of %q is not signed by a key of the list", ErrProposal, c.Origin)
}

func (p Proposal) revoke(l *trust.List) error {
	for _, r := range p.Revoke {
		key, isLog, err := keyNamed(l, r.Name)
		if err != nil {
			return err
		}
		added := 0
		for _, signed := range r.Good {
			at, err := point(l, signed)
			if err != nil {
				return err
			}
			if isLog && at.Origin != r.Name {
				continue
			}
			l.Revoked = append(l.Revoked, trust.Revocation{Key: key, Reason: r.Reason, GoodUntil: at})
			added++
		}
		if added == 0 {
			return fmt.Errorf("%w: revoking %s needs the last checkpoint for which its key was good", ErrProposal, r.Name)
		}
	}
	return nil
}

// keyNamed finds a cosigner's key by its name, and a ledger's newest by its origin.
func keyNamed(l *trust.List, name string) (k trust.VKey, isLog bool, err error) {
	for _, c := range slices.Concat(l.Witnesses, l.Auditors) {
		if c.Name == name {
			return c.Key, false, nil
		}
	}
	var found *trust.Log
	for _, g := range l.Logs {
		if g.Origin == name && (found == nil || g.FromSize > found.FromSize) {
			found = &g
		}
	}
	if found == nil {
		return k, false, fmt.Errorf("%w: no cosigner or ledger is named %q", ErrProposal, name)
	}
	return found.Key, true, nil
}

func (p Proposal) retire(l *trust.List) error {
	for _, r := range p.Retire {
		at, err := point(l, r.Final)
		if err != nil {
			return err
		}
		l.Retired = append(l.Retired, trust.Retirement{Final: at, Successor: r.Successor})
	}
	return nil
}

func (p Proposal) end(l *trust.List) error {
	for _, e := range p.End {
		n := 0
		for _, all := range [][]trust.Cosigner{l.Witnesses, l.Auditors} {
			for i := range all {
				if all[i].Name == e.Name {
					all[i].To = e.At
					n++
				}
			}
		}
		for i := range l.Authorities {
			if l.Authorities[i].Digest.String() == e.Name {
				l.Authorities[i].To = e.At
				n++
			}
		}
		for i := range l.TSAs {
			if l.TSAs[i].Digest.String() == e.Name {
				l.TSAs[i].To = e.At
				n++
			}
		}
		if n == 0 {
			return fmt.Errorf("%w: no cosigner or authority is named %q", ErrProposal, e.Name)
		}
	}
	return nil
}

// authorities adds further authorities of listed states, from the time given.
func (p Proposal) authorities(l *trust.List, f *File, from time.Time) error {
	for _, a := range p.Authority {
		cert, err := x509.ParseCertificate(a.Cert)
		if err != nil {
			return fmt.Errorf("%w: %v", ErrProposal, err)
		}
		if !cert.IsCA || !cert.BasicConstraintsValid {
			return fmt.Errorf("%w: the certificate is not an authority's", ErrProposal)
		}
		if !listed(l, a.State) {
			return fmt.Errorf("%w: no state is called %q", ErrProposal, a.State)
		}
		d := trust.DigestOf(a.Cert)
		l.Authorities = append(l.Authorities, trust.Authority{State: a.State, Digest: d, From: from})
		f.Certs[d] = a.Cert
	}
	return nil
}

// listed reports whether a list has a state.
func listed(l *trust.List, code string) bool {
	return slices.ContainsFunc(l.States, func(s trust.State) bool { return s.Code == code })
}

// times adds timestamp authorities from the time given, and takes others out.
func (p Proposal) times(l *trust.List, from time.Time) error {
	for _, a := range p.TSA {
		cert, err := x509.ParseCertificate(a.Cert)
		if err == nil {
			err = cms.CheckAuthority(cert)
		}
		if err != nil {
			return fmt.Errorf("%w: %v", ErrProposal, err)
		}
		l.TSAs = append(l.TSAs, trust.TSA{State: a.State, Digest: trust.DigestOf(a.Cert), From: from})
	}
	for _, name := range p.Drop {
		i := slices.IndexFunc(l.TSAs, func(a trust.TSA) bool { return a.Digest.String() == name })
		if i < 0 {
			return fmt.Errorf("%w: no timestamp authority is named %q", ErrProposal, name)
		}
		l.TSAs = slices.Delete(l.TSAs, i, i+1)
	}
	return nil
}

func (p Proposal) void(l *trust.List) error {
	for _, v := range p.Void {
		i := slices.IndexFunc(l.Authorities, func(a trust.Authority) bool { return a.Digest == v.Digest })
		if i < 0 || len(v.Good) == 0 {
			return fmt.Errorf("%w: authority %s is not listed, or no last good checkpoint of a ledger of its state was named", ErrProposal, v.Digest)
		}
		for _, signed := range v.Good {
			at, err := point(l, signed)
			if err != nil {
				return err
			}
			l.Compromised = append(l.Compromised, trust.Compromise{State: l.Authorities[i].State, Digest: v.Digest, GoodUntil: at})
		}
	}
	return nil
}
