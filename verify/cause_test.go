package verify_test

import (
	"slices"
	"strings"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/verify"
	"example.org/custody/verify/verifytest"
)

// The sentence of a verdict names what is to blame, not what follows from it.
func TestSentenceNamesTheCause(t *testing.T) {
	for _, c := range []struct {
		vector, says string
	}{
		{"verdict-p10-no-list", "there is no trust list"},
		{"package-p10-list-in-package", "there is no trust list"},
		{"verdict-p17-one-state-alone", "the word of one state alone"},
		{"verdict-p17-one-auditor-down", "auditors of BB"},
		{"verdict-p11-no-witness", "witnesses of no state"},
		{"verdict-p12-key-from-larger-size", "the ledger's key does not count"},
		{"verdict-p03-stale", "the proof is 25h"},
		{"verdict-p08-after-revocation", "revoked at index"},
		{"verdict-p04-last-event-dropped", "closed by an event that is not shown"},
		{"verdict-p08-revocation-not-shown", "nothing shows what became of the seal"},
		{"verdict-p14-unanswered", "GAP-ONESIDED"},
	} {
		v := answers(t)[c.vector]
		if !strings.Contains(v.Sentence, c.says) {
			t.Errorf("%s: %s", c.vector, v.Sentence)
		}
	}
}

// What rests on another finding names one that is in the verdict and does not
// hold; following it, one comes to a cause.
func TestRestsOnSomethingShown(t *testing.T) {
	for name, got := range answers(t) {
		for _, item := range got.Items {
			shown := map[string]verify.Status{}
			for _, q := range item.Questions {
				for _, f := range q.Findings {
					key := f.Check + " of " + f.Subject
					if old := shown[key]; old != verify.Fails && (old != verify.Undecided || f.Status == verify.Fails) {
						shown[key] = f.Status
					}
				}
			}
			for _, q := range item.Questions {
				for _, f := range q.Findings {
					what, ok := strings.CutPrefix(f.Detail, "rests on ")
					if !ok {
						continue
					}
					what, how, _ := strings.Cut(what, ", which ")
					if want := map[string]verify.Status{"fails": verify.Fails, "is undecided": verify.Undecided}[how]; want == "" || shown[what] != want && !elsewhereShown(got, what, want) {
						t.Errorf("%s: %s of %s rests on %s, which is %q", name, f.Check, f.Subject, what, shown[what])
					}
				}
			}
		}
	}
}

func elsewhereShown(v *verify.Verdict, what string, s verify.Status) bool {
	for _, f := range v.Container {
		if f.Check+" of "+f.Subject == what && f.Status == s {
			return true
		}
	}
	return false
}

// Without a list nothing that rests on a ledger, a key or a time holds.
func TestNothingHoldsWithoutList(t *testing.T) {
	alone := []string{"envelope.form", "seal.closes", "chain.seq", "chain.previous"} // the dossier's own consistency
	for _, q := range answers(t)["verdict-p10-no-list"].Items[0].Questions {
		for _, f := range q.Findings {
			if f.Status == verify.Holds && !slices.Contains(alone, f.Check) && !(f.Check == "signature" || f.Check == "act.allowed") {
				t.Errorf("question %d: %s of %s holds: %s", q.N, f.Check, f.Subject, f.Detail)
			}
		}
		if q.Status == verify.Holds {
			t.Errorf("question %d holds", q.N)
		}
	}
}

// With one state's list the cause is that it asks nobody else; no finding about a
// key takes the blame.
func TestOneStateAlone(t *testing.T) {
	w := verifytest.New(verifytest.Config{States: []string{"AA"}})
	ann := w.State("AA").Enrol(evidence.RoleCollector)
	bea := w.State("AA").Enrol(evidence.RoleExaminer)
	item := ann.Collect(oneFile)
	item.Offer(ann, bea)
	item.Accept(bea)
	b := w.Package(verifytest.Packing{By: bea, Items: []*verifytest.Item{item}})
	v := verdictOn(t, b, w.Trust())
	for _, f := range v.Container {
		if f.Status == verify.Undecided && !strings.HasPrefix(f.Detail, "rests on ") {
			t.Errorf("container: %s of %s: %s", f.Check, f.Subject, f.Detail)
		}
	}
	for _, q := range v.Items[0].Questions {
		for _, f := range q.Findings {
			if f.Status == verify.Undecided && !strings.HasPrefix(f.Check, "checkpoint.") && f.Check != "time.after" && !strings.HasPrefix(f.Detail, "rests on ") {
				t.Errorf("question %d: %s of %s: %s", q.N, f.Check, f.Subject, f.Detail)
			}
		}
	}
	if v.Exit != verify.ExitUndecided || !strings.Contains(v.Sentence, "the word of one state alone") {
		t.Errorf("exit %d: %s", v.Exit, v.Sentence)
	}
}
