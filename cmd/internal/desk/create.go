package desk

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/cmd/internal/desk/cosigner"
	"example.org/custody/cmd/internal/desk/engine"
	"example.org/custody/evidence"
	"example.org/custody/evidence/store/s3"
	"example.org/custody/ledger/tesseralog"
	"example.org/custody/signing"
	"example.org/custody/signing/keyfile"
	"example.org/custody/signing/trust"
)

// CreateOptions are what a new desk is asked.
type CreateOptions struct {
	Dir        string          // the home to make; must not exist or be empty
	State      string          // 2 to 8 letters A–Z
	Origin     evidence.Origin // the ledger's name for ever; "" makes one from the state
	Name       string          // the authority's name, in its certificate; "" names the state
	NoRecovery bool            // no offline key: whoever loses the passphrases loses the evidence
	Years      int             // how long the authority's certificate is good; 0: 10
	Join       *Joining        // begin at the state's node; nil: with a ledger of its own
	Engine     engine.Choice   // what keeps the ledger
	Bucket     *s3.Config      // where objects are kept; nil: in a folder of the home
	StoreWaits func(s3.Wait)   // told that the bucket is waited for, as [Home.StoreWaits]; nil: nobody
}

// Created is a new home, unlocked but without an officer, and what its maker
// must take away: the recovery identity is nowhere else.
type Created struct {
	*Session
	Recovery *age.X25519Identity // nil after NoRecovery
	Founder  trust.Founder       // what the desk's state brings to a trust list
}

// authoritySecret is keys/authority.age: the certificate authority's key, and
// the key that signs trust lists for the state.
type authoritySecret struct {
	List string `json:"list"` // C2SP signer key
	PEM  string `json:"pem"`  // PKCS#8 key and certificate
}

// names of the home's secrets, bound into their files.
const (
	secretVault     = "vault"
	secretLedger    = "ledger"
	secretAuthority = "authority"
)

// Create makes a home. It has no officer and no trust list yet:
// [Session.Adopt] gives it the one, [Session.AddOfficer] the other.
func Create(ctx context.Context, o CreateOptions) (*Created, error) {
	if err := CanCreate(&o); err != nil {
		return nil, err
	}
	for _, name := range append([]string{""}, homeFolders...) {
		if err := os.MkdirAll(filepath.Join(o.Dir, filepath.FromSlash(name)), 0o700); err != nil {
			return nil, err
		}
	}
	m := &maker{CreateOptions: o, now: clock().Truncate(time.Second)}
	if err := m.make(ctx); err != nil {
		return nil, err
	}
	h, err := Open(o.Dir)
	if err != nil {
		return nil, err
	}
	h.StoreWaits = o.StoreWaits
	s, err := h.unlockWith(ctx, m.vault)
	if err != nil {
		return nil, errors.Join(err, h.Close())
	}
	if o.Join != nil {
		if err := s.join(o.Join); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return &Created{Session: s, Recovery: m.recovery, Founder: m.founder}, nil
}

// CanCreate fills in what o leaves out, and reports what [Create] would refuse.
func CanCreate(o *CreateOptions) error {
	if err := o.complete(); err != nil {
		return err
	}
	entries, err := os.ReadDir(o.Dir)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(o.Dir, "custody.json")); err != nil {
		return fmt.Errorf("%s has files and is no desk: %w", o.Dir, ErrHomeDamaged)
	}
	return fmt.Errorf("%s: %w", o.Dir, ErrHomeExists)
}

// ErrState reports a code that names no state.
var ErrState = errors.New("a state's code is 2 to 8 letters A–Z")

func (o *CreateOptions) complete() error {
	if len(o.State) < 2 || len(o.State) > 8 || strings.Trim(o.State, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return fmt.Errorf("%q: %w", o.State, ErrState)
	}
	if o.Join != nil {
		if err := o.Join.complete(o); err != nil {
			return err
		}
	}
	if o.Origin == "" {
		o.Origin = evidence.Origin("custody." + strings.ToLower(o.State) + ".example/ledger")
	}
	if o.Name == "" {
		o.Name = "Custody authority of " + o.State
	}
	if o.Years == 0 {
		o.Years = 10
	}
	_, err := evidence.ParseOrigin(string(o.Origin))
	return err
}

// maker makes the keys and files of a home, in the order in which one needs
// the other. custody.json comes last: without it there is no home.
type maker struct {
	CreateOptions
	now      time.Time
	vault    *age.X25519Identity
	recovery *age.X25519Identity
	to       []age.Recipient // the vault identity and the recovery recipient
	founder  trust.Founder
	config   Config
}

func (m *maker) make(ctx context.Context) error {
	m.config = Config{Format: homeFormat, Created: m.now, Origin: m.Origin, State: m.State, Cosigners: []string{}}
	steps := []func(context.Context) error{m.identities, m.authority, m.stores}
	if m.Join != nil {
		m.config.Node = m.Join.Node
	} else {
		steps = append(steps, m.ledger, m.cosigners)
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	b, err := evidence.Canonical(m.config)
	if err != nil {
		return err
	}
	if err := files.WriteFile(m.path(boundFolder, boundName(m.vault, boundConfig, b)), nil, 0o600); err != nil {
		return err
	}
	return files.WriteFile(m.path("custody.json"), b, 0o600)
}

func (m *maker) path(elem ...string) string {
	return filepath.Join(append([]string{m.Dir}, elem...)...)
}

func (m *maker) identities(context.Context) (err error) {
	if m.vault, err = age.GenerateX25519Identity(); err != nil {
		return err
	}
	m.to = []age.Recipient{m.vault.Recipient()}
	m.config.Vault = m.vault.Recipient().String()
	if m.NoRecovery {
		return nil
	}
	if m.recovery, err = age.GenerateX25519Identity(); err != nil {
		return err
	}
	m.to = append(m.to, m.recovery.Recipient())
	m.config.Recovery = m.recovery.Recipient().String()
	// Until the first officer is added, only the recovery identity opens it.
	return keyfile.CreateSecret(m.path("keys", "vault.age"), secretVault, []byte(m.vault.String()), m.recovery.Recipient())
}

func (m *maker) authority(context.Context) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	cert, err := signing.CreateAuthority(key, signing.Template{
		Lists:     true,
		Subject:   pkix.Name{CommonName: m.Name, Organization: []string{m.State}},
		NotBefore: m.now, NotAfter: m.now.AddDate(m.Years, 0, 0),
	})
	if err != nil {
		return err
	}
	list, vkey, err := trust.GenerateKey(m.State + "-list")
	if err != nil {
		return err
	}
	m.founder = trust.Founder{State: m.State, Key: vkey, Authority: trust.Digest(signing.CertificateDigest(cert))}
	m.config.Authority = m.founder.Authority.Hex()
	pem, err := keyfile.MarshalKey(key, cert)
	if err != nil {
		return err
	}
	if err := m.secret("authority.age", secretAuthority, authoritySecret{List: list, PEM: string(pem)}); err != nil {
		return err
	}
	return m.writeCert(cert)
}

func (m *maker) writeCert(cert *x509.Certificate) error {
	return files.WriteFile(m.path("trust", "cert-"+m.config.Authority+".der"), cert.Raw, 0o600)
}

func (m *maker) secret(file, name string, content any) error {
	b, err := evidence.Canonical(content)
	if err != nil {
		return err
	}
	return keyfile.CreateSecret(m.path("keys", file), name, b, m.to...)
}

func (m *maker) ledger(ctx context.Context) error {
	skey, vkey, err := trust.GenerateKey(string(m.Origin))
	if err != nil {
		return err
	}
	m.founder.Log = vkey
	if err := m.secret("ledger.age", secretLedger, ledgerSecret{Log: skey}); err != nil {
		return err
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		return err
	}
	err = m.Engine.Create(ctx, m.path("ledger"), signer)
	if errors.Is(err, tesseralog.ErrUnavailable) {
		return nil // the desk works without a ledger of its own; acts say so
	}
	return err
}

// stores makes the object store and the vault.
func (m *maker) stores(context.Context) error {
	if err := m.createStore(); err != nil {
		return err
	}
	return createVault(m.path("vault"))
}

// cosigners makes this state's witness and auditor of other states' ledgers.
func (m *maker) cosigners(context.Context) (err error) {
	if m.founder.Witness, err = cosigner.NewKey(m.path("cosigner"), cosigner.Witness, m.State); err != nil {
		return err
	}
	m.founder.Auditor, err = cosigner.NewKey(m.path("cosigner"), cosigner.Auditor, m.State)
	return err
}
