//go:build engines && linux

package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"example.org/custody/evidence/store/s3/s3test"
	"example.org/custody/ledger/trillianlog/trilliantest"
)

// embeddedAlone are the scripts that are about files which one of the embedded engines
// keeps in a home, and what of them is therefore left embedded when they are run again.
var embeddedAlone = map[string]struct {
	ledger, store bool
	why           string
}{
	"acts-vanished":  {store: true, why: "it takes the encrypted objects out of the folder in which they lie, and waits for no bucket"},
	"ledger-migrate": {ledger: true, why: "it is about a ledger of the embedded engine, before it is moved"},
	"look-keep":      {ledger: true, why: "a backup that is put back brings an old ledger back only where its leaves lie in the home"},
	"look-stuck":     {ledger: true, why: "the same, and everything that follows from an old ledger"},
	"look-tour":      {ledger: true, why: "it makes two tours, and a database has the name of a ledger once"},
}

// servers are what keeps the ledgers and the evidence of a script's desks.
type servers struct {
	ledger *trilliantest.Servers
	store  *s3test.Server
}

// pool starts servers for as many scripts as run at once, each kind of S3 server among
// them, and returns them.
func pool(t *testing.T) chan servers {
	t.Helper()
	kinds := s3test.Kinds()
	n := max(len(kinds), runtime.GOMAXPROCS(0))
	all := make(chan servers, n)
	for i := range n {
		all <- servers{trilliantest.Start(t), s3test.Start(t, kinds[i%len(kinds)])}
	}
	return all
}

// Every script says the same, line by line, with the ledgers of its desks over Trillian,
// their evidence in a bucket, and in every package that a desk makes an anchor of the
// desk's own ledger, as with the embedded engines and without a channel, a tour's desks as
// well. What anchors is [signsAlone]: a real channel has one first list, and here each desk
// founds one.
func TestEngineScripts(t *testing.T) {
	p := scripts("testdata")
	overServers(t, &p, pool(t), "")
	anchoring(t, &p, "")
	testscript.Run(t, p)
}

// So they do when nodes keep those ledgers.
func TestEngineScriptsAtNode(t *testing.T) {
	p := nodeScripts(t)
	overServers(t, &p, pool(t), "-node")
	anchoring(t, &p, "-node")
	testscript.Run(t, p)
}

// The tour comes to the same, check by check, over all three: Trillian, a bucket, and a
// Fabric network on which the ledgers are anchored. What it says of that is all there is
// more in its verdicts.
func TestEngineTour(t *testing.T) {
	p := scripts(filepath.Join("testdata", "servers"))
	overServers(t, &p, pool(t), "")
	overChannel(t, &p)
	testscript.Run(t, p)
}

// scriptOf is the script that runs, of which the name has been given an ending.
func scriptOf(env *testscript.Env, ending string) string {
	return strings.TrimSuffix(strings.TrimPrefix(filepath.Base(env.WorkDir), "script-"), ending)
}

// overServers has scripts make their desks over servers of a pool. Their names end in
// ending. DATABASE, LOG_SERVER and STORE are the servers that a script has.
func overServers(t *testing.T, p *testscript.Params, free chan servers, ending string) {
	setup := p.Setup
	p.Setup = func(env *testscript.Env) error {
		s := <-free
		env.Defer(func() {
			if err := s.ledger.Forget(); err != nil {
				t.Error(err)
			}
			free <- s
		})
		l := s.store.NewBucket(t, true)
		env.Setenv("DATABASE", s.ledger.URI)
		env.Setenv("LOG_SERVER", s.ledger.Address)
		env.Setenv("STORE", l.String())
		env.Setenv("AWS_ACCESS_KEY_ID", s3test.Key)
		env.Setenv("AWS_SECRET_ACCESS_KEY", s3test.Secret)
		keep := embeddedAlone[scriptOf(env, ending)]
		if !keep.ledger {
			env.Setenv(envEngine, "--engine trillian --database "+s.ledger.URI+" --log-server "+s.ledger.Address)
		}
		if !keep.store {
			env.Setenv(envStore, l.String())
		}
		return setup(env)
	}
}

// exceptions is how many scripts may keep something embedded. It only falls.
const exceptions = 5

// Every exception is a script that there is, and says why; and there are no more.
func TestEngineExceptions(t *testing.T) {
	if len(embeddedAlone) > exceptions {
		t.Errorf("%d scripts keep an embedded engine, at most %d may", len(embeddedAlone), exceptions)
	}
	for name, keep := range embeddedAlone {
		if _, err := os.Stat(filepath.Join("testdata", name+".txtar")); err != nil || keep.why == "" || !keep.ledger && !keep.store {
			t.Errorf("%s: %+v, %v", name, keep, err)
		}
	}
}
