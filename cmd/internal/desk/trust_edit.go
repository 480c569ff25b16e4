package desk

import (
	"fmt"
	"slices"

	"example.org/custody/ledger"
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
		if n == 0 {
			return fmt.Errorf("%w: no cosigner or authority is named %q", ErrProposal, e.Name)
		}
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
