package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"example.org/custody/ledger/anchor"
)

// Without --peer each state's first peer is asked, this state's before the others.
func TestFirstPeers(t *testing.T) {
	a := &anchor.Agreement{States: []anchor.Member{{MSP: "AA"}, {MSP: "BB"}, {MSP: "CC"}}}
	for text, want := range map[string][]string{
		"organizations:\n  CC: {mspid: CC, peers: [p1.cc]}\n  BB: {mspid: BB, peers: [p1.bb, p2.bb]}\n  AA: {mspid: AA, peers: [p1.aa]}\n": {"p1.bb", "p1.aa", "p1.cc"},
		"organizations: {aa: {mspid: AA, peers: [p1.aa]}, bb: {mspid: BB, peers: [p1.bb]}}\n":                                              {"p1.bb", "p1.aa"},
		"organizations: {AA: {mspid: AA, peers: [p1.aa]}, ORD: {mspid: ORD, peers: [p1.ord]}, X: {peers: [p1.x]}}\n":                       {"p1.aa"},
		"organizations: {ORD: {mspid: ORD, peers: [p1.ord]}}\n":                                                                            nil,
		"organizations: {AA: {mspid: AA}}\n":             nil,
		"peers: {p1.aa: {url: 'grpcs://127.0.0.1:1'}}\n": nil,
	} {
		file := filepath.Join(t.TempDir(), "sdk.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := firstPeers(file, "BB", a)
		if !slices.Equal(got, want) || (want == nil) != errors.Is(err, errPeers) {
			t.Errorf("%s%v, %v", text, got, err)
		}
	}
	if _, err := firstPeers(filepath.Join(t.TempDir(), "absent"), "BB", a); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
