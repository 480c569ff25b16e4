package verify_test

import (
	"bytes"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/verify"
	"example.org/custody/verify/verifytest"
	"pgregory.net/rapid"
)

func encoded(t testing.TB, v *verify.Verdict) []byte {
	t.Helper()
	b, err := v.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Same input, same bytes: asked again, with other maps and on another number of
// cores, the verifier gives every vector the same answer.
func TestSameInputSameBytes(t *testing.T) {
	all := vectors(t)
	first := map[string][]byte{}
	for name, v := range answers(t) {
		first[name] = encoded(t, v)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, cores := range []int{1, 8} {
		runtime.GOMAXPROCS(cores)
		for name, v := range all {
			if got := encoded(t, v.ask(t)); !bytes.Equal(got, first[name]) {
				t.Fatalf("%s on %d cores: another verdict than the first time", name, cores)
			}
		}
	}
}

// The order in which a dossier's lines were put together is not part of it.
func TestOrderDoesNotMatter(t *testing.T) {
	s := handed()
	honest := s.out()
	want := encoded(t, honest.verdict(t))
	rapid.Check(t, func(t *rapid.T) {
		d := verifytest.Clone(honest.d)
		d.Events = rapid.Permutation(d.Events).Draw(t, "events")
		d.Notes = rapid.Permutation(d.Notes).Draw(t, "notes")
		d.Logs = rapid.Permutation(d.Logs).Draw(t, "logs")
		for i := range d.Logs {
			d.Logs[i].Inclusion = rapid.Permutation(d.Logs[i].Inclusion).Draw(t, "inclusion")
			d.Logs[i].Closed = rapid.Permutation(d.Logs[i].Closed).Draw(t, "closed")
		}
		files, err := d.Encode()
		if err != nil {
			t.Fatal(err)
		}
		b, err := judge(files, honest.trust, honest.opts).JSON()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b, want) {
			t.Fatal("another verdict")
		}
	})
}

// Whatever officers do in turn, right or wrong, and whatever a packer leaves out,
// the verdict is a verdict: it fits its schema, its exit code follows from its
// findings, and it is the same the second time. A history that the fold finds
// whole, of acts that were allowed, holds; one with an event left out never does.
func TestHistories(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newStage(verifytest.Config{})
		officers := []*verifytest.Officer{s.ann, s.bob, s.w.State("AA").Enrol(evidence.RoleCustodian)}
		s.item = s.ann.Collect(oneFile)
		holder, receiver := s.ann, (*verifytest.Officer)(nil)
		honest := true
		for range rapid.IntRange(0, 6).Draw(t, "acts") {
			by := rapid.SampledFrom(officers).Draw(t, "by")
			to := rapid.SampledFrom(officers).Draw(t, "to")
			switch act := rapid.SampledFrom([]evidence.Action{evidence.Examine, evidence.Offer, evidence.Accept, evidence.Decline, evidence.Correct}).Draw(t, "act"); act {
			case evidence.Offer:
				if by == to {
					continue // no event may say so
				}
				honest = honest && by == holder && receiver == nil
				s.item.Offer(by, to)
				receiver = to
			case evidence.Accept, evidence.Decline:
				honest = honest && receiver == by
				if act == evidence.Accept {
					s.item.Accept(by)
					holder = by
				} else {
					s.item.Act(act, []*verifytest.Officer{by}, verifytest.Record{})
				}
				receiver = nil
			default:
				honest = honest && by == holder && receiver == nil
				s.item.Act(act, []*verifytest.Officer{by}, verifytest.Record{})
			}
		}
		o := s.out()
		dropped := -1
		if n := len(s.item.Events); n > 1 && rapid.Bool().Draw(t, "drop") {
			dropped = rapid.IntRange(0, n-1).Draw(t, "dropped")
			drop(o.d, s.item, uint64(dropped))
		}
		files, err := o.d.Encode()
		if err != nil {
			t.Fatal(err)
		}
		v := judge(files, o.trust, o.opts)
		if want := honest && dropped < 0; (v.Exit == verify.ExitHolds) != want {
			t.Fatalf("honest %v, dropped %d: exit %d: %s", honest, dropped, v.Exit, v.Sentence)
		}
		if why := inconsistent(v, []int{1, 2, 3, 4, 6}); why != "" {
			t.Fatal(why)
		}
		b, err := v.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if err := fits("custody:verdict", b); err != nil {
			t.Fatal(err)
		}
		again, err := judge(maps.Clone(files), o.trust, o.opts).JSON()
		if err != nil || !bytes.Equal(b, again) {
			t.Fatalf("another verdict the second time: %v", err)
		}
	})
}

// inconsistent says where statuses and exit code do not follow from the findings
// (rule P18), computed here anew.
func inconsistent(v *verify.Verdict, require []int) string {
	exit := verify.ExitHolds
	worsen := func(to int) {
		if exit != verify.ExitFails && to != verify.ExitHolds {
			exit = to
		}
	}
	of := map[verify.Status]int{verify.Fails: verify.ExitFails, verify.Undecided: verify.ExitUndecided}
	for _, f := range v.Container {
		worsen(of[f.Status])
	}
	for _, item := range v.Items {
		for _, q := range item.Questions {
			status := verify.NotApplicable
			rank := []verify.Status{verify.NotApplicable, verify.Holds, verify.Undecided, verify.Fails}
			for _, f := range q.Findings {
				if f.Status == verify.Undecided && (f.Check == "content.sha256" || f.Check == "content.sha512") {
					continue
				}
				if f.Check == "standard.advice" { // a warning or an information weighs nothing
					continue
				}
				if slices.Index(rank, f.Status) > slices.Index(rank, status) {
					status = f.Status
				}
				if f.Check == "custody.gap" && f.Status == verify.Undecided {
					worsen(verify.ExitUndecided)
				}
			}
			if status != q.Status {
				return fmt.Sprintf("question %d is %s, and its findings say %s", q.N, q.Status, status)
			}
			if q.N <= 6 && status == verify.Fails {
				worsen(verify.ExitFails)
			}
			if slices.Contains(require, q.N) && status != verify.Holds {
				worsen(verify.ExitUndecided)
			}
		}
	}
	if v.Trust.Source == verify.SourceNone || len(v.Items) == 0 {
		worsen(verify.ExitUndecided)
	}
	if v.Exit != exit {
		return fmt.Sprintf("exit %d, and the findings say %d", v.Exit, exit)
	}
	return ""
}

// Every vector's exit code follows from its findings.
func TestExitFollows(t *testing.T) {
	for name, v := range vectors(t) {
		got := answers(t)[name]
		require := []int{1, 2, 3, 4, 6}
		if tr := v.reader(t, maps.Clone(v.files)); tr.List != nil {
			require = tr.List.Require
		}
		if why := inconsistent(got, require); why != "" {
			t.Errorf("%s: %s", name, why)
		}
	}
}
