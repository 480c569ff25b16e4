//go:build linux

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// atNode are the scripts that are run once more with every ledger kept by a node, from
// when its desk is made on: they say the same, line by line, as with ledgers that desks
// keep themselves. The others make no desk, are
// about what lies in a desk's own ledger or takes it out of use (acts-damage,
// audit-ledger, ledger-freeze, ledger-succeed, look-after, look-keep, look-stuck,
// acts-vanished) or about what a tour leaves, whose desks have no nodes any more
// (look-border, look-desk, look-pack), about making desks (acts-init), have cosigners in folders, which a
// node does not share (trust-common, trust-refused), or are of states without a common
// list, between which a node logs no accept (acts-border).
var atNode = []string{
	"acts-abroad", "acts-acts", "acts-erase", "acts-handoff", "acts-key", "acts-seal", "acts-standard", "timestamp",
}

// The scripts of acts come to the same results when a node keeps the ledger.
func TestScriptsAtNode(t *testing.T) { testscript.Run(t, nodeScripts(t)) }

// nodeScripts are the scripts of atNode.
func nodeScripts(t *testing.T) testscript.Params {
	t.Helper()
	dir := t.TempDir()
	for _, name := range atNode {
		b, err := os.ReadFile(filepath.Join("testdata", name+".txtar"))
		if err != nil {
			t.Fatal(err)
		}
		text, ok := withNodes(string(b))
		if !ok {
			t.Fatalf("%s makes no desk", name)
		}
		if err := os.WriteFile(filepath.Join(dir, name+"-node.txtar"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := scripts(dir)
	p.Cmds["nodes"], p.Cmds["snapshot"] = scriptNodes, snapshotDesk
	return p
}

// togetherAt begins the line of a script from which on several desks go on at nodes that
// cosign one another.
const togetherAt = "# at nodes: "

// withNodes has the desks go on at nodes, where the script says so and otherwise each
// once it is made; ok says that there is one.
func withNodes(script string) (text string, ok bool) {
	if before, rest, found := strings.Cut(script, togetherAt); found {
		return before + "nodes " + rest, true
	}
	var out strings.Builder
	for line := range strings.Lines(script) {
		out.WriteString(line)
		words := strings.Fields(line)
		named := func(flag, absent string) string {
			if i := slices.Index(words, flag); i >= 0 {
				return words[i+1]
			}
			return absent
		}
		if strings.HasPrefix(line, "exec custody init ") {
			fmt.Fprintf(&out, "nodes %s\n", named("--home", "home"))
			ok = true
		}
	}
	return out.String(), ok
}

// What a desk is told of its node once, it goes on with.
func TestScriptsRemembered(t *testing.T) {
	p := scripts(filepath.Join("testdata", "node"))
	p.Cmds["node"], p.Cmds["stopnode"] = scriptNode, scriptStopNode
	testscript.Run(t, p)
}

// snapshotDesk is snapshot without the ledger, which the node writes when it will.
func snapshotDesk(ts *testscript.TestScript, neg bool, args []string) {
	scriptSnapshot(ts, neg, args)
	path, b := scriptFile(ts, args[1])
	var kept []string
	for _, line := range strings.Split(string(b), "\n") {
		if !strings.Contains(line, "/ledger/") {
			kept = append(kept, line)
		}
	}
	ts.Check(os.WriteFile(path, []byte(strings.Join(kept, "\n")), 0o600))
}

// scriptNode has the desk in a home go on at a node, which is made when there is none:
// node HOME. NODE is its address, and CUSTODY_NODE too.
func scriptNode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: node HOME")
	}
	n := listenFor(ts, args[0])
	if _, err := os.Stat(filepath.Join(n.home, "node", "node.json")); err != nil {
		ts.Check(ts.Exec("custodyd", "init", "--home", n.home))
	}
	n.start(ts, nil)
	n.takes(ts)
	startedNodes.Store(n.url, n)
	ts.Defer(func() { startedNodes.Delete(n.url) })
	ts.Setenv("NODE", n.url)
	ts.Setenv("CUSTODY_NODE", n.url)
}

// startedNodes are those of [scriptNode], by their addresses.
var startedNodes sync.Map

// scriptStopNode ends the node at $NODE in order: stopnode.
func scriptStopNode(ts *testscript.TestScript, neg bool, args []string) {
	n, ok := startedNodes.LoadAndDelete(ts.Getenv("NODE"))
	if neg || len(args) != 0 || !ok {
		ts.Fatalf("usage: stopnode, once for each node")
	}
	n.(*scriptedNode).stop()
}

// scriptNodes has the desks in homes go on at nodes that cosign one another, and remember
// them: nodes HOME….
func scriptNodes(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: nodes HOME…")
	}
	all := make([]*scriptedNode, len(args))
	for i, home := range args {
		all[i] = listenFor(ts, home)
	}
	for _, n := range all {
		ts.Check(ts.Exec("custodyd", "init", "--home", n.home, "--address", n.url))
		if others := n.besides(all); len(others) > 0 {
			ts.Check(ts.Exec("custody", append([]string{"trust", "cosigners", "--home", n.home}, urlsOf(others)...)...))
		}
		n.start(ts, n.besides(all))
	}
	for _, n := range all {
		n.takes(ts)
	}
}

// scriptedNode is a node that a script has started.
type scriptedNode struct {
	home, origin, url string
	socket            *os.File // listens, until the node has it
	out               io.Reader
	stop              func() // ends it in order; once
}

// listenFor takes an address for the node of a home.
func listenFor(ts *testscript.TestScript, home string) *scriptedNode {
	at, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	n := &scriptedNode{home: ts.MkAbs(home), url: "http://" + at.Addr().String()}
	n.socket, err = at.(*net.TCPListener).File()
	ts.Check(err)
	ts.Check(at.Close())
	b, err := os.ReadFile(filepath.Join(n.home, "custody.json"))
	ts.Check(err)
	var about struct{ Origin string }
	ts.Check(json.Unmarshal(b, &about))
	n.origin = about.Origin
	return n
}

func (n *scriptedNode) besides(all []*scriptedNode) []*scriptedNode {
	return slices.DeleteFunc(slices.Clone(all), func(o *scriptedNode) bool { return o == n })
}

func urlsOf(all []*scriptedNode) (urls []string) {
	for _, n := range all {
		urls = append(urls, n.url)
	}
	return urls
}

// start starts the node, which ends with the script.
func (n *scriptedNode) start(ts *testscript.TestScript, others []*scriptedNode) {
	args := []string{"serve", "--home", n.home, "--listen", "fd:3", "--until-eof"}
	for _, o := range others {
		args = append(args, "--ledger", o.origin+"="+o.url)
	}
	cmd := exec.Command(filepath.Join(filepath.SplitList(ts.Getenv("PATH"))[0], "custodyd"+exeEnding), args...)
	cmd.ExtraFiles = []*os.File{n.socket}
	in, err := cmd.StdinPipe()
	ts.Check(err)
	n.out, err = cmd.StderrPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Check(n.socket.Close())
	n.stop = sync.OnceFunc(func() {
		in.Close()
		cmd.Wait()
	})
	ts.Defer(n.stop)
}

// takes waits until the node takes events.
func (n *scriptedNode) takes(ts *testscript.TestScript) {
	for lines := bufio.NewScanner(n.out); lines.Scan(); {
		var line struct{ Msg string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "taking events" {
			go io.Copy(io.Discard, n.out)
			return
		}
	}
	ts.Fatalf("custodyd did not take events")
}
