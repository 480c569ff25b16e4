//go:build engines

package verify_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
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
func TestEngineCases(t *testing.T) {
	k := &keeper{t: t, servers: trilliantest.Start(t)}
	for _, c := range cases() {
		k.compare(c.name, func(t *testing.T) *verify.Verdict {
			o := c.make()
			v := o.verdict(t)
			o.check(t, v)
			return v
		})
	}
	for _, c := range packageCases() {
		k.compare("package-"+c.name, func(t *testing.T) *verify.Verdict {
			p := c.make()
			v := p.verdict(t)
			p.check(t, v)
			return v
		})
	}
}

// keeper keeps the ledgers of one case at Trillian.
type keeper struct {
	t       *testing.T
	servers *trilliantest.Servers
	dir     string // of the case
	logs    []ledger.Log
	refused int
}

// compare asks for a case's verdict without and with Trillian.
func (k *keeper) compare(name string, ask func(*testing.T) *verify.Verdict) {
	k.t.Run(name, func(t *testing.T) {
		want := verdictJSON(t, ask(t))
		drawn := !bytes.Equal(want, verdictJSON(t, ask(t)))
		k.dir, k.logs, k.refused = ledgertest.Folder(t), nil, 0
		verifytest.Keep = k.keep
		verifytest.Refused = func(*ledger.ClosedError) { k.refused++ }
		got := verdictJSON(t, ask(t))
		k.end(t)
		if drawn {
			want, got = digests.ReplaceAll(want, nil), digests.ReplaceAll(got, nil)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("in memory and at Trillian:\n%s", firstDifference(string(want), string(got)))
		}
		if len(k.logs) == 0 {
			t.Error("no ledger of it was at Trillian")
		}
		if refusing[name] != (k.refused > 0) {
			t.Errorf("Trillian refused %d times", k.refused)
		}
	})
}

// digests are what is drawn anew, short forms included, and timestamp tokens.
var digests = regexp.MustCompile(`[0-9a-f]{12,}|"token": "[^"]*"`)

// firstDifference returns the first line in which two texts differ.
func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return x[i] + "\n" + y[i]
		}
	}
	return fmt.Sprintf("%d lines and %d lines", len(x), len(y))
}

func verdictJSON(t *testing.T, v *verify.Verdict) []byte {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// keep makes a ledger at Trillian.
func (k *keeper) keep(o evidence.Origin) ledger.Log {
	skey, _, err := note.GenerateKey(rand.Reader, string(o))
	if err != nil {
		panic(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		panic(err)
	}
	dir := filepath.Join(k.dir, strconv.Itoa(len(k.logs)))
	at := trillianlog.Config{Database: k.servers.URI, LogServer: k.servers.Address}
	if err := trillianlog.Create(k.t.Context(), dir, signer, at); err != nil {
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
}
