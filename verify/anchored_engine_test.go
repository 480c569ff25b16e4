//go:build engines

package verify_test

import (
	"slices"
	"strings"
	"testing"

	"example.org/custody/ledger/anchor/anchortest"
	"example.org/custody/verify"
	"example.org/custody/verify/verifytest"
)

// caughtBy are the cases in which a ledger shows the court another tree than it showed the
// states: what is anchored proves that besides.
var caughtBy = map[string]bool{"p11-other-tree": true}

// anchored asks for a case's verdict when the ledgers of its world are anchored on the
// states' channel, and the package carries that. It is the one without: the same findings
// of the same checks, in the same words; what the channel says comes on top. Digests
// differ, for the list names the agreement about the channel. It returns how many anchors
// counted.
func (k *keeper) anchored(t *testing.T, name string, want *verify.Verdict, made func() tried) {
	verifytest.Channel = anchortest.NewChannel("common", verifytest.Start)
	defer func() { verifytest.Channel = nil }()
	got := made().verdict(t)
	said, says := map[verify.Status]int{}, map[verify.Status]int{} // of a case about the channel itself, and now
	x, y := withoutChannel(t, want, said), withoutChannel(t, got, says)
	k.anchors += says[verify.Holds] - said[verify.Holds]
	switch {
	case caughtBy[name] != (says[verify.Fails] > said[verify.Fails]):
		t.Errorf("the channel fails it %d times, and %d without", says[verify.Fails], said[verify.Fails])
	case !caughtBy[name] && x != y:
		t.Errorf("without and with anchors:\n%s", firstDifference(x, y))
	}
}

// withoutChannel is a verdict without digests, and without the findings about a channel,
// which it counts.
func withoutChannel(t *testing.T, v *verify.Verdict, says map[verify.Status]int) string {
	t.Helper()
	rest := func(all []verify.Finding) []verify.Finding {
		return slices.DeleteFunc(slices.Clone(all), func(f verify.Finding) bool {
			if !strings.HasPrefix(f.Check, "channel.") {
				return false
			}
			says[f.Status]++
			return true
		})
	}
	c := *v
	c.Container, c.Items = rest(v.Container), slices.Clone(v.Items)
	for i := range c.Items {
		c.Items[i].Questions = slices.Clone(v.Items[i].Questions)
		for n := range c.Items[i].Questions {
			q := &c.Items[i].Questions[n]
			q.Findings = rest(q.Findings)
		}
	}
	return digests.ReplaceAllString(string(verdictJSON(t, &c)), "")
}
