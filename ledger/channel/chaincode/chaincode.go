package main

import (
	"errors"

	"example.org/custody/ledger/channel/contract"
	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"
)

// chaincode gives the rules what Fabric knows of a transaction.
type chaincode struct{ rules contract.Contract }

// Init does nothing: the channel's state begins empty.
func (chaincode) Init(shim.ChaincodeStubInterface) *peer.Response { return shim.Success(nil) }

// Invoke applies the rules to one transaction.
func (c chaincode) Invoke(stub shim.ChaincodeStubInterface) *peer.Response {
	args := stub.GetArgs()
	if len(args) == 0 {
		return shim.Error("no function")
	}
	state, err := submitter(stub)
	if err != nil {
		return shim.Error(err.Error())
	}
	answer, err := c.rules.Invoke(stateOf{stub}, contract.Transaction{ID: stub.GetTxID(), Submitter: state}, string(args[0]), args[1:])
	var refused *contract.RefusedError
	switch {
	case errors.As(err, &refused):
		return shim.Error(refused.Answer())
	case err != nil:
		return shim.Error(err.Error())
	}
	return shim.Success(answer)
}

// submitter returns the MSP id of the transaction's creator, which the peer has verified.
func submitter(stub shim.ChaincodeStubInterface) (string, error) {
	b, err := stub.GetCreator()
	if err != nil {
		return "", err
	}
	var id msp.SerializedIdentity
	if err := proto.Unmarshal(b, &id); err != nil {
		return "", err
	}
	return id.GetMspid(), nil
}

// stateOf is the channel's state behind one stub.
type stateOf struct{ stub shim.ChaincodeStubInterface }

// Get implements [contract.State].
func (s stateOf) Get(key string) ([]byte, error) { return s.stub.GetState(key) }

// Put implements [contract.State].
func (s stateOf) Put(key string, value []byte) error { return s.stub.PutState(key, value) }
