package evidence_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"example.org/custody/evidence"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// story draws histories the way desks write them: each act from where the item
// stands, at times that need not fit.
type story struct {
	links    []evidence.Link
	custody  string // who answers
	receiver string // of an open offer
	origin   evidence.Origin
	holds    int
	now      time.Time
}

var acts = []evidence.Action{
	evidence.Offer, evidence.Examine, evidence.Derive, evidence.Disclose, evidence.Correct,
	evidence.Hold, evidence.Release, evidence.Return, evidence.Dispose, evidence.Step,
}

// next draws an act that is allowed.
func (s *story) next(t *rapid.T) evidence.Action {
	if s.receiver != "" {
		return rapid.SampledFrom([]evidence.Action{evidence.Accept, evidence.Decline, evidence.Withdraw}).Draw(t, "answer")
	}
	a := rapid.SampledFrom(acts).Draw(t, "act")
	ends := a == evidence.Return || a == evidence.Dispose
	if ends && (s.holds > 0 || rapid.IntRange(0, 3).Draw(t, "end") > 0) || a == evidence.Release && s.holds == 0 {
		return evidence.Examine
	}
	return a
}

func (s *story) add(t *rapid.T, a evidence.Action) {
	i := int64(len(s.links))
	e := event(a, i)
	e.Origin = s.origin
	s.now = s.now.Add(time.Duration(rapid.IntRange(-30, 120).Draw(t, "minutes")) * time.Minute)
	l := evidence.Link{Event: e, Leaf: hash("leaf %d", i)}
	s.times(t, &l)
	e.Signers[0] = signer(s.custody, evidence.RoleCustodian)
	switch a {
	case evidence.Offer:
		s.receiver = fmt.Sprintf("holder %d", i)
		e.Counterparty.Key = signer(s.receiver, "").Key
		from, _ := e.Occurred.Reference()
		e.Due = from.Add(time.Hour)
	case evidence.Accept, evidence.Decline:
		e.Signers[0] = signer(s.receiver, evidence.RoleCustodian)
		if a == evidence.Accept {
			s.custody = s.receiver
			s.origin = rapid.SampledFrom([]evidence.Origin{"aa.example/ledger", "bb.example/ledger"}).Draw(t, "ledger")
		}
		s.receiver = ""
	case evidence.Withdraw:
		e.Signers = append(e.Signers, signer(s.receiver, evidence.RoleCustodian))
		s.receiver = ""
	case evidence.Hold:
		s.holds++
	case evidence.Release:
		s.holds--
	}
	if e.Opens.Next != nil {
		e.Opens.Next.Origin = s.origin
	}
	s.links = append(s.links, l)
}

// drawStory draws a history that holds together.
func drawStory(t *rapid.T) []evidence.Link {
	s := story{custody: "giver", origin: "aa.example/ledger", now: noon}
	s.add(t, evidence.Collect)
	for range rapid.IntRange(0, 12).Draw(t, "events") {
		s.add(t, s.next(t))
		if s.links[len(s.links)-1].Event.Ends() {
			break
		}
	}
	return s.links
}

// What every timeline must satisfy, whatever the history says.
func checkTimeline(t *rapid.T, tl *evidence.Timeline) {
	if _, err := evidence.Canonical(tl); err != nil {
		t.Fatalf("no canonical form: %v", err)
	}
	for i, s := range tl.Spans {
		if !s.End.IsZero() && s.End.Before(s.Begin) {
			t.Fatalf("span %d runs backwards: %+v", i, s)
		}
		if i+1 < len(tl.Spans) && !tl.Spans[i+1].Begin.Equal(s.End) {
			t.Fatalf("span %d ends at %v, the next begins at %v", i, s.End, tl.Spans[i+1].Begin)
		}
		if i+1 == len(tl.Spans) && (!s.End.IsZero() || s.EndSeq != nil) {
			t.Fatalf("the last span has an end: %+v", s)
		}
		if nobody := s.Kind == evidence.SpanUnknown || s.Kind == evidence.SpanEnded; nobody != (s.Custodian == nil) {
			t.Fatalf("span %+v", s)
		}
	}
	if !slices.IsSortedFunc(tl.Gaps, func(a, b evidence.Gap) int { return int(a.Seq - b.Seq) }) {
		t.Fatalf("gaps out of order: %+v", tl.Gaps)
	}
	answers := tl.State == evidence.StateHeld || tl.State == evidence.StateOffered || tl.State == evidence.StateDisputed
	if answers != (tl.Custodian != nil) {
		t.Fatalf("state %s with custodian %v", tl.State, tl.Custodian)
	}
	if open := tl.State == evidence.StateOffered || tl.State == evidence.StateDisputed; open != (tl.Pending != nil) {
		t.Fatalf("state %s with pending %v", tl.State, tl.Pending)
	}
}

// Custody never moves but by an accept of the one the offer names (rule P14),
// and each history leaves exactly one next seal, or none when it has ended.
func TestCustodyMovesByAcceptOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		links := drawStory(t)
		var before *evidence.Timeline
		for n := 1; n <= len(links); n++ {
			tl, err := evidence.Fold(links[:n], noon)
			if err != nil {
				t.Fatal(err)
			}
			checkTimeline(t, tl)
			last := links[n-1].Event
			if before != nil && !last.Ends() && tl.Custodian.Key != before.Custodian.Key &&
				(last.Action != evidence.Accept || before.Pending.To.Key != tl.Custodian.Key) {
				t.Fatalf("%s moved custody", last.Action)
			}
			next := 0
			for _, o := range tl.Open {
				if o.Purpose == evidence.PurposeNext {
					next++
				}
			}
			if ended := last.Ends(); ended && next != 0 || !ended && next != 1 {
				t.Fatalf("%d next seals after %s", next, last.Action)
			}
			before = tl
		}
	})
}

// A history from which one event is dropped, doubled or moved is not a history;
// dropping the last one leaves its seal open, which is what the verifier asks for.
func TestBrokenHistoryFails(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		links := drawStory(t)
		n := len(links)
		if n < 3 {
			return
		}
		whole, err := evidence.Fold(links, noon)
		if err != nil {
			t.Fatal(err)
		}
		i := rapid.IntRange(0, n-2).Draw(t, "event")
		broken := map[string][]evidence.Link{
			"dropped": slices.Delete(slices.Clone(links), i, i+1),
			"doubled": slices.Insert(slices.Clone(links), i, links[i]),
		}
		moved := slices.Clone(links)
		moved[i], moved[i+1] = moved[i+1], moved[i]
		broken["moved"] = moved
		for name, b := range broken {
			var chain *evidence.ChainError
			if _, err := evidence.Fold(b, noon); !errors.As(err, &chain) {
				t.Fatalf("event %d %s: %v", i, name, err)
			}
		}
		shorter, err := evidence.Fold(links[:n-1], noon)
		if err != nil {
			t.Fatal(err)
		}
		closes := links[n-1].Event.Closes
		if !slices.ContainsFunc(shorter.Open, func(o evidence.OpenSeal) bool { return o.Seal == closes }) ||
			slices.ContainsFunc(whole.Open, func(o evidence.OpenSeal) bool { return o.Seal == closes }) {
			t.Fatal("the seal that the last event closes is not accounted for")
		}
	})
}

// Fold is a function of its input, changes nothing in it, and answers whatever
// it is given.
func TestFoldIsPure(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		links := drawStory(t)
		for range rapid.IntRange(0, 3).Draw(t, "damages") {
			damage(t, links)
		}
		asOf := noon.Add(time.Duration(rapid.IntRange(-1, 100).Draw(t, "hours")) * time.Hour)
		copies := clone(links)
		first, err := evidence.Fold(links, asOf)
		checkTimeline(t, first)
		if diff := cmp.Diff(copies, links); diff != "" {
			t.Fatalf("input changed: %s", diff)
		}
		second, again := evidence.Fold(links, asOf)
		if diff := cmp.Diff(first, second); diff != "" || fmt.Sprint(err) != fmt.Sprint(again) {
			t.Fatalf("two answers: %v, %v\n%s", err, again, diff)
		}
	})
}

// damage changes one thing about one link.
func damage(t *rapid.T, links []evidence.Link) {
	l := &links[rapid.IntRange(0, len(links)-1).Draw(t, "link")]
	if l.Event == nil {
		l.Erasure = nil
		return
	}
	e := *l.Event
	switch rapid.IntRange(0, 9).Draw(t, "damage") {
	case 0, 1, 2: // erase it, as a dispose would say
		x := evidence.Erasure{Leaf: l.Leaf, Order: "order"}
		if n := e.Opens.Next; n != nil {
			x.Opened = append(x.Opened, n.Seal)
		}
		for _, c := range e.Opens.Children {
			x.Opened = append(x.Opened, evidence.Seal(c.Item))
		}
		l.Event, l.Closes, l.Erasure = nil, e.Closes, &x
		return
	case 3:
		e.Action = rapid.SampledFrom(evidence.Actions()).Draw(t, "action")
	case 4:
		e.Signers = nil
	case 5:
		e.Opens.Next = nil
	case 6:
		e.Counterparty = nil
	case 7:
		e.Seq += rapid.Int64Range(-2, 2).Draw(t, "seq")
	case 8:
		e.Signers = []evidence.Signer{signer("stranger", evidence.RoleCustodian)}
	case 9:
		e.Occurred.From = noon.Add(-time.Duration(rapid.IntRange(0, 99).Draw(t, "hours")) * time.Hour)
	}
	l.Event = &e
}

func clone(links []evidence.Link) []evidence.Link {
	list := slices.Clone(links)
	for i, l := range list {
		if l.Event != nil {
			e := *l.Event
			list[i].Event = &e
		}
	}
	return list
}

func TestChainErrorNamesTheEvent(t *testing.T) {
	links := []evidence.Link{
		{Event: event(evidence.Collect, 0), Leaf: hash("leaf 0")},
		{Event: event(evidence.Examine, 1), Leaf: hash("leaf 1")},
	}
	links[1].Event.Previous = hash("another")
	tl, err := evidence.Fold(links, noon)
	var chain *evidence.ChainError
	if !errors.As(err, &chain) || chain.Seq != 1 || chain.Check != evidence.CheckPrevious {
		t.Fatal(err)
	}
	if tl.State != evidence.StateHeld || len(tl.Open) != 1 {
		t.Errorf("timeline up to the error: %+v", tl)
	}
}

// A history of ten thousand events, the most a package holds, folds at once.
func BenchmarkFold10k(b *testing.B) {
	links := []evidence.Link{{Event: event(evidence.Collect, 0), Leaf: hash("leaf 0")}}
	for i := int64(1); i < 10_000; i++ {
		links = append(links, evidence.Link{Event: event(evidence.Examine, i), Leaf: hash("leaf %d", i)})
	}
	for b.Loop() {
		if _, err := evidence.Fold(links, noon); err != nil {
			b.Fatal(err)
		}
	}
}
