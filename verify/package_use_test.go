package verify_test

import (
	"testing"

	"example.org/custody/evidence/mla"
	"example.org/custody/verify"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
)

// packagedUse is a package of an item with use limits, and whether a use decides that it
// may be in it.
func packagedUse(decided bool) *delivery {
	s := answeredRequest(nil)
	if decided {
		s.decided(mla.ActPack, "K", mla.Allow)
	}
	s.bob = s.ann // who packs
	return &delivery{s.stage, verifytest.Files(s.w.Package(verifytest.Packing{
		By: s.ann, Items: []*verifytest.Item{s.item, s.request}, Files: [][]verifytest.File{oneFile.Files, nil}}))}
}

// An item with limits in a package says who decided about that, or it is undecided.
func TestPackageOfLimited(t *testing.T) {
	for decided, want := range map[bool]verify.Status{false: verify.Undecided, true: verify.Holds} {
		var o outcome
		p := packagedUse(decided).as().wants(o.holds(0, "sender.verdict", "every finding has the same status"))
		v := p.verdict(t)
		p.check(t, v)
		q := v.Items[0].Questions[7]
		if got := statusOf(q, "limits.kept", ""); got != want || q.Status != want {
			t.Errorf("decided %v: %s, question 8 %s", decided, got, q.Status)
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
		"one check left out":               {[]string{"limits.kept"}, "holds", verify.Fails},
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
