package desk

import (
	"os"
	"testing"

	"example.org/custody/evidence"
)

// A node finds the ledgers of its home that have ended.
func TestServedEnded(t *testing.T) {
	s := deskWith(t, evidence.RoleCollector)
	ended := s.Config.Origin
	if _, err := s.Freeze(t.Context()); err != nil {
		t.Fatal(err)
	}
	if all, err := servedEnded(s.Dir); err != nil || len(all) != 0 {
		t.Errorf("without a successor it is the home's ledger: %+v, %v", all, err)
	}
	if _, err := s.Succeed(t.Context(), "custody.aa.example/ledger-2"); err != nil {
		t.Fatal(err)
	}
	all, err := servedEnded(s.Dir)
	if err != nil || len(all) != 1 || all[0].Origin != ended {
		t.Fatalf("%+v, %v", all, err)
	}
	for _, path := range []string{all[0].Tiles, all[0].Final} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}
