package report

import (
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/verify"
)

// A step says by when its ledger had the act that begins it, when that was long after.
func TestLate(t *testing.T) {
	item := evidence.ItemID{1}
	v := &verify.ItemVerdict{Item: item, Questions: []verify.Question{{N: 5, Findings: []verify.Finding{
		{Check: beforeCheck, Subject: item.String() + "/2", Status: verify.Holds, Detail: "in the ledger by 2026-11-24T15:00:00Z"},
		{Check: beforeCheck, Subject: evidence.ItemID{2}.String() + "/3", Status: verify.Holds, Detail: "in the ledger by 2026-11-24T15:00:00Z"},
	}}}}
	b := &builder{Language: languageFor("en")}
	for _, c := range []struct {
		from string
		seq  int64
		want string
	}{
		{"2026-11-24T10:00:00Z", 2, "in the ledger by 2026-11-24T15:00:00Z"},
		{"2026-11-24T14:00:00Z", 2, ""}, // within the hour
		{"2026-11-24T10:00:00Z", 3, ""}, // of another item
		{"", 2, ""},
	} {
		if got := b.late(v, verify.Span{From: c.from, FromSeq: c.seq}); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}
