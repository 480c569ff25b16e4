// Command chaincode applies the rules of the states' shared channel (spec/anchor.md,
// "Chaincode"). It runs beside a state's peer as an external service: the peer connects
// to it.
//
//	CHAINCODE_ID                  the package id that the peer gave it
//	CHAINCODE_SERVER_ADDRESS      host:port to listen on
//	CUSTODY_FIRST_LIST            sha256:… of the first trust list, which this state's operator pins
//	CHAINCODE_TLS_CERT, _KEY      files, PEM: its certificate and key
//	CHAINCODE_TLS_CLIENT_CA       file, PEM: who issues the peer's client certificate
//
// Without the last three it listens on the loopback alone.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := serve(os.Getenv); err != nil {
		fmt.Fprintf(os.Stderr, "The chaincode has stopped: %v.\nThis state's peer endorses nothing until it runs; evidence and receipts do not wait for it.\nCheck the variables named in its documentation, then start it again.\n", err)
		os.Exit(1)
	}
}
