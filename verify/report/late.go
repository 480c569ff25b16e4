package report

import (
	"regexp"
	"strings"
	"time"

	"example.org/custody/verify"
)

const beforeCheck = "time.before"

// lateAfter is from when on a step says also when its ledger had the act with which it
// begins: a desk that had no way to its ledger brings its acts later, in order.
const lateAfter = time.Hour

// had finds in the detail of a finding by when the ledger had the event.
var had = regexp.MustCompile(`in the ledger by (\S+Z)`)

// late says by when the ledger had the act with which a span begins, when that was long
// after it; "" when it was not.
func (b *builder) late(v *verify.ItemVerdict, s verify.Span) string {
	begun, err := time.Parse(time.RFC3339Nano, s.From)
	if err != nil {
		return ""
	}
	for _, q := range v.Questions {
		for _, f := range q.Findings {
			if f.Check != beforeCheck || f.Status != verify.Holds || seqOf(f) != s.FromSeq || !strings.HasPrefix(f.Subject, v.Item.String()) {
				continue
			}
			if m := had.FindStringSubmatch(f.Detail); m != nil {
				if at, err := time.Parse(time.RFC3339Nano, m[1]); err == nil && at.Sub(begun) > lateAfter {
					return b.Language.detail(f.Detail).String()
				}
			}
		}
	}
	return ""
}
