package desk_test

import (
	"os"
	"path/filepath"
	"testing"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/signing/keyfile/keyfiletest"
	"example.org/custody/verify"
)

func TestMain(m *testing.M) {
	keyfiletest.Cheap()
	os.Exit(m.Run())
}

// noProgress tells nobody.
type noProgress struct{}

func (noProgress) Stage(string, int64, int) {}
func (noProgress) File(string)              {}
func (noProgress) Add(int64)                {}

func TestTour(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "d")
	out, err := desk.Tour(t.Context(), desk.Touring{Dir: dir, Progress: noProgress{}, Say: func(step, detail string) { t.Log(step, detail) },
		Report: func([]byte) ([]byte, error) { return []byte("<!doctype html><title>sender</title>\n"), nil }})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	v, err := out.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if v.Exit != verify.ExitHolds {
		t.Errorf("exit %d: %s", v.Exit, v.Sentence)
	}
}
