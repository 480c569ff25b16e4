package nodehome

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/signing/trust"
)

const (
	format       = "custody/node-home/v1"
	configFile   = "node.json"
	identityFile = "identity.txt"
	keyFile      = "ledger.key"
)

// Errors about the folder.
var (
	// ErrNone reports a home without the folder: its node takes no events.
	ErrNone = errors.New("no node was made for this home")
	// ErrMade reports a home that has the folder already.
	ErrMade = errors.New("this home has a node already")
	// ErrDamaged reports a folder that is half made or damaged.
	ErrDamaged = errors.New("the home's folder node is damaged")
	// ErrRestored reports a restored ledger of which other states have not said yet
	// that nothing was logged after the backup.
	ErrRestored = errors.New("the ledger was restored, and other states have not cosigned it anew")
)

// About is node.json: what the node must not take from files that lie in clear beside
// it and may have been changed.
type About struct {
	Format   string          `json:"format"`
	Origin   evidence.Origin `json:"origin"`
	Recovery string          `json:"recovery,omitempty"` // age recipient, kept offline
	State    string          `json:"state"`
}

// Folder returns the folder of a home.
func Folder(home string) string { return filepath.Join(home, "node") }

// Make makes the folder of the home. logKey is the ledger's C2SP signer key. node.json
// comes last: without it there is no node. Errors: [ErrMade].
func Make(home string, a About, logKey string, files durable.Files) error {
	dir := Folder(home)
	if _, err := os.Stat(filepath.Join(dir, configFile)); err == nil {
		return ErrMade
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return err
	}
	a.Format = format
	about, err := evidence.Canonical(a)
	if err != nil {
		return err
	}
	for _, d := range []string{dir, filepath.Join(dir, "bodies"), filepath.Join(dir, "handoffs")} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return err
		}
	}
	for _, f := range []struct {
		name    string
		content []byte
	}{{identityFile, []byte(id.String() + "\n")}, {keyFile, []byte(logKey + "\n")}, {configFile, about}} {
		if err := files.WriteFile(filepath.Join(dir, f.name), f.content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// secrets are what the folder holds in clear.
type secrets struct {
	about    About
	identity *age.X25519Identity
	to       []age.Recipient
	signer   note.Signer
	verifier note.Verifier
}

func read(home string) (s secrets, err error) {
	dir := Folder(home)
	about, err := os.ReadFile(filepath.Join(dir, configFile))
	if errors.Is(err, fs.ErrNotExist) {
		return s, ErrNone
	}
	if err != nil {
		return s, err
	}
	if err := evidence.ParseCanonical(about, &s.about); err != nil || s.about.Format != format {
		return s, fmt.Errorf("%s: %w", configFile, ErrDamaged)
	}
	identity, errI := os.ReadFile(filepath.Join(dir, identityFile))
	key, errK := os.ReadFile(filepath.Join(dir, keyFile))
	if err := errors.Join(errI, errK); err != nil {
		return s, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if s.identity, err = age.ParseX25519Identity(strings.TrimSuffix(string(identity), "\n")); err != nil {
		return s, fmt.Errorf("%s: %w", identityFile, ErrDamaged) // never the identity
	}
	s.to = []age.Recipient{s.identity.Recipient()}
	if s.about.Recovery != "" {
		r, err := age.ParseX25519Recipient(s.about.Recovery)
		if err != nil {
			return s, fmt.Errorf("%s: recovery: %w", configFile, ErrDamaged)
		}
		s.to = append(s.to, r)
	}
	return s, s.readKey(strings.TrimSuffix(string(key), "\n"))
}

func (s *secrets) readKey(text string) error {
	signer, errS := note.NewSigner(text)
	vkey, errK := trust.VKeyOf(text)
	if err := errors.Join(errS, errK); err != nil || signer.Name() != string(s.about.Origin) {
		return fmt.Errorf("%s: %w", keyFile, ErrDamaged) // never the key
	}
	verifier, err := vkey.Verifier()
	s.signer, s.verifier = signer, verifier
	return err
}
