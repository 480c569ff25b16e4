package verifytest

import (
	"os"
	"testing"

	"example.org/custody/verify"
)

// Save writes a package as NAME.asice and, when the reader has one, the trust
// list as NAME.trust. name is a path without ending. What a list names by digest
// the package has.
func Save(t testing.TB, name string, b []byte, tr verify.Trust) {
	t.Helper()
	if err := os.WriteFile(name+".asice", b, 0o644); err != nil {
		t.Fatal(err)
	}
	if tr.List == nil {
		return
	}
	if err := os.WriteFile(name+".trust", tr.List.Note(), 0o644); err != nil {
		t.Fatal(err)
	}
}
