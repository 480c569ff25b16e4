//go:build linux

package channeltest

import (
	"fmt"
	"os/exec"
	"testing"

	"example.org/custody/evidence/servertest"
)

// process returns one server of the network, which listens at an address once it is up,
// and is stopped at the end of the test. Of a test that has failed it tells what it said.
func (n *Network) process(name, opens string, env []string, argv ...string) *servertest.Process {
	p := &servertest.Process{T: n.t, Name: name, Dir: n.dir, Argv: argv, Env: env, Ready: servertest.Listens(opens)}
	n.t.Cleanup(func() {
		p.Stop()
		if n.t.Failed() {
			n.t.Logf("%s said at last:\n%s", name, p.Said())
		}
	})
	return p
}

// run runs a program to its end.
func run(t testing.TB, dir string, env []string, argv ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), argv[0], argv[1:]...)
	c.Dir, c.Env = dir, env
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", argv, err, out)
	}
	return string(out)
}

func loopback(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }
