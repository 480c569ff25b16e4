package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Without --peer each organisation's first peer is asked.
func TestFirstPeers(t *testing.T) {
	for text, want := range map[string][]string{
		"organizations:\n  BB: {mspid: BB, peers: [p1.bb, p2.bb]}\n  AA: {peers: [p1.aa]}\n  ORD: {mspid: ORD}\n": {"p1.aa", "p1.bb"},
		"organizations: {AA: {mspid: AA}}\n":             nil,
		"peers: {p1.aa: {url: 'grpcs://127.0.0.1:1'}}\n": nil,
	} {
		file := filepath.Join(t.TempDir(), "sdk.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := firstPeers(file)
		if !slices.Equal(got, want) || (want == nil) != errors.Is(err, errPeers) {
			t.Errorf("%s%v, %v", text, got, err)
		}
	}
	if _, err := firstPeers(filepath.Join(t.TempDir(), "absent")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
