package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"example.org/custody/ledger/ledgertest"
	"example.org/custody/signing/trust"
)

// BenchmarkAudit replays a ledger of a million leaves (-short: 100,000) in a process
// of its own, as custody audit does it: an epoch after each event, which a desk
// writes, and after every 256, which a busy node does. The bound: 100,000 leaves a
// second.
func BenchmarkAudit(b *testing.B) {
	size := uint64(1_000_000)
	if testing.Short() {
		size = 100_000
	}
	tool := shipped(b)
	dir := ledgertest.Folder(b)
	each := auditOf(b, tool, dir, "epoch after each", size/2, 1)
	many := auditOf(b, tool, dir, "epoch after every 256", size-size/257, 256)
	compete(b, each, many)
	for _, c := range []*contestant{each, many} {
		atLeast(b, c.name+": thousand leaves a second", float64(size)/c.median().Seconds()/1000, 100)
	}
}

// auditOf makes a ledger of n events and returns the audit of it.
func auditOf(b *testing.B, tool, under, name string, n, batch uint64) *contestant {
	b.Helper()
	skey, vkey, err := trust.GenerateKey("aa.example/ledger")
	if err != nil {
		b.Fatal(err)
	}
	dir := filepath.Join(under, name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		b.Fatal(err)
	}
	if err := writeLedger(dir, skey, n, batch); err != nil {
		b.Fatal(err)
	}
	return &contestant{name: name, ready: func(int) *exec.Cmd { return exec.Command(tool, "audit", dir, "--vkey", vkey.String()) }}
}
