package evidence_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"example.org/custody/evidence"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func TestInstant(t *testing.T) {
	zone := time.FixedZone("", 3600)
	got := evidence.Instant(time.Date(2026, 11, 24, 13, 0, 0, 1_999_999, zone))
	if want := noon.Add(time.Millisecond); !got.Equal(want) || got.Location() != time.UTC {
		t.Errorf("got %v", got)
	}
}

func TestReferenceTakesTheOffsetOff(t *testing.T) {
	o := evidence.Occurred{From: noon, OffsetMS: 90_000, To: noon.Add(time.Minute)} // the clock is ahead
	from, to := o.Reference()
	if !from.Equal(noon.Add(-90*time.Second)) || !to.Equal(noon.Add(-30*time.Second)) {
		t.Errorf("%v, %v", from, to)
	}
}

// An event made in code is refused for what no parsed one can have.
func TestMarshalRefuses(t *testing.T) {
	for member, change := range map[string]func(*evidence.Event){
		"occurred.from":      func(e *evidence.Event) { e.Occurred.From = time.Time{} },
		"occurred.to":        func(e *evidence.Event) { e.Occurred.To = noon.In(time.FixedZone("", 0)) },
		"recorded":           func(e *evidence.Event) { e.Recorded = noon.Add(time.Nanosecond) },
		"seq":                func(e *evidence.Event) { e.Seq = -1 },
		"record.count":       func(e *evidence.Event) { e.Record.Count = evidence.MaxEntries + 1 },
		"counterparty.ref":   func(e *evidence.Event) { e.Counterparty.Ref = "\xff" },
		"occurred.offset_ms": func(e *evidence.Event) { e.Occurred.OffsetMS = evidence.MaxInteger },
		"payload": func(e *evidence.Event) {
			for i := range evidence.MaxEvent / 64 {
				e.Anchors = append(e.Anchors, evidence.Hash{byte(i), byte(i >> 8)})
			}
		},
	} {
		e := event(evidence.Offer, 1)
		if _, err := e.Marshal(); err != nil {
			t.Fatal(err)
		}
		change(e)
		_, err := e.Marshal()
		var got *evidence.MemberError
		if !errors.As(err, &got) || got.Member != member || !errors.Is(err, evidence.ErrEvent) {
			t.Errorf("%s: %v", member, err)
		}
	}
	if _, err := evidence.ParseEvent(bytes.Repeat([]byte("["), evidence.MaxEvent+1)); !errors.Is(err, evidence.ErrNotCanonical) {
		t.Errorf("too long: %v", err)
	}
}

func hash(format string, args ...any) (h evidence.Hash) {
	k := evidence.BirthKey(evidence.Origin(fmt.Sprintf(format, args...)), evidence.Hash{})
	return evidence.Hash(k)
}

func signer(name string, role evidence.Role) evidence.Signer {
	return evidence.Signer{Authority: "AA", Enrolled: evidence.ItemID(hash("enrolled %s", name)), Key: evidence.KeyID(hash("key %s", name)), Role: role}
}

// event returns a valid event of an item; what it closes and follows are stand-ins.
func event(a evidence.Action, seq int64) *evidence.Event {
	const origin = "aa.example/ledger"
	record := evidence.RecordRoots{Count: 1, Root: hash("root"), Root3: hash("root3")}
	birth := evidence.BirthKey(origin, record.Root).Seal()
	e := &evidence.Event{
		Action: a, Closes: evidence.Seal(hash("seal %d", seq-1)), Item: evidence.ItemID(birth),
		Occurred: evidence.Occurred{Clock: evidence.ClockNTP, From: noon, To: noon},
		Opens:    evidence.Opens{Next: &evidence.NextSeal{Origin: origin, Seal: evidence.Seal(hash("seal %d", seq))}},
		Origin:   origin, Previous: hash("leaf %d", seq-1), Record: record, Recorded: noon, Seq: seq,
		Signers: []evidence.Signer{signer("giver", evidence.RoleCustodian)},
	}
	switch a {
	case evidence.Collect:
		e.Closes, e.Previous = birth, evidence.Hash{}
	case evidence.Offer:
		e.Counterparty = &evidence.Counterparty{Kind: evidence.PartyKey, Key: signer("receiver", "").Key}
		e.Due = noon.Add(time.Hour)
	case evidence.Accept, evidence.Decline:
		e.Signers = []evidence.Signer{signer("receiver", evidence.RoleCustodian)}
	case evidence.Derive:
		e.Opens.Children = []evidence.Child{{Item: evidence.ItemID(hash("child %d", seq)), Origin: origin}}
	case evidence.Disclose:
		e.Counterparty = &evidence.Counterparty{Kind: evidence.PartyCourt}
	case evidence.Return:
		e.Counterparty = &evidence.Counterparty{Kind: evidence.PartyOwner}
		e.Opens.Next = nil
	case evidence.Dispose:
		e.Signers = append(e.Signers, signer("approver", evidence.RoleApprover))
		e.Opens.Next = nil
	}
	return e
}

var drawText = rapid.StringMatching(`[ -~äöü€]{1,60}`)

// drawEvent draws a valid event with any of its optional members.
func drawEvent(t *rapid.T) *evidence.Event {
	e := event(rapid.SampledFrom([]evidence.Action{
		evidence.Collect, evidence.Offer, evidence.Accept, evidence.Decline, evidence.Withdraw, evidence.Examine, evidence.Derive,
		evidence.Disclose, evidence.Correct, evidence.Hold, evidence.Release, evidence.Return, evidence.Dispose, evidence.Step,
	}).Draw(t, "action"), 1)
	if e.Action == evidence.Collect {
		e.Seq = 0
	} else {
		e.Seq = rapid.Int64Range(1, evidence.MaxInteger).Draw(t, "seq")
	}
	some := func(name string) bool { return rapid.Bool().Draw(t, name) }
	instant := rapid.Custom(func(t *rapid.T) time.Time {
		return time.UnixMilli(rapid.Int64Range(0, 1<<42).Draw(t, "ms")).UTC()
	})
	e.Occurred.From = instant.Draw(t, "from")
	e.Occurred.To = e.Occurred.From.Add(time.Duration(rapid.IntRange(0, 1e6).Draw(t, "long")) * time.Millisecond)
	e.Occurred.OffsetMS = rapid.Int64Range(-1e6, 1e6).Draw(t, "offset")
	e.Recorded = instant.Draw(t, "recorded")
	if e.Action == evidence.Offer {
		from, _ := e.Occurred.Reference()
		e.Due = from.Add(time.Millisecond)
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "anchors") {
		e.Anchors = append(e.Anchors, hash("anchor %d", i))
	}
	if some("standard") {
		e.Standard = "device-seizure/1.0"
	}
	if some("appointment") {
		e.Signers[0].Appointment = drawText.Draw(t, "text")
	}
	if e.Counterparty != nil && some("ref") {
		e.Counterparty.Ref = drawText.Draw(t, "text")
	}
	if e.Action == evidence.Collect && some("parent") {
		e.Parent = &evidence.Parent{Item: evidence.ItemID(hash("parent")), Kind: evidence.Copied, Leaf: hash("derive")}
	}
	if e.Action == evidence.Dispose && some("erases") {
		e.Erases = []evidence.Erasure{{Leaf: hash("erased"), Order: "order 5"}, {Leaf: hash("other"), Opened: []evidence.Seal{{1}}, Order: "order 5"}}
	}
	return e
}

func TestEventRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawEvent(t)
		b, err := e.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		back, err := evidence.ParseEvent(b)
		if err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		if diff := cmp.Diff(e, back, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func FuzzParseEvent(f *testing.F) {
	for _, v := range vectors(f, "event-") {
		f.Add(v.files["event.json"])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := evidence.ParseEvent(b)
		if err != nil {
			if e != nil || !errors.Is(err, evidence.ErrEvent) && !errors.Is(err, evidence.ErrNotCanonical) {
				t.Fatalf("%v with %v", err, e)
			}
			return
		}
		if again, err := e.Marshal(); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%v:\n%s\nwas\n%s", err, again, b)
		}
		evidence.Fold([]evidence.Link{{Event: e}}, time.Time{})
	})
}
