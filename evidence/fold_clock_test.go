package evidence_test

import (
	"slices"
	"testing"
	"time"

	"example.org/custody/evidence"
	"pgregory.net/rapid"
)

// drawLength draws how much time something takes: often none, often what people
// need, sometimes years.
func drawLength(t *rapid.T, name string) time.Duration {
	limit := rapid.SampledFrom([]time.Duration{0, 0, time.Hour, 48 * time.Hour, 240 * time.Hour, 7 * 365 * 24 * time.Hour}).Draw(t, name+" up to")
	return time.Duration(rapid.Int64Range(0, int64(limit/time.Second)).Draw(t, name)) * time.Second
}

// times gives an event times that its signers may have written, and proofs that
// they could not choose.
func (s *story) times(t *rapid.T, l *evidence.Link) {
	e := l.Event
	off := drawLength(t, "offset")
	if rapid.Bool().Draw(t, "slow") {
		off = -off
	}
	e.Occurred.OffsetMS = off.Milliseconds()
	e.Occurred.Clock = rapid.SampledFrom([]evidence.Clock{evidence.ClockSystem, evidence.ClockNTP, evidence.ClockGNSS, evidence.ClockOperator}).Draw(t, "clock")
	e.Recorded = s.now.Add(off - drawLength(t, "backdated"))
	e.Occurred.To = s.now.Add(off - drawLength(t, "late"))
	if rapid.IntRange(0, 9).Draw(t, "early") == 0 {
		e.Occurred.To = s.now.Add(off + drawLength(t, "future"))
	}
	e.Occurred.From = e.Occurred.To.Add(-drawLength(t, "act"))
	if rapid.Bool().Draw(t, "receipt") {
		l.NotAfter = s.now.Add(drawLength(t, "unlogged")).Add(-drawLength(t, "postdated"))
	}
	if rapid.Bool().Draw(t, "anchor") {
		l.NotBefore = s.now.Add(-drawLength(t, "anchor age"))
		if !l.NotAfter.IsZero() && l.NotBefore.After(l.NotAfter) {
			l.NotBefore = l.NotAfter
		}
	}
}

// Custody begins with the act that gave it and no sooner, never before what is
// proven allows, and where it does not begin as stated there is a gap.
func TestCustodyBeginsWithItsAct(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		links := drawStory(t)
		tl, err := evidence.Fold(links, noon)
		if err != nil {
			t.Fatal(err)
		}
		checkTimeline(t, tl)
		for _, s := range tl.Spans {
			l := links[s.BeginSeq]
			if a := l.Event.Action; a == evidence.Collect || a == evidence.Accept {
				checkBegin(t, tl, s, l)
			}
		}
	})
}

func checkBegin(t *rapid.T, tl *evidence.Timeline, s evidence.Span, l evidence.Link) {
	from, to := l.Event.Occurred.Reference()
	stated := to
	if l.Event.Action == evidence.Accept {
		stated = from
	}
	made := l.Event.Made()
	if !l.NotAfter.IsZero() && made.After(l.NotAfter) {
		made = l.NotAfter
	}
	if s.Begin.Before(stated.Add(-evidence.ClockSlack)) && s.Begin.Before(made.Add(-evidence.ClockSlack)) {
		t.Fatalf("custody from %v on: its act counts from %v, made %v", s.Begin, stated, made)
	}
	earliest := made.Add(-evidence.LateAfter)
	if known := l.NotAfter.Add(-evidence.UnloggedAfter - evidence.LateAfter); !l.NotAfter.IsZero() && known.After(earliest) {
		earliest = known
	}
	if s.Begin.Before(earliest.Add(-evidence.ClockSlack)) {
		t.Fatalf("custody from %v on, and nothing is known of it before %v", s.Begin, earliest)
	}
	if off := s.Begin.Sub(stated).Abs(); off > evidence.ClockSlack && !slices.ContainsFunc(tl.Gaps, func(g evidence.Gap) bool { return g.Seq == s.BeginSeq }) {
		t.Fatalf("custody from %v on without a gap; stated was %v", s.Begin, stated)
	}
}
