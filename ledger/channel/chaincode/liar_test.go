package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"example.org/custody/ledger/channel/contract"
	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

// TestMain runs the tests or, when the program is called liar, a chaincode that does not
// keep to the rules: networks are tested with it (ledger/channel, TestEngineLiar).
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) != "liar" {
		os.Exit(m.Run())
	}
	s, err := server(os.Getenv)
	if err == nil {
		s.CC = &liar{chaincode: s.CC.(chaincode)}
		err = s.Start()
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// liar answers with one lie after the other.
type liar struct {
	chaincode
	asked atomic.Int64
}

func (l *liar) Invoke(stub shim.ChaincodeStubInterface) *peer.Response {
	switch l.asked.Add(1) % 4 {
	case 0:
		return shim.Error("refused, " + string(contract.Caught) + ": the alarm is recorded")
	case 1:
		return shim.Error("refused, " + string(contract.Already) + ": nothing to do")
	case 2:
		return shim.Success([]byte("{}"))
	}
	return l.chaincode.Invoke(changed{stub})
}

// changed writes something else.
type changed struct{ shim.ChaincodeStubInterface }

func (c changed) PutState(key string, value []byte) error {
	return c.ChaincodeStubInterface.PutState(key, append(value, ' '))
}
