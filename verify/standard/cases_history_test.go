package standard_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"example.org/custody/evidence"
)

const origin evidence.Origin = "log.AA.example/1"

// builder writes the events of one item, each closing the seal before it.
type builder struct {
	t     testing.TB
	links []evidence.Link
	item  evidence.ItemID
	next  evidence.Seal
}

func (b *builder) add(a act, files []sealedFile, parent *parentItem) {
	b.t.Helper()
	i := int64(len(b.links))
	record := b.record(i, a.Record, files)
	e := b.event(i, a, record.Roots())
	if i == 0 && parent != nil {
		e.Parent = &evidence.Parent{Item: evidence.ItemID(sum("parent")), Kind: parent.Kind, Leaf: sum("derive")}
	}
	canonical, err := e.Marshal()
	if err != nil {
		b.t.Fatalf("event %d: %v", i, err)
	}
	l := evidence.Link{Leaf: sha256.Sum256(canonical), Event: e, View: view(b.t, record, a, files), NotAfter: a.Logged}
	if l.NotAfter.IsZero() {
		l.NotAfter = e.Recorded.Add(time.Minute)
	}
	if a.Erased {
		l = erased(l)
	}
	b.links = append(b.links, l)
}

func (b *builder) event(i int64, a act, roots evidence.RecordRoots) *evidence.Event {
	e := &evidence.Event{
		Action: a.Action, Closes: b.next, Item: b.item, Origin: origin, Record: roots, Seq: i, Due: a.Due,
		Occurred: evidence.Occurred{Clock: a.Clock, From: a.From, To: a.To, OffsetMS: a.OffsetMS},
		Opens:    evidence.Opens{Next: &evidence.NextSeal{Origin: origin, Seal: evidence.Seal(sum(fmt.Sprint("seal ", i)))}},
		Recorded: a.Recorded, Signers: []evidence.Signer{signer(a.Key, a.Role)},
	}
	e.Signers[0].Appointment = a.Appointment
	if a.Second != "" {
		e.Signers = append(e.Signers, signer(a.Second, evidence.RoleApprover))
	}
	if a.Party != nil {
		e.Counterparty = &evidence.Counterparty{Kind: a.Party.Kind, Ref: a.Party.Ref, State: a.Party.State}
		if a.Party.Key != "" {
			e.Counterparty.Key = signer(a.Party.Key, "").Key
		}
	}
	b.follow(e, a)
	return e
}

// follow fills in what is usual, and what depends on the event before.
func (b *builder) follow(e *evidence.Event, a act) {
	if e.Occurred.Clock == "" {
		e.Occurred.Clock = evidence.ClockNTP
	}
	if e.Occurred.To.IsZero() {
		e.Occurred.To = e.Occurred.From
	}
	if e.Recorded.IsZero() {
		e.Recorded = e.Occurred.To.Add(time.Minute)
	}
	if a.Action == evidence.Return || a.Action == evidence.Dispose {
		e.Opens.Next = nil
	} else {
		b.next = e.Opens.Next.Seal
	}
	if a.Child {
		e.Opens.Children = []evidence.Child{{Item: evidence.ItemID(sum(fmt.Sprint("child ", e.Seq))), Origin: origin}}
	}
	if a.Continues {
		e.Continues = evidence.ItemID(sum("dead"))
	}
	if e.Seq > 0 {
		e.Previous = b.links[e.Seq-1].Leaf
		return
	}
	b.item = evidence.ItemID(evidence.BirthKey(origin, e.Record.Root).Seal())
	e.Item, e.Closes = b.item, evidence.Seal(b.item)
}

func signer(name string, role evidence.Role) evidence.Signer {
	return evidence.Signer{Authority: "AA", Enrolled: evidence.ItemID(sum("enrol " + name)), Key: evidence.KeyID(sum("key " + name)), Role: role}
}

// erased is the link with nothing left but what a dispose says of it.
func erased(l evidence.Link) evidence.Link {
	e := l.Event
	opened := []evidence.Seal{e.Opens.Next.Seal}
	for _, c := range e.Opens.Children {
		opened = append(opened, evidence.Seal(c.Item))
	}
	return evidence.Link{Leaf: l.Leaf, Closes: e.Closes, Erasure: &evidence.Erasure{Leaf: l.Leaf, Opened: opened, Order: "AA-ORD-1"}}
}

func (b *builder) record(i int64, fields map[string]any, files []sealedFile) *evidence.Record {
	b.t.Helper()
	values := make([]evidence.FileValue, len(files))
	for n, f := range files {
		values[n] = f.value(b.t)
	}
	r, err := evidence.NewRecord(evidence.RecordKey{byte(i)}, fields, values...)
	if err != nil {
		b.t.Fatalf("event %d: %v", i, err)
	}
	return r
}

func (f sealedFile) value(t testing.TB) evidence.FileValue {
	t.Helper()
	if f.Kind == evidence.KindUnreadable {
		return evidence.FileValue{Kind: f.Kind, Path: f.Path, Reason: "permission denied"}
	}
	d := evidence.Digests{SHA256: sum(f.Path), Size: f.Size, Tree: sum("tree " + f.Path)}
	if f.SHA512 {
		d.SHA512 = sha512.Sum512([]byte(f.Path))
	}
	if f.SHA256 != "" {
		var err error
		if d.SHA256, err = evidence.ParseHash(f.SHA256); err != nil {
			t.Fatal(err)
		}
	}
	return evidence.FileValue{Kind: evidence.KindFile, Mode: "0644", Path: f.Path, Digests: &d}
}

// view holds back what the act, and its files, say. A name that the record does
// not have is a mistake in the case.
func view(t testing.TB, r *evidence.Record, a act, files []sealedFile) *evidence.View {
	t.Helper()
	held := 0
	v := r.View(func(e evidence.ViewEntry) *evidence.Withholding {
		w := &evidence.Withholding{Withheld: evidence.Withheld{Authority: "AA", Code: evidence.ReasonInvestigation, Review: "2027-01-01"}}
		w.Name = slices.Contains(a.Hide, e.Name)
		hold := w.Name || slices.Contains(a.Withhold, e.Name)
		for n, f := range files {
			hold = hold || f.Withheld && e.Name == evidence.FileName(n+1)
		}
		if !hold {
			return nil
		}
		held++
		return w
	})
	if held < len(a.Withhold)+len(a.Hide) {
		t.Fatalf("%s: the record has not all of %v %v", a.Action, a.Withhold, a.Hide)
	}
	return v
}

// decode reads JSON with no member that is not asked for.
func decode(t testing.TB, raw []byte, into any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		t.Fatalf("%s: %v", raw[:min(len(raw), 200)], err)
	}
}
