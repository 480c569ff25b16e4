//go:build linux

package channeltest

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"example.org/custody/signing/trust"
)

// builders are the programs with which a peer takes chaincode that runs as a service of
// its own: there is nothing to compile, only an address to hand over.
var builders = map[string]string{
	"detect":  "#!/bin/sh\ngrep -q '\"type\":\"ccaas\"' \"$2/metadata.json\"\n",
	"build":   "#!/bin/sh\nset -e\ncp \"$1/connection.json\" \"$3/\"\n",
	"release": "#!/bin/sh\nset -e\nmkdir -p \"$2/chaincode/server\"\ncp \"$1/connection.json\" \"$2/chaincode/server/\"\n",
}

// Deploy starts every state's chaincode, which pins the first trust list, and lets the
// states agree on it. It returns when the chaincode is committed on the channel.
func (n *Network) Deploy(first trust.Digest) {
	n.t.Helper()
	program := n.path("chaincode")
	run(n.t, "", os.Environ(), "go", "build", "-o", program, "example.org/custody/ledger/channel/chaincode")
	o := n.places.Orderers[0]
	ordering := []string{"-o", loopback(o.Port), "--tls", "--cafile", n.ordererDir(o) + "/tls/ca.crt"}
	policy := fmt.Sprintf("OutOf(%d", Quorum)
	for _, s := range n.opts.States {
		policy += ",'" + s + ".peer'"
	}
	chaincode := []string{"-C", Channel, "-n", Chaincode, "-v", "1", "--sequence", "1", "--signature-policy", policy + ")"}
	var peers []string
	for _, q := range n.places.Peers {
		pack := n.path("package-" + q.State + ".tgz")
		n.put(filepath.Base(pack), packageOf(q), 0o600)
		id := strings.TrimSpace(n.as(q, "lifecycle", "chaincode", "calculatepackageid", pack))
		p := n.process("chaincode"+q.State, loopback(q.Chaincode), []string{
			"CHAINCODE_ID=" + id, "CHAINCODE_SERVER_ADDRESS=" + loopback(q.Chaincode), "CUSTODY_FIRST_LIST=" + first.String()}, cmp.Or(n.opts.Programs[q.State], program))
		n.Chaincodes[q.State] = p
		p.Start()
		n.as(q, "lifecycle", "chaincode", "install", pack)
		n.as(q, append(append([]string{"lifecycle", "chaincode", "approveformyorg", "--package-id", id}, ordering...), chaincode...)...)
		peers = append(peers, "--peerAddresses", loopback(q.Port), "--tlsRootCertFiles", n.peerDir(q.State)+"/tls/ca.crt")
	}
	commit := append(append([]string{"lifecycle", "chaincode", "commit"}, ordering...), chaincode...)
	n.as(n.places.Peers[0], append(commit, peers...)...)
}

// packageOf is a chaincode package that names an address.
func packageOf(q peer) string {
	code := archive("connection.json", fmt.Sprintf(`{"address":%q,"dial_timeout":"10s","tls_required":false}`, loopback(q.Chaincode)))
	return archive("metadata.json", `{"type":"ccaas","label":"anchor-1"}`, "code.tar.gz", code)
}

// archive makes a compressed tar file of names and contents in turn.
func archive(files ...string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for i := 0; i < len(files); i += 2 {
		// A write into memory does not fail.
		_ = w.WriteHeader(&tar.Header{Name: files[i], Mode: 0o644, Size: int64(len(files[i+1]))})
		_, _ = w.Write([]byte(files[i+1]))
	}
	_ = w.Close()
	_ = z.Close()
	return b.String()
}
