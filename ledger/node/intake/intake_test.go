package intake

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"example.org/custody/evidence"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/node/bodies"
	"example.org/custody/ledger/writer"
	"example.org/custody/signing"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
)

// place is a node's ledger of the state AA, in a world of two states, whose events
// the tests feed to it.
type place struct {
	*testing.T
	w    *verifytest.World
	in   *Intake
	disk *ledgertest.Disk
	dir  string
	id   *age.X25519Identity

	skey note.Signer
	vkey note.Verifier
	book *writer.Writer
	shut func()
}

func newPlace(t *testing.T) *place {
	t.Helper()
	p := &place{T: t, w: verifytest.New(verifytest.Config{}), dir: t.TempDir()}
	id, errI := age.GenerateX25519Identity()
	skey, vkey, errK := note.GenerateKey(nil, string(p.own().Origin))
	if err := errors.Join(errI, errK); err != nil {
		t.Fatal(err)
	}
	p.id = id
	var errS, errV error
	p.skey, errS = note.NewSigner(skey)
	p.vkey, errV = note.NewVerifier(vkey)
	if err := errors.Join(errS, errV); err != nil {
		t.Fatal(err)
	}
	p.disk = ledgertest.NewDisk(p.own().Origin)
	p.open()
	t.Cleanup(func() { p.shut() })
	return p
}

func (p *place) own() *verifytest.Log { return p.w.State("AA").Log }

// open opens writer, bodies and intake; the log and the bodies are those of before.
func (p *place) open() {
	p.Helper()
	log, err := p.disk.Open()
	if err != nil {
		p.Fatal(err)
	}
	book, err := writer.Open(context.Background(), writer.Config{Log: log, Map: closed.New(p.own().Origin), Key: p.skey, Verifier: p.vkey})
	if err != nil {
		p.Fatal(err)
	}
	store, err := bodies.Open(p.dir, bodies.Options{Identity: p.id, Recipients: []age.Recipient{p.id.Recipient()}})
	if err != nil {
		p.Fatal(err)
	}
	p.book = book
	p.in, err = Open(context.Background(), Config{
		Origin: p.own().Origin, State: "AA", Writer: book, Bodies: store, Now: func() time.Time { return p.w.Now },
		Pinned: func() (*Pinned, error) { return NewPinned(p.w.Trust()) },
	})
	if err != nil {
		p.Fatal(err)
	}
	p.shut = func() { store.Close(); book.Close() }
}

// reopen is what a restart does.
func (p *place) reopen() {
	p.Helper()
	p.shut()
	p.open()
}

// of returns an event of the world as it is submitted.
func (p *place) of(e *verifytest.Event) wire.Event {
	p.Helper()
	raw, err := evidence.Canonical(e.Record.View(nil))
	if err != nil {
		p.Fatal(err)
	}
	return wire.Event{Envelope: e.Envelope, Leaf: wire.HexLeaf(e.Leaf), Record: raw, Salt: e.Salt, SealKey: evidence.Hash(e.SealKey)}
}

var desk = Caller{Key: evidence.KeyID{1}, Authority: "AA"}

// submit submits events of the world in one request.
func (p *place) submit(who Caller, proofs map[string][]byte, all ...*verifytest.Event) []Outcome {
	p.Helper()
	s := &wire.Submission{Proofs: proofs}
	for _, e := range all {
		s.Events = append(s.Events, p.of(e))
	}
	out, err := p.in.Submit(p.Context(), who, s)
	if err != nil {
		p.Fatal(err)
	}
	return out
}

// takes submits events that must be logged with receipts.
func (p *place) takes(all ...*verifytest.Event) {
	p.Helper()
	for i, o := range p.submit(desk, nil, all...) {
		if o.Refused != nil || o.Receipt == nil {
			p.Fatalf("%s: %v", all[i].Event.Action, o)
		}
		if _, err := o.Receipt.Verify(all[i].Leaf, p.vkey); err != nil {
			p.Errorf("%s: receipt: %v", all[i].Event.Action, err)
		}
	}
}

// refuses submits an event that must be refused.
func (p *place) refuses(code string, e *verifytest.Event) *Refusal {
	p.Helper()
	r := p.submit(desk, nil, e)[0].Refused
	if r == nil || r.Code != code {
		p.Fatalf("%s: refused with %v, want %s", e.Event.Action, r, code)
	}
	return r
}

// files is a dossier of events alone: of the own ledger nothing else is needed.
func (p *place) files(all ...*verifytest.Event) map[string][]byte {
	p.Helper()
	d := &pack.Dossier{}
	for _, e := range all {
		index, _, ok, err := p.book.Closing(e.Event.Closes)
		if err != nil || !ok {
			p.Fatalf("event is not in the ledger, %v", err)
		}
		d.Events = append(d.Events, pack.EventLine{Index: index, Envelope: e.Envelope, Salt: e.Salt, SealKey: e.SealKey, Record: e.Record.View(nil)})
	}
	files, err := d.Encode()
	if err != nil {
		p.Fatal(err)
	}
	return files
}

// enrol returns an officer whose enrolment is logged.
func (p *place) enrol(role evidence.Role) *verifytest.Officer {
	p.Helper()
	o := p.w.State("AA").Enrol(role)
	p.takes(o.Enrolment.Events[0])
	return o
}

func thing() verifytest.Record {
	return verifytest.Record{Fields: map[string]any{"description": "a thing"}}
}

func TestHistory(t *testing.T) {
	p := newPlace(t)
	ann, bob := p.enrol(evidence.RoleCollector), p.enrol(evidence.RoleCustodian)
	it := ann.Collect(thing())
	it.Offer(ann, bob)
	it.Accept(bob)
	it.Act(evidence.Examine, []*verifytest.Officer{bob}, verifytest.Record{})
	p.takes(it.Events...)
	p.reopen()
	it.Act(evidence.Hold, []*verifytest.Officer{bob}, verifytest.Record{})
	p.takes(it.Last())
	p.refuses("hold", it.Unlogged(evidence.Return, []*verifytest.Officer{bob}, verifytest.Record{}, func(e *evidence.Event) {
		e.Counterparty = &evidence.Counterparty{Kind: evidence.PartyOwner}
	}))
	if n := len(p.in.Events(it.ID)); n != 5 {
		t.Errorf("%d events are known", n)
	}
}

// The same bytes again get the same receipt and are not logged again, also after the
// key was revoked, after a restart, and where the node never had the body (P20).
func TestRetry(t *testing.T) {
	p := newPlace(t)
	ann := p.enrol(evidence.RoleCollector)
	it := ann.Collect(thing())
	p.takes(it.Events...)
	p.takes(ann.Revoke())
	size := p.book.Size()
	for range 2 {
		if o := p.submit(desk, nil, it.Events[0])[0]; o.Refused != nil || !o.Retried || o.Receipt == nil {
			t.Errorf("%+v", o)
		}
		p.reopen()
	}
	if p.book.Size() != size {
		t.Errorf("%d leaves are %d", size, p.book.Size())
	}
}

// Of rivals for one seal one wins, however they come; the others learn which.
func TestRace(t *testing.T) {
	p := newPlace(t)
	ann, bob := p.enrol(evidence.RoleCollector), p.enrol(evidence.RoleCustodian)
	it := ann.Collect(thing())
	it.Offer(ann, bob)
	p.takes(it.Events...)
	var rivals []*verifytest.Event
	for range 4 {
		rivals = append(rivals, it.Unlogged(evidence.Decline, []*verifytest.Officer{bob}, verifytest.Record{}), it.Unlogged(evidence.Accept, []*verifytest.Officer{bob}, verifytest.Record{}))
	}
	out := make([]Outcome, len(rivals))
	var wait sync.WaitGroup
	for i, e := range rivals {
		wait.Go(func() { out[i] = p.submit(desk, nil, e)[0] })
	}
	wait.Wait()
	won := slices.IndexFunc(out, func(o Outcome) bool { return o.Refused == nil })
	if won < 0 {
		t.Fatalf("none: %v", out)
	}
	for i, o := range out {
		if i == won {
			continue
		}
		if o.Refused == nil || o.Refused.Winner == nil || o.Refused.Winner.Leaf != out[won].Leaf || o.Refused.Winner.Index != out[won].Index {
			t.Errorf("rival %d: %v", i, o)
		}
	}
}

// What does not fit together never reaches the ledger.
func TestCommitment(t *testing.T) {
	p := newPlace(t)
	ann := p.enrol(evidence.RoleCollector)
	it, other := ann.Collect(thing()), ann.Collect(verifytest.Record{Fields: map[string]any{"description": "another"}})
	good, size := p.of(it.Events[0]), p.book.Size()
	for code, change := range map[string]func(e *wire.Event){
		CodeLeaf + " stated":       func(e *wire.Event) { e.Leaf[50] ^= 1 },
		CodeLeaf + " salt":         func(e *wire.Event) { e.Salt[0] ^= 1 },
		CodeLeaf + " key":          func(e *wire.Event) { e.SealKey[0] ^= 1; e.Leaf = wire.HexLeaf(e.Recompute()) },
		CodeRecord + " of another": func(e *wire.Event) { e.Record = p.of(other.Events[0]).Record },
		CodeRecord + " none":       func(e *wire.Event) { e.Record = []byte(`[]`) },
		CodeEvent + " bytes": func(e *wire.Event) {
			e.Envelope = append(bytes.Clone(e.Envelope), '\n')
			e.Leaf = wire.HexLeaf(e.Recompute())
		},
		CodeEvent + " half": func(e *wire.Event) { e.Envelope = e.Envelope[:len(e.Envelope)/2]; e.Leaf = wire.HexLeaf(e.Recompute()) },
	} {
		e := good
		change(&e)
		out, err := p.in.Submit(t.Context(), desk, &wire.Submission{Events: []wire.Event{e}})
		if err != nil || out[0].Refused == nil || !strings.HasPrefix(code, out[0].Refused.Code) {
			t.Errorf("%s: %v, %v", code, out, err)
		}
	}
	if p.book.Size() != size {
		t.Error("something was logged")
	}
}

// A signature is verified under the enrolment's key.
func TestSignature(t *testing.T) {
	p := newPlace(t)
	ann := p.enrol(evidence.RoleCollector)
	it := ann.Collect(thing())
	p.takes(it.Events...)
	it.Forge = func(e *signing.Envelope) {
		other := ann.Collect(verifytest.Record{Fields: map[string]any{"description": "x"}}).Events[0]
		env, err := signing.Parse(other.Envelope)
		if err != nil {
			t.Fatal(err)
		}
		e.Signatures[0].Sig = env.Signatures[0].Sig
	}
	p.refuses(CodeSigner, it.Unlogged(evidence.Examine, []*verifytest.Officer{ann}, verifytest.Record{}))
}

func TestRevoked(t *testing.T) {
	p := newPlace(t)
	ann := p.enrol(evidence.RoleCollector)
	it := ann.Collect(thing())
	p.takes(it.Events...)
	next := it.Unlogged(evidence.Examine, []*verifytest.Officer{ann}, verifytest.Record{})
	if _, s := p.in.Caller(ann.ID); s != Good {
		t.Errorf("standing %d", s)
	}
	p.takes(ann.Revoke())
	p.refuses("period", next)
	for range 2 {
		if _, s := p.in.Caller(ann.ID); s != Revoked {
			t.Errorf("standing %d", s)
		}
		p.reopen()
	}
}

// What the node does not know it asks for, and takes with proof.
func TestHistoryNeeded(t *testing.T) {
	p := newPlace(t)
	ann := p.w.State("AA").Enrol(evidence.RoleCollector)
	it := ann.Collect(thing())
	next := it.Act(evidence.Examine, []*verifytest.Officer{ann}, verifytest.Record{})
	// A desk logged the beginning before there was a node.
	if _, err := p.book.Submit(t.Context(), ann.Enrolment.Events[0].Leaf, it.Events[0].Leaf); err != nil {
		t.Fatal(err)
	}
	p.refuses(wire.CodeHistoryNeeded, next)
	p.refuses(wire.CodeEnrolmentNeeded, ann.Collect(verifytest.Record{Fields: map[string]any{"description": "x"}}).Events[0])
	if o := p.submit(desk, p.files(it.Events[0], ann.Enrolment.Events[0]), next)[0]; o.Refused != nil {
		t.Fatal(o)
	}
	p.reopen()
	it.Act(evidence.Examine, []*verifytest.Officer{ann}, verifytest.Record{})
	p.takes(it.Last())
}

// Proof of what is not in the ledger is none.
func TestFalseProof(t *testing.T) {
	p := newPlace(t)
	ann := p.enrol(evidence.RoleCollector)
	it, other := ann.Collect(thing()), ann.Collect(verifytest.Record{Fields: map[string]any{"description": "x"}})
	p.takes(other.Events...)
	next := it.Act(evidence.Examine, []*verifytest.Officer{ann}, verifytest.Record{})
	d := &pack.Dossier{Events: []pack.EventLine{{Index: 0, Envelope: it.Events[0].Envelope, Salt: it.Events[0].Salt, SealKey: it.Events[0].SealKey, Record: it.Events[0].Record.View(nil)}}}
	files, err := d.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, files := range []map[string][]byte{files, {"record/events.jsonl": []byte("{}\n")}} {
		if o := p.submit(desk, files, next)[0]; o.Refused == nil || o.Refused.Code != CodeProof {
			t.Errorf("%v", o)
		}
	}
}

// An item of another state goes on here with what its ledger proves (P13).
func TestMove(t *testing.T) {
	p := newPlace(t)
	bob := p.w.State("BB").Enrol(evidence.RoleCollector)
	ann := p.enrol(evidence.RoleCustodian)
	it := bob.Collect(thing())
	it.Offer(bob, ann)
	it.Accept(ann)
	d := p.w.Dossier(it)
	next := it.Act(evidence.Examine, []*verifytest.Officer{ann}, verifytest.Record{})
	p.refuses(wire.CodeHistoryNeeded, next)
	d.Events = slices.DeleteFunc(d.Events, func(l pack.EventLine) bool { return l.SealKey == ann.Enrolment.Events[0].SealKey }) // known here
	d.Logs = slices.DeleteFunc(d.Logs, func(l pack.LogLine) bool { return l.Origin == p.own().Origin })
	encode := func(d *pack.Dossier) map[string][]byte {
		files, err := d.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	for name, change := range map[string]func(d *pack.Dossier){
		"no log":       func(d *pack.Dossier) { d.Logs = nil },
		"no notes":     func(d *pack.Dossier) { d.Notes = nil },
		"no inclusion": func(d *pack.Dossier) { d.Logs[0].Inclusion = nil },
		"other path":   func(d *pack.Dossier) { d.Logs[0].Inclusion[0].Proof = nil },
		"no closing":   func(d *pack.Dossier) { d.Logs[0].Closed = nil },
		"other index":  func(d *pack.Dossier) { d.Events[0].Index++ },
		"no enrolment": func(d *pack.Dossier) {
			d.Events = slices.DeleteFunc(d.Events, func(l pack.EventLine) bool { return l.SealKey == bob.Enrolment.Events[0].SealKey })
		},
		"nobody signed": func(d *pack.Dossier) {
			d.Notes[0] = p.w.State("BB").Log.Sign(p.w.State("BB").Log.Tree())
			d.Logs[0].Note = pack.NoteDigest(d.Notes[0])
		},
	} {
		bad := verifytest.Clone(d)
		change(bad)
		if o := p.submit(desk, encode(bad), next)[0]; o.Refused == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if o := p.submit(desk, encode(d), next)[0]; o.Refused != nil {
		t.Fatal(o)
	}
	if c, s := p.in.Caller(bob.ID); s != Good || !c.Foreign || c.Until.IsZero() {
		t.Errorf("%+v, standing %d", c, s)
	}
	p.w.Tick(again + time.Hour)
	if _, s := p.in.Caller(bob.ID); s != Unknown {
		t.Errorf("a day later: standing %d", s)
	}
}

// Another state's key submits what it signed and nothing else.
func TestForeignSubmits(t *testing.T) {
	p := newPlace(t)
	ann := p.enrol(evidence.RoleCollector)
	it := ann.Collect(thing())
	_, err := p.in.Submit(t.Context(), Caller{Key: evidence.KeyID{9}, Foreign: true}, &wire.Submission{Events: []wire.Event{p.of(it.Events[0])}})
	if !errors.Is(err, ErrForeign) {
		t.Errorf("%v", err)
	}
	if _, err := p.in.Submit(t.Context(), Caller{Key: ann.ID, Foreign: true}, &wire.Submission{Events: []wire.Event{p.of(it.Events[0])}}); !errors.Is(err, ErrForeign) {
		t.Errorf("its own collect: %v", err)
	}
	bob := p.enrol(evidence.RoleCustodian)
	p.takes(append(it.Events, it.Offer(ann, bob))...)
	if o := p.submit(Caller{Key: bob.ID, Foreign: true}, nil, it.Accept(bob))[0]; o.Refused != nil {
		t.Error(o)
	}
}

// Whoever does not see an item cannot find out by guessing whether it is here, how far
// it went, and which leaves are its.
func TestGuessing(t *testing.T) {
	p := newPlace(t)
	ann, eve := p.enrol(evidence.RoleCollector), p.enrol(evidence.RoleCollector)
	it := ann.Collect(thing())
	child := it.Act(evidence.Derive, []*verifytest.Officer{ann}, verifytest.Record{}, func(e *evidence.Event) {
		e.Opens.Children = []evidence.Child{{Item: evidence.ItemID{7}, Origin: p.own().Origin}}
	})
	p.takes(it.Events...)
	examine := func(item evidence.ItemID, seq int64) *verifytest.Event {
		x := eve.Collect(thing())
		return x.Unlogged(evidence.Examine, []*verifytest.Officer{eve}, verifytest.Record{}, func(e *evidence.Event) { e.Item, e.Seq = item, seq })
	}
	derived := func(item evidence.ItemID, leaf evidence.Hash) *verifytest.Event {
		return eve.Collect(verifytest.Record{Fields: map[string]any{"description": leaf.String()[:8]}}, func(e *evidence.Event) {
			e.Parent = &evidence.Parent{Item: item, Kind: "copied", Leaf: leaf}
		}).Events[0]
	}
	other := evidence.ItemID{9}
	for _, guess := range [][2]*verifytest.Event{
		{examine(it.ID, 1), examine(other, 1)}, {examine(it.ID, 2), examine(other, 2)}, {examine(it.ID, 9), examine(other, 9)},
		{derived(it.ID, child.Leaf.Hash()), derived(other, child.Leaf.Hash())},
	} {
		var said [2]string
		for i, e := range guess {
			r := p.submit(Caller{Key: eve.ID}, nil, e)[0].Refused
			if r == nil {
				t.Fatal("taken")
			}
			said[i] = r.Error()
		}
		if said[0] != said[1] || strings.Contains(said[0], it.Last().Leaf.Hash().String()) {
			t.Errorf("of the item %q, of none %q", said[0], said[1])
		}
	}
	// The custodian is told.
	if r := p.submit(Caller{Key: ann.ID}, nil, it.Unlogged(evidence.Examine, []*verifytest.Officer{ann}, verifytest.Record{}, func(e *evidence.Event) { e.Seq = 9 }))[0].Refused; r == nil || !strings.Contains(r.Detail, "number 9") {
		t.Errorf("%v", r)
	}
}

// What follows a refused event is refused with it; other items go on.
func TestFollows(t *testing.T) {
	p := newPlace(t)
	ann := p.enrol(evidence.RoleCollector)
	a, b := ann.Collect(thing()), ann.Collect(verifytest.Record{Fields: map[string]any{"description": "x"}})
	p.takes(a.Events[0])
	p.takes(a.Act(evidence.Hold, []*verifytest.Officer{ann}, verifytest.Record{}))
	bad := a.Act(evidence.Return, []*verifytest.Officer{ann}, verifytest.Record{}, func(e *evidence.Event) { e.Counterparty = &evidence.Counterparty{Kind: evidence.PartyOwner} })
	then := a.Act(evidence.Release, []*verifytest.Officer{ann}, verifytest.Record{})
	out := p.submit(desk, nil, bad, then, b.Events[0])
	if out[0].Refused == nil || out[0].Refused.Code != "hold" || out[1].Refused == nil || out[1].Refused.Code != wire.CodeFollows || out[2].Refused != nil {
		t.Errorf("%v", out)
	}
}

// Who sees what of an item: the custodian, the receiver of an open offer, whom it was
// disclosed to; nobody else.
func TestSees(t *testing.T) {
	p := newPlace(t)
	ann, bob, eve := p.enrol(evidence.RoleCollector), p.enrol(evidence.RoleCustodian), p.enrol(evidence.RoleProsecutor)
	it := ann.Collect(thing())
	p.takes(it.Events...)
	check := func(what string, want map[*verifytest.Officer]Sight) {
		t.Helper()
		for name, o := range map[string]*verifytest.Officer{"ann": ann, "bob": bob, "eve": eve} {
			got, ok := p.in.Sees(o.ID, it.ID)
			if w, may := want[o]; ok != may || got != w {
				t.Errorf("%s: %s sees %+v, %v", what, name, got, ok)
			}
		}
	}
	check("collected", map[*verifytest.Officer]Sight{ann: {0, true}})
	p.takes(it.Act(evidence.Disclose, []*verifytest.Officer{ann}, verifytest.Record{}, func(e *evidence.Event) {
		e.Counterparty = &evidence.Counterparty{Kind: evidence.PartyKey, Key: eve.ID}
	}))
	check("disclosed", map[*verifytest.Officer]Sight{ann: {1, true}, eve: {1, false}})
	p.takes(it.Offer(ann, bob))
	check("offered", map[*verifytest.Officer]Sight{ann: {2, true}, bob: {2, true}, eve: {1, false}})
	p.takes(it.Accept(bob))
	check("accepted", map[*verifytest.Officer]Sight{bob: {3, true}, eve: {1, false}})
	p.reopen()
	check("restarted", map[*verifytest.Officer]Sight{bob: {3, true}, eve: {1, false}})
	if _, ok := p.in.Sees(evidence.KeyID{}, it.ID); ok {
		t.Error("the key nobody has sees it")
	}
	k, id, ok := p.in.Find(it.Events[2].Leaf.Hash())
	if r, err := p.in.Receipt(t.Context(), k); !ok || id != it.ID || k.Seq != 2 || err != nil || r == nil {
		t.Errorf("%+v of %s, %v, %v", k, id.Short(), ok, err)
	}
	if b, err := p.in.Body(t.Context(), k); err != nil || b.Seq != 2 {
		t.Errorf("%+v, %v", b, err)
	}
}

// A ledger that must not be written takes nothing, and says why.
func TestReadOnly(t *testing.T) {
	p := newPlace(t)
	ann := p.w.State("AA").Enrol(evidence.RoleCollector)
	p.in.Writer = stopped{p.book}
	if _, err := p.in.Submit(t.Context(), desk, &wire.Submission{Events: []wire.Event{p.of(ann.Enrolment.Events[0])}}); !errors.Is(err, writer.ErrReadOnly) {
		t.Errorf("%v", err)
	}
	p.in.Writer = p.book
	p.in.Pinned = func() (*Pinned, error) { return nil, ErrNoTrust }
	if _, err := p.in.Submit(t.Context(), desk, &wire.Submission{Events: []wire.Event{p.of(ann.Enrolment.Events[0])}}); !errors.Is(err, ErrNoTrust) {
		t.Errorf("%v", err)
	}
}

type stopped struct{ Writer }

func (stopped) ReadOnly() error { return writer.ErrReadOnly }

// A body is durable before its leaf: when it cannot be kept, nothing is logged.
func TestBodyFirst(t *testing.T) {
	p := newPlace(t)
	ann := p.enrol(evidence.RoleCollector)
	size := p.book.Size()
	if err := p.in.Bodies.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := p.in.Submit(t.Context(), desk, &wire.Submission{Events: []wire.Event{p.of(ann.Collect(thing()).Events[0])}})
	if !errors.Is(err, bodies.ErrClosed) || p.book.Size() != size {
		t.Errorf("%v, %d leaves", err, p.book.Size()-size)
	}
}

// What a disposal orders to erase is gone from the node with it, also when the node was
// interrupted in between; the item goes on, and nobody can say what the erased event
// had done (P7).
func TestErase(t *testing.T) {
	p := newPlace(t)
	ann, bob := p.enrol(evidence.RoleCustodian), p.enrol(evidence.RoleApprover)
	it := ann.Collect(thing())
	it.Act(evidence.Examine, []*verifytest.Officer{ann}, verifytest.Record{Fields: map[string]any{"note": "a secret"}})
	p.takes(it.Events...)
	gone := it.Events[1]
	it.Act(evidence.Dispose, []*verifytest.Officer{ann, bob}, verifytest.Record{}, func(e *evidence.Event) {
		e.Erases = []evidence.Erasure{{Leaf: gone.Leaf.Hash(), Opened: []evidence.Seal{gone.Event.Opens.Next.Seal}, Order: "order 7/2026"}}
	})
	p.in.Bodies.Close() // the node is interrupted when the leaf is in the ledger
	if _, err := p.book.Submit(t.Context(), it.Last().Leaf); err != nil {
		t.Fatal(err)
	}
	p.reopen()
	if _, err := p.in.Body(t.Context(), p.in.Events(it.ID)[1]); err != nil {
		t.Fatalf("it is gone without an order that the node knows: %v", err)
	}
	// The desk submits again, with what the node lacks.
	if o := p.submit(desk, p.files(it.Last()), it.Act(evidence.Examine, []*verifytest.Officer{ann}, verifytest.Record{}))[0]; o.Refused != nil {
		t.Fatal(o)
	}
	for range 2 {
		p.reopen()
		events := p.in.Events(it.ID)
		if len(events) != 4 || !events[1].Erased || events[1].Leaf != gone.Leaf.Hash() {
			t.Fatalf("%+v", events)
		}
		if _, err := p.in.Receipt(t.Context(), events[1]); !errors.Is(err, bodies.ErrErased) {
			t.Errorf("%v", err)
		}
		if n := p.kept(gone.Envelope); n != 0 {
			t.Errorf("the envelope is kept %d times", n)
		}
	}
	p.takes(it.Act(evidence.Examine, []*verifytest.Officer{ann}, verifytest.Record{}))
	if o := p.submit(desk, nil, gone)[0]; o.Refused != nil || !o.Retried || p.kept(gone.Envelope) != 0 {
		t.Errorf("the erased event again: %v", o)
	}
}

// kept counts the bodies with an envelope.
func (p *place) kept(envelope []byte) (n int) {
	p.Helper()
	err := p.in.Bodies.All(p.Context(), func(_ bodies.Ref, b *bodies.Body) error {
		if bytes.Equal(b.Envelope, envelope) {
			n++
		}
		return nil
	})
	if err != nil {
		p.Fatal(err)
	}
	return n
}

// An erasure that the node logs itself is carried out before the answer.
func TestEraseAtOnce(t *testing.T) {
	p := newPlace(t)
	ann, bob := p.enrol(evidence.RoleCustodian), p.enrol(evidence.RoleApprover)
	it := ann.Collect(thing())
	it.Act(evidence.Examine, []*verifytest.Officer{ann}, verifytest.Record{})
	it.Act(evidence.Dispose, []*verifytest.Officer{ann, bob}, verifytest.Record{}, func(e *evidence.Event) {
		gone := it.Events[1]
		e.Erases = []evidence.Erasure{{Leaf: gone.Leaf.Hash(), Opened: []evidence.Seal{gone.Event.Opens.Next.Seal}, Order: "order 7/2026"}}
	})
	p.takes(it.Events...)
	if n := p.kept(it.Events[1].Envelope); n != 0 {
		t.Errorf("the envelope is kept %d times", n)
	}
	if _, ok := p.in.Sees(ann.ID, it.ID); !ok {
		t.Error("the custodian does not see it any more")
	}
}
