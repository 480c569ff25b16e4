package desk

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/witness"
	"example.org/custody/signing/trust"
)

// The two roles in a cosigner folder. Each has a key <role>.key, in clear because a
// machine signs with it, and a folder <role> with what it remembers.
const (
	roleWitness = "witness"
	roleAuditor = "auditor"
)

// ErrNoCosigner reports a cosigner folder that cannot be used.
var ErrNoCosigner = errors.New("another state's cosigner cannot be reached")

// cosigner makes this state's witness and auditor of other states' ledgers.
func (m *maker) cosigner(context.Context) (err error) {
	if m.founder.Witness, err = m.cosignerKey(roleWitness); err != nil {
		return err
	}
	m.founder.Auditor, err = m.cosignerKey(roleAuditor)
	return err
}

func (m *maker) cosignerKey(role string) (trust.VKey, error) {
	skey, vkey, err := trust.GenerateCosignerKey(m.State + "-" + role)
	if err != nil {
		return trust.VKey{}, err
	}
	return vkey, files.WriteFile(m.path("cosigner", role+".key"), []byte(skey+"\n"), 0o600)
}

// resolve returns the path of a cosigner folder that custody.json names, or the
// address that stands in its place.
func (h *Home) resolve(dir string) string {
	if client.IsAddress(dir) {
		return dir
	}
	if dir = filepath.FromSlash(dir); filepath.IsAbs(dir) {
		return dir
	}
	return h.path(dir)
}

// openCosigners opens the witness and the auditor in another state's cosigner
// folder, for the ledger o. One that cannot be opened answers every request with
// the reason: an act is logged without it, and gets its receipt when it is back.
func openCosigners(dir string, o evidence.Origin) (two []ledger.Cosigner, held []io.Closer) {
	logs := followed(dir)
	w, err := openWitness(dir, logs)
	if err != nil {
		two = append(two, absent{filepath.Join(dir, roleWitness), err})
	} else {
		two = append(two, w)
	}
	a, lock, err := openAuditor(dir, logs, o)
	if err != nil {
		return append(two, absent{filepath.Join(dir, roleAuditor), err}), nil
	}
	return append(two, a), []io.Closer{a, lock}
}

func openWitness(dir string, logs func(evidence.Origin) []note.Verifier) (*witness.Witness, error) {
	c, _, err := cosignerConfig(dir, roleWitness, logs)
	if err != nil {
		return nil, err
	}
	return witness.New(c)
}

// openAuditor also takes the auditor's map of the ledger o for this process.
func openAuditor(dir string, logs func(evidence.Origin) []note.Verifier, o evidence.Origin) (*witness.Auditor, io.Closer, error) {
	c, state, err := cosignerConfig(dir, roleAuditor, logs)
	if err != nil {
		return nil, nil, err
	}
	lock, err := auditorLock(dir, o)
	if err != nil {
		return nil, nil, err
	}
	a, err := witness.NewAuditor(c, state.OpenMap)
	if err != nil {
		return nil, nil, errors.Join(err, lock.Close())
	}
	return a, lock, nil
}

// auditorLock takes the auditor's map of the ledger o.
func auditorLock(dir string, o evidence.Origin) (*durable.Lock, error) {
	return durable.NewLock(filepath.Join(dir, roleAuditor, fmt.Sprintf("%x.lock", sha256.Sum256([]byte(o)))))
}

func cosignerConfig(dir, role string, logs func(evidence.Origin) []note.Verifier) (witness.Config, *witness.Folder, error) {
	key, err := os.ReadFile(filepath.Join(dir, role+".key"))
	if err != nil {
		return witness.Config{}, nil, err
	}
	signer, err := fnote.NewSignerForCosignatureV1(strings.TrimSuffix(string(key), "\n"))
	if err != nil {
		return witness.Config{}, nil, fmt.Errorf("%s.key: %w", role, ErrHomeDamaged) // never the key
	}
	state, err := witness.NewFolder(filepath.Join(dir, role))
	return witness.Config{Signers: []note.Signer{signer}, Logs: logs, State: state}, state, err
}

// followed returns the keys of the ledgers that a state's cosigner follows: those of
// all states in the trust list that its own desk has pinned, beside the folder.
func followed(dir string) func(evidence.Origin) []note.Verifier {
	return func(o evidence.Origin) []note.Verifier {
		t, err := readTrusted(filepath.Join(dir, "..", "trust"))
		if err != nil || t == nil {
			return nil
		}
		var keys []note.Verifier
		for _, l := range t.list.Logs {
			if l.Origin != string(o) {
				continue
			}
			if v, err := l.Key.Verifier(); err == nil {
				keys = append(keys, v)
			}
		}
		return keys
	}
}

// absent is a cosigner that cannot be opened.
type absent struct {
	name string
	why  error
}

// Name implements [ledger.Cosigner].
func (a absent) Name() string { return a.name }

// Latest implements [ledger.Cosigner].
func (a absent) Latest(context.Context, evidence.Origin) ([]byte, error) {
	return nil, fmt.Errorf("%w: %w", ErrNoCosigner, a.why)
}

// Cosign implements [ledger.Cosigner].
func (a absent) Cosign(context.Context, ledger.CosignRequest) ([]byte, error) {
	return nil, fmt.Errorf("%w: %w", ErrNoCosigner, a.why)
}
