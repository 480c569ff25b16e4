package desk

import (
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/cmd/internal/desk/check"
	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/verify"
)

// The doctor asks the state's node, and tells one that is away from one that shows less
// of the ledger than before, another tree of it, or another ledger's key.
func TestDoctorNode(t *testing.T) {
	aa, _ := twoStates(t)
	_, err := aa.AddOfficer(t.Context(), NewOfficer{Alias: string(evidence.RoleCollector), Role: evidence.RoleCollector, Passphrase: testPassphrase})
	must(t, err)
	s := aa.Session.as(t, evidence.RoleCollector)
	if c := nodeCheck(s); c != nil {
		t.Errorf("a desk without a node: %+v", c)
	}
	n := atNode(t, s)
	s.mustSeal(t, Sealing{Object: "phone"})
	signedAgain := func(change func(c *ledger.Checkpoint)) func([]byte) []byte {
		return func(signed []byte) []byte {
			c, err := ledger.ReadCheckpoint(signed)
			must(t, err)
			change(&c)
			again, err := c.Sign(n.book.writer.Key)
			must(t, err)
			return again
		}
	}
	stranger := func(signed []byte) []byte {
		skey, _, err := note.GenerateKey(nil, string(s.Config.Origin))
		must(t, err)
		key, err := note.NewSigner(skey)
		must(t, err)
		c, err := ledger.ReadCheckpoint(signed)
		must(t, err)
		again, err := c.Sign(key)
		must(t, err)
		return again
	}
	for _, c := range []struct {
		name string
		set  func(n *fakeNode)
		want verify.Status
		says string
	}{
		{"answers", func(*fakeNode) {}, verify.Holds, "answers, with"},
		{"away", func(n *fakeNode) { n.down = true }, verify.Fails, "does not answer"},
		{"smaller", func(n *fakeNode) { n.note = signedAgain(func(c *ledger.Checkpoint) { c.Size-- }) }, verify.Fails, "this desk has seen"},
		{"another tree", func(n *fakeNode) { n.note = signedAgain(func(c *ledger.Checkpoint) { c.Root[0] ^= 1 }) }, verify.Fails, "this desk has seen"},
		{"not cosigned", func(n *fakeNode) { n.note = signedAgain(func(*ledger.Checkpoint) {}) }, verify.Undecided, "fewer cosignatures"},
		{"another key", func(n *fakeNode) { n.note = stranger }, verify.Fails, "no key of the ledger"},
		{"answers again", func(*fakeNode) {}, verify.Holds, "answers, with"},
	} {
		n.set(func(n *fakeNode) { n.down, n.note = false, nil; c.set(n) })
		got := nodeCheck(s)
		if got == nil || got.Status != c.want || !strings.Contains(got.Detail, c.says) || (got.Do == "") != (c.want == verify.Holds) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

// nodeCheck is what the doctor says of the node; nil: nothing.
func nodeCheck(s *Session) *check.Check {
	for _, c := range s.Doctor() {
		if c.Name == "node" {
			return &c
		}
	}
	return nil
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
