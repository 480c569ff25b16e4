// Package cosigner holds a state's cosigner folder: the keys of its witness and its
// auditor of other states' ledgers, and what both remember (spec/home.md). A desk of
// another state on this machine opens it, or a node owns it.
package cosigner

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

	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger"
	"example.org/custody/ledger/witness"
	"example.org/custody/signing/trust"
)

// Role is one of the two in a cosigner folder. Each has a key <role>.key, in clear
// because a machine signs with it, and a folder <role> with what it remembers.
type Role string

// The roles.
const (
	Witness Role = "witness"
	Auditor Role = "auditor"
)

// ErrAbsent reports another state's cosigner that cannot be used.
var ErrAbsent = errors.New("another state's cosigner cannot be reached")

// ErrDamaged reports a cosigner folder whose key is missing or is none.
var ErrDamaged = errors.New("the cosigner's key is missing or damaged")

// NewKey makes the key of one role of a state's cosigner in the folder dir.
func NewKey(dir string, role Role, state string) (trust.VKey, error) {
	skey, vkey, err := trust.GenerateCosignerKey(state + "-" + string(role))
	if err != nil {
		return trust.VKey{}, err
	}
	return vkey, durable.Files{}.WriteFile(keyFile(dir, role), []byte(skey+"\n"), 0o600)
}

// HasKey reports whether the folder dir has a key of one role, good or damaged.
func HasKey(dir string, role Role) bool {
	_, err := os.Lstat(keyFile(dir, role))
	return !errors.Is(err, os.ErrNotExist)
}

// Open opens the witness and the auditor in another state's cosigner
// folder, for the ledger o. One that cannot be opened answers every request with
// the reason: an act is logged without it, and gets its receipt when it is back.
func Open(dir string, o evidence.Origin) (two []ledger.Cosigner, held []io.Closer) {
	logs := followed(dir)
	w, err := openWitness(dir, logs)
	if err != nil {
		two = append(two, Absent(filepath.Join(dir, string(Witness)), err))
	} else {
		two = append(two, w)
	}
	a, lock, err := openAuditor(dir, logs, o)
	if err != nil {
		return append(two, Absent(filepath.Join(dir, string(Auditor)), err)), nil
	}
	return append(two, a), []io.Closer{a, lock}
}

// Latest returns the newest checkpoint of the ledger o that the witness in a cosigner
// folder signed, with its cosignatures; nil when it has signed none. It changes
// nothing.
func Latest(dir string, o evidence.Origin) ([]byte, error) {
	if _, err := os.Stat(filepath.Join(dir, string(Witness))); err != nil {
		return nil, err
	}
	w, err := openWitness(dir, followed(dir))
	if err != nil {
		return nil, err
	}
	return w.Latest(context.Background(), o)
}

func openWitness(dir string, logs func(evidence.Origin) []note.Verifier) (*witness.Witness, error) {
	c, _, err := config(dir, Witness, logs)
	if err != nil {
		return nil, err
	}
	return witness.New(c)
}

// openAuditor also takes the auditor's map of the ledger o for this process.
func openAuditor(dir string, logs func(evidence.Origin) []note.Verifier, o evidence.Origin) (*witness.Auditor, io.Closer, error) {
	c, state, err := config(dir, Auditor, logs)
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
	return durable.NewLock(filepath.Join(dir, string(Auditor), fmt.Sprintf("%x.lock", sha256.Sum256([]byte(o)))))
}

func config(dir string, role Role, logs func(evidence.Origin) []note.Verifier) (witness.Config, *witness.Folder, error) {
	key, err := os.ReadFile(keyFile(dir, role))
	if err != nil {
		return witness.Config{}, nil, err
	}
	signer, err := fnote.NewSignerForCosignatureV1(strings.TrimSuffix(string(key), "\n"))
	if err != nil {
		return witness.Config{}, nil, fmt.Errorf("%s.key: %w", role, ErrDamaged) // never the key
	}
	state, err := witness.NewFolder(filepath.Join(dir, string(role)))
	return witness.Config{Signers: []note.Signer{signer}, Logs: logs, Final: ended(dir), State: state}, state, err
}

// ended returns where the ledgers that a state's cosigner follows have ended.
func ended(dir string) func(evidence.Origin) *ledger.Checkpoint {
	return func(o evidence.Origin) *ledger.Checkpoint {
		t, err := trustlist.Read(filepath.Join(dir, "..", "trust"))
		if err != nil || t == nil {
			return nil
		}
		return t.Final(o)
	}
}

// followed returns the keys of the ledgers that a state's cosigner follows: those of
// all states in the trust list that its own desk has pinned, beside the folder.
func followed(dir string) func(evidence.Origin) []note.Verifier {
	return func(o evidence.Origin) []note.Verifier {
		t, err := trustlist.Read(filepath.Join(dir, "..", "trust"))
		if err != nil || t == nil {
			return nil
		}
		var keys []note.Verifier
		for _, l := range t.List.Logs {
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

// VKey reads which key the witness or auditor in a cosigner folder has.
func VKey(dir string, role Role) (trust.VKey, error) {
	skey, err := os.ReadFile(keyFile(dir, role))
	if errors.Is(err, os.ErrNotExist) {
		return trust.VKey{}, fmt.Errorf("%s.key is missing: %w", role, ErrDamaged)
	}
	if err != nil {
		return trust.VKey{}, err
	}
	k, err := trust.VKeyOf(strings.TrimSuffix(string(skey), "\n"))
	if err != nil {
		return k, fmt.Errorf("%s.key: %w", role, ErrDamaged)
	}
	return k, nil
}

func keyFile(dir string, role Role) string { return filepath.Join(dir, string(role)+".key") }

// Absent returns a cosigner that answers every request with why it is not there.
func Absent(name string, why error) ledger.Cosigner { return absent{name, why} }

type absent struct {
	name string
	why  error
}

// Name implements [ledger.Cosigner].
func (a absent) Name() string { return a.name }

// Latest implements [ledger.Cosigner].
func (a absent) Latest(context.Context, evidence.Origin) ([]byte, error) {
	return nil, fmt.Errorf("%w: %w", ErrAbsent, a.why)
}

// Cosign implements [ledger.Cosigner].
func (a absent) Cosign(context.Context, ledger.CosignRequest) ([]byte, error) {
	return nil, fmt.Errorf("%w: %w", ErrAbsent, a.why)
}
