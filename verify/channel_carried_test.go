package verify_test

import (
	"slices"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
)

// What a dossier carries of the states' channel goes on in the one made of it: as it was
// under the same shared checkpoint, and tied anew under a later one.
func TestAnchorsAreCarried(t *testing.T) {
	c := newChannel()
	s := newStage(pinning(c))
	before := s.logA().Latest()
	s.item = s.ann.Collect(oneFile)
	s.w.Anchors = []pack.Anchor{{Agreement: c.Agreement, Proof: c.Record(c.Anchors(before), []string{"AA", "BB"}, "AA", "BB")}}
	first := s.out()
	if len(first.d.Anchors) != 1 || len(first.d.Anchors[0].Consistency) == 0 {
		t.Fatalf("%d anchors", len(first.d.Anchors))
	}
	carried, err := pack.Carried(first.d, originA)
	if err != nil {
		t.Fatal(err)
	}
	s.w.Refresh()
	for name, prover := range map[string]pack.Prover{"carried": carried, "anew": s.logA().Prover()} {
		b := &pack.Builder{}
		if err := b.AddFrom(first.d, func(evidence.ItemID) bool { return true }); err != nil {
			t.Fatal(err)
		}
		b.Lists = [][]byte{s.w.List.Note()}
		d, err := b.Build(t.Context(), first.d.Items, prover)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		v := verify.Dossier(d, first.trust, verify.Options{AsOf: s.w.Now})
		i := slices.IndexFunc(v.Items[0].Questions[5].Findings, func(f verify.Finding) bool { return f.Check == "channel.anchor" })
		if i < 0 || v.Items[0].Questions[5].Findings[i].Status != verify.Holds {
			t.Errorf("%s: %d anchors, %+v", name, len(d.Anchors), v.Items[0].Questions[5].Findings)
		}
	}
}
