//go:build tools

// Package fabric names the Fabric programs of the long-term line that a test network
// runs, so that their versions are in go.mod and go.sum. They are for tests on loopback
// only: never ship what is built here.
package fabric

import (
	_ "github.com/hyperledger/fabric/cmd/configtxgen"
	_ "github.com/hyperledger/fabric/cmd/cryptogen"
	_ "github.com/hyperledger/fabric/cmd/orderer"
	_ "github.com/hyperledger/fabric/cmd/osnadmin"
	_ "github.com/hyperledger/fabric/cmd/peer"
)
