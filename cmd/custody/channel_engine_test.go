//go:build engines && linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"example.org/custody/ledger/channel/channeltest"
	"example.org/custody/signing/trust"
)

// unanchored are the scripts whose packages are not anchored when they are run again, as
// the others' are, and why.
var unanchored = map[string]string{}

// anchoring has the packages of scripts anchored, whose names end in ending. A test in
// which none was fails.
func anchoring(t *testing.T, p *testscript.Params, ending string) {
	t.Helper()
	folder, anchored := signsAlone(t)
	setup := p.Setup
	p.Setup = func(env *testscript.Env) error {
		if unanchored[scriptOf(env, ending)] == "" {
			env.Setenv(envChannel, folder)
		}
		return setup(env)
	}
	t.Cleanup(func() { // after the scripts, which run at once
		if t.Logf("%d packages were anchored", anchored()); anchored() == 0 {
			t.Error("no package was anchored")
		}
	})
}

// overChannel gives a script a Fabric network of the tour's states, without chaincode yet,
// and the folder CHANNEL about it, with
//
//	deploy LIST             wait for a trust list, and start the chaincode that pins it
//	more FILE OF WHAT       FILE is as OF, but for lines WHAT, which it has and OF has not
//
// The script's custody finds custody-channel beside it.
func overChannel(t *testing.T, p *testscript.Params) {
	t.Helper()
	network := channeltest.Start(t, channeltest.Options{States: []string{"FR", "DE", "AT"}})
	program := filepath.Join(t.TempDir(), "custody-channel")
	if out, err := exec.Command("go", "build", "-o", program, "../custody-channel").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	folder := channelFolder(t, program, network)
	setup := p.Setup
	p.Setup = func(env *testscript.Env) error {
		env.Setenv("CHANNEL", folder)
		beside := filepath.Join(filepath.SplitList(env.Getenv("PATH"))[0], filepath.Base(program))
		if err := os.Symlink(program, beside); err != nil {
			return err
		}
		env.Defer(func() { os.Remove(beside) }) // other scripts have none
		return setup(env)
	}
	p.Cmds["deploy"] = func(ts *testscript.TestScript, neg bool, args []string) { scriptDeploy(ts, network, neg, args) }
	p.Cmds["more"] = scriptMore
}

// channelFolder makes the folder that a tour takes.
func channelFolder(t *testing.T, program string, n *channeltest.Network) string {
	t.Helper()
	dir := t.TempDir()
	args := []string{"agreement", "--channel", channeltest.Channel, "--chaincode", channeltest.Chaincode, "--out", filepath.Join(dir, "channel.json"),
		"--orderer", channeltest.Orderers + "=" + n.Authority(channeltest.Orderers)}
	for _, state := range []string{"FR", "DE", "AT"} {
		args = append(args, "--state", state+"="+n.Authority(state))
		if err := os.Symlink(n.SDK(state), filepath.Join(dir, state+".yaml")); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command(program, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir
}

// listTime is how long a tour may take until it has made its trust list.
const listTime = 2 * time.Minute

func scriptDeploy(ts *testscript.TestScript, n *channeltest.Network, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: deploy LIST")
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(listTime); ; <-tick.C {
		list, err := os.ReadFile(ts.MkAbs(args[0]))
		if err == nil {
			n.Deploy(trust.DigestOf(list))
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("no trust list: %v", err)
		}
	}
}

func scriptMore(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: more FILE OF WHAT")
	}
	var rest strings.Builder
	more := false
	line := regexp.MustCompile(`^  ` + regexp.QuoteMeta(args[2]) + ` \d+\n$`)
	for l := range strings.Lines(ts.ReadFile(args[0])) {
		if line.MatchString(l) {
			more = true
			continue
		}
		rest.WriteString(l)
	}
	if of := ts.ReadFile(args[1]); !more || rest.String() != of {
		ts.Fatalf("%s without what is more:\n%s\n%s:\n%s", args[0], rest.String(), args[1], of)
	}
}
