package desk

import (
	"context"
	"crypto/rand"
	"time"

	"example.org/custody/cmd/internal/desk/check"
	"example.org/custody/cmd/internal/desk/trustlist"
)

// DoctorTime asks a timestamp authority for a token over random bytes; nil is
// asked nothing. What it sees is 32 random bytes.
func (h *Home) DoctorTime(ctx context.Context, stamp Stamper) check.List {
	d := &doctor{h: h}
	if stamp == nil {
		return nil
	}
	var digest [32]byte
	rand.Read(digest[:]) // never fails: crypto/rand ends the program instead
	t, _, err := stamp.Ask(ctx, digest)
	if err != nil {
		d.Fails("timestamp", "ask another timestamp authority, or see whether this machine reaches it", "no token came: %v", err)
		return d.List
	}
	if off := t.Time.Sub(h.Now()); off.Abs() > clockSlack {
		d.Warns("timestamp.clock", "find out which clock is wrong before the next act", "the timestamp authority says %s, %s from this machine", t.Time.Format(time.RFC3339), off.Abs().Round(time.Second))
	} else {
		d.Holds("timestamp.clock", "the timestamp authority says %s, as this machine does", t.Time.Format(time.RFC3339))
	}
	list, err := trustlist.Read(h.path("trust"))
	switch {
	case err != nil || list == nil:
		d.Warns("timestamp", "pin a trust list", "it answers; no trust list is pinned that could say whether it counts")
	case countsTime(list, t) != nil:
		d.Warns("timestamp", "custody trust propose --tsa STATE=FILE, when the states agree", "it answers, and does not count: %v", countsTime(list, t))
	default:
		d.Holds("timestamp", "it answers, and the trust list lets it count")
	}
	return d.List
}
