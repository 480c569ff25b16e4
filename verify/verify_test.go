package verify_test

import (
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/verify"
	"example.org/custody/verify/verifytest"
)

func TestSimple(t *testing.T) {
	w := verifytest.New(verifytest.Config{})
	ann := w.State("AA").Enrol(evidence.RoleCollector)
	bob := w.State("BB").Enrol(evidence.RoleExaminer)
	item := ann.Collect(verifytest.Record{Files: []verifytest.File{{Path: "a.txt", Content: []byte("a")}}})
	item.Offer(ann, bob)
	item.Accept(bob)
	item.Act(evidence.Examine, []*verifytest.Officer{bob}, verifytest.Record{})
	d := w.Dossier(item)
	v := verify.Dossier(verifytest.Clone(d), w.Trust(), verify.Options{AsOf: w.Now})
	b, err := v.JSON()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", v.Sentence)
	for _, q := range v.Items[0].Questions {
		t.Logf("%d %s %s", q.N, q.Status, q.Sentence)
		for _, f := range q.Findings {
			t.Logf("   %-16s %-14s %.40s %s", f.Check, f.Status, f.Subject, f.Detail)
		}
	}
	t.Logf("%d bytes", len(b))
}
