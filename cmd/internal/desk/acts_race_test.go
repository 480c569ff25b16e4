package desk

import (
	"errors"
	"strings"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/verify/admit"
)

const testPassphrase = "correct horse battery"

// deskWith makes a desk of one state with officers; the first one acts.
func deskWith(t *testing.T, roles ...evidence.Role) *Session {
	t.Helper()
	return deskOf(t, "AA", roles...)
}

func deskOf(t *testing.T, state string, roles ...evidence.Role) *Session {
	t.Helper()
	c, err := Create(t.Context(), CreateOptions{Dir: ledgertest.Folder(t) + "/home", State: state, NoRecovery: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := Found(t.Context(), c.Now().Truncate(time.Second), c); err != nil {
		t.Fatal(err)
	}
	for _, r := range roles {
		if _, err := c.AddOfficer(t.Context(), NewOfficer{Alias: string(r), Role: r, Passphrase: testPassphrase}); err != nil {
			t.Fatal(err)
		}
	}
	return c.Session
}

// as makes an officer of the session act.
func (s *Session) as(t *testing.T, alias evidence.Role) *Session {
	t.Helper()
	o, ok := s.officers[string(alias)]
	if !ok {
		t.Fatalf("no officer %s", alias)
	}
	s.acting = o
	return s
}

func (s *Session) mustSeal(t *testing.T, in Sealing) *Item {
	t.Helper()
	out, err := s.Seal(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return s.mustLoad(t, out.Item)
}

func (s *Session) mustLoad(t *testing.T, id evidence.ItemID) *Item {
	t.Helper()
	it, err := s.Load(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return it
}

func (s *Session) mustOffer(t *testing.T, due time.Duration, items ...*Item) {
	t.Helper()
	to, err := s.CardOf(string(evidence.RoleExaminer))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Offer(t.Context(), Offering{Items: items, To: to, Due: s.Now().Add(due)}); err != nil {
		t.Fatal(err)
	}
}

// Accept and withdraw are both signed while the offer is open: exactly one is
// logged, the other is kept as refused, never signed again, and shown with the
// next correct (rule P14).
func TestAcceptAndWithdrawRace(t *testing.T) {
	for _, acceptFirst := range []bool{true, false} {
		s := deskWith(t, evidence.RoleCustodian, evidence.RoleExaminer)
		it := s.mustSeal(t, Sealing{Object: "phone"})
		s.mustOffer(t, time.Hour, it)
		it = s.mustLoad(t, it.ID)
		accept, err := s.as(t, evidence.RoleExaminer).answer(t.Context(), Answer{Item: it, Action: evidence.Accept})
		if err != nil {
			t.Fatal(err)
		}
		withdraw, err := s.as(t, evidence.RoleCustodian).plain(t.Context(), Act{Item: it, Action: evidence.Withdraw, Second: string(evidence.RoleExaminer)})
		if err != nil {
			t.Fatal(err)
		}
		accept.signers = []*officer{s.officers[string(evidence.RoleExaminer)]}
		drafts := []*draft{accept, withdraw}
		if !acceptFirst {
			drafts = []*draft{withdraw, accept}
		}
		var entries []*Entry
		for _, d := range drafts {
			e, err := s.sign(t.Context(), d)
			if err != nil {
				t.Fatal(err)
			}
			entries = append(entries, e)
		}
		if done, err := s.log(t.Context(), entries[:1]); err != nil || len(done) != 1 {
			t.Fatalf("the first: %v, %v", done, err)
		}
		done, err := s.log(t.Context(), entries[1:])
		var closed *ledger.ClosedError
		if len(done) != 0 || len(OutcomeOf(err).Refused) != 1 || !errors.As(err, &closed) {
			t.Fatalf("the second: %v, %v", done, err)
		}
		winner := evidence.RoleExaminer
		if !acceptFirst {
			winner = evidence.RoleCustodian
		}
		checkShown(t, s.as(t, winner), it.ID, drafts[1].action)
	}
}

// checkShown corrects the item and finds the refused act in the record.
func checkShown(t *testing.T, s *Session, id evidence.ItemID, lost evidence.Action) {
	t.Helper()
	if acts, err := s.RefusedActs(id); err != nil || len(acts) != 1 || acts[0].Action != lost {
		t.Fatalf("refused: %+v, %v", acts, err)
	}
	_, shown, err := s.Correct(t.Context(), Correction{Item: s.mustLoad(t, id), Field: "note", New: "see the refused act", Reason: "race"})
	if err != nil || shown != 1 {
		t.Fatalf("correct shows %d, %v", shown, err)
	}
	envelopes, ok := value[[][]byte](s.mustLoad(t, id), "refused")
	if !ok || len(envelopes) != 1 || !strings.Contains(string(envelopes[0]), "payload") {
		t.Fatalf("the record holds %d refused acts", len(envelopes))
	}
	if acts, err := s.RefusedActs(id); err != nil || len(acts) != 0 {
		t.Errorf("still refused after they are shown: %v, %v", acts, err)
	}
}

// A queue is logged in order up to the first refusal of an item: what follows it
// is refused with it, children too, and other items go on (rule P14).
func TestQueueStopsAtARefusal(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian, evidence.RoleExaminer)
	a, b := s.mustSeal(t, Sealing{Object: "a"}), s.mustSeal(t, Sealing{Object: "b"})
	examine := func(it *Item) *Entry {
		d, err := s.plain(t.Context(), Act{Item: it, Action: evidence.Examine})
		if err != nil {
			t.Fatal(err)
		}
		e, err := s.sign(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	lost := examine(a)
	next := examine(&Item{ID: a.ID, Entries: append(a.Entries, lost)})
	other := examine(b)
	child := &Entry{Body: other.Body, Event: other.Event, Leaf: other.Leaf}
	if got := rounds([]*Entry{lost, other, next}); len(got) != 2 || len(got[0]) != 2 || got[1][0] != next {
		t.Fatalf("rounds %v", got)
	}
	if done, err := s.log(t.Context(), []*Entry{examine(a)}); err != nil || len(done) != 1 {
		t.Fatal(err) // another act closes the seal first
	}
	done, err := s.log(t.Context(), []*Entry{lost, next, child})
	refused := OutcomeOf(err).Refused
	if len(done) != 1 || done[0].Entry.Event.Item != b.ID || len(refused) != 2 || !errors.Is(refused[1], ErrFollows) {
		t.Fatalf("done %d, %v", len(done), err)
	}
	if acts, err := s.RefusedActs(a.ID); err != nil || len(acts) != 2 {
		t.Errorf("kept as refused: %v, %v", acts, err)
	}
	if queued, _ := s.Waiting(); queued != 0 {
		t.Errorf("%d still queued", queued)
	}
}

// A refused derive takes its child with it: no item comes from a parent whose
// history does not name it.
func TestChildOfARefusedDerive(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian, evidence.RoleExaminer)
	parent := s.mustSeal(t, Sealing{Object: "disk"})
	if _, err := s.Do(t.Context(), Act{Item: parent, Action: evidence.Examine}); err != nil {
		t.Fatal(err)
	}
	// The parent as it was before the examination: its open seal is closed by now.
	_, _, err := s.Derive(t.Context(), Derivation{Item: parent, Kind: evidence.Extracted}, Sealing{Object: "extract"})
	refused := OutcomeOf(err).Refused
	if len(refused) != 2 || !errors.Is(refused[1], ErrFollows) {
		t.Fatalf("%v", err)
	}
	if all, err := s.All(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("%d items, %v", len(all), err)
	}
}

// What another holds, ended, or never offered is refused before anything is
// signed, with the reason of the table in spec/event.md.
func TestRefusals(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian, evidence.RoleExaminer, evidence.RoleApprover)
	it := s.mustSeal(t, Sealing{Object: "phone"})
	for _, tt := range []struct {
		name string
		who  evidence.Role
		act  Act
		want admit.Code
	}{
		{"not the custodian", evidence.RoleExaminer, Act{Action: evidence.Examine}, admit.CodeCustodian},
		{"no hold to release", evidence.RoleCustodian, Act{Action: evidence.Release}, admit.CodeHold},
		{"hold by nobody who may", evidence.RoleExaminer, Act{Action: evidence.Hold}, admit.CodeRole},
		{"withdrawn and not offered", evidence.RoleCustodian, Act{Action: evidence.Withdraw}, admit.CodeState},
	} {
		a := tt.act
		a.Item = it
		_, err := s.as(t, tt.who).Do(t.Context(), a)
		var r *admit.Refusal
		if !errors.As(err, &r) || r.Code != tt.want {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
	if got := s.mustLoad(t, it.ID); len(got.Entries) != 1 {
		t.Errorf("%d events after refusals", len(got.Entries))
	}
	if queued, refused := s.Waiting(); queued+refused > 0 {
		t.Errorf("%d queued, %d refused: nothing was to be signed", queued, refused)
	}
}

// A revoked officer neither acts nor signs second.
func TestRevokedOfficer(t *testing.T) {
	s := deskWith(t, evidence.RoleCustodian, evidence.RoleExaminer, evidence.RoleApprover)
	it := s.mustSeal(t, Sealing{Object: "phone"})
	gone := s.officers[string(evidence.RoleApprover)]
	if _, err := s.RevokeOfficer(t.Context(), string(evidence.RoleApprover), "left"); err != nil {
		t.Fatal(err)
	}
	s.officers[string(evidence.RoleApprover)] = gone // a session that had unlocked it before
	_, err := s.Dispose(t.Context(), Disposal{Item: it, Order: "O", Second: string(evidence.RoleApprover)})
	var r *admit.Refusal
	if !errors.As(err, &r) || r.Code != admit.CodePeriod {
		t.Errorf("a revoked key as second signer: %v", err)
	}
	if err := s.checkRevoked(t.Context(), gone); !errors.Is(err, ErrRevoked) {
		t.Errorf("a revoked key to act with: %v", err)
	}
	if err := s.UnlockSecond(string(evidence.RoleApprover), testPassphrase); err == nil {
		t.Error("the key file of a revoked officer is still there")
	}
}
