//go:build engines && linux

package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"example.org/custody/evidence/servertest"
	"example.org/custody/ledger/trillianlog/trilliantest"
)

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
	if err := s.Forget(); err != nil {
		t.Fatal(err)
	}
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
