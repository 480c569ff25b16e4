//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package writer

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/feeder"
	"example.org/custody/ledger/tesseralog"
	"example.org/custody/ledger/witness"
	"example.org/custody/signing/trust"
	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

// folder is a ledger on disk with another state's witness and auditor, for tests in
// which processes end.
type folder struct{ dir string }

// auditors are those opened by this process, by folder, to be closed with it.
var auditors = map[string]*witness.Auditor{}

// closeAuditor closes the auditor in the folder, whose map is then on disk.
func (f folder) closeAuditor() error {
	a := auditors[f.dir]
	delete(auditors, f.dir)
	return a.Close()
}

// keyNames are the keys in the folder; each has files <name>.key and <name>.vkey.
var keyNames = map[string]string{"log": string(testOrigin), "witness": "bb-witness", "auditor": "bb-auditor"}

func makeFolder(dir string) (folder, error) {
	f := folder{dir}
	for file, name := range keyNames {
		generate := trust.GenerateCosignerKey
		if file == "log" {
			generate = trust.GenerateKey
		}
		skey, vkey, err := generate(name)
		if err == nil {
			err = errors.Join(os.WriteFile(f.path(file+".key"), []byte(skey), 0o600), os.WriteFile(f.path(file+".vkey"), []byte(vkey.String()), 0o600))
		}
		if err != nil {
			return f, err
		}
	}
	signer, _, err := f.logKey()
	if err != nil {
		return f, err
	}
	return f, tesseralog.Create(context.Background(), f.path("ledger"), signer)
}

func (f folder) path(name string) string { return filepath.Join(f.dir, name) }

func (f folder) read(name string) string {
	b, err := os.ReadFile(f.path(name))
	if err != nil {
		panic(err)
	}
	return strings.TrimSpace(string(b))
}

func (f folder) logKey() (note.Signer, note.Verifier, error) {
	s, errS := note.NewSigner(f.read("log.key"))
	v, errV := note.NewVerifier(f.read("log.vkey"))
	return s, v, errors.Join(errS, errV)
}

// open opens the ledger for writing, cosigned by witness and auditor when cosigned
// is set.
func (f folder) open(cosigned bool) (*Writer, error) {
	signer, verifier, err := f.logKey()
	if err != nil {
		return nil, err
	}
	log, err := tesseralog.Open(context.Background(), f.path("ledger"), signer)
	if err != nil {
		return nil, err
	}
	m, err := closed.OpenCache(f.path("closed.map"), testOrigin)
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	c := Config{Log: log, Map: m, Key: signer, Verifier: verifier}
	if cosigned {
		if err := f.cosign(&c); err != nil {
			return nil, err
		}
	}
	w, err := Open(context.Background(), c)
	if err != nil {
		return nil, errors.Join(err, m.Close(), log.Close())
	}
	return w, nil
}

// cosign adds the cosigners, both of which must have signed.
func (f folder) cosign(c *Config) error {
	var known []note.Verifier
	feed := feeder.Config{Log: c.Log, Origin: testOrigin, Verifier: c.Verifier, Timeout: time.Minute}
	for _, role := range []string{"witness", "auditor"} {
		s, errS := fnote.NewSignerForCosignatureV1(f.read(role + ".key"))
		v, errV := fnote.NewVerifierForCosignatureV1(f.read(role + ".vkey"))
		state, errF := witness.NewFolder(f.path(role))
		if err := errors.Join(errS, errV, errF); err != nil {
			return err
		}
		conf := witness.Config{Signers: []note.Signer{s}, State: state, Logs: func(evidence.Origin) []note.Verifier { return []note.Verifier{c.Verifier} }}
		var k ledger.Cosigner
		var err error
		if role == "auditor" {
			var a *witness.Auditor
			a, err = witness.NewAuditor(conf, state.OpenMap)
			k, auditors[f.dir] = a, a
		} else {
			k, err = witness.New(conf)
		}
		if err != nil {
			return err
		}
		feed.Peers, known = append(feed.Peers, feeder.Peer{State: "BB", Cosigner: k}), append(known, v)
	}
	feed.Known = note.VerifierList(known...)
	feed.Enough = func(signed []byte) bool {
		found, err := ledger.Cosignatures(signed, feed.Known)
		return err == nil && len(found) == len(known)
	}
	c.Feeder, c.Enough = feeder.New(feed), feed.Enough
	return nil
}

func newFolder(t testing.TB) folder {
	t.Helper()
	f, err := makeFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return f
}
