package intake

import (
	"crypto/x509"
	"errors"
	"slices"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/signing"
	"example.org/custody/signing/trust"
	"example.org/custody/verify"
)

// Pinned is the trust list that the node has pinned, with the texts that it names.
type Pinned struct {
	List *trust.List

	policies map[trust.Digest][]byte
	issuers  map[evidence.KeyID][]issuer
}

// issuer is an authority's certificate that the list names.
type issuer struct {
	trust.Authority
	key *signing.PublicKey
}

// ErrNoTrust reports a node that has pinned no trust list: it cannot tell whose
// authority counts, and takes nothing.
var ErrNoTrust = errors.New("no trust list is pinned here")

// NewPinned reads what the list names. t.List is nil when none is pinned: [ErrNoTrust].
func NewPinned(t verify.Trust) (*Pinned, error) {
	if t.List == nil {
		return nil, ErrNoTrust
	}
	p := &Pinned{List: t.List, policies: map[trust.Digest][]byte{}, issuers: map[evidence.KeyID][]issuer{}}
	for _, text := range t.Policies {
		p.policies[trust.DigestOf(text)] = text
	}
	byDigest := map[trust.Digest][]byte{}
	for _, der := range t.Certs {
		byDigest[trust.DigestOf(der)] = der
	}
	for _, a := range t.List.Authorities {
		cert, err := x509.ParseCertificate(byDigest[a.Digest])
		if err != nil || signing.CheckAuthority(cert) != nil {
			continue
		}
		if k, err := signing.PublicKeyOf(cert); err == nil {
			id := evidence.KeyID(k.ID())
			p.issuers[id] = append(p.issuers[id], issuer{a, k})
		}
	}
	return p, nil
}

// Authority returns the key of an authority whose certificate counts at the moment,
// and the code of its state.
func (p *Pinned) Authority(id evidence.KeyID, now time.Time) (*signing.PublicKey, evidence.StateCode, bool) {
	for _, i := range p.issuers[id] {
		if slices.ContainsFunc(p.List.Compromised, func(c trust.Compromise) bool { return c.Digest == i.Digest }) {
			continue // whoever has its key now is not the authority
		}
		if _, err := p.List.Authority(i.Digest, now); err == nil {
			return i.key, evidence.StateCode(i.State), true
		}
	}
	return nil, "", false
}

// enrols returns the key of an authority that may enrol at that place (rule P8). own
// says which ledgers are the node's, which need no proof that they are consistent with
// what the list pins of them.
func (p *Pinned) enrols(s evidence.Signer, o evidence.Origin, index uint64, own func(evidence.Origin) bool) (*signing.PublicKey, *Refusal) {
	for _, i := range p.issuers[s.Key] {
		if evidence.StateCode(i.State) != s.Authority {
			continue
		}
		if point, err := p.List.CheckEnrolment(i.Digest, string(o), index); err == nil && (point == nil || own(o)) {
			return i.key, nil
		}
	}
	return nil, refuse("authority", "the pinned trust list names no certificate of the key %s that may enrol here", s.Key)
}

// checkpoint opens a note of another ledger: signed by the key that counts for it, and
// with the cosignatures that its court policy asks (rule P11). at is its time T, zero when that
// cannot be said.
func (p *Pinned) checkpoint(signed []byte, o evidence.Origin) (cp ledger.Checkpoint, at time.Time, err error) {
	if cp, err = ledger.ReadCheckpoint(signed); err != nil {
		return cp, at, err
	}
	if cp.Origin != o {
		return cp, at, ledger.ErrCheckpoint
	}
	log, point, err := p.List.LogKey(string(o), cp.Size)
	if err != nil {
		return cp, at, err
	}
	if point != nil {
		return cp, at, trust.ErrRevoked // to be proven against the point; a desk's verifier does that
	}
	v, err := log.Key.Verifier()
	if err != nil {
		return cp, at, err
	}
	if cp, err = ledger.OpenCheckpoint(signed, v); err != nil {
		return cp, at, err
	}
	at, err = p.cosigned(signed, cp)
	return cp, at, err
}

func (p *Pinned) cosigned(signed []byte, cp ledger.Checkpoint) (at time.Time, err error) {
	o := string(cp.Origin)
	pin, err := p.List.Pinned(o, trust.Court)
	if err != nil {
		return at, err
	}
	policy, err := p.List.Policy(o, trust.Court, p.policies[pin.Digest])
	if err != nil {
		return at, err
	}
	known, err := p.List.CosignerVerifiers()
	if err != nil {
		return at, err
	}
	found, err := ledger.Cosignatures(signed, known)
	if err != nil {
		return at, err
	}
	good, times := map[string]bool{}, []trust.Signed(nil)
	for _, c := range found {
		said := trust.Cosignature{Origin: o, Size: cp.Size, Name: c.Name, Hash: c.Hash, Time: c.Time}
		for _, look := range []func(trust.Cosignature) (trust.Cosigner, *trust.Point, error){p.List.Witness, p.List.Auditor} {
			if who, point, err := look(said); err == nil && point == nil {
				good[who.Key.String()] = true
				times = append(times, trust.Signed{State: who.State, Time: c.Time})
			}
		}
	}
	if !policy.Satisfied(func(k trust.VKey) bool { return good[k.String()] }) {
		return at, trust.ErrQuorum
	}
	if f, err := p.List.F(o); err == nil {
		at, _, _ = trust.Bounds(times, f)
	}
	return at, nil
}
