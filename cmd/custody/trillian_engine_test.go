//go:build engines && linux

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"example.org/custody/evidence/servertest"
	"example.org/custody/ledger/trillianlog/trilliantest"
)

// overTrillian are the scripts that are run again with the ledgers of their desks over
// Trillian: they say the same, line by line, as with the embedded engine.
var overTrillian = []string{"acts-acts", "acts-border", "acts-erase", "acts-handoff", "acts-seal", "ledger-freeze", "ledger-succeed"}

// Scripts come to the same results with the ledgers over Trillian.
func TestEngineScriptsOverTrillian(t *testing.T) {
	s := trilliantest.Start(t)
	dir := t.TempDir()
	for _, name := range overTrillian {
		b, err := os.ReadFile(filepath.Join("testdata", name+".txtar"))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(b), "exec custody init ", "exec custody init --engine trillian --database $DATABASE --log-server $LOG_SERVER ")
		if text == string(b) {
			t.Fatalf("%s makes no desk", name)
		}
		file := filepath.Join(dir, name+"-trillian.txtar")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		runOverTrillian(t, s, file)
	}
}

// Moving a ledger, and what is said when a server fails.
func TestEngineTrillianScripts(t *testing.T) {
	s := trilliantest.Start(t)
	files, err := filepath.Glob(filepath.Join("testdata", "trillian", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		runOverTrillian(t, s, file)
	}
}

// runOverTrillian runs one script with
//
//	DATABASE, LOG_SERVER               the servers
//	server database|log|signer stop|start     one of them is killed, or started again
//
// The scripts use the same names of ledgers, of which a database has each once: so it
// forgets them after each.
func runOverTrillian(t *testing.T, s *trilliantest.Servers, file string) {
	t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
		p := scripts("")
		p.Files = []string{file}
		setup := p.Setup
		p.Setup = func(env *testscript.Env) error {
			env.Setenv("DATABASE", s.URI)
			env.Setenv("LOG_SERVER", s.Address)
			return setup(env)
		}
		p.Cmds["node"] = scriptNode
		p.Cmds["server"] = func(ts *testscript.TestScript, neg bool, args []string) { scriptServer(ts, s, args) }
		testscript.Run(t, p)
	})
	s.Execute("DELETE FROM custody_ledger")
}

func scriptServer(ts *testscript.TestScript, s *trilliantest.Servers, args []string) {
	all := map[string]*servertest.Process{"database": s.Database, "log": s.Log, "signer": s.Signer}
	if len(args) != 2 || all[args[0]] == nil || args[1] != "stop" && args[1] != "start" {
		ts.Fatalf("usage: server database|log|signer stop|start")
	}
	if args[1] == "stop" {
		all[args[0]].Kill()
		return
	}
	all[args[0]].Start()
}
