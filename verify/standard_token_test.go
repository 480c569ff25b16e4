package verify_test

import (
	"strings"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/evidence/rules"
	"example.org/custody/signing/trust"
	"example.org/custody/verify"
	"example.org/custody/verify/standard"
	"example.org/custody/verify/verifytest"
)

// A rule sees the times of the tokens that count for the collection, and no
// others.
func TestTokensReachRules(t *testing.T) {
	lib := rules.NewLibrary()
	from, to := `"events.exists(e, e.action == 'offer')", "holds": "handoffs.all(h, h.answer == 'accept' && h.distinct)"`, `"true", "holds": "item.tokens.size() > 0"`
	text := strings.Replace(testPack, from, to, 1)
	if text == testPack {
		t.Fatal("nothing was replaced")
	}
	p, err := lib.Add("test-1.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	s, tsa := clockwork(time.Time{})
	s.item = s.ann.Collect(verifytest.Record{Fields: map[string]any{"make": "Acme", standard.Field: standard.Stated{SHA256: p.Digest(), Standard: p.Name()}}},
		func(e *evidence.Event) { e.Standard = "test/1" })
	tr := s.w.EditList(func(l *trust.List) { l.Standards = []trust.Pin{{Name: "test/1", Digest: trust.Digest(p.Digest())}} })
	note := s.item.Events[0].Held.Receipt.Note
	for name, c := range map[string]struct {
		token []byte
		want  verify.Status
	}{
		"counts":      {tsa.Token(note, s.w.Now), verify.Holds},
		"other bytes": {tsa.Token([]byte("x"), s.w.Now), verify.Undecided},
		"unlisted":    {verifytest.NewTSA("XX").Token(note, s.w.Now), verify.Undecided},
	} {
		o := s.out().stamped(c.token)
		v := verify.Dossier(o.d, tr, verify.Options{AsOf: s.w.Now, Standards: lib})
		if got := statusOf(v.Items[0].Questions[6], "standard.rule", "T-3"); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
