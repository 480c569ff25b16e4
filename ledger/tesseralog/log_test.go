//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package tesseralog

import (
	"context"
	"errors"
	"testing"

	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"golang.org/x/mod/sumdb/note"
)

// Keys that sign nothing but this package's test logs.
const (
	origin = "log.example/test"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	signer, _ := keys(t)
	ledgertest.Run(t, func(dir string) (ledger.Log, error) {
		if err := Create(t.Context(), dir, signer); err != nil && !errors.Is(err, ErrExists) {
			return nil, err
		}
		l, err := Open(context.Background(), dir, signer)
		if err != nil {
			return nil, err
		}
		return l, nil
	})
}

// keys returns the key pair of the test logs.
func keys(t testing.TB) (note.Signer, note.Verifier) {
	t.Helper()
	skey, vkey, err := note.GenerateKey(zeros{}, origin)
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return s, v
}

// zeros makes the same key in every process.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }
