//go:build engines

package guide_test

import (
	"strings"
	"testing"

	"example.org/custody/evidence/servertest"
	"example.org/custody/ledger/channel/channeltest"
	"example.org/custody/signing/trust"
)

// What the page says to alarm on of peers and orderers is what they show, when they are
// set as it says, and a chaincode was installed and its definition agreed on.
func TestEngineGuide(t *testing.T) {
	n := channeltest.Start(t, channeltest.Options{First: func(*channeltest.Network) trust.Digest { return trust.Digest{} }})
	for _, p := range []*servertest.Process{n.Peers["AA"], n.Ordering[0]} {
		e := servertest.Exporter{Program: p.Argv[0], At: "http://" + valueOf(p.Env, "_OPERATIONS_LISTENADDRESS"), Metrics: "/metrics"}
		e.Alarms(t, "testdata/alarms.txt")
	}
}

// valueOf returns the value of a variable, by the end of its name.
func valueOf(env []string, end string) string {
	for _, e := range env {
		if name, value, _ := strings.Cut(e, "="); strings.HasSuffix(name, end) {
			return value
		}
	}
	return ""
}
