//go:build linux

package channeltest

import (
	"bytes"
	_ "embed"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/template"

	"example.org/custody/evidence/servertest"
	"example.org/custody/signing/trust"
)

// States are the member states of a network, unless a test names others.
var States = []string{"AA", "BB", "CC"}

// The names on the network, which an agreement repeats.
const (
	Channel   = "anchors"
	Chaincode = "anchor"
	Orderers  = "ORD" // MSP id of the ordering service
	Quorum    = 2     // states that must endorse
)

// Options are what a test may choose.
type Options struct {
	// First returns the SHA-256 of the first trust list, which every state's chaincode
	// pins. The certificates of the network are made when it is asked. Nil: the test
	// calls [Network.Deploy] itself.
	First    func(n *Network) trust.Digest
	Orderers int      // how many orderers, under Raft; 0: one
	States   []string // nil: [States]
	// Programs run in the place of our chaincode beside the peers of the states named.
	Programs map[string]string
}

// Network is a channel that runs.
type Network struct {
	t    testing.TB
	dir  string
	bin  string
	opts Options

	Ordering   []*servertest.Process          // the orderers
	Peers      map[string]*servertest.Process // by state
	Chaincodes map[string]*servertest.Process // by state
	places     places
}

// places are the ports of the network, for the templates.
type places struct {
	Dir       string
	Orderers  []orderer
	Peers     []peer
	Channel   string
	Chaincode string
}

type orderer struct{ N, Port, Admin, Operations int }

type peer struct {
	State, Domain                     string
	Port, Back, Operations, Chaincode int
}

var (
	//go:embed crypto.yaml.tmpl
	cryptoText string
	//go:embed configtx.yaml.tmpl
	configtxText string
	//go:embed sdk.yaml.tmpl
	sdkText string
)

// Start starts a network and returns when its chaincode is committed on the channel, or,
// without Options.First, when it could be.
// Peers need a moment more until they have heard of each other.
func Start(t testing.TB, o Options) *Network {
	t.Helper()
	o.Orderers = max(o.Orderers, 1)
	if o.States == nil {
		o.States = States
	}
	n := &Network{t: t, dir: t.TempDir(), bin: servertest.Built(t, release()), opts: o, Peers: map[string]*servertest.Process{}, Chaincodes: map[string]*servertest.Process{}}
	n.choosePorts()
	n.write("crypto.yaml", cryptoText)
	n.write("configtx.yaml", configtxText)
	n.tool("cryptogen", "generate", "--config", "crypto.yaml", "--output", "crypto")
	n.tool("configtxgen", "-profile", "Anchors", "-channelID", Channel, "-outputBlock", "genesis.block")
	for _, s := range o.States {
		n.write("sdk-"+s+".yaml", strings.ReplaceAll(sdkText, "@STATE@", s))
	}
	n.startOrderers()
	n.startPeers()
	if o.First != nil {
		n.Deploy(o.First(n))
	}
	return n
}

// release names Fabric's programs: those of 3.1.1, or of the release in CUSTODY_FABRIC,
// with which .ci/soak runs the same tests once more.
func release() string {
	if v := os.Getenv("CUSTODY_FABRIC"); v != "" {
		return "fabric-" + v
	}
	return "fabric"
}

// Dir returns the folder of the network.
func (n *Network) Dir() string { return n.dir }

// SDK returns the file that configures fabric-sdk-go for a state.
func (n *Network) SDK(state string) string { return n.path("sdk-" + state + ".yaml") }

// PeerName returns the name of a state's peer in that file.
func PeerName(state string) string { return "peer0." + domain(state) }

// MSP returns the folder with a certificate and its key: of the user "User1" or
// "Admin" of a state, of the state's "peer", or of an "orderer", the first.
func (n *Network) MSP(of, who string) string {
	switch who {
	case "orderer":
		return n.path("crypto/ordererOrganizations/ord.example/orderers/o1.ord.example/msp")
	case "peer":
		return filepath.Join(n.peerDir(of), "msp")
	}
	return n.path("crypto/peerOrganizations", domain(of), "users", who+"@"+domain(of), "msp")
}

// CA returns the folder with the certificate and the key of a state's authority.
func (n *Network) CA(state string) string {
	return n.path("crypto/peerOrganizations", domain(state), "ca")
}

// Authority returns the PEM file of the authority of a state, or of [Orderers].
func (n *Network) Authority(msp string) string {
	if msp == Orderers {
		return n.path("crypto/ordererOrganizations/ord.example/msp/cacerts/ca.ord.example-cert.pem")
	}
	return n.path("crypto/peerOrganizations", domain(msp), "msp/cacerts", "ca."+domain(msp)+"-cert.pem")
}

func domain(state string) string { return strings.ToLower(state) + ".example" }

func (n *Network) path(names ...string) string {
	return filepath.Join(append([]string{n.dir}, names...)...)
}

func (n *Network) peerDir(state string) string {
	return n.path("crypto/peerOrganizations", domain(state), "peers", PeerName(state))
}

func (n *Network) choosePorts() {
	free := servertest.Ports(n.t, 3*n.opts.Orderers+4*len(n.opts.States))
	take := func() int { p := free[0]; free = free[1:]; return p }
	n.places = places{Dir: n.dir, Channel: Channel, Chaincode: Chaincode}
	for i := range n.opts.Orderers {
		n.places.Orderers = append(n.places.Orderers, orderer{i + 1, take(), take(), take()})
	}
	for _, s := range n.opts.States {
		n.places.Peers = append(n.places.Peers, peer{s, domain(s), take(), take(), take(), take()})
	}
}

// write fills in a template.
func (n *Network) write(name, text string) {
	n.t.Helper()
	var b bytes.Buffer
	if err := template.Must(template.New(name).Parse(text)).Execute(&b, n.places); err != nil {
		n.t.Fatal(err)
	}
	if err := os.WriteFile(n.path(name), b.Bytes(), 0o600); err != nil {
		n.t.Fatal(err)
	}
}

// tool runs one of Fabric's programs in the network's folder.
func (n *Network) tool(name string, args ...string) string {
	n.t.Helper()
	return run(n.t, n.dir, []string{"FABRIC_CFG_PATH=" + n.dir, "PATH=" + os.Getenv("PATH")}, append([]string{filepath.Join(n.bin, name)}, args...)...)
}
