//go:build engines

package trillianlog

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"testing"

	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/trillianlog/trilliantest"
)

func TestEngineConformance(t *testing.T) {
	s := trilliantest.Start(t)
	ledgertest.Run(t, func(dir string) (ledger.Log, error) { return openAt(t, s, dir, originOf(dir)) })
}

// originOf names the ledger of a folder: a database has one for each name.
func originOf(dir string) string {
	sum := sha256.Sum256([]byte(dir))
	return "log.example/" + hex.EncodeToString(sum[:8])
}

func config(s *trilliantest.Servers) Config { return Config{Database: s.URI, LogServer: s.Address} }

// openAt opens the ledger in dir, which it makes when there is none.
func openAt(t testing.TB, s *trilliantest.Servers, dir, origin string) (ledger.Log, error) {
	signer := testSigner(t, origin)
	if err := Create(t.Context(), dir, signer, config(s)); err != nil && !errors.Is(err, ErrExists) && !errors.Is(err, ledger.ErrInUse) {
		return nil, err
	}
	l, err := Open(t.Context(), dir, signer, Options{})
	if err != nil {
		return nil, err
	}
	return l, nil
}
