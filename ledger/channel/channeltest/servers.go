//go:build linux

package channeltest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func (n *Network) ordererDir(o orderer) string {
	return n.path("crypto/ordererOrganizations/ord.example/orderers", fmt.Sprintf("o%d.ord.example", o.N))
}

// startOrderers starts the ordering service and lets each join the channel.
func (n *Network) startOrderers() {
	n.t.Helper()
	n.sample("orderer.yaml", "cfg-orderer")
	for _, o := range n.places.Orderers {
		p := n.process(fmt.Sprintf("orderer%d", o.N), loopback(o.Admin), n.ordererEnv(o), filepath.Join(n.bin, "orderer"))
		n.Ordering = append(n.Ordering, p)
		p.Start()
	}
	users := n.path("crypto/ordererOrganizations/ord.example/users/Admin@ord.example/tls")
	for _, o := range n.places.Orderers {
		out := n.tool("osnadmin", "channel", "join", "-c", Channel, "-b", "genesis.block", "-o", loopback(o.Admin),
			"--ca-file", n.ordererDir(o)+"/tls/ca.crt", "--client-cert", users+"/client.crt", "--client-key", users+"/client.key")
		if !strings.Contains(out, "Status: 201") {
			n.t.Fatalf("an orderer does not join: %s", out)
		}
	}
}

func (n *Network) ordererEnv(o orderer) []string {
	d, data := n.ordererDir(o), n.path(fmt.Sprintf("o%d", o.N))
	return []string{
		"FABRIC_CFG_PATH=" + n.path("cfg-orderer"), "FABRIC_LOGGING_SPEC=info", "ORDERER_METRICS_PROVIDER=prometheus",
		"ORDERER_GENERAL_LISTENADDRESS=127.0.0.1", fmt.Sprintf("ORDERER_GENERAL_LISTENPORT=%d", o.Port),
		"ORDERER_GENERAL_LOCALMSPID=" + Orderers, "ORDERER_GENERAL_LOCALMSPDIR=" + d + "/msp",
		"ORDERER_GENERAL_TLS_ENABLED=true", "ORDERER_GENERAL_TLS_PRIVATEKEY=" + d + "/tls/server.key",
		"ORDERER_GENERAL_TLS_CERTIFICATE=" + d + "/tls/server.crt", "ORDERER_GENERAL_TLS_ROOTCAS=[" + d + "/tls/ca.crt]",
		"ORDERER_GENERAL_CLUSTER_CLIENTCERTIFICATE=" + d + "/tls/server.crt",
		"ORDERER_GENERAL_CLUSTER_CLIENTPRIVATEKEY=" + d + "/tls/server.key", "ORDERER_GENERAL_CLUSTER_ROOTCAS=[" + d + "/tls/ca.crt]",
		"ORDERER_GENERAL_KEEPALIVE_SERVERMININTERVAL=5s", // peers ask more often than it takes by itself
		"ORDERER_GENERAL_BOOTSTRAPMETHOD=none", "ORDERER_CHANNELPARTICIPATION_ENABLED=true",
		"ORDERER_ADMIN_LISTENADDRESS=" + loopback(o.Admin), "ORDERER_ADMIN_TLS_ENABLED=true",
		"ORDERER_ADMIN_TLS_CERTIFICATE=" + d + "/tls/server.crt", "ORDERER_ADMIN_TLS_PRIVATEKEY=" + d + "/tls/server.key",
		"ORDERER_ADMIN_TLS_ROOTCAS=[" + d + "/tls/ca.crt]", "ORDERER_ADMIN_TLS_CLIENTROOTCAS=[" + d + "/tls/ca.crt]",
		"ORDERER_ADMIN_TLS_CLIENTAUTHREQUIRED=true", "ORDERER_OPERATIONS_LISTENADDRESS=" + loopback(o.Operations),
		"ORDERER_FILELEDGER_LOCATION=" + data + "/ledger", "ORDERER_CONSENSUS_WALDIR=" + data + "/wal", "ORDERER_CONSENSUS_SNAPDIR=" + data + "/snap",
	}
}

// startPeers starts every state's peer and lets it join the channel.
func (n *Network) startPeers() {
	n.t.Helper()
	builder := n.path("builder")
	for name, text := range builders {
		n.put(filepath.Join("builder", "bin", name), text, 0o700)
	}
	// The docker endpoint must be empty and the builder ours; neither can be set by the
	// environment, of which an empty variable is not read.
	n.sample("core.yaml", "cfg-peer", "path: /opt/hyperledger/ccaas_builder", "path: "+builder, "endpoint: unix:///var/run/docker.sock", "endpoint:")
	for _, q := range n.places.Peers {
		p := n.process("peer"+q.State, loopback(q.Port), n.peerEnv(q), filepath.Join(n.bin, "peer"), "node", "start")
		n.Peers[q.State] = p
		p.Start()
	}
	for _, q := range n.places.Peers {
		n.as(q, "channel", "join", "-b", n.path("genesis.block"))
	}
}

func (n *Network) peerEnv(q peer) []string {
	d, data := n.peerDir(q.State), n.path("peer-"+q.State)
	return []string{
		"FABRIC_CFG_PATH=" + n.path("cfg-peer"), "FABRIC_LOGGING_SPEC=info", "PATH=" + os.Getenv("PATH"),
		"CORE_PEER_ID=" + PeerName(q.State), "CORE_PEER_LISTENADDRESS=" + loopback(q.Port), "CORE_PEER_ADDRESS=" + loopback(q.Port),
		"CORE_PEER_GOSSIP_EXTERNALENDPOINT=" + loopback(q.Port), "CORE_PEER_GOSSIP_BOOTSTRAP=" + loopback(q.Port),
		// Peers hear of each other within seconds; by themselves they may take half a minute.
		"CORE_PEER_GOSSIP_RECONNECTINTERVAL=1s", "CORE_PEER_GOSSIP_ALIVETIMEINTERVAL=1s", "CORE_PEER_GOSSIP_MEMBERSHIPTRACKERINTERVAL=1s",
		"CORE_PEER_GOSSIP_PUBLISHSTATEINFOINTERVAL=500ms", "CORE_PEER_GOSSIP_REQUESTSTATEINFOINTERVAL=500ms",
		// They leave an orderer that stands still within seconds; by themselves after 80.
		"CORE_PEER_KEEPALIVE_DELIVERYCLIENT_INTERVAL=10s", "CORE_PEER_KEEPALIVE_DELIVERYCLIENT_TIMEOUT=3s",
		"CORE_PEER_CHAINCODELISTENADDRESS=" + loopback(q.Back), "CORE_PEER_CHAINCODEADDRESS=" + loopback(q.Back),
		"CORE_OPERATIONS_LISTENADDRESS=" + loopback(q.Operations), "CORE_METRICS_PROVIDER=prometheus",
		"CORE_PEER_LOCALMSPID=" + q.State, "CORE_PEER_MSPCONFIGPATH=" + d + "/msp",
		"CORE_PEER_FILESYSTEMPATH=" + data, "CORE_LEDGER_SNAPSHOTS_ROOTDIR=" + data + "/snapshots",
		"CORE_PEER_TLS_ENABLED=true", "CORE_PEER_TLS_CERT_FILE=" + d + "/tls/server.crt",
		"CORE_PEER_TLS_KEY_FILE=" + d + "/tls/server.key", "CORE_PEER_TLS_ROOTCERT_FILE=" + d + "/tls/ca.crt",
	}
}

// as runs the peer program as the administrator of a state.
func (n *Network) as(q peer, args ...string) string {
	n.t.Helper()
	env := []string{
		"FABRIC_CFG_PATH=" + n.path("cfg-peer"), "FABRIC_LOGGING_SPEC=warn", "PATH=" + os.Getenv("PATH"), "HOME=" + n.dir,
		"CORE_PEER_LOCALMSPID=" + q.State, "CORE_PEER_MSPCONFIGPATH=" + n.MSP(q.State, "Admin"), "CORE_PEER_ADDRESS=" + loopback(q.Port),
		"CORE_PEER_TLS_ENABLED=true", "CORE_PEER_TLS_ROOTCERT_FILE=" + n.peerDir(q.State) + "/tls/ca.crt",
	}
	return run(n.t, n.dir, env, append([]string{filepath.Join(n.bin, "peer")}, args...)...)
}

// sample copies one of Fabric's sample configurations, with changes.
func (n *Network) sample(name, folder string, changes ...string) {
	n.t.Helper()
	b, err := os.ReadFile(filepath.Join(n.bin, name))
	if err != nil {
		n.t.Fatal(err)
	}
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(string(b), changes[i]) {
			n.t.Fatalf("%s has no %q", name, changes[i])
		}
	}
	n.put(filepath.Join(folder, name), strings.NewReplacer(changes...).Replace(string(b)), 0o600)
}

func (n *Network) put(name, text string, mode os.FileMode) {
	n.t.Helper()
	if err := os.MkdirAll(filepath.Dir(n.path(name)), 0o700); err != nil {
		n.t.Fatal(err)
	}
	if err := os.WriteFile(n.path(name), []byte(text), mode); err != nil {
		n.t.Fatal(err)
	}
}
