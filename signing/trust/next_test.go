package trust

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// What SetPolicies names for states that were founded is what Found named.
func TestSetPoliciesIsFound(t *testing.T) {
	for _, states := range [][]string{{"AA"}, {"AA", "BB"}, {"AA", "BB", "CC"}, {"AA", "BB", "CC", "DD", "EE"}} {
		f := Tolerable(len(states) - 1)
		l, texts := founded(t, f, states...)
		again := *l
		got, err := again.SetPolicies(-1)
		if err != nil {
			t.Fatal(err)
		}
		if !maps.EqualFunc(got, texts, slices.Equal) {
			t.Errorf("%v: %q, want %q", states, got, texts)
		}
		if again.text() != l.text() {
			t.Errorf("%v: the pins differ", states)
		}
	}
}

// admitted adds CC to a list of AA and BB.
func admitted(t *testing.T) (before, after *List, texts map[Digest][]byte) {
	t.Helper()
	l, _ := founded(t, 0, "AA", "BB")
	before = opened(t, l, nil, "AA", "BB")
	after = before.Next(day.AddDate(0, 1, 0), day.AddDate(1, 0, 0))
	if err := after.Admit(founder(t, "CC"), after.Issued); err != nil {
		t.Fatal(err)
	}
	texts, err := after.SetPolicies(-1)
	if err != nil {
		t.Fatal(err)
	}
	return before, after, texts
}

func TestAdmit(t *testing.T) {
	before, draft, texts := admitted(t)
	if before.Signers != 2 || len(before.States) != 2 || draft.Signers != 3 {
		t.Fatalf("%d signers of %d states before, %d after", before.Signers, len(before.States), draft.Signers)
	}
	l := opened(t, draft, before, "AA", "BB", "CC")
	for _, origin := range []string{"log.aa.example/1", "log.bb.example/1", "log.cc.example/1"} {
		for _, kind := range []PolicyKind{Receipt, Court} {
			pin, err := l.Pinned(origin, kind)
			if err != nil {
				t.Fatal(err)
			}
			p, err := l.Policy(origin, kind, texts[pin.Digest])
			if err != nil {
				t.Fatal(err)
			}
			if n, q, err := p.Count(states(l.Witnesses)); n != 2 || q != 2 || err != nil {
				t.Errorf("%s of %s asks %d of %d, %v", kind, origin, q, n, err)
			}
		}
	}
	if err := l.Next(day, day).Admit(founder(t, "BB"), day); !errors.Is(err, ErrForm) {
		t.Errorf("a state twice: %v", err)
	}
	if text, err := draft.Text(); err != nil {
		t.Fatal(err)
	} else if _, err := Open(signText(t, text, "AA", "CC"), before); !errors.Is(err, ErrQuorum) {
		t.Errorf("without BB's signature: %v", err)
	}
}

// A state whose cosigners' keys were lost gets new ones: the old ones count for what they
// signed before, the new ones from then on, and nothing else of the state can be replaced.
func TestReplace(t *testing.T) {
	l, _ := founded(t, 0, "AA", "BB")
	before := opened(t, l, nil, "AA", "BB")
	at := day.AddDate(0, 1, 0)
	fresh := founder(t, "BB")
	fresh.Witness, fresh.Auditor = vkey(t, "BB-witness", AlgCosignature), vkey(t, "BB-auditor", AlgCosignature)
	draft := before.Next(at, day.AddDate(1, 0, 0))
	if err := draft.Replace(fresh, at); err != nil {
		t.Fatal(err)
	}
	texts, err := draft.SetPolicies(-1)
	if err != nil {
		t.Fatal(err)
	}
	after := opened(t, draft, before, "AA", "BB")
	for _, all := range [][]Cosigner{after.Witnesses, after.Auditors} {
		var old, now *Cosigner
		for _, c := range all {
			if c.State == "BB" && c.To.IsZero() {
				now = &c
			} else if c.State == "BB" {
				old = &c
			}
		}
		if len(all) != 3 || old == nil || now == nil || !old.To.Equal(at) || !now.From.Equal(at) || now.Name != old.Name+"-2" {
			t.Errorf("%+v", all)
		}
	}
	pin, err := after.Pinned("log.aa.example/1", Receipt)
	if err != nil {
		t.Fatal(err)
	}
	p, err := after.Policy("log.aa.example/1", Receipt, texts[pin.Digest])
	if err != nil {
		t.Fatal(err)
	}
	if n, q, err := p.Count(states(after.Witnesses)); n != 1 || q != 1 || err != nil {
		t.Errorf("a witness more is a vote more: %d of %d, %v", q, n, err)
	}
	for name, change := range map[string]func(f *Founder){
		"nothing new":      func(f *Founder) { *f = fresh },
		"not listed":       func(f *Founder) { *f = founder(t, "CC") },
		"another list key": func(f *Founder) { f.Key = vkey(t, "CC", AlgEd25519) },
		"another ledger":   func(f *Founder) { f.Log = vkey(t, "log.bb.example/2", AlgEd25519) },
	} {
		f := founder(t, "BB")
		f.Witness = vkey(t, "third", AlgCosignature)
		change(&f)
		if err := after.Next(at, at).Replace(f, at); !errors.Is(err, ErrForm) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A second witness of a state is one more way to sign for it, not one more vote.
func TestSetPoliciesCountsStates(t *testing.T) {
	_, l, _ := admitted(t)
	l.Witnesses = append(l.Witnesses, Cosigner{Name: "BB-witness-2", State: "BB", Key: vkey(t, "second", AlgCosignature), From: day})
	texts, err := l.SetPolicies(-1)
	if err != nil {
		t.Fatal(err)
	}
	pin, _ := l.Pinned("log.aa.example/1", Receipt)
	p, err := l.Policy("log.aa.example/1", Receipt, texts[pin.Digest])
	if err != nil {
		t.Fatal(err)
	}
	signed := func(names ...string) bool {
		return p.Satisfied(func(k VKey) bool { return slices.Contains(names, k.Name()) })
	}
	if signed("witness.bb.example", "second") || !signed("second", "witness.cc.example") || !signed("witness.bb.example", "witness.cc.example") {
		t.Errorf("keys were counted, or not those of a state:\n%s", p.Text())
	}
}

func TestSetPoliciesLying(t *testing.T) {
	_, l, _ := admitted(t)
	if _, err := l.SetPolicies(2); !errors.Is(err, ErrPolicy) {
		t.Errorf("two of two lie: %v", err)
	}
}

// A retired ledger keeps the policies under which it was signed.
func TestSetPoliciesLeavesRetired(t *testing.T) {
	before, l, _ := admitted(t)
	want, _ := before.Pinned("log.aa.example/1", Court)
	l = before.Next(l.Issued, l.NextUpdate)
	l.Retired = append(l.Retired, Retirement{Final: Point{Origin: "log.aa.example/1", Size: 7}})
	if err := l.Admit(founder(t, "CC"), day); err != nil {
		t.Fatal(err)
	}
	if _, err := l.SetPolicies(-1); err != nil {
		t.Fatal(err)
	}
	if got, _ := l.Pinned("log.aa.example/1", Court); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// Whatever number of states may lie by default, the policies hold rule P17.
func TestTolerable(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(r, "others")
		f := Tolerable(n)
		q := (n+f)/2 + 1
		if q > n || 2*q <= n+f || f+1 > n {
			r.Fatalf("of %d others %d lie: %d asked", n, f, q)
		}
	})
}

// A state that begins anew gets another vote and another ledger; the old key does not
// count for the next list any more, and no ledger's name gets a second key.
func TestRekey(t *testing.T) {
	l, _ := founded(t, 0, "AA", "BB", "CC")
	l.Signers = 2
	before := opened(t, l, nil, "AA", "BB", "CC")
	at := day.AddDate(0, 1, 0)
	fresh := founder(t, "BB")
	fresh.Key, fresh.Log = vkey(t, "BB-new", AlgEd25519), vkey(t, "log.bb.example/2", AlgEd25519)
	draft := before.Next(at, day.AddDate(1, 0, 0))
	if err := draft.Replace(fresh, at); !errors.Is(err, ErrForm) {
		t.Errorf("unasked: %v", err)
	}
	same := fresh
	_, other, err := GenerateKey("log.bb.example/1")
	if err != nil {
		t.Fatal(err)
	}
	same.Log = other
	if err := before.Next(at, day.AddDate(1, 0, 0)).Rekey(same, at); !errors.Is(err, ErrForm) {
		t.Errorf("a second key for a ledger's name: %v", err)
	}
	if err := before.Next(at, day.AddDate(1, 0, 0)).Rekey(founder(t, "BB"), at); !errors.Is(err, ErrForm) {
		t.Errorf("the key that it has: %v", err)
	}
	if err := draft.Rekey(fresh, at); err != nil {
		t.Fatal(err)
	}
	if _, err := draft.SetPolicies(-1); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(draft.States, State{Code: "BB", Key: fresh.Key}) || len(draft.States) != 3 || len(draft.Logs) != 4 {
		t.Errorf("%+v, %+v", draft.States, draft.Logs)
	}
	opened(t, draft, before, "AA", "CC")
	text, err := draft.Text()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(signText(t, text, "AA"), before); !errors.Is(err, ErrQuorum) {
		t.Errorf("by one of two: %v", err)
	}
}
