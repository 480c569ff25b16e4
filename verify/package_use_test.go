package verify_test

import (
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/mla"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
)

// packagedUse is a package of an item with use limits, and whether a use decides that it
// may be in it.
func packagedUse(decided bool) *delivery { return packagedAfter(decided, "", nil) }

// packagedAfter is [packagedUse] for a recipient, made once something more has happened.
func packagedAfter(decided bool, to string, more func(*answered)) *delivery {
	s := answeredRequest(nil)
	if decided {
		s.decided(mla.ActPack, "K", mla.Allow)
	}
	if more != nil {
		more(s)
	}
	s.bob = s.ann // who packs
	return &delivery{s.stage, verifytest.Files(s.w.Package(verifytest.Packing{
		By: s.ann, Items: []*verifytest.Item{s.item, s.request}, Files: [][]verifytest.File{oneFile.Files, nil}, To: to}))}
}

// An item with limits in a package says who decided about that package, or it is
// undecided: one decision is not for another package.
func TestPackageOfLimited(t *testing.T) {
	for name, c := range map[string]struct {
		decided bool
		to      string
		more    func(*answered)
		want    verify.Status
	}{
		"nobody decided":           {false, "", nil, verify.Undecided},
		"decided":                  {true, "", nil, verify.Holds},
		"for another recipient":    {true, "a court", nil, verify.Undecided},
		"something happened since": {true, "", func(s *answered) { s.item.Act(evidence.Examine, []*verifytest.Officer{s.ann}, verifytest.Record{}) }, verify.Undecided},
		"two days before":          {true, "", func(s *answered) { s.w.Tick(48 * time.Hour) }, verify.Undecided},
		"an hour before":           {true, "", func(s *answered) { s.w.Tick(time.Hour) }, verify.Holds},
	} {
		var o outcome
		p := packagedAfter(c.decided, c.to, c.more).as().wants(o.holds(0, "sender.verdict", "every finding has the same status"))
		v := p.verdict(t)
		p.check(t, v)
		q := v.Items[0].Questions[7]
		if q.Status != c.want || (statusOf(q, "limits.kept", v.Items[0].Item.String()) == verify.Undecided) != (c.want == verify.Undecided) {
			t.Errorf("%s: question 8 is %s", name, q.Status)
		}
	}
}

// A sender answers question 8 as his findings do; only a program without any of its
// checks leaves them out.
func TestSenderAnswersQuestion8(t *testing.T) {
	checks := []string{"limits.kept", "request.steps", "request.clock", "request.inventory"}
	for name, c := range map[string]struct {
		leaves []string // checks
		status string   // of question 8
		want   verify.Status
	}{
		"another answer than the findings": {nil, "holds", verify.Fails},
		"a check left out that is open":    {[]string{"limits.kept"}, "holds", verify.Holds}, // as a program without the rule
		"a program without any of them":    {checks, "not applicable", verify.Holds},
		"such a program that says more":    {checks, "holds", verify.Fails},
	} {
		d := packagedUse(false)
		b := d.files[pack.VerdictName]
		for _, check := range c.leaves {
			b = without(b, check)
		}
		d.files[pack.VerdictName] = edited(b, func(item map[string]any) {
			item["questions"].([]any)[7].(map[string]any)["status"] = c.status
		})
		v := d.signed(nil, nil).verdict(t)
		found := verify.Question{Findings: v.Container}
		if got := statusOf(found, "sender.verdict", ""); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// Who leaves a finding out that fails is found.
func TestSenderLeavesOutWhatFails(t *testing.T) {
	d := packagedAfter(true, "", func(s *answered) { s.used("L", mla.Allow) })
	d.files[pack.VerdictName] = without(d.files[pack.VerdictName], "limits.kept")
	v := d.signed(nil, nil).verdict(t)
	if got := statusOf(verify.Question{Findings: v.Container}, "sender.verdict", ""); got != verify.Fails {
		t.Errorf("sender.verdict %s, want fails", got)
	}
}
