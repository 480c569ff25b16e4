package ledgertest

import (
	"errors"
	"os"
	"testing"
)

// Folder returns a new folder for a ledger, removed at the end of the test. An
// engine that was closed may have a goroutine that is just ending and makes a
// lock file once more (tessera's publisher does); [testing.T.TempDir] would call
// that a failure, so the removal is tried again.
func Folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ledger")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := Remove(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// Remove removes a folder in which an engine may be just ending, as [Folder] says.
func Remove(dir string) error {
	err := errors.New("not tried")
	for tries := 0; err != nil && tries < 1000; tries++ {
		err = os.RemoveAll(dir)
	}
	return err
}
