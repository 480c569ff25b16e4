package desk

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/verify/pack"
)

func (s *Session) mustJudge(t *testing.T, d *pack.Dossier) *judged {
	t.Helper()
	j, err := s.tryJudge(d)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func (s *Session) tryJudge(d *pack.Dossier) (*judged, error) {
	files, err := d.Encode()
	if err != nil {
		return nil, err
	}
	return s.judge(files)
}

func (s *Session) mustDossier(t *testing.T, ids ...evidence.ItemID) *pack.Dossier {
	t.Helper()
	var items []*selection
	for _, id := range ids {
		items = append(items, &selection{id: id})
	}
	d, err := s.dossier(t.Context(), items)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// poison adds the event lines of another dossier to d, as a hostile giver would.
func poison(t *testing.T, d, with *pack.Dossier, item evidence.ItemID) {
	t.Helper()
	for _, line := range with.Events {
		if id, _, err := line.Place(); err == nil && id == item {
			line.Receipt = nil
			d.Events = append(d.Events, line)
		}
	}
	if err := d.Sort(); err != nil {
		t.Fatal(err)
	}
}

// A desk takes in only what it was offered and what the verifier looked at: not
// the events of other items that come along, not what no ledger has, and nothing
// that does not follow what it knows.
func TestPoisonedHandoff(t *testing.T) {
	giver := deskWith(t, evidence.RoleCustodian, evidence.RoleExaminer)
	us := deskOf(t, "BB", evidence.RoleCustodian)
	offered := giver.mustSeal(t, Sealing{Object: "offered"})
	other := giver.mustSeal(t, Sealing{Object: "other"})
	wanted := map[evidence.ItemID]bool{offered.ID: true}

	good := us.mustJudge(t, giver.mustDossier(t, offered.ID))
	if _, err := good.bodies(wanted); err != nil || good.undecided == "" {
		t.Fatalf("an honest dossier of a state that is not listed here: %v, undecided %q", err, good.undecided)
	}

	d := giver.mustDossier(t, offered.ID)
	poison(t, d, giver.mustDossier(t, other.ID), other.ID)
	if _, err := us.mustJudge(t, d).bodies(wanted); !errors.Is(err, ErrHandoffFile) {
		t.Errorf("events of an item that was not offered: %v", err)
	}

	d = giver.mustDossier(t, offered.ID)
	poison(t, d, unlogged(t, giver, offered), offered.ID)
	if j, err := us.tryJudge(d); err == nil {
		if _, err := j.bodies(wanted); !errors.Is(err, ErrUntrusted) {
			t.Errorf("an event that no ledger has: %v", err)
		}
	} else if !errors.Is(err, ErrUntrusted) {
		t.Errorf("an event that no ledger has: %v", err)
	}
}

// unlogged is a dossier line of an act that was signed and never logged.
func unlogged(t *testing.T, s *Session, it *Item) *pack.Dossier {
	t.Helper()
	d, err := s.plain(t.Context(), Act{Item: it, Action: evidence.Return, Counterparty: &evidence.Counterparty{Kind: evidence.PartyOwner}})
	if err != nil {
		t.Fatal(err)
	}
	e, err := s.sign(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	view, err := e.View()
	if err != nil {
		t.Fatal(err)
	}
	return &pack.Dossier{Events: []pack.EventLine{{
		Envelope: e.Body.Envelope, Salt: e.Body.Salt, SealKey: evidence.SealKey(e.Body.SealKey), Index: 1, Record: view,
	}}}
}

// A ledger that the pinned list knows is judged by that list alone: a list that
// comes along cannot vouch for it.
func TestForeignListCannotVouchForOurLedger(t *testing.T) {
	giver, us := deskWith(t, evidence.RoleCustodian), deskWith(t, evidence.RoleCustodian) // both are AA, with one origin and two keys
	it := giver.mustSeal(t, Sealing{Object: "phone"})
	j, err := us.tryJudge(giver.mustDossier(t, it.ID))
	if err == nil {
		_, err = j.bodies(map[evidence.ItemID]bool{it.ID: true})
	}
	if !errors.Is(err, ErrUntrusted) {
		t.Errorf("a forged ledger of our own name: %v", err)
	}
}

// What the desk knows of an item is neither replaced nor gone on from elsewhere.
func TestKnownHistoryStays(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian)
	it := s.mustSeal(t, Sealing{Object: "phone"})
	same := it.First()
	if have, err := s.knows(t.Context(), same); !have || err != nil {
		t.Errorf("the same event: %v, %v", have, err)
	}
	other := *same
	other.Leaf[0] ^= 1
	if _, err := s.knows(t.Context(), &other); !errors.Is(err, ErrUntrusted) {
		t.Errorf("another event in its place: %v", err)
	}
	d, err := s.plain(t.Context(), Act{Item: it, Action: evidence.Examine})
	if err != nil {
		t.Fatal(err)
	}
	next, err := s.sign(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if have, err := s.knows(t.Context(), next); have || err != nil {
		t.Errorf("the next event: %v, %v", have, err)
	}
	for name, change := range map[string]func(*evidence.Event){
		"a jump":       func(e *evidence.Event) { e.Seq++ },
		"another leaf": func(e *evidence.Event) { e.Previous[0] ^= 1 },
		"another seal": func(e *evidence.Event) { e.Closes[0] ^= 1 },
	} {
		e := *next.Event
		change(&e)
		if _, err := s.knows(t.Context(), &Entry{Body: next.Body, Event: &e, Leaf: next.Leaf}); !errors.Is(err, ErrUntrusted) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Of what came along only ledgers are kept that the dossier shows events in.
func TestProofsAreOfShownLedgers(t *testing.T) {
	c, _ := twoStates(t)
	s := c.Session
	if _, err := s.AddOfficer(t.Context(), NewOfficer{Alias: "custodian", Role: evidence.RoleCustodian, Passphrase: testPassphrase}); err != nil {
		t.Fatal(err)
	}
	it := s.mustSeal(t, Sealing{Object: "phone"})
	j := s.mustJudge(t, s.mustDossier(t, it.ID))
	if got := j.proofs(); len(got.Logs) != 1 || len(got.Notes) == 0 || len(got.Events)+len(got.Items) != 0 {
		t.Fatalf("kept are %d ledgers, %d notes, %d events", len(got.Logs), len(got.Notes), len(got.Events))
	}
	j.Events = nil
	if got := j.proofs(); len(got.Logs)+len(got.Notes) != 0 {
		t.Errorf("of a ledger without an event shown %d lines are kept", len(got.Logs))
	}
}

// An offer cannot point at the evidence of another item that is here.
func TestObjectsOfAnotherItem(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian)
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, []byte("a"), 0o600); err != nil {
		t.Fatal(err)
	}
	here := s.mustSeal(t, Sealing{Paths: []string{path}})
	values, err := here.FileValues()
	if err != nil {
		t.Fatal(err)
	}
	object := values[1].Stored.Object
	if err := s.ownObject(t.Context(), object, here.ID); err != nil {
		t.Errorf("its own object: %v", err)
	}
	other := s.mustSeal(t, Sealing{Object: "other"})
	for _, id := range []evidence.ItemID{other.ID, {7}} {
		if err := s.ownObject(t.Context(), object, id); !errors.Is(err, ErrHandoffFile) {
			t.Errorf("an object of another item: %v", err)
		}
	}
	if err := s.ownObject(t.Context(), evidence.NewObjectName(), other.ID); err != nil {
		t.Errorf("an object that is not here: %v", err)
	}
}

// An item with erased events stays at this desk.
func TestErasedEventsAreNotHandedOver(t *testing.T) {
	s, us := deskWith(t, evidence.RoleCustodian, evidence.RoleApprover), deskOf(t, "BB", evidence.RoleExaminer)
	it := s.mustSeal(t, Sealing{Object: "phone"})
	if _, err := s.Do(t.Context(), Act{Item: it, Action: evidence.Examine}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Dispose(t.Context(), Disposal{Item: s.mustLoad(t, it.ID), Order: "O", Second: string(evidence.RoleApprover), Partial: true, Erase: Erase{Events: []int64{1}}}); err != nil {
		t.Fatal(err)
	}
	to, err := us.CardOf(string(evidence.RoleExaminer))
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.Offer(t.Context(), Offering{Items: []*Item{s.mustLoad(t, it.ID)}, To: to, Due: s.Now().Add(time.Hour), Dir: filepath.Join(t.TempDir(), "h")})
	if !errors.Is(err, ErrErasedEvents) || len(out.Done) != 0 {
		t.Errorf("%+v, %v", out, err)
	}
	if got := s.mustLoad(t, it.ID).Last().Event.Action; got != evidence.Dispose {
		t.Errorf("it is %s now", got)
	}
}

// A refusal has no proof, and anybody who knows the receiver's card can write one:
// the answer stays, the same one is given again when asked, and the true receipt
// settles it.
func TestForgedRefusal(t *testing.T) {
	giver, us := deskWith(t, evidence.RoleCustodian), deskOf(t, "BB", evidence.RoleExaminer)
	it := giver.mustSeal(t, Sealing{Object: "bag", PhysicalSeals: []string{"17"}})
	to, err := us.CardOf(string(evidence.RoleExaminer))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "h")
	out, err := giver.Offer(t.Context(), Offering{Items: []*Item{it}, To: to, Due: giver.Now().Add(time.Hour), Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	got, err := us.Receive(t.Context(), out.File, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := us.Reply(t.Context(), got, Answer{Action: evidence.Accept}); !errors.Is(err, ErrSealsUnsaid) {
		t.Fatalf("an accept that is silent on the seals: %v", err)
	}
	reply, err := us.Reply(t.Context(), got, Answer{Action: evidence.Accept, SealsMatch: true})
	if err != nil {
		t.Fatal(err)
	}
	first, err := us.waitingAnswer(it.ID)
	if err != nil {
		t.Fatal(err)
	}
	fake := filepath.Join(t.TempDir(), "fake.age")
	refusal := receiptFile{Format: receiptFormat, Dossier: map[string][]byte{}, Refused: []refusedItem{{it.ID, "withdrawn in time"}}}
	if err := writeHandoff(fake, refusal, us.Config.Vault); err != nil {
		t.Fatal(err)
	}
	if taken, err := us.TakeOver(t.Context(), fake); err != nil || len(taken.Refused) != 1 {
		t.Fatalf("%+v, %v", taken, err)
	}
	if reply, err = us.Reply(t.Context(), got, Answer{Action: evidence.Accept, SealsMatch: true}); err != nil {
		t.Fatal(err)
	}
	if again, err := us.waitingAnswer(it.ID); err != nil || again.Leaf != first.Leaf {
		t.Errorf("signed again after the refusal: %v", err)
	}
	_, receipt, err := giver.LogAnswers(t.Context(), reply.File)
	if err != nil {
		t.Fatal(err)
	}
	taken, err := us.TakeOver(t.Context(), receipt)
	if err != nil || len(taken.Accepted) != 1 || taken.Accepted[0].Last().Leaf != first.Leaf {
		t.Fatalf("the true receipt: %+v, %v", taken, err)
	}
	if seals, ok := value[[]string](taken.Accepted[0], evidence.FieldSealBefore); !ok || len(seals) != 1 || seals[0] != "17" {
		t.Errorf("seals found: %v", seals)
	}
}

// The card with an answer must be that of the key that answers.
func TestAnswerWithAnothersCard(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian, evidence.RoleExaminer)
	e := s.mustSeal(t, Sealing{Object: "phone"}).First() // signed by the custodian
	items := []answerItem{{Envelope: e.Body.Envelope, Item: e.Event.Item}}
	for alias, want := range map[evidence.Role]error{evidence.RoleCustodian: nil, evidence.RoleExaminer: ErrAnswer} {
		card, err := s.CardOf(string(alias))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := signersOfAnswers(items, card); !errors.Is(err, want) {
			t.Errorf("card of the %s: %v", alias, err)
		}
		card.State = "BB"
		if _, err := signersOfAnswers(items, card); !errors.Is(err, ErrAnswer) {
			t.Errorf("card of the %s of another state: %v", alias, err)
		}
	}
}
