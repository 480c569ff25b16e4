package main

import (
	"errors"
	"strings"
	"testing"

	"example.org/custody/ledger/channel/contract"
	"example.org/custody/signing/trust"
	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"google.golang.org/protobuf/proto"
)

// stub is a transaction of one state on an empty channel.
type stub struct {
	shim.ChaincodeStubInterface
	creator []byte
	args    [][]byte
}

func (s stub) GetArgs() [][]byte               { return s.args }
func (s stub) GetTxID() string                 { return strings.Repeat("0", 64) }
func (s stub) GetCreator() ([]byte, error)     { return s.creator, nil }
func (s stub) GetState(string) ([]byte, error) { return nil, nil }
func (s stub) PutState(string, []byte) error   { return errors.New("written") }

// What Fabric knows reaches the rules, and their refusal comes back with its code.
func TestInvoke(t *testing.T) {
	creator, err := proto.Marshal(&msp.SerializedIdentity{Mspid: "AA"})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		stub stub
		says string
	}{
		"refused":     {stub{creator: creator, args: [][]byte{[]byte(contract.FuncStandard), []byte("a/1"), []byte(strings.Repeat("0", 64))}}, "refused, not-adopted: "},
		"no function": {stub{creator: creator}, "no function"},
		"no creator":  {stub{creator: []byte("x"), args: [][]byte{[]byte(contract.FuncAdopted)}}, "proto"},
	} {
		r := chaincode{}.Invoke(c.stub)
		if r.Status < shim.ERRORTHRESHOLD || !strings.Contains(r.Message, c.says) {
			t.Errorf("%s: %d %q", name, r.Status, r.Message)
		}
	}
}

// It starts with a pinned list, and without TLS on loopback alone.
func TestServer(t *testing.T) {
	first := trust.DigestOf([]byte("list")).String()
	for name, c := range map[string]struct {
		env map[string]string
		ok  bool
	}{
		"loopback":        {map[string]string{"CUSTODY_FIRST_LIST": first, "CHAINCODE_SERVER_ADDRESS": "127.0.0.1:9999"}, true},
		"no list":         {map[string]string{"CHAINCODE_SERVER_ADDRESS": "127.0.0.1:9999"}, false},
		"everywhere":      {map[string]string{"CUSTODY_FIRST_LIST": first, "CHAINCODE_SERVER_ADDRESS": "0.0.0.0:9999"}, false},
		"by name":         {map[string]string{"CUSTODY_FIRST_LIST": first, "CHAINCODE_SERVER_ADDRESS": "peer.aa:9999"}, false},
		"half of TLS":     {map[string]string{"CUSTODY_FIRST_LIST": first, "CHAINCODE_SERVER_ADDRESS": "127.0.0.1:9999", "CHAINCODE_TLS_CERT": "main.go"}, false},
		"TLS that is not": {map[string]string{"CUSTODY_FIRST_LIST": first, "CHAINCODE_SERVER_ADDRESS": "0.0.0.0:9999", "CHAINCODE_TLS_CERT": "nowhere"}, false},
	} {
		s, err := server(func(name string) string { return c.env[name] })
		if (err == nil) != c.ok || c.ok && s.Address != "127.0.0.1:9999" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
