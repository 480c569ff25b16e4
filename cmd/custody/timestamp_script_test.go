package main

import (
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"example.org/custody/signing/tsa"
)

// makeClock is a timestamp authority: it writes its certificate and its address
// into a folder and answers until it is ended.
func makeClock() {
	if err := serveClock(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "clock:", err)
		os.Exit(1)
	}
}

func serveClock(dir string) error {
	a, err := tsa.NewAuthority("AA", now)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Certificate().Raw})
	if err := os.WriteFile(filepath.Join(dir, "cert.pem"), cert, 0o600); err != nil {
		return err
	}
	// Renamed into its place: whoever waits for it finds it whole.
	address := filepath.Join(dir, "address.json")
	if err := os.WriteFile(address+".tmp", fmt.Appendf(nil, `{"url":"http://%s/tsr"}`, l.Addr()), 0o600); err != nil {
		return err
	}
	if err := os.Rename(address+".tmp", address); err != nil {
		return err
	}
	return http.Serve(l, a)
}
