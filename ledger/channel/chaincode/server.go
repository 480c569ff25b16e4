package main

import (
	"errors"
	"fmt"
	"net"
	"os"

	"example.org/custody/ledger/channel/contract"
	"example.org/custody/signing/trust"
	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
)

// serve runs the chaincode as a service until it fails.
func serve(env func(string) string) error {
	s, err := server(env)
	if err != nil {
		return err
	}
	return s.Start()
}

func server(env func(string) string) (*shim.ChaincodeServer, error) {
	first, err := trust.ParseDigest(env("CUSTODY_FIRST_LIST"))
	if err != nil {
		return nil, fmt.Errorf("CUSTODY_FIRST_LIST: %w", err)
	}
	tls, err := properties(env)
	if err != nil {
		return nil, err
	}
	return &shim.ChaincodeServer{
		CCID: env("CHAINCODE_ID"), Address: env("CHAINCODE_SERVER_ADDRESS"),
		CC: chaincode{contract.Contract{First: first}}, TLSProps: tls,
	}, nil
}

var errPlain = errors.New("without TLS it listens on loopback alone")

func properties(env func(string) string) (shim.TLSProperties, error) {
	names := []string{"CHAINCODE_TLS_CERT", "CHAINCODE_TLS_KEY", "CHAINCODE_TLS_CLIENT_CA"}
	var files [3][]byte
	given := 0
	for i, name := range names {
		if env(name) == "" {
			continue
		}
		b, err := os.ReadFile(env(name))
		if err != nil {
			return shim.TLSProperties{}, fmt.Errorf("%s: %w", name, err)
		}
		files[i], given = b, given+1
	}
	if given == len(names) {
		return shim.TLSProperties{Cert: files[0], Key: files[1], ClientCACerts: files[2]}, nil
	}
	host, _, err := net.SplitHostPort(env("CHAINCODE_SERVER_ADDRESS"))
	if ip := net.ParseIP(host); err != nil || given > 0 || ip == nil || !ip.IsLoopback() {
		return shim.TLSProperties{}, fmt.Errorf("%v of %q: %w", names, env("CHAINCODE_SERVER_ADDRESS"), errPlain)
	}
	return shim.TLSProperties{Disabled: true}, nil
}
