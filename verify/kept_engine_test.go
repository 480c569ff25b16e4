//go:build engines

package verify_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"path/filepath"
	"strconv"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/trillianlog"
	"example.org/custody/ledger/trillianlog/trilliantest"
	"example.org/custody/verify"
	"example.org/custody/verify/verifytest"
)

// refusing are the cases in which a ledger lies in a way that it cannot over Trillian. The
// second close of a seal is refused by the database, and the case goes on in memory. A
// leaf that is none stops the ledger when it is read, after the case.
var refusing = map[string]bool{
	"p11-second-close": true, "p11-second-close-hidden": true,
	"p22-unused-bytes": true, "p22-unknown-type": true,
}

// Every case of the tables, the hostile among them, gets the same verdict, byte by byte,
// when Trillian keeps the ledgers of its world as when they are in memory. Where a case
// is of what is drawn anew each time, as the keys of a channel are, digests may differ.
//
// It gets that verdict, too, when its ledgers are anchored on the states' channel, of which
// only what signs is there: a real one has one first list, and each world has its own.
func TestEngineCases(t *testing.T) {
	k := &keeper{t: t, servers: trilliantest.Start(t)}
	for _, c := range cases() {
		k.compare(c.name, func() tried { return c.make() })
	}
	for _, c := range packageCases() {
		k.compare("package-"+c.name, func() tried { return c.make() })
	}
	if t.Logf("%d anchors counted", k.anchors); k.anchors == 0 {
		t.Error("nothing was anchored")
	}
}

// tried is what a case makes.
type tried interface {
	verdict(testing.TB) *verify.Verdict
	check(testing.TB, *verify.Verdict)
}

// keeper keeps the ledgers of one case at Trillian.
type keeper struct {
	t       *testing.T
	servers *trilliantest.Servers
	dir     string // of the case
	logs    []ledger.Log
	count   int // of the ledgers of all cases
	refused int
	anchors int // that counted, in all cases
}

// compare asks for a case's verdict without and with Trillian, and anchored.
func (k *keeper) compare(name string, made func() tried) {
	k.t.Run(name, func(t *testing.T) {
		ask := func() *verify.Verdict {
			o := made()
			v := o.verdict(t)
			o.check(t, v)
			return v
		}
		plain := ask()
		want := verdictJSON(t, plain)
		drawn := !bytes.Equal(want, verdictJSON(t, ask()))
		k.dir, k.logs, k.refused = ledgertest.Folder(t), nil, 0
		verifytest.Keep = k.keep
		verifytest.Refused = func(*ledger.ClosedError) { k.refused++ }
		before := k.count
		got := verdictJSON(t, ask())
		k.end(t)
		if drawn {
			want, got = digests.ReplaceAll(want, nil), digests.ReplaceAll(got, nil)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("in memory and at Trillian:\n%s", firstDifference(string(want), string(got)))
		}
		if k.count == before {
			t.Error("no ledger of it was at Trillian")
		}
		if refusing[name] != (k.refused > 0) {
			t.Errorf("Trillian refused %d times", k.refused)
		}
		k.anchored(t, name, plain, made)
	})
}

// keep makes a ledger at Trillian. A case that makes one world after another names the
// ledgers of both alike: those of the first are over then.
func (k *keeper) keep(o evidence.Origin) ledger.Log {
	skey, _, err := note.GenerateKey(rand.Reader, string(o))
	if err != nil {
		panic(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		panic(err)
	}
	k.count++
	dir := filepath.Join(k.dir, strconv.Itoa(k.count))
	at := trillianlog.Config{Database: k.servers.URI, LogServer: k.servers.Address}
	err = trillianlog.Create(k.t.Context(), dir, signer, at)
	if errors.Is(err, trillianlog.ErrExists) {
		k.forget(k.t)
		err = trillianlog.Create(k.t.Context(), dir, signer, at)
	}
	if err != nil {
		panic(err)
	}
	l, err := trillianlog.Open(k.t.Context(), dir, signer, trillianlog.Options{})
	if err != nil {
		panic(err)
	}
	k.logs = append(k.logs, l)
	return l
}

// end closes the ledgers of a case.
func (k *keeper) end(t *testing.T) {
	verifytest.Keep = nil
	k.forget(t)
}

// forget closes the ledgers made so far, and has the database forget them.
func (k *keeper) forget(t *testing.T) {
	for _, l := range k.logs {
		switch err := l.Close(); {
		case errors.Is(err, ledger.ErrLeafForm):
			k.refused++
		case err != nil:
			t.Error(err)
		}
	}
	if err := k.servers.Forget(); err != nil {
		t.Error(err)
	}
	k.logs = nil
}
