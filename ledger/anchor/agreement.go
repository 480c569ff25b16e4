package anchor

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/x509"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"example.org/custody/evidence"
	"example.org/custody/signing/trust"
)

// MaxAgreement is the largest agreement in bytes.
const MaxAgreement = 1 << 20

const agreementFormat = "custody/channel/v1"

// ErrAgreement reports bytes that are not an agreement in its one form.
var ErrAgreement = errors.New("not an agreement of spec/anchor.md in canonical JSON")

// ErrPin reports an agreement that the trust list does not name.
var ErrPin = errors.New("the trust list does not name this agreement about the channel")

// Agreement is what the states agree about the channel (spec/anchor.md, "Agreement").
// It must not be changed once it was parsed.
type Agreement struct {
	Chaincode         string          `json:"chaincode"`
	Channel           string          `json:"channel"`
	Consenters        []Consenter     `json:"consenters"`         // SmartBFT: orderers whose signatures name an id; by id, rising
	Endorsements      int             `json:"endorsements"`       // q: distinct states, more than half of States
	Format            string          `json:"format"`             // set by Marshal
	OrdererSignatures int             `json:"orderer-signatures"` // distinct orderers that must have signed a block, ≥ 1
	Orderers          []Member        `json:"orderers"`           // by MSP id, rising
	Revoked           []evidence.Hash `json:"revoked"`            // SHA-256 of certificates' DER, rising
	States            []Member        `json:"states"`             // by MSP id, which is the state's code; rising
	Version           int64           `json:"version"`            // 1, 2, …

	digest           trust.Digest
	states, orderers map[string]*x509.CertPool
	consenters       map[uint64]*x509.Certificate
}

// Member is an organisation on the channel.
type Member struct {
	Authorities [][]byte `json:"authorities"` // DER of the certificates that issue its peers' and orderers' directly
	MSP         string   `json:"msp"`
}

// Consenter is an orderer that signs blocks under an id.
type Consenter struct {
	Certificate []byte `json:"certificate"` // DER
	ID          uint32 `json:"id"`          // from 1
	MSP         string `json:"msp"`         // one of Orderers
}

var (
	channelName = regexp.MustCompile(`^[a-z][a-z0-9.-]{0,39}$`)
	mspName     = regexp.MustCompile(`^[A-Za-z0-9.-]{1,64}$`)
)

// Marshal returns a as a file. Errors wrap [ErrAgreement].
func (a Agreement) Marshal() ([]byte, error) {
	a.Format = agreementFormat
	a.Consenters, a.Revoked = append([]Consenter{}, a.Consenters...), append([]evidence.Hash{}, a.Revoked...)
	if err := a.check(); err != nil {
		return nil, err
	}
	return evidence.Canonical(a)
}

// ParseAgreement reads what [Agreement.Marshal] wrote. Errors wrap [ErrAgreement].
func ParseAgreement(b []byte) (*Agreement, error) {
	if len(b) > MaxAgreement {
		return nil, fmt.Errorf("%d bytes: %w", len(b), ErrAgreement)
	}
	a := &Agreement{digest: trust.DigestOf(b)}
	if err := evidence.ParseCanonical(b, a); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAgreement, err)
	}
	if err := a.check(); err != nil {
		return nil, err
	}
	var err, err2 error
	a.states, err = pools(a.States)
	a.orderers, err2 = pools(a.Orderers)
	if err = errors.Join(err, err2, a.readConsenters()); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAgreement, err)
	}
	return a, nil
}

// Name returns the name under which trust lists pin the agreement, as an instrument.
func (a *Agreement) Name() string { return fmt.Sprintf("%s%d", a.family(), a.Version) }

// family is how the names of all versions of a channel's agreement begin.
func (a *Agreement) family() string { return "channel-" + a.Channel + "/" }

// Digest returns SHA-256 of the file that was parsed.
func (a *Agreement) Digest() trust.Digest { return a.digest }

// HasState reports whether the organisation is a state of the agreement.
func (a *Agreement) HasState(msp string) bool {
	return slices.ContainsFunc(a.States, func(m Member) bool { return m.MSP == msp })
}

// PinnedBy returns nil when the list names this very agreement (rule P10), and [ErrPin]
// otherwise.
func (a *Agreement) PinnedBy(l *trust.List) error {
	if slices.Contains(l.Instruments, trust.Pin{Name: a.Name(), Digest: a.digest}) {
		return nil
	}
	return fmt.Errorf("%s %s, trust list %d: %w", a.Name(), a.digest, l.Version, ErrPin)
}

func (a *Agreement) check() error {
	bad := func(what string) error { return fmt.Errorf("%s: %w", what, ErrAgreement) }
	switch {
	case a.Format != agreementFormat:
		return bad("format")
	case !channelName.MatchString(a.Channel) || !channelName.MatchString(a.Chaincode):
		return bad("name of channel or chaincode")
	case a.Version < 1:
		return bad("version")
	case a.Endorsements <= len(a.States)/2 || a.Endorsements > len(a.States):
		return bad("q is not more than half of the states and at most all")
	case a.OrdererSignatures < 1:
		return bad("orderer-signatures")
	case !rising(a.States, byMSP) || !rising(a.Orderers, byMSP) || len(a.Orderers) == 0:
		return bad("states and orderers rise")
	case !rising(a.Consenters, func(x, y Consenter) int { return cmp.Compare(x.ID, y.ID) }):
		return bad("consenters rise")
	case !rising(a.Revoked, func(x, y evidence.Hash) int { return slices.Compare(x[:], y[:]) }):
		return bad("revoked rise")
	}
	for _, m := range slices.Concat(a.States, a.Orderers) {
		if !mspName.MatchString(m.MSP) || len(m.Authorities) == 0 {
			return bad("member " + m.MSP)
		}
	}
	return nil
}

func byMSP(a, b Member) int { return cmp.Compare(a.MSP, b.MSP) }

// rising reports whether s rises strictly.
func rising[T any](s []T, compare func(a, b T) int) bool {
	for i := range len(s) - 1 {
		if compare(s[i], s[i+1]) >= 0 {
			return false
		}
	}
	return true
}

func pools(members []Member) (map[string]*x509.CertPool, error) {
	all := make(map[string]*x509.CertPool)
	for _, m := range members {
		all[m.MSP] = x509.NewCertPool()
		for _, der := range m.Authorities {
			c, err := x509.ParseCertificate(der)
			if err != nil {
				return nil, fmt.Errorf("authority of %s: %w", m.MSP, err)
			}
			if !c.IsCA {
				return nil, fmt.Errorf("authority of %s is no CA", m.MSP)
			}
			all[m.MSP].AddCert(c)
		}
	}
	return all, nil
}

func (a *Agreement) readConsenters() error {
	a.consenters = make(map[uint64]*x509.Certificate)
	for _, c := range a.Consenters {
		cert, err := x509.ParseCertificate(c.Certificate)
		if err != nil {
			return fmt.Errorf("consenter %d: %w", c.ID, err)
		}
		if _, ok := cert.PublicKey.(*ecdsa.PublicKey); !ok || c.ID == 0 || a.orderers[c.MSP] == nil {
			return fmt.Errorf("consenter %d of %s", c.ID, c.MSP)
		}
		a.consenters[uint64(c.ID)] = cert
	}
	return nil
}
