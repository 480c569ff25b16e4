// Package anchortest makes what a Fabric channel would sign, for tests: certificates,
// transactions, blocks and peers' answers, right or wrong in any one place. What a real
// channel signed can be taken apart, changed, and signed again with its own keys.
package anchortest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Authority issues a member's certificates.
type Authority struct {
	MSP  string
	DER  []byte
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// NewAuthority makes a member's authority, whose certificate holds for a century.
func NewAuthority(msp string) *Authority {
	key := newKey()
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ca." + msp},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(100*365*86400, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der := must(x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key))
	return &Authority{msp, der, must(x509.ParseCertificate(der)), key}
}

// Issue makes a certificate with the organisational units, good between the times.
func (a *Authority) Issue(from, to time.Time, units ...string) Identity {
	key := newKey()
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "x." + a.MSP, OrganizationalUnit: units},
		NotBefore: from, NotAfter: to, KeyUsage: x509.KeyUsageDigitalSignature,
	}
	der := must(x509.CreateCertificate(rand.Reader, tmpl, a.cert, key.Public(), a.key))
	return newIdentity(a.MSP, der, key)
}

// Identity is a certificate with its key.
type Identity struct {
	Serialized []byte // msp.SerializedIdentity
	DER        []byte
	Key        *ecdsa.PrivateKey
	Nonce      []byte // of the next transaction that it submits
}

func newIdentity(msp string, der []byte, key *ecdsa.PrivateKey) Identity {
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return Identity{Serialized: Message(1, []byte(msp), 2, text), DER: der, Key: key, Nonce: []byte("a nonce of 24 bytes.....")}
}

// Load reads an identity from the MSP folder that Fabric's cryptogen makes, as the
// member msp.
func Load(msp, folder string) (Identity, error) {
	cert, err := one(filepath.Join(folder, "signcerts"))
	if err != nil {
		return Identity{}, err
	}
	key, err := one(filepath.Join(folder, "keystore"))
	if err != nil {
		return Identity{}, err
	}
	private, err := x509.ParsePKCS8PrivateKey(key)
	if err != nil {
		return Identity{}, err
	}
	k, ok := private.(*ecdsa.PrivateKey)
	if !ok {
		return Identity{}, fmt.Errorf("%s: no ECDSA key", folder)
	}
	return newIdentity(msp, cert, k), nil
}

// LoadAuthority reads an authority from the folder "ca" that Fabric's cryptogen makes.
func LoadAuthority(msp, folder string) (*Authority, error) {
	cert, err := onlyPEM(folder, "*-cert.pem")
	if err != nil {
		return nil, err
	}
	key, err := onlyPEM(folder, "*_sk")
	if err != nil {
		return nil, err
	}
	c, err := x509.ParseCertificate(cert)
	if err != nil {
		return nil, err
	}
	private, err := x509.ParsePKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return &Authority{msp, cert, c, private.(*ecdsa.PrivateKey)}, nil
}

// one returns the bytes of the only PEM block in the only file of a folder.
func one(folder string) ([]byte, error) { return onlyPEM(folder, "*") }

func onlyPEM(folder, pattern string) ([]byte, error) {
	files, err := filepath.Glob(filepath.Join(folder, pattern))
	if err != nil || len(files) != 1 {
		return nil, fmt.Errorf("%s: %d files, %w", folder, len(files), os.ErrNotExist)
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(b)
	if block == nil {
		return nil, fmt.Errorf("%s: not PEM", files[0])
	}
	return block.Bytes, nil
}

// Sign signs SHA-256 of the parts with low S.
func (i Identity) Sign(parts ...[]byte) []byte { return i.sign(false, parts...) }

// SignHigh signs with high S, which Fabric refuses.
func (i Identity) SignHigh(parts ...[]byte) []byte { return i.sign(true, parts...) }

func (i Identity) sign(high bool, parts ...[]byte) []byte {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	r, s, err := ecdsa.Sign(rand.Reader, i.Key, h.Sum(nil))
	if err != nil {
		panic(err)
	}
	n := elliptic.P256().Params().N
	if (s.Cmp(new(big.Int).Rsh(n, 1)) > 0) != high {
		s.Sub(n, s)
	}
	return must(asn1.Marshal(struct{ R, S *big.Int }{r, s}))
}

func newKey() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Message makes a protobuf message of numbers and values in turn: []byte, [][]byte for
// a list, or uint64. Zero values are left out, as proto3 does.
func Message(parts ...any) (b []byte) {
	for i := 0; i < len(parts); i += 2 {
		num := protowire.Number(parts[i].(int))
		switch v := parts[i+1].(type) {
		case []byte:
			if len(v) > 0 {
				b = protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), v)
			}
		case [][]byte:
			for _, e := range v {
				b = protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), e)
			}
		case uint64:
			if v != 0 {
				b = protowire.AppendVarint(protowire.AppendTag(b, num, protowire.VarintType), v)
			}
		default:
			panic(fmt.Sprintf("field of %T", v))
		}
	}
	return b
}
