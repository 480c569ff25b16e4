package verifytest

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/signing"
	"example.org/custody/verify/pack"
)

// Officer is a key with a role: enrolled, or an authority's own.
type Officer struct {
	State     *State
	Role      evidence.Role
	ID        evidence.KeyID
	Enrolment *Item // nil for an authority
	key       *signerKey
}

// Key signs as the officer does, other things than events too.
func (o *Officer) Key() signing.Signer { return o.key }

// Signer returns how the officer stands among an event's signers.
func (o *Officer) Signer() evidence.Signer {
	s := evidence.Signer{Key: o.ID, Role: o.Role, Authority: evidence.StateCode(o.State.Code)}
	if o.Enrolment != nil {
		s.Enrolled = o.Enrolment.ID
	}
	return s
}

// Item is an item with its history so far.
type Item struct {
	ID     evidence.ItemID
	Events []*Event
	Forge  func(*signing.Envelope) // changes the next envelope once it is signed; nil: nothing
	world  *World
	record *evidence.Record // of its first event
	next   evidence.SealKey // of the open seal
	seal   *evidence.NextSeal
	leaf   evidence.Hash
}

// Event is one event as logged.
type Event struct {
	pack.Held
	Event  *evidence.Event
	Record *evidence.Record
	Leaf   ledger.Leaf
	Log    *Log
	Item   *Item
	Erased bool // dossiers show its leaf alone
	next   evidence.SealKey
}

// Hide has dossiers hold back what withhold decides on; nil shows everything.
func (e *Event) Hide(withhold func(evidence.ViewEntry) *evidence.Withholding) {
	e.Held.Record = e.Record.View(withhold)
}

// Edit changes an event before it is signed.
type Edit func(*evidence.Event)

// File is one file of a record.
type File struct {
	Path    string
	Content []byte
	Digests *evidence.Digests // nil: those of Content
}

// Record is what an event says beside its envelope.
type Record struct {
	Fields map[string]any
	Files  []File
}

// Collect seals a new item in the ledger of the officer's state.
func (o *Officer) Collect(r Record, edits ...Edit) *Item {
	return o.CollectWith(nil, r, edits...)
}

// CollectWith is [Officer.Collect] signed by others as well.
func (o *Officer) CollectWith(others []*Officer, r Record, edits ...Edit) *Item {
	i := o.State.world.item(o.State.Log.Origin, o.State.world.record(r))
	i.log(evidence.Collect, append([]*Officer{o}, others...), i.record, edits)
	return i
}

// Draft returns the record that an item would begin with and the item's id, so
// that a parent can name the child before it exists.
func (s *State) Draft(r Record) (*evidence.Record, evidence.ItemID) {
	rec := s.world.record(r)
	return rec, evidence.ItemID(evidence.BirthKey(s.Log.Origin, rec.Roots().Root).Seal())
}

// CollectDraft seals the item that [State.Draft] prepared.
func (o *Officer) CollectDraft(rec *evidence.Record, edits ...Edit) *Item {
	i := o.State.world.item(o.State.Log.Origin, rec)
	i.log(evidence.Collect, []*Officer{o}, rec, edits)
	return i
}

// item returns an item that no event has begun yet.
func (w *World) item(o evidence.Origin, rec *evidence.Record) *Item {
	birth := evidence.BirthKey(o, rec.Roots().Root)
	return &Item{ID: evidence.ItemID(birth.Seal()), world: w, record: rec, next: birth, seal: &evidence.NextSeal{Origin: o, Seal: birth.Seal()}}
}

// Act adds an event to the item's history, whether it is allowed or not.
func (i *Item) Act(a evidence.Action, by []*Officer, r Record, edits ...Edit) *Event {
	return i.log(a, by, i.world.record(r), edits)
}

// Offer offers the item; edits can change whom to and until when.
func (i *Item) Offer(from, to *Officer, edits ...Edit) *Event {
	w := i.world
	return i.Act(evidence.Offer, []*Officer{from}, Record{}, append([]Edit{func(e *evidence.Event) {
		e.Counterparty = &evidence.Counterparty{Kind: evidence.PartyKey, Key: to.ID, State: evidence.StateCode(to.State.Code)}
		e.Due = evidence.Instant(w.Now.Add(48 * time.Hour))
	}}, edits...)...)
}

// Accept takes the offered item over: the next seal is in the ledger of the
// receiver's state.
func (i *Item) Accept(by *Officer, edits ...Edit) *Event {
	return i.AcceptWith(by, Record{}, edits...)
}

// AcceptWith is [Item.Accept] with a record. Where the record does not say which
// physical seals were found, it says those that were left.
func (i *Item) AcceptWith(by *Officer, r Record, edits ...Edit) *Event {
	if left := i.sealsLeft(); left != nil && r.Fields[evidence.FieldSealBefore] == nil {
		r.Fields = maps.Clone(r.Fields)
		if r.Fields == nil {
			r.Fields = map[string]any{}
		}
		r.Fields[evidence.FieldSealBefore] = left
	}
	return i.Act(evidence.Accept, []*Officer{by}, r, append([]Edit{func(e *evidence.Event) {
		e.Opens.Next.Origin = by.State.Log.Origin
	}}, edits...)...)
}

// sealsLeft returns the numbers of the physical seals as last stated, or nil.
func (i *Item) sealsLeft() []string {
	for _, e := range slices.Backward(i.Events) {
		for _, name := range []string{evidence.FieldSealAfter, evidence.FieldSealBefore, evidence.FieldPhysicalSeal} {
			for _, x := range e.Record.Entries() {
				var numbers []string
				if x.Name == name && json.Unmarshal(x.Value, &numbers) == nil {
					return numbers
				}
			}
		}
	}
	return nil
}

// End ends the item: return, or dispose with a second signer.
func (i *Item) End(a evidence.Action, by []*Officer, edits ...Edit) *Event {
	return i.Act(a, by, Record{}, append([]Edit{func(e *evidence.Event) { e.Opens.Next = nil }}, edits...)...)
}

// Take has the item's next event close the seal that another item has open.
func (i *Item) Take(from *Item) { i.next, i.seal = from.next, from.seal }

// Rewind has the item's next event close the seal that event seq closed.
func (i *Item) Rewind(seq int) {
	i.next = i.Events[seq].SealKey
	i.seal = &evidence.NextSeal{Origin: i.Events[seq].Event.Origin, Seal: i.next.Seal()}
}

// Forget takes event seq and those after it out of what dossiers show.
func (i *Item) Forget(seq int) {
	gone := i.Events[seq:]
	i.Events = i.Events[:seq]
	i.world.events = slices.DeleteFunc(i.world.events, func(e *Event) bool { return slices.Contains(gone, e) })
}

// Last returns the newest event.
func (i *Item) Last() *Event { return i.Events[len(i.Events)-1] }

// Unlogged builds and signs what would be the item's next event and puts it into
// no ledger; the item stays as it is. Its Index and Receipt are empty.
func (i *Item) Unlogged(a evidence.Action, by []*Officer, r Record, edits ...Edit) *Event {
	w := i.world
	rec, next := w.record(r), evidence.SealKey(w.draw("seal key"))
	e, envelope := i.sign(a, by, rec, next, edits)
	salt := w.draw("salt")
	return &Event{
		Held:  pack.Held{Envelope: envelope, Salt: salt, SealKey: i.next, Record: rec.View(nil)},
		Event: e, Record: rec, Leaf: ledger.EventLeaf(i.next, salt, envelope), Item: i, next: next,
	}
}

// Put logs an event that [Item.Unlogged] made, as the item's next.
func (i *Item) Put(x *Event) *Event {
	i.world.Tick(time.Minute)
	return i.append(x.Event, x.Record, x.Envelope, x.Salt, x.next)
}

// log builds, signs and logs the item's next event.
func (i *Item) log(a evidence.Action, by []*Officer, rec *evidence.Record, edits []Edit) *Event {
	i.world.Tick(time.Minute)
	next := evidence.SealKey(i.world.draw("seal key"))
	e, envelope := i.sign(a, by, rec, next, edits)
	return i.append(e, rec, envelope, evidence.Hash(i.world.draw("salt")), next)
}

func (i *Item) sign(a evidence.Action, by []*Officer, rec *evidence.Record, next evidence.SealKey, edits []Edit) (*evidence.Event, []byte) {
	e := i.draft(a, by, rec, next)
	for _, edit := range edits {
		edit(e)
	}
	payload, err := e.Marshal()
	must(err)
	var signers []signing.Signer
	for _, o := range by {
		signers = append(signers, o.key)
	}
	env, err := signing.Sign(context.Background(), evidence.EventPayloadType, payload, signers...)
	must(err)
	if i.Forge != nil {
		i.Forge(env)
		i.Forge = nil
	}
	b, err := env.Marshal()
	must(err)
	return e, b
}

func (i *Item) draft(a evidence.Action, by []*Officer, rec *evidence.Record, next evidence.SealKey) *evidence.Event {
	w := i.world
	e := &evidence.Event{
		Action: a, Anchors: w.anchors(i.seal.Origin), Closes: i.next.Seal(), Item: i.ID, Previous: i.leaf, Seq: int64(len(i.Events)),
		Occurred: evidence.Occurred{Clock: evidence.ClockNTP, From: w.Now.Add(-10 * time.Second), To: w.Now.Add(-5 * time.Second)},
		Recorded: w.Now, Origin: i.seal.Origin, Record: rec.Roots(),
		Opens: evidence.Opens{Children: []evidence.Child{}, Next: &evidence.NextSeal{Origin: i.seal.Origin, Seal: next.Seal()}},
	}
	for _, o := range by {
		e.Signers = append(e.Signers, o.Signer())
	}
	switch a {
	case evidence.Revoke, evidence.Return:
		e.Opens.Next = nil
	}
	if a == evidence.Return || a == evidence.Disclose {
		e.Counterparty = &evidence.Counterparty{Kind: evidence.PartyOwner, Ref: "as recorded"}
	}
	return e
}

// append puts a signed event into its ledger: leaf, epoch, checkpoint, receipt.
func (i *Item) append(e *evidence.Event, rec *evidence.Record, envelope []byte, salt evidence.Hash, next evidence.SealKey) *Event {
	w := i.world
	l := w.LogOf(e.Origin)
	leaf := ledger.EventLeaf(i.next, salt, envelope)
	index := l.take(leaf)
	l.Epoch()
	w.Tick(2 * time.Second)
	note := l.Checkpoint(Cosigning{})
	x := &Event{
		Held:  pack.Held{Envelope: envelope, Salt: salt, SealKey: i.next, Index: index, Record: rec.View(nil), Receipt: l.Receipt(note, index, leaf)},
		Event: e, Record: rec, Leaf: leaf, Log: l, Item: i,
	}
	i.Events = append(i.Events, x)
	i.leaf, i.next = leaf.Hash(), next
	i.seal = &evidence.NextSeal{Origin: e.Origin, Seal: next.Seal()} // after the end one that nobody opened
	if n := e.Opens.Next; n != nil {
		i.seal.Origin = n.Origin
	}
	w.events = append(w.events, x)
	return x
}

// anchors names the newest checkpoint of every ledger but o's own.
func (w *World) anchors(o evidence.Origin) []evidence.Hash {
	list := []evidence.Hash{}
	for _, s := range w.States {
		if s.Log.Origin != o {
			list = append(list, pack.NoteDigest(s.Log.Latest()))
		}
	}
	return list
}

// LogOf returns the ledger named o.
func (w *World) LogOf(o evidence.Origin) *Log {
	for _, s := range w.States {
		for _, l := range s.Logs {
			if l.Origin == o {
				return l
			}
		}
	}
	panic("verifytest: no ledger " + string(o))
}

// record builds a record with salts of its own.
func (w *World) record(r Record) *evidence.Record {
	var files []evidence.FileValue
	for _, f := range r.Files {
		d := f.Digests
		if d == nil {
			of := evidence.DigestBytes(f.Content, evidence.WithSHA256)
			d = &of
		}
		files = append(files, evidence.FileValue{Kind: evidence.KindFile, Path: f.Path, Mode: "0644", Digests: d})
	}
	rec, err := evidence.NewRecord(evidence.RecordKey(w.draw("record key")), r.Fields, files...)
	must(err)
	return rec
}
