package anchor

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"example.org/custody/evidence"
)

// role is what Fabric's NodeOUs call the organisational units that classify a certificate.
type role string

const (
	roleAdmin   role = "admin"
	roleClient  role = "client"
	roleOrderer role = "orderer"
	rolePeer    role = "peer"
)

// identity is a certificate that an agreement vouches for.
type identity struct {
	msp  string
	role role
	key  *ecdsa.PublicKey
	// holder is the point of key (SEC 1, uncompressed). Who signed is told by it alone: of
	// a certificate and of what it is wrapped in, anybody can make others for the same key.
	holder string
}

// identities are who counts under an agreement at one time.
type identities struct {
	*Agreement
	peers, orderers register // members of the states, and of the ordering service
}

// register opens certificates of members, each once.
type register struct {
	revoked []evidence.Hash
	members map[string]*x509.CertPool
	time    time.Time
	seen    map[string]identity
}

func (a *Agreement) at(t time.Time) *identities {
	return &identities{a, register{a.Revoked, a.states, t, make(map[string]identity)},
		register{a.Revoked, a.orderers, t, make(map[string]identity)}}
}

// open verifies a serialized identity (msp.SerializedIdentity) against the members.
func (i *register) open(serialized []byte) (identity, error) {
	if id, ok := i.seen[string(serialized)]; ok {
		return id, nil
	}
	var msp, text []byte
	if err := read(serialized, fields{1: &msp, 2: &text}); err != nil {
		return identity{}, err
	}
	block, rest := pem.Decode(text)
	if block == nil || block.Type != "CERTIFICATE" || len(rest) > 0 {
		return identity{}, errors.New("an identity is not one certificate")
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return identity{}, err
	}
	id, err := i.check(c, string(msp))
	if err == nil {
		i.seen[string(serialized)] = id
	}
	return id, err
}

// check verifies that an authority of the member has issued the certificate directly,
// that it holds at the time and is not revoked, and says what it is for.
func (i *register) check(c *x509.Certificate, msp string) (identity, error) {
	pool := i.members[msp]
	if pool == nil {
		return identity{}, fmt.Errorf("the agreement has no member %.64q here", msp)
	}
	// Fabric's certificates name no use; nothing but the pool may issue.
	chains, err := c.Verify(x509.VerifyOptions{Roots: pool, CurrentTime: i.time, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	if err != nil {
		return identity{}, fmt.Errorf("%s: %w", msp, err)
	}
	if chain := chains[0]; i.isRevoked(c, chain[len(chain)-1]) {
		return identity{}, fmt.Errorf("a certificate of %s is revoked", msp)
	}
	key, ok := c.PublicKey.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return identity{}, fmt.Errorf("%s: a key that is not on P-256", msp)
	}
	var roles []role
	for _, ou := range c.Subject.OrganizationalUnit {
		if r := role(ou); slices.Contains([]role{roleAdmin, roleClient, roleOrderer, rolePeer}, r) {
			roles = append(roles, r)
		}
	}
	if len(roles) != 1 {
		return identity{}, fmt.Errorf("%s: a certificate of %d roles", msp, len(roles))
	}
	point, err := key.Bytes()
	return identity{msp, roles[0], key, string(point)}, err
}

// halfOrder is the largest S that Fabric takes.
var halfOrder = new(big.Int).Rsh(elliptic.P256().Params().N, 1)

// verify checks an ECDSA signature over SHA-256 of the parts, in DER and with low S.
func (i identity) verify(signature []byte, parts ...[]byte) error {
	var rs struct{ R, S *big.Int }
	if rest, err := asn1.Unmarshal(signature, &rs); err != nil || len(rest) > 0 {
		return errors.New("a signature is not DER")
	}
	if rs.S.Cmp(halfOrder) > 0 {
		return errors.New("a signature with high S")
	}
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	if !ecdsa.VerifyASN1(i.key, h.Sum(nil), signature) {
		return fmt.Errorf("a signature of %s does not verify", i.msp)
	}
	return nil
}
