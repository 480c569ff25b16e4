package desk

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger/anchor/anchortest"
	"example.org/custody/verify/pack"
)

// An anchor proof that counts, and is about a ledger that the package does not show, is
// refused before anything is logged of the package, and so by the plan already.
func TestPackPlanRefusesAnchorOfAnother(t *testing.T) {
	desks := createStates(t, "AA", "BB")
	aa, bb := desks[0], desks[1]
	c := anchortest.NewChannel("common", aa.Now())
	if _, err := FoundWith(t.Context(), Founding{Now: aa.Now().Truncate(time.Second), Instruments: c.Pins()}, desks...); err != nil {
		t.Fatal(err)
	}
	if _, err := aa.AddOfficer(t.Context(), NewOfficer{Alias: "ann", Role: evidence.RoleCustodian, Passphrase: testPassphrase}); err != nil {
		t.Fatal(err)
	}
	it := sealedAs(t, aa.Session, "L-1")
	for _, d := range []struct {
		of   *Created
		want error
	}{{aa, nil}, {bb, ErrAnchor}} {
		signed, err := os.ReadFile(d.of.path("ledger", "log", "checkpoint"))
		if err != nil {
			t.Fatal(err)
		}
		proof := c.Record(c.Anchors(signed), []string{"BB", "CC"}, "AA", "BB")
		_, err = aa.PlanPack(t.Context(), Packing{Items: []*Item{it}, Out: filepath.Join(t.TempDir(), "p.asice"),
			Anchors: []pack.Anchor{{Agreement: c.Agreement, Proof: proof}}})
		if !errors.Is(err, d.want) {
			t.Errorf("%s: %v, want %v", d.of.Config.State, err, d.want)
		}
	}
}
