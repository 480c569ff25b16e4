package node

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/access"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/verify/pack"
	"example.org/custody/verify/verifytest"
)

// mandate is the authority's mandate for an auditor, as a request has it.
func (s *office) mandate(m Mandate, by *verifytest.Officer) string {
	s.Helper()
	if m.Ledger == "" {
		m.Ledger = s.origin()
	}
	if m.From.IsZero() {
		m.From, m.To = s.w.Now.Add(-time.Hour), s.w.Now.Add(24*time.Hour)
	}
	m.Reference = "A-1"
	return base64.StdEncoding.EncodeToString(must[[]byte](s.T)(m.Sign(s.Context(), by.Key())))
}

// introduce proves an officer's enrolment in another state to the node.
func (s *office) introduce(o *verifytest.Officer) reply {
	s.Helper()
	files := must[map[string][]byte](s.T)(s.w.Dossier(o.Enrolment).Encode())
	body := must[[]byte](s.T)((&wire.Introduction{Dossier: files}).Marshal())
	return s.ask(ask{method: http.MethodPost, path: "/v1/keys", body: body, by: o})
}

// Who may do what: every call by every kind of key. What is not in the table of the
// test is refused.
func TestRoleByCall(t *testing.T) {
	s := newOffice(t)
	who := map[string]*verifytest.Officer{"nobody": nil, "unknown": s.w.State("AA").Enrol(evidence.RoleCustodian), "authority": s.w.State("AA").Authority}
	for _, r := range []evidence.Role{evidence.RoleCollector, evidence.RoleExaminer, evidence.RoleCustodian, evidence.RoleCarrier, evidence.RoleProsecutor, evidence.RoleCourt, evidence.RoleApprover, evidence.RoleAuditor} {
		who[string(r)] = s.enrol(r)
	}
	who["receiver"], who["disclosed"], who["mandated"], who["revoked"] = s.enrol(evidence.RoleExaminer), s.enrol(evidence.RoleProsecutor), s.enrol(evidence.RoleAuditor), s.enrol(evidence.RoleCustodian)
	who["foreign"], who["foreign authority"] = s.w.State("BB").Enrol(evidence.RoleCustodian), s.w.State("BB").Authority
	if got := s.introduce(who["foreign"]); got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.body)
	}
	holder := who["custodian"]
	it := who["collector"].Collect(thing("a"))
	it.Offer(who["collector"], holder)
	it.Accept(holder)
	it.Act(evidence.Disclose, []*verifytest.Officer{holder}, verifytest.Record{}, func(e *evidence.Event) {
		e.Counterparty = &evidence.Counterparty{Kind: evidence.PartyKey, Key: who["disclosed"].ID}
	})
	it.Offer(holder, who["receiver"])
	s.takes(holder, it.Events...)
	s.takes(who["authority"], who["revoked"].Revoke())
	other := who["collector"].Collect(thing("b")).Events[0]
	letter := must[wire.Handoff](t)(s.n.writing().Mailbox.Put(holder.ID, who["receiver"].ID, []byte("sealed")))
	mandates := map[string]string{"mandated": s.mandate(Mandate{Auditor: who["mandated"].ID, Log: true}, who["authority"])}

	known := []string{"authority", "collector", "examiner", "custodian", "carrier", "prosecutor", "court", "approver", "auditor", "receiver", "disclosed", "mandated", "foreign"}
	leaf := it.Events[0].Leaf.Hash().String()
	for _, c := range []struct {
		ask
		may    []string
		status int // of who may
		denied int // of a known key that may not
	}{
		{ask{path: "/v1/ledger"}, known, 200, 0},
		{ask{path: "/v1/checkpoint"}, known, 200, 0},
		{ask{path: "/v1/seals/" + it.Events[0].Event.Closes.String()}, known, 200, 0},
		{ask{path: "/v1/receipts/" + leaf}, known, 200, 0},
		{ask{method: "POST", path: "/v1/events", body: s.submission(other)}, without(known, "foreign"), 200, 403},
		{ask{path: "/v1/items/" + it.ID.String(), reason: "custody K-1"}, []string{"custodian", "receiver", "disclosed", "mandated"}, 200, 404},
		{ask{path: "/v1/events/" + leaf, reason: "custody K-1"}, []string{"custodian", "receiver", "disclosed", "mandated"}, 200, 404},
		{ask{path: "/v1/events/" + it.Last().Leaf.Hash().String(), reason: "custody K-1"}, []string{"custodian", "receiver", "mandated"}, 200, 404},
		{ask{path: "/v1/events/" + strings.Repeat("0", 64), reason: "custody K-1"}, nil, 0, 404},
		{ask{path: "/v1/handoffs"}, known, 200, 0},
		{ask{method: "POST", path: "/v1/handoffs?to=" + who["receiver"].ID.String(), body: []byte("x"), media: "application/octet-stream"}, known, 201, 0},
		{ask{path: "/v1/handoffs/" + letter.ID}, []string{"receiver"}, 200, 404},
		{ask{path: "/v1/access?from=1", reason: "oversight K-1"}, []string{"mandated"}, 200, 403},
		{ask{method: "DELETE", path: "/v1/handoffs/" + strings.Repeat("0", 32)}, nil, 0, 404},
	} {
		for name, o := range who {
			a := c.ask
			a.by, a.mandate = o, mandates[name]
			want := c.denied
			switch {
			case name == "nobody", name == "unknown", name == "foreign authority":
				want = 401
			case name == "revoked":
				want = 403
			case slices.Contains(c.may, name):
				want = c.status
			}
			if got := s.ask(a); got.status != want {
				t.Errorf("%s %s by %s: %d, want %d: %s", a.method, a.path, name, got.status, want, got.body)
			}
		}
	}
}

func without(all []string, gone string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s == gone })
}

// What is given to whom a thing was disclosed has no values.
func TestDisclosedHasNoValues(t *testing.T) {
	s := newOffice(t)
	ann, eve := s.enrol(evidence.RoleCollector), s.enrol(evidence.RoleProsecutor)
	it := ann.Collect(thing("a secret place"))
	it.Act(evidence.Disclose, []*verifytest.Officer{ann}, verifytest.Record{}, func(e *evidence.Event) {
		e.Counterparty = &evidence.Counterparty{Kind: evidence.PartyKey, Key: eve.ID}
	})
	s.takes(ann, it.Events...)
	path := "/v1/events/" + it.Events[0].Leaf.Hash().String()
	for o, want := range map[*verifytest.Officer]bool{ann: true, eve: false} {
		got := s.given(ask{path: path, by: o, reason: "disclosure K-1"})
		e := must[wire.LoggedEvent](t)(wire.Parse[wire.LoggedEvent](got.body))
		if bytes.Contains(got.body, []byte("a secret place")) != want {
			t.Errorf("values: %v, want %v", !want, want)
		}
		v := must[*evidence.View](t)(evidence.ParseView(e.Record))
		if err := v.Verify(it.Events[0].Event.Record); err != nil {
			t.Error(err)
		}
		if (wire.Event{Envelope: e.Envelope, Salt: e.Salt, SealKey: e.SealKey}).Recompute() != it.Events[0].Leaf {
			t.Error("what was given does not make the leaf")
		}
		if r, err := ledger.ParseReceipt([]byte(e.Receipt)); err != nil {
			t.Error(err)
		} else if _, err := r.Verify(it.Events[0].Leaf, s.vkey); err != nil {
			t.Error(err)
		}
	}
}

// Every look is in the access log before the answer, with its reason, and what was
// refused as well; the log's newest hash goes into the ledger, and finds what is done
// to the log.
func TestAccessLog(t *testing.T) {
	s := newOffice(t)
	ann, eve, max := s.enrol(evidence.RoleCollector), s.enrol(evidence.RoleProsecutor), s.enrol(evidence.RoleAuditor)
	it := ann.Collect(thing("a"))
	s.takes(ann, it.Events...)
	path := "/v1/events/" + it.Events[0].Leaf.Hash().String()
	s.refused("reason-needed", ask{path: path, by: ann})
	s.refused("reason-needed", ask{path: path, by: ann, reason: "because I want to"})
	s.given(ask{path: path, by: ann, reason: "custody K-7"})
	s.refused("not-found", ask{path: path, by: eve, reason: "court K-8"})
	m := s.mandate(Mandate{Auditor: max.ID, Log: true}, s.w.State("AA").Authority)
	if err := s.n.vouch(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := s.given(ask{path: "/v1/access?from=1", by: max, reason: "oversight O-1", mandate: m})
	lines := s.lines()
	for i, want := range []struct{ key, answer, reason, call string }{
		{ann.ID.String(), access.Given, "custody K-7", access.Event}, {eve.ID.String(), access.Refused, "court K-8", access.Event}, {max.ID.String(), access.Given, "oversight O-1", access.Log},
	} {
		l := lines[i]
		if l["key"] != want.key || l["answer"] != want.answer || l["reason"] != want.reason || l["call"] != want.call {
			t.Errorf("line %d: %v", i+1, l)
		}
	}
	var vouched []evidence.Hash
	log := must[ledger.Log](t)(s.book.Log, nil)
	for l, err := range log.Leaves(t.Context(), 0, s.book.Size()) {
		if err != nil {
			t.Fatal(err)
		}
		if l.Type() == ledger.TypeAccessLog {
			vouched = append(vouched, evidence.Hash(l[1:33]))
		}
	}
	v, err := access.Verify(bytes.NewReader(got.body), vouched, nil)
	if err != nil || v.N != 3 || v.Vouched != 2 || len(vouched) != 1 {
		t.Errorf("%+v, %v, %d hashes", v, err, len(vouched))
	}
	cut := got.body[:bytes.IndexByte(got.body, '\n')+1]
	if _, err := access.Verify(bytes.NewReader(cut), vouched, nil); err == nil {
		t.Error("a trimmed log holds")
	}
	if rest := s.given(ask{path: "/v1/access?from=3", by: max, reason: "oversight O-1", mandate: m}); bytes.Count(rest.body, []byte("\n")) != 2 {
		t.Errorf("from line 3: %s", rest.body)
	}
}

// A mandate counts for its auditor, its items, its ledger and its time alone.
func TestMandate(t *testing.T) {
	s := newOffice(t)
	ann, max, moe := s.enrol(evidence.RoleCollector), s.enrol(evidence.RoleAuditor), s.enrol(evidence.RoleAuditor)
	it := ann.Collect(thing("a"))
	s.takes(ann, it.Events...)
	aa, bb := s.w.State("AA").Authority, s.w.State("BB").Authority
	a := ask{path: "/v1/items/" + it.ID.String(), by: max, reason: "audit A-1"}
	with := func(m string) ask { b := a; b.mandate = m; return b }
	s.given(with(s.mandate(Mandate{Auditor: max.ID, Items: []evidence.ItemID{it.ID}}, aa)))
	s.refused("not-found", with(s.mandate(Mandate{Auditor: max.ID, Items: []evidence.ItemID{{1}}}, aa)))
	for name, m := range map[string]string{
		"of another":       s.mandate(Mandate{Auditor: moe.ID}, aa),
		"another state's":  s.mandate(Mandate{Auditor: max.ID}, bb),
		"an officer's":     s.mandate(Mandate{Auditor: max.ID}, ann),
		"of another book":  s.mandate(Mandate{Auditor: max.ID, Ledger: "bb.example/ledger"}, aa),
		"of the past":      s.mandate(Mandate{Auditor: max.ID, From: s.w.Now.Add(-2 * time.Hour), To: s.w.Now.Add(-time.Hour)}, aa),
		"no envelope":      "aGVsbG8=",
		"not even base64":  "?",
		"of the collector": s.mandate(Mandate{Auditor: ann.ID}, aa),
	} {
		b := with(m)
		if name == "of the collector" {
			b.by = ann
		}
		if p := s.refused("mandate", b); p.Detail == "" {
			t.Errorf("%s: nothing is said", name)
		}
	}
	s.refused("forbidden", ask{path: "/v1/access?from=1", by: max, reason: "audit A-1", mandate: s.mandate(Mandate{Auditor: max.ID}, aa)})
}

// Handoff files go from one key to another, and to nobody else.
func TestHandoffs(t *testing.T) {
	s := newOffice(t)
	ann, bob := s.enrol(evidence.RoleCollector), s.enrol(evidence.RoleCustodian)
	leave := ask{method: http.MethodPost, path: "/v1/handoffs?to=" + bob.ID.String(), media: "application/octet-stream", by: ann}
	for i := range mostBetween {
		leave.body = []byte{byte(i)}
		s.given(leave)
	}
	s.refused("full", leave)
	list := must[wire.Handoffs](t)(wire.Parse[wire.Handoffs](s.given(ask{path: "/v1/handoffs", by: bob}).body))
	if len(list.Handoffs) != mostBetween || list.Handoffs[0].From != ann.ID || list.Handoffs[0].Size != 1 {
		t.Fatalf("%d, %+v", len(list.Handoffs), list.Handoffs[0])
	}
	first := list.Handoffs[0]
	s.refused("not-found", ask{path: "/v1/handoffs/" + first.ID, by: ann})
	if got := s.given(ask{path: "/v1/handoffs/" + first.ID, by: bob}); len(got.body) != 1 {
		t.Errorf("%q", got.body)
	}
	s.refused("not-found", ask{method: http.MethodDelete, path: "/v1/handoffs/" + first.ID, by: ann})
	s.given(ask{method: http.MethodDelete, path: "/v1/handoffs/" + first.ID, by: bob})
	s.refused("not-found", ask{path: "/v1/handoffs/" + first.ID, by: bob})
	s.refused("not-found", ask{method: http.MethodPost, path: "/v1/handoffs?to=" + strings.Repeat("1", 64), body: []byte("x"), media: "application/octet-stream", by: ann})
	s.refused("form", ask{method: http.MethodPost, path: "/v1/handoffs?to=bob", body: []byte("x"), media: "application/octet-stream", by: ann})
	s.w.Tick(keptFor + time.Hour)
	list = must[wire.Handoffs](t)(wire.Parse[wire.Handoffs](s.given(ask{path: "/v1/handoffs", by: bob}).body))
	if len(list.Handoffs) != 0 {
		t.Errorf("%d are kept for ever", len(list.Handoffs))
	}
}

// The facts are those of the ledger; a seal is closed or not.
func TestFacts(t *testing.T) {
	s := newOffice(t)
	ann := s.enrol(evidence.RoleCollector)
	f := must[wire.Facts](t)(wire.Parse[wire.Facts](s.given(ask{path: "/v1/ledger", by: ann}).body))
	if f.Origin != s.origin() || f.Size != s.book.Size() || f.State != "AA" || f.Policies == nil || f.Trust == nil || f.ReadOnly != "" {
		t.Errorf("%+v", f)
	}
	e := ann.Enrolment.Events[0]
	for seal, closed := range map[evidence.Seal]bool{e.Event.Closes: true, e.Event.Opens.Next.Seal: false} {
		got := must[wire.Seal](t)(wire.Parse[wire.Seal](s.given(ask{path: "/v1/seals/" + seal.String(), by: ann}).body))
		if (got.Closed != nil) != closed || closed && got.Closed.Leaf != e.Leaf.Hash() {
			t.Errorf("%+v", got)
		}
	}
}

// A key of this state whose enrolment a desk logged before there was a node is known
// once it has proven itself; a dossier about another key proves nothing.
func TestIntroduce(t *testing.T) {
	s := newOffice(t)
	ann, eve := s.w.State("AA").Enrol(evidence.RoleCollector), s.w.State("BB").Enrol(evidence.RoleCollector)
	e := ann.Enrolment.Events[0]
	r, err := s.book.Submit(t.Context(), e.Leaf)
	if err != nil {
		t.Fatal(err)
	}
	s.refused("key-unknown", ask{path: "/v1/ledger", by: ann})
	d := &pack.Dossier{Events: []pack.EventLine{{Index: r[0].Index, Envelope: e.Envelope, Salt: e.Salt, SealKey: e.SealKey, Record: e.Record.View(nil)}}}
	body := must[[]byte](t)((&wire.Introduction{Dossier: must[map[string][]byte](t)(d.Encode())}).Marshal())
	s.refused("proof", ask{method: http.MethodPost, path: "/v1/keys", body: body, by: eve})
	k := must[wire.Key](t)(wire.Parse[wire.Key](s.given(ask{method: http.MethodPost, path: "/v1/keys", body: body, by: ann}).body))
	if k.Key != ann.ID || k.Role != evidence.RoleCollector || k.Until != nil {
		t.Errorf("%+v", k)
	}
	s.given(ask{path: "/v1/ledger", by: ann})
	k = must[wire.Key](t)(wire.Parse[wire.Key](s.introduce(eve).body))
	if k.Until == nil || k.Until.After(s.w.Now.Add(24*time.Hour)) || k.Until.Before(s.w.Now.Add(23*time.Hour)) {
		t.Errorf("%+v", k)
	}
	old := must[map[string][]byte](t)(s.w.Dossier(eve.Enrolment).Encode())
	s.w.Tick(25 * time.Hour)
	s.refused("key-unknown", ask{path: "/v1/ledger", by: eve})
	// A proof of yesterday says nothing about the key today.
	stale := must[[]byte](t)((&wire.Introduction{Dossier: old}).Marshal())
	s.refused("proof", ask{method: http.MethodPost, path: "/v1/keys", body: stale, by: eve})
	s.w.State("BB").Log.Checkpoint(verifytest.Cosigning{})
	if got := s.introduce(eve); got.status != http.StatusOK {
		t.Errorf("%d %s", got.status, got.body)
	}
	eve.Revoke()
	if got := s.introduce(eve); got.status != http.StatusForbidden {
		t.Errorf("%d %s", got.status, got.body)
	}
	s.refused("key-revoked", ask{path: "/v1/ledger", by: eve})
}
